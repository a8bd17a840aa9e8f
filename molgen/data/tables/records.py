"""Records of an SDF or MOL file: their ends, titles, tags and drawings."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from molgen.data.tables.columns import free_name
from molgen.data.tables.drawings import smiles_of_block
from molgen.data.tables.encodings import Text, examine
from molgen.data.tables.table import Reading, Table, text_frame
from molgen.errors import DataError

END = "$$$$"
TAG = re.compile(r"^>(?=[\s<]).*?<(.*)>")
COUNTS = re.compile(r"^[ \d]{6}.{27,}V[23]000")
TITLES = ("name", "title")


@dataclass
class Record:
    """A record of an SDF.

    Attributes
    ----------
    line
        The number of its first line in the file.
    block
        Its drawing: the lines to `M  END`.
    """

    line: int
    block: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The first line."""
        return self.block[0] if self.block else ""


def records(lines: Iterable[str], where: str) -> Iterator[Record]:
    """The records of an SDF, which end with a line that begins with four dollars; the last one may lack it.

    Raises
    ------
    DataError
        Two drawings are in one record; the line is named.
    """
    held: list[str] = []
    first = number = 1
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\n").removesuffix("\r")
        if text.lstrip().startswith(END):
            yield _record(held, first, where)
            held, first = [], number + 1
        else:
            held.append(text)
    if any(line.strip() for line in held):
        yield _record(held, first, where)


def _record(lines: list[str], first: int, where: str) -> Record:
    end = next((i + 1 for i, line in enumerate(lines) if line.startswith("M  END")), None)
    if end is None:
        end = next((i for i, line in enumerate(lines) if TAG.match(line)), len(lines))
    record = Record(first, lines[:end])
    name: str | None = None
    value: list[str] = []
    for number, line in enumerate(lines[end:], first + end):
        if COUNTS.match(line) and (name is None or len(value) != 3):  # a drawing may be the value of a tag
            raise DataError(f"{where}: line {number} begins a second drawing in a record: a line {END} is missing before it")
        if found := TAG.match(line):
            if name is not None:
                _put(record.tags, name, value)
            name, value = found.group(1), []
        elif name is not None:
            value.append(line)
    if name is not None:
        _put(record.tags, name, value)
    return record


def _put(tags: dict[str, str], name: str, value: list[str]) -> None:
    """Add a tag; the blank lines at its end only part it from the next."""
    while len(value) > 1 and not value[-1].strip():
        value.pop()
    tags[free_name(name, tags)] = "\n".join(value)


@dataclass(frozen=True)
class Records:
    """An SDF or MOL file: the drawings are the molecules, the title lines come as `name`, the tags under their own names.

    All tables have the tags of all records.
    """

    text: Text
    names: tuple[str, ...]
    title: str | None

    def tables(self, rows: int) -> Iterator[Table]:
        """See `Source`."""
        notes = (self.text.note,) if self.text.note else ()
        with self.text.open(newline="\n") as stream:
            found = records(stream, str(self.text.path))
            while part := list(islice(found, rows)):
                smiles, problem = zip(*(smiles_of_block(record.block, record.line) for record in part), strict=True)
                yield Table(self._frame(part), list(smiles), list(problem), None, notes)

    def _frame(self, part: list[Record]):  # type: ignore[no-untyped-def]
        cells = [[record.title if name == self.title else record.tags.get(name, "") for name in self.names] for record in part]
        return text_frame(self.names, cells)


def open_records(path: Path, reading: Reading) -> Records:
    """An SDF or MOL file, once its encoding and tags are known.

    Raises
    ------
    DataError
        It isn't text, holds no records, or `column` is named.
    """
    if reading.column is not None:
        raise DataError(f"{path}: column={reading.column}: the molecules are the drawings; name a column of a table")
    text = examine(path, reading.encoding)
    return _open_records(text, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _open_records(text: Text, modified: int) -> Records:
    del modified
    tags: dict[str, None] = {}
    titled = drawn = False
    with text.open(newline="\n") as stream:
        for record in records(stream, str(text.path)):
            tags |= dict.fromkeys(record.tags)
            titled = titled or bool(record.title.strip())
            drawn = drawn or len(record.block) > 3
    if not drawn:
        raise DataError(f"{text.path}: no molecules in it: no record begins with a drawing")
    title = next((name for name in TITLES if name not in tags), free_name("name", tags)) if titled else None
    return Records(text, (*([title] if title else []), *tags), title)
