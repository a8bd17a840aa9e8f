"""The proposals of a round as facts, with their identifiers."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from molgen.chem.compounds import StandardParent, Taken, compounds
from molgen.errors import DataError
from molgen.project.facts import CONTROL, REPEAT, Proposed

Recorded = tuple[Proposed, StandardParent, str]


def proposals(
    smiles: Sequence[str],
    taken: Taken,
    measured: Collection[str],
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
        What isn't to be proposed, but as a control.
    measured
        The compounds of which something was measured: only these can be controls.
    project
        Its name, with which identifiers begin.

    Raises
    ------
    DataError
        One is invalid, is there twice, or is one of `taken`; or a control was never measured.
    """
    found = []
    again = [purpose in (CONTROL, REPEAT) for purpose in purposes or [""] * len(smiles)]
    for place, (text, compound) in enumerate(zip(smiles, _checked(smiles, again, taken, measured), strict=True), 1):
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


def _checked(smiles: Sequence[str], again: Sequence[bool], taken: Taken, measured: Collection[str]) -> list[StandardParent]:
    """The compounds [n], each known to be new, or measured before and to be measured again."""
    seen = dict[str, str]()
    found: list[StandardParent] = []
    for text, compound, repeated in zip(smiles, compounds(smiles), again, strict=True):
        if not isinstance(compound, StandardParent):
            raise DataError(f"proposal '{text}': {compound}")
        if repeated and compound.smiles not in measured:
            raise DataError(f"proposal '{text}': what is to be measured again must have been measured")
        if not repeated and compound.twins in taken.keys:
            raise DataError(f"proposal '{text}': it, a salt or a stereo twin of it is known to the project already")
        if (other := seen.setdefault(compound.twins, text)) != text or text in smiles[: len(found)]:
            raise DataError(f"proposal '{text}': a salt or a stereo twin of '{other}', which is proposed beside it")
        found.append(compound)
    return found


def _digest(fact: Proposed) -> str:
    """No two proposals have one identifier."""
    return hashlib.sha256(f"Proposed {fact.name}".encode()).hexdigest()
