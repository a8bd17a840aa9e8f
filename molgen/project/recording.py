"""The proposals of a round as facts, with their identifiers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from molgen.errors import DataError
from molgen.project.compounds import StandardParent, Taken, compounds
from molgen.project.facts import Proposed

Recorded = tuple[Proposed, StandardParent, str]


def proposals(
    smiles: Sequence[str],
    taken: Taken,
    project: str,
    number: int,
    purposes: Sequence[str] | None = None,
    values: Sequence[Mapping[str, Any]] | None = None,
) -> list[Recorded]:
    """The proposals [n] of round `number`, each with its compound and its digest.

    Parameters
    ----------
    smiles, purposes, values : [n]
        See `Project.record_proposed`.
    taken
        What isn't to be proposed.
    project
        Its name, with which identifiers begin.

    Raises
    ------
    DataError
        One is invalid, is there twice, or is one of `taken`.
    """
    found = []
    for place, (text, compound) in enumerate(zip(smiles, _new(smiles, taken), strict=True), 1):
        fact = Proposed(
            compound=compound.smiles,
            given=text,
            name=f"{project}-{number:03d}-{place:03d}",
            round=number,
            place=place,
            purpose=purposes[place - 1] if purposes else "",
            values=values[place - 1] if values else {},
        )
        found.append((fact, compound, _digest(fact)))
    return found


def _new(smiles: Sequence[str], taken: Taken) -> list[StandardParent]:
    """The compounds [n], each known to be new."""
    seen = dict[str, str]()
    found: list[StandardParent] = []
    for text, compound in zip(smiles, compounds(smiles), strict=True):
        if not isinstance(compound, StandardParent):
            raise DataError(f"proposal '{text}': {compound}")
        if compound.twins in taken.keys:
            raise DataError(f"proposal '{text}': it, a salt or a stereo twin of it is known to the project already")
        if (other := seen.setdefault(compound.twins, text)) != text or text in smiles[: len(found)]:
            raise DataError(f"proposal '{text}': a salt or a stereo twin of '{other}', which is proposed beside it")
        found.append(compound)
    return found


def _digest(fact: Proposed) -> str:
    """No two proposals have one identifier."""
    return hashlib.sha256(f"Proposed {fact.name}".encode()).hexdigest()
