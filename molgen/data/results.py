"""What a command found, beside what the user gave."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from molgen.data.tables.columns import free_name
from molgen.data.tables.formats import FORMATS, kind_of
from molgen.data.tables.table import Table
from molgen.data.tables.writing import HEADED


def beside(table: Table, results: pd.DataFrame) -> Table:
    """`table` with new columns behind its own, which stay as they are.

    Parameters
    ----------
    results
        A row for each of the table's, without SMILES. A name that the table has already gets a number behind it, see
        `renamed`. A column `problem` says also why a record of the file couldn't be read.
    """
    own = table.with_smiles().reset_index(drop=True)
    found = results.reset_index(drop=True)
    if "problem" in found:
        unread = pd.Series([f"invalid: {reason}" if reason else None for reason in table.problem], dtype="string")
        found = found.assign(problem=unread.fillna(found["problem"]))
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


def stacked(tables: Sequence[Table]) -> Table:
    """Tables one below the other, their columns brought together by name: some may have `standardized`, others not."""
    first = tables[0]
    if len(tables) == 1:
        return first
    names = column_order([list(table.columns.columns) for table in tables])
    columns = pd.concat([table.columns.reindex(columns=names) for table in tables], ignore_index=True)
    return replace(
        first,
        columns=columns,
        smiles=[text for table in tables for text in table.smiles],
        problem=[text for table in tables for text in table.problem],
    )


def column_order(parts: Sequence[Sequence[str]]) -> list[str]:
    """The names of all `parts`, in the order of that with the most."""
    longest = max(parts, key=len)
    return list(dict.fromkeys([*longest, *(name for part in parts for name in part)]))


def left_out(table: Table, path: Path) -> str:
    """A line that says what the format of `path` can't hold of a table; empty where it holds all."""
    if FORMATS[kind_of(path)] != "lines" or kind_of(path) in HEADED:
        return ""
    lost = [name for name in table.columns.columns if name not in (table.structure, "name")]
    shown = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
    return f"{path.name} holds SMILES and the column 'name', not: {shown}; write .cxsmiles, .csv or .sdf for all" if lost else ""
