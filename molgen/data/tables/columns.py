"""Which column holds the molecules, and names for columns that can't be taken for others."""

import re
from collections.abc import Collection, Iterable, Sequence

from rdkit import rdBase

from molgen.chem.molecules import parse
from molgen.errors import DataError, nearest

# What columns of molecules are called, spaces, underscores and case aside; the first of them that is there is taken.
NAMES = (
    "drawnsmiles",
    "smiles",
    "canonicalsmiles",
    "isomericsmiles",
    "isosmiles",
    "cxsmiles",
    "ligandsmiles",
    "pubchemextdatasourcesmiles",
    "structure",
    "mol",
    "molecule",
    "ism",
    "can",
    "structures",
    "compound",
    "ligand",
    "drug",
)
SHORT = 2  # cells of a column that isn't called by any of these names are longer: `C`, `N` and `Cl` may mean anything
SHARE = 0.8  # of them are molecules


def plain_name(name: str) -> str:
    """A name without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", name).lower()


def is_smiles_name(name: str) -> bool:
    """Whether a column of this name holds molecules."""
    return plain_name(name) in NAMES or "smiles" in plain_name(name)


def is_molecule(cell: str) -> bool:
    """Whether a cell is a valid SMILES, or CXSMILES, and nothing more: RDKit takes what follows a blank for a name."""
    _, blank, extension = cell.strip().partition(" ")
    extended = len(extension) > 1 and extension[0] == extension[-1] == "|"
    with rdBase.BlockLogs():
        return (not blank or extended) and parse(cell)[0] is not None


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or with the first number behind it with which it is not among those `taken`."""
    if name not in taken:
        return name
    return next(f"{name}_{i}" for i in range(2, len(taken) + 3) if f"{name}_{i}" not in taken)


def distinct(names: Iterable[str]) -> list[str]:
    """`names`, a repeated one with a number behind it."""
    given = list(names)
    found: list[str] = []
    for i, name in enumerate(given):
        found.append(free_name(name, {*found, *given[i + 1 :]} if name in found else set(found)))
    return found


def columns_found(names: Sequence[str]) -> str:
    """The columns that were found, for a message, without what would flood it."""
    text = ", ".join(names[:10])
    return f"found: {text[:120]}{' ...' if len(names) > 10 or len(text) > 120 else ''}"


def asked_column(names: Sequence[str], column: str, where: str) -> int:
    """The place of the column that a user names, whatever its case, spaces and punctuation.

    Raises
    ------
    DataError
        There is no such column; the nearest is suggested.
    """
    for same in (lambda name: name == column, lambda name: plain_name(name) == plain_name(column) != ""):
        places = [i for i, name in enumerate(names) if same(name)]
        if places:
            return places[0]
    raise DataError(f"{where}: no column '{column}'{nearest(column, names)}; {columns_found(names)}")


def structure_column(names: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[int | None, str]:
    """The place of the column of molecules in rows that begin with those of `sample`, and what is worth saying about it.

    A column called so is taken first, in the order of `NAMES`, where it holds one molecule at least; then the only column
    that holds molecules.
    """
    called = [i for i, name in enumerate(names) if is_smiles_name(name)]
    called.sort(key=lambda i: NAMES.index(plain_name(names[i])) if plain_name(names[i]) in NAMES else len(NAMES))
    held = [i for i in called if any(is_molecule(row[i]) for row in sample)]
    if held:
        others = [names[i] for i in held[1:] if _holds_molecules([row[i] for row in sample], 0)]
        note = f"molecules are read from column '{names[held[0]]}', not from {_either(others)}; column=NAME takes another"
        return held[0], note if others else ""
    found = [i for i in range(len(names)) if _holds_molecules([row[i] for row in sample], SHORT)]
    if len(found) == 1:
        return found[0], f"molecules are read from column '{names[found[0]]}', the only one that holds SMILES"
    return (called[0] if called else None), ""


def _holds_molecules(cells: Iterable[str], short: int) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    if not filled or sum(map(len, filled)) <= short * len(filled):
        return False
    return sum(map(is_molecule, filled)) >= SHARE * len(filled)


def _either(names: Sequence[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)
