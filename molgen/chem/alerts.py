"""Structural alerts: substructures that chemists avoid, in RDKit's catalogues or in files of SMARTS."""

import functools
from pathlib import Path

from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molgen.chem.smarts import SUFFIXES, Pattern, patterns_in
from molgen.errors import ConfigError, nearest

CATALOGS = tuple(sorted(FilterCatalogParams.FilterCatalogs.names))


@functools.cache
def catalog(name: str) -> FilterCatalog:
    """RDKit's catalogue `name`: PAINS, BRENK, NIH, ZINC, CHEMBL, ..."""
    if name not in CATALOGS:
        raise ConfigError(f"unknown alert catalogue '{name}'{nearest(name, CATALOGS)}; known: {', '.join(CATALOGS)}")
    return FilterCatalog(FilterCatalogParams(FilterCatalogParams.FilterCatalogs.names[name]))


def _own(name: str) -> tuple[Pattern, ...] | None:
    """The patterns in a file; None if `name` is no file."""
    path = Path(name).expanduser()
    return patterns_in(path) if path.suffix.lower() in SUFFIXES else None


def check_alert_set(name: str) -> None:
    """Raise a MolgenError if there is no catalogue or file `name`."""
    if _own(name) is None:
        catalog(name)


def alerts(mol: Chem.Mol, name: str) -> list[str]:
    """Descriptions of the alerts of catalogue or file `name` that `mol` raises."""
    own = _own(name)
    if own is not None:
        return [each.name or each.text for each in own if each(mol)]
    return [entry.GetDescription() for entry in catalog(name).GetMatches(mol)]


def alerting_atoms(mol: Chem.Mol, name: str) -> set[int]:
    """The atoms that match alerts of catalogue or file `name`."""
    own = _own(name)
    if own is not None:
        return set().union(*(each.atoms(mol) for each in own))
    matches = [match for entry in catalog(name).GetMatches(mol) for match in entry.GetFilterMatches(mol)]
    return {atom for match in matches for _, atom in match.atomPairs}
