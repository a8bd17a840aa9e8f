"""Tables in text: CSV and its kin, and files of SMILES."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import clevercsv

from molgen.data.tables.columns import asked_column, is_molecule, plain_name
from molgen.data.tables.encodings import Text, examine
from molgen.data.tables.formats import FORMATS, suffixes
from molgen.data.tables.layout import Layout, delimiter_of, shown
from molgen.data.tables.rows import SAMPLE, Rows, default_names, find_columns, names_molecules, titles_above
from molgen.data.tables.table import Reading, Table
from molgen.errors import DataError

DELIMITERS = ("\t", ",", ";", "|")


@dataclass(frozen=True)
class TextTable:
    """A text file with one row per line."""

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
    find = _lines if _has_lines(text) and not _has_header(text, column, delimiter) else _table
    layout, rows = find(text, column, delimiter)
    return TextTable(text, layout, replace(rows, notes=(*filter(None, [text.note]), *rows.notes)))


def _has_lines(text: Text) -> bool:
    return FORMATS[suffixes(text.path)[0]] == "lines"


def _sample(text: Text, layout: Layout) -> list[list[str]]:
    with text.open(newline="") as stream:
        return list(islice(layout.rows(stream, str(text.path)), SAMPLE))


def _has_header(text: Text, column: str | None, delimiter: str | None) -> bool:
    """Whether a file of SMILES is a table: its first line names columns, with a delimiter between."""
    for candidate in [delimiter] if delimiter else DELIMITERS:
        rows = _sample_or_none(text, Layout(candidate, lines=True))
        rows = rows[titles_above(rows, column) :]
        if rows and len(rows[0]) > 1 and names_molecules(rows, column):
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
    _, layout, rows = max(trials, key=lambda trial: (trial[0], trial[1].width > 1 or trial[1].delimiter == usual))
    if layout.delimiter not in (delimiter, usual) and len(rows.names) > 1:
        note = f"delimiter {shown(layout.delimiter)}, guessed (table.delimiter= takes another)"
        rows = replace(rows, notes=(note, *rows.notes))
    return layout, rows


def _sniffed(head: str) -> str | None:
    try:
        dialect = clevercsv.Sniffer().sniff(head, delimiters=list(DELIMITERS))
    except clevercsv.Error:
        return None
    return dialect.delimiter or None if dialect else None


def _tried(text: Text, column: str | None, delimiter: str) -> tuple[tuple[bool, float], Layout, Rows]:
    """The columns with one delimiter; first whether molecules are in them, and the share of rows as wide as the header."""
    layout = Layout(delimiter, lines=_has_lines(text))
    try:
        sample = _sample(text, layout)
    except DataError:
        if delimiter != "\t":
            raise
        layout = replace(layout, quotes=False)  # fields between tabs are often not quoted, and begin with a quote
        sample = _sample(text, layout)
    rows = find_columns(sample, str(text.path), column)
    width = len(rows.names)
    below = sample[rows.titles :]
    fitting = sum(len(row) >= width and not any(row[width:]) for row in below) / len(below)
    return (rows.certain, fitting), replace(layout, width=width, titles=rows.titles), rows


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
    header = bool(rows) and names_molecules(rows, column)
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
        places = [i for i, name in enumerate(names) if plain_name(name) == plain_name(column)]
        structure = places[0] if places else structure
        if not places:
            return -0.5, layout, Rows(names, structure, header, certain=False)
    return counts[structure] / max(1, len(sample) - header), layout, Rows(names, structure, header, counts[structure] > 0)
