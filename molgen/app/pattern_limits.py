"""Patterns in settings that would keep the server busy for hours, found out before anything is matched with them."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from molgen.app.matching import matches
from molgen.app.reference_sets import reference_molecules
from molgen.chem.smarts import pattern, patterns
from molgen.errors import ConfigError, DataError, MolgenError
from molgen.scoring.component import Component
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Scorer

CONSTRAINTS = ("must_contain", "forbid")


def check_goal_patterns(scorer: Any) -> None:
    """Try the substructures of an objective on known molecules.

    Raises
    ------
    ConfigError
        One takes too long.
    """
    for name, component in scorer.components().items() if isinstance(scorer, Scorer) else ():
        try:
            check_pattern_of(component)
        except MolgenError as error:
            raise ConfigError(f"scoring.{'terms' if name in scorer.terms else 'filters'}.{name}: {error}") from error


def check_wanted_patterns(constraints: Any) -> None:
    """Try the substructures that are required and forbidden on known molecules.

    Raises
    ------
    ConfigError
        One takes too long, or is no pattern.
    """
    for key in CONSTRAINTS if isinstance(constraints, Mapping) else ():
        try:
            _check(constraints.get(key) or ())
        except MolgenError as error:
            raise ConfigError(f"search.constraints.{key}: {error}") from error


def check_pattern_of(component: Component) -> None:
    """Try the substructures of a component, if it has any, on known molecules.

    Raises
    ------
    DataError
        One takes too long.
    """
    if isinstance(component, Substructure):
        _check(component.smarts)


def _check(given: str | Sequence[str]) -> None:
    for each in patterns(given):
        if said := _said_of(each.text):
            raise DataError(said)


@functools.lru_cache(500)
def _said_of(text: str) -> str:
    """Why a pattern can't be used; empty where it can."""
    try:
        matches(pattern(text), _known())
    except DataError as error:
        return str(error)
    return ""


@functools.cache
def _known() -> list[bytes]:
    return [mol.ToBinary() for molecules in reference_molecules().values() for mol in molecules.mols if mol is not None]
