"""Tables in text: CSV and its kin, and files of SMILES."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import clevercsv

from molgen.data.tables.columns import asked_column, distinct, is_molecule, is_smiles_name, listed, plain, structure_column
from molgen.data.tables.encodings import Text, examine
from molgen.data.tables.formats import FORMATS, suffixes
from molgen.data.tables.layout import Layout, delimiter_of, shown
from molgen.data.tables.table import Reading, Table, text_frame
from molgen.errors import DataError

SAMPLE = 100
DELIMITERS = ("\t", ",", ";", "|")
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
    """

    names: list[str]
    structure: int
    header: bool
    certain: bool
    notes: tuple[str, ...] = ()

    def tables(self, rows: Iterable[Sequence[str]], size: int) -> Iterator[Table]:
        """Tables of at most `size` rows; PubChem's rows that describe the columns are left out."""
        names = distinct(self.names)
        units: dict[str, str] = {}
        body: Iterator[Sequence[str]] = islice(rows, int(self.header), None)
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


@dataclass(frozen=True)
class TextTable:
    """A text file with a row a line."""

    text: Text
    layout: Layout
    rows: Rows

    def tables(self, rows: int) -> Iterator[Table]:
        """See `Source`."""
        with self.text.open(newline="") as stream:
            yield from self.rows.tables(self.layout.rows(stream, str(self.text.path)), rows)


def open_text(path: Path, reading: Reading) -> TextTable:
    """A text file, once its encoding, delimiter and columns are known.

    Raises
    ------
    DataError
        They can't be guessed, or what the user says about them doesn't fit.
    """
    text = examine(path, reading.encoding)
    return _open_text(text, path.stat().st_mtime_ns, reading.column, delimiter_of(reading.delimiter))


@functools.lru_cache(maxsize=64)
def _open_text(text: Text, modified: int, column: str | None, delimiter: str | None) -> TextTable:
    del modified
    lines = FORMATS[suffixes(text.path)[0]] == "lines"
    find = _lines if lines and not _has_header(text, column, delimiter) else _table
    layout, rows = find(text, column, delimiter)
    layout = replace(layout, lines=lines)
    return TextTable(text, layout, replace(rows, notes=(*filter(None, [text.note]), *rows.notes)))


def _sample(text: Text, layout: Layout) -> list[list[str]]:
    with text.open(newline="") as stream:
        return list(islice(layout.rows(stream, str(text.path)), SAMPLE))


def _has_header(text: Text, column: str | None, delimiter: str | None) -> bool:
    """Whether a file of SMILES is a table: its first line names columns, with a delimiter between."""
    for candidate in [delimiter] if delimiter else DELIMITERS:
        rows = _sample_or_none(text, Layout(candidate, lines=True))
        if rows and len(rows[0]) > 1 and _names_molecules(rows, column):
            return candidate != " "
    return False


def _sample_or_none(text: Text, layout: Layout) -> list[list[str]]:
    try:
        return _sample(text, layout)
    except DataError:
        return []


def _table(text: Text, column: str | None, delimiter: str | None) -> tuple[Layout, Rows]:
    """The columns of a table: with the delimiter that is sniffed, or the first other one with which it holds molecules."""
    with text.open(newline="") as stream:
        head = stream.read(20_000)
    usual = "," if suffixes(text.path)[0] == ".csv" else "\t"
    guess = delimiter or _sniffed(head) or usual
    others = [] if delimiter else [other for other in DELIMITERS if other != guess and (other in head or other == usual)]
    trials, errors = [], []
    for candidate in (guess, *others):
        try:
            trials.append(_tried(text, column, candidate))
        except DataError as error:
            errors.append(error)
    if not trials:
        raise errors[0]
    _, layout, rows = max(trials, key=lambda trial: trial[0])
    if layout.delimiter not in (delimiter, usual) and len(rows.names) > 1:
        note = f"delimiter {shown(layout.delimiter)}, guessed (table.delimiter= takes another)"
        rows = replace(rows, notes=(note, *rows.notes))
    return layout, rows


def _sniffed(head: str) -> str | None:
    try:
        return clevercsv.Sniffer().sniff(head, delimiters=list(DELIMITERS)).delimiter or None
    except clevercsv.Error:
        return None


