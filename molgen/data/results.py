"""What a command found, beside what the user gave."""

from collections.abc import Sequence

import pandas as pd

from molgen.chem.molecules import Molecules
from molgen.data.tables.columns import free_name
from molgen.data.tables.table import Table


def beside(table: Table, results: pd.DataFrame, molecules: Molecules | None = None) -> Table:
    """`table` with new columns behind its own, which stay as they are.

    Parameters
    ----------
    results
        A row for each of the table's, without SMILES. A name that the table has already gets a number behind it, see
        `renamed`. A column `problem` says also why a record of the file couldn't be read.
    molecules
        The molecules as they were used: where a SMILES differs from what was given, columns `standardized` and `changes`
        come first.
    """
    own = table.with_smiles().reset_index(drop=True)
    found = results.reset_index(drop=True)
    if "problem" in found:
        unread = pd.Series([f"invalid: {reason}" if reason else None for reason in table.problem], dtype="string")
        found = found.assign(problem=unread.fillna(found["problem"]))
    if molecules is not None and any(molecules.changes):
        used = [text or "" for text in molecules.canonical]
        found.insert(0, "standardized", pd.array(used, dtype="str"))
        found.insert(1, "changes", pd.array(["; ".join(changes) for changes in molecules.changes], dtype="str"))
    names = new_names(own.columns, found.columns)
    drawn = table.columns.reset_index(drop=True) if table.structure is None else own
    columns = pd.concat([drawn, found.set_axis(names, axis=1)], axis=1)
    return Table(columns, table.smiles, table.problem, table.structure, table.notes, table.units)


def new_names(own: Sequence[str] | pd.Index, new: Sequence[str] | pd.Index) -> list[str]:
    """Names for new columns that are not among the `own` ones of a file."""
    taken, names = set(own), []
    for name in new:
        names.append(free_name(name, taken))
        taken.add(names[-1])
    return names


def renamed(table: Table, results: pd.DataFrame) -> str:
    """A line that says which of the new columns don't have their usual names; empty where all have."""
    pairs = zip(results.columns, new_names(table.with_smiles().columns, results.columns), strict=True)
    other = [f"{name} is {new}" for name, new in pairs if name != new]
    return f"the file has columns of these names, so molgen's are called otherwise: {', '.join(other)}" if other else ""
