"""Rows of text as tables: what stands above them, the names of the columns, and which of them holds the molecules."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile
from typing import Any

from molgen.data.tables.columns import (
    asked_column,
    columns_found,
    distinct,
    is_molecule,
    is_smiles_name,
    plain_name,
    structure_column,
)
from molgen.data.tables.table import Table, text_frame
from molgen.errors import DataError

SAMPLE = 100  # rows from which the columns are found
TITLES = 20  # rows that may stand above the names of the columns
REMARK = re.compile(r"#|sep=", re.IGNORECASE)  # `sep=;` is what Excel reads and writes
PUBCHEM, DESCRIBING, UNIT = "PUBCHEM_RESULT_TAG", "RESULT_", "RESULT_UNIT"


@dataclass(frozen=True)
class Rows:
    """Rows of text under their names, one column of which holds the molecules.

    Attributes
    ----------
    header
        Whether the names stand in the first row.
    certain
        Whether a molecule was seen in the column of molecules.
    titles
        Rows above the names.
    """

    names: list[str]
    structure: int
    header: bool
    certain: bool
    notes: tuple[str, ...] = ()
    titles: int = 0

    def tables(self, rows: Iterable[Sequence[str]], size: int) -> Iterator[Table]:
        """Tables of at most `size` rows; PubChem's rows that describe the columns are left out."""
        names = distinct(self.names)
        units: dict[str, str] = {}
        body: Iterator[Sequence[str]] = islice(rows, self.titles + self.header, None)
        if names[0] == PUBCHEM:
            units, body = _without_descriptions(names, body)
        notes = self.notes
        if names != self.names:
            new = [name for name in names if name not in self.names]
            notes = (*notes, f"columns of one name are told apart: {', '.join(new)}")
        for part in _batches(body, size):
            smiles = [row[self.structure].strip() for row in part]
            yield Table(text_frame(names, part), smiles, [None] * len(part), names[self.structure], notes, units)


def _batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part


def _without_descriptions(names: list[str], rows: Iterator[Sequence[str]]) -> tuple[dict[str, str], Iterator[Sequence[str]]]:
    """The units in PubChem's first rows, and the rows below them."""
    units: dict[str, str] = {}
    for row in rows:
        if not row[0].startswith(DESCRIBING):
            return units, chain([row], rows)
        if row[0] == UNIT:
            units = {name: cell for name, cell in zip(names[1:], row[1:], strict=True) if cell}
    return units, iter(())


def find_columns(sample: Sequence[Sequence[str]], where: str, column: str | None) -> Rows:
    """The columns of a table whose first rows are `sample`.

    Raises
    ------
    DataError
        No column of molecules can be found, or not the one that is named.
    """
    if not sample:
        raise DataError(f"{where}: no molecules in it")
    if titles := titles_above(sample, column):
        found = find_columns(sample[titles:], where, column)
        above = [" ".join(row).strip() for row in sample[:titles] if not row[0].lower().startswith("sep=")]
        said = " | ".join(filter(None, above))[:80]
        notes = [f"left out above the names of the columns: {said}"] if said else []
        return replace(found, titles=titles, notes=(*notes, *found.notes))
    first = list(sample[0])
    while len(first) > 1 and not first[-1] and not any("".join(row[len(first) - 1 :]) for row in sample[1:]):
        del first[-1]  # a delimiter behind the last field of every line
    width = len(first)
    even = [[*row, *[""] * width][:width] for row in sample]
    if column is not None:
        place = asked_column(first, column, where)
        return Rows(first, place, True, any(is_molecule(row[place]) for row in even[1:]))
    structure, note = structure_column(first, even[1:])
    if structure is not None and (is_smiles_name(first[structure]) or not is_molecule(first[structure])):
        certain = any(is_molecule(row[structure]) for row in even[1:])
        return Rows(first, structure, True, certain, (note,) if note else ())
    structure, _ = structure_column([""] * width, even)
    if structure is not None and is_molecule(first[structure]):
        note = f"no line of column names: the first is '{first[structure]}'"
        return Rows(default_names(width, structure), structure, False, True, (note,))
    raise DataError(
        f"{where}: no column 'smiles', and none that alone holds SMILES; name it with column=NAME, the delimiter with "
        f"table.delimiter=; {columns_found(first)}"
    )


def titles_above(sample: Sequence[Sequence[str]], column: str | None) -> int:
    """How many rows stand above that which names a column of molecules: remarks, and titles that fill fewer cells."""
    found = sum(1 for _ in takewhile(lambda row: REMARK.match(row[0]) and _filled(row) == 1, sample[: len(sample) - 1]))
    for i, row in enumerate(sample[:TITLES]):
        apart = all(REMARK.match(title[0]) or _filled(title) < _filled(row) for title in sample[:i])
        if apart and names_molecules(sample[i:], column):
            found = i
    return found


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def default_names(width: int, structure: int) -> list[str]:
    """Names for columns without any: smiles, name, column_3, ..."""
    others = iter(["name", *(f"column_{i}" for i in range(3, width + 1))])
    return ["smiles" if i == structure else next(others) for i in range(width)]


def names_molecules(rows: Sequence[Sequence[str]], column: str | None) -> bool:
    """Whether the first row says in which column molecules stand, and they stand there in the others."""
    first = rows[0]
    if named := [i for i, cell in enumerate(first) if column is not None and plain_name(cell) == plain_name(column)]:
        return any(_molecules(rows[1:], i) for i in named)
    named = [i for i, cell in enumerate(first) if is_smiles_name(cell)]
    found = max((_molecules(rows[1:], i) for i in named), default=0)
    # a column may be called B or N; but where molecules stand below a molecule, it isn't one of names
    return found > 0 and all(_molecules(rows[1:], i) <= found for i, cell in enumerate(first) if is_molecule(cell))


def _molecules(rows: Sequence[Sequence[str]], place: int) -> int:
    return sum(is_molecule(row[place]) for row in rows if place < len(row))