def _tried(text: Text, column: str | None, delimiter: str) -> tuple[tuple[bool, float], Layout, Rows]:
    """The columns with one delimiter; first whether molecules are in them, and the share of rows as wide as the header."""
    layout = Layout(delimiter)
    try:
        sample = _sample(text, layout)
    except DataError:
        if delimiter != "\t":
            raise
        layout = Layout(delimiter, quotes=False)  # fields between tabs are often not quoted, and begin with a quote
        sample = _sample(text, layout)
    rows = find_columns(sample, str(text.path), column)
    width = len(rows.names)
    fitting = sum(len(row) >= width and not any(row[width:]) for row in sample) / len(sample)
    return (rows.certain, fitting), replace(layout, width=width), rows


def find_columns(sample: Sequence[Sequence[str]], where: str, column: str | None) -> Rows:
    """The columns of a table whose first rows are `sample`.

    Raises
    ------
    DataError
        No column of molecules can be found, or not the one that is named.
    """
    if not sample:
        raise DataError(f"{where}: no molecules in it")
    first = list(sample[0])
    if len(first) > 1 and not first[-1] and not any("".join(row[len(first) - 1 :]) for row in sample[1:]):
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
        f"table.delimiter=; {listed(first)}"
    )


def default_names(width: int, structure: int) -> list[str]:
    """Names for columns without any: smiles, name, column_3, ..."""
    others = iter(["name", *(f"column_{i}" for i in range(3, width + 1))])
    return ["smiles" if i == structure else next(others) for i in range(width)]


def _lines(text: Text, column: str | None, delimiter: str | None) -> tuple[Layout, Rows]:
    """SMILES and names, whichever comes first: with the delimiter that makes most lines begin or end with a molecule."""
    trials = [_lines_by(text, column, candidate) for candidate in ([delimiter] if delimiter else ["\t", " ", ",", ";"])]
    _, layout, rows = max(trials, key=lambda trial: trial[0])
    if column is not None:
        asked_column(rows.names, column, str(text.path))
    if layout.width == 2 and layout.delimiter == " " and not rows.header and not _has_names(text):
        return replace(layout, width=1), Rows(["smiles"], 0, header=False, certain=rows.certain)
    return layout, rows


def _has_names(text: Text) -> bool:
    with text.open() as stream:
        return any(len(line.split(None, 1)) > 1 for line in stream if not line.startswith("#"))


def _lines_by(text: Text, column: str | None, delimiter: str) -> tuple[float, Layout, Rows]:
    """The columns with one delimiter, and the share of lines that have a molecule then."""
    sample = _sample(text, Layout("", lines=True))
    if not sample:
        raise DataError(f"{text.path}: no molecules in it")
    quotes = delimiter in (",", ";") or (delimiter != " " and any(line.startswith('"') for (line,) in sample))
    layout = Layout(delimiter, quotes, lines=True)
    rows = _sample_or_none(text, layout)
    widths = {len(row) for row in rows}
    header = bool(rows) and _names_molecules(rows, column)
    if not header and (delimiter == " " or (delimiter == "\t" and (len(widths) > 1 or widths == {1}))):
        layout = replace(layout, delimiter=" ", width=2)
    elif rows:
        layout = replace(layout, width=len(rows[0]) if header else max(widths))
    rows = _sample_or_none(text, layout)
    if not rows:
        return -1.0, layout, Rows(["smiles"], 0, header=False, certain=False)
    width, body = layout.width, rows[header:]
    counts = [sum(is_molecule(row[i]) for row in body) for i in range(width)]
    structure = counts.index(max(counts))
    names = rows[0] if header else default_names(width, structure)
    if column is not None:
        places = [i for i, name in enumerate(names) if plain(name) == plain(column)]
        structure = places[0] if places else structure
        if not places:
            return -0.5, layout, Rows(names, structure, header, certain=False)
    return counts[structure] / max(1, len(body)), layout, Rows(names, structure, header, counts[structure] > 0)


def _names_molecules(rows: Sequence[Sequence[str]], column: str | None) -> bool:
    """Whether the first row says in which column molecules stand, and they stand there in the others."""
    first = rows[0]
    named = [i for i, cell in enumerate(first) if column is not None and plain(cell) == plain(column)]
    if not named and not any(map(is_molecule, first)):
        named = [i for i, cell in enumerate(first) if is_smiles_name(cell)]
    return any(is_molecule(row[i]) for i in named for row in rows[1:] if i < len(row))
