"""What encoding a text file is in, and that it is whole."""

import codecs
import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

import chardet

from molgen.data.tables.formats import BEGINNINGS, FORMATS, suffixes, unpacked
from molgen.errors import DataError

BLOCK = 1 << 20
LINE = 1 << 24  # bytes of a line at most: nothing that unpacks to more of them is kept in memory
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# What tables are written in where it isn't UTF-8; with all of its 80 encodings chardet takes a single µ for Urdu.
WESTERN = "cp1252"
CANDIDATES = (WESTERN, "gb18030", "cp932", "big5", "euc_kr")
EASTERN = re.compile(rb"[\x80-\xff]{4}")  # chardet takes a lone ö before a letter for Big5; Western words have no four in a row
DRAWING = re.compile(rb"(?:[^\n]*\n){3}[ \d]{6}[^\n]{27,}V[23]000")
PLAIN = ("utf-8", "utf-8-sig")


@dataclass(frozen=True)
class Text:
    """A text file that is known to be whole and readable.

    Attributes
    ----------
    encoding
        As Python names it.
    note
        What was guessed, for the user to read; empty where nothing was.
    """

    path: Path
    encoding: str
    note: str = ""

    @contextmanager
    def open(self, newline: str | None = None) -> Iterator[IO[str]]:
        """The text; `newline` as for Python's `open`."""
        with unpacked(self.path) as stream, TextIOWrapper(stream, self.encoding, newline=newline) as text:
            yield text


def examine(path: Path, encoding: str | None = None) -> Text:
    """Go through a whole file once: is it text and complete, and in which encoding.

    Raises
    ------
    DataError
        It is empty, cut or binary, or isn't in `encoding`; the row is named.
    """
    with unpacked(path):
        status = path.stat()
    return _examined(path, encoding, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=64)
def _examined(path: Path, encoding: str | None, modified: int, size: int) -> Text:
    del modified, size
    with unpacked(path) as stream:
        start = _first_block(stream, path)
    if not start:
        raise DataError(f"{path}: it is empty")
    if other := next((kind for mark, kind in BEGINNINGS.items() if start.startswith(mark)), None):
        raise DataError(f"{path}: it isn't text, but begins like {other}; name it so")
    if DRAWING.match(start) and FORMATS[suffixes(path)[0]] != "records":
        raise DataError(f"{path}: it begins like an SDF; name it .sdf")
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    if encoding:
        return _checked(path, _known(encoding))
    if marked:
        return _checked(path, marked, "" if marked in PLAIN else f"encoding {marked}, by its byte order mark")
    if _is_wide(start):
        wide = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
        return _checked(path, wide, f"encoding {wide}, guessed (table.encoding=NAME takes another)")
    strange = _strange_lines(path)
    if strange is None:
        return Text(path, "utf-8")
    guess = chardet.detect(strange, include_encodings=CANDIDATES)["encoding"] if EASTERN.search(strange) else WESTERN
    if guess is None:
        raise DataError(f"{path}: its encoding can't be guessed; name it with table.encoding=latin-1 or another")
    name = codecs.lookup(guess).name
    try:
        return _checked(path, name, f"not UTF-8: encoding {name}, guessed (table.encoding=NAME takes another)")
    except DataError:
        return _checked(path, "latin-1", "not UTF-8: encoding latin-1, guessed (table.encoding=NAME takes another)")


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise DataError(f"table.encoding={encoding}: no such encoding; utf-8, utf-16, latin-1 and cp1252 are some") from error


def _is_wide(start: bytes) -> bool:
    """Whether bytes are UTF-16 without a mark: every second byte of Latin text is 0."""
    part = start[:200]
    return len(part) > 3 and max(part[::2].count(0), part[1::2].count(0)) >= 0.4 * len(part)


def _first_block(stream: IO[bytes], path: Path) -> bytes:
    try:
        return _some(stream)
    except EOFError as error:
        raise DataError(f"{path}: the file is cut before its first row ends; fetch or pack it again") from error


def _some(stream: Any) -> bytes:
    """A piece of the file, as much as there is: `read` would lose what precedes a cut."""
    return stream.read1(BLOCK)


def _blocks(path: Path) -> Iterator[bytes]:
    """The pieces of a file, one after the other, however large it is.

    Raises
    ------
    DataError
        The file is cut, or a line is longer than any of a table.
    """
    rows = length = 0
    with unpacked(path) as stream:
        try:
            while block := _some(stream):
                yield block
                rows += block.count(b"\n")
                end = max(block.rfind(b"\n"), block.rfind(b"\r"))
                length = len(block) - end - 1 if end >= 0 else length + len(block)
                if length > LINE:
                    raise DataError(f"{path}: line {rows + 1} has more than {LINE:,} bytes, as no table has; is it a text file?")
        except EOFError as error:
            raise DataError(f"{path}: the file is cut after row {rows}; fetch or pack it again") from error


def _strange_lines(path: Path) -> bytes | None:
    """Lines of a file that aren't ASCII, some at least; None where all of it is UTF-8.

    Raises
    ------
    DataError
        The file is binary, or cut.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    strange, valid = b"", True
    for block in _blocks(path):
        if b"\0" in block:
            raise DataError(f"{path}: can't be read as text: it is a binary file")
        if not block.isascii() and len(strange) < BLOCK // 8:
            strange += b"\n".join(line for line in block.split(b"\n") if not line.isascii())[: BLOCK // 8]
        valid = valid and _decodes(decoder, block)
    return None if valid and _decodes(decoder, b"", final=True) else strange


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _checked(path: Path, encoding: str, note: str = "") -> Text:
    """A file that can be decoded to its end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rows = 0
    try:
        for block in _blocks(path):
            rows += decoder.decode(block).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise DataError(f"{path}: row {rows + 1} or later isn't {encoding}; name the encoding with table.encoding=") from error
    return Text(path, encoding, note)
