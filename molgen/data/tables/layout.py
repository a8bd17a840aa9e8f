"""How lines of text become rows: delimiter, quotes, and what may follow the last field."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from molgen.data.tables.formulas import unguarded
from molgen.errors import DataError

NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
csv.field_size_limit(1 << 24)  # pictures and sequences are longer than Python's 128 kB
FIELD = re.compile(r'\s*("[^"]*"|\S+)(?:[ \t]+(\|[^|]*\|\S*))?(?:[ \t](.*))?', re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """How lines become rows.

    Attributes
    ----------
    delimiter
        Between fields; a blank stands for any run of blanks and tabs, an empty one for lines of one field.
    quotes
        Whether fields may be in double quotes, and then hold delimiters and line ends.
    width
        Fields per row; 0 for any number.
    lines
        For files of SMILES: lines that begin with # are left out, fields may be missing at the end of a line, and the last
        of those with blanks between them takes the rest of the line.
    titles
        The first rows, which may have any number of fields.
    """

    delimiter: str
    quotes: bool = True
    width: int = 0
    lines: bool = False
    titles: int = 0

    def rows(self, text: Iterable[str], where: str) -> Iterator[list[str]]:
        """The rows of a text; those with nothing in them are left out.

        Raises
        ------
        DataError
            A row has more or fewer fields than the others, or a quote isn't closed.
        """
        for i, (number, fields) in enumerate(self._split(text, where)):
            if self.lines and self.delimiter == "\t" and any(sign in field for field in fields for sign in "\t\r\n"):
                place = f"{where}: a quote in line {number} or before"
                raise DataError(f"{place} isn't closed: a field holds neither tabs nor line ends")
            if len(fields) > 1 and not any(fields) and not self.lines:
                continue
            if i >= self.titles and self.width and len(fields) != self.width:
                if any(fields[self.width :]) or (len(fields) < self.width and not self.lines):
                    raise DataError(f"{where}: {self._miscount(number, fields)}")
                fields = [*fields, *[""] * (self.width - len(fields))][: self.width]
            yield fields if self.lines else [unguarded(field) for field in fields]

    def _miscount(self, number: int, fields: Sequence[str]) -> str:
        return (
            f"line {number} has {len(fields)} fields and not {self.width} ({' | '.join(fields)[:60]}); put a field that holds "
            f"the delimiter {shown(self.delimiter)} in quotes, or name another with table.delimiter="
        )

    def _split(self, text: Iterable[str], where: str) -> Iterator[tuple[int, list[str]]]:
        if self.quotes and self.delimiter not in ("", " "):
            reader = csv.reader(self._quoted(text), delimiter=self.delimiter, strict=True)
            try:
                yield from ((reader.line_num, row) for row in reader if row and not (self.lines and row[0].startswith("#")))
            except csv.Error as error:
                place = f"{where}: a quote in line {reader.line_num} or before"
                raise DataError(f"{place} isn't closed, or closed too early ({error})") from error
            return
        for number, ended in enumerate(text, 1):
            line = ended.rstrip("\r\n")
            if not (line if self.delimiter == "\t" else line.strip()) or (self.lines and line.startswith("#")):
                continue
            if self.delimiter == " ":
                yield number, words(line, self.width)
            else:
                yield number, line.split(self.delimiter) if self.delimiter else [line]

    def _quoted(self, text: Iterable[str]) -> Iterator[str]:
        """The lines of a text, with quotes around a CXSMILES: its extension may hold the delimiter."""
        sign = re.escape(self.delimiter)
        extended = re.compile(rf"(^|{sign})([^\s{sign}]+ \|[^|]*\|)(?=\s*$|{sign})")
        for line in text:
            may = self.delimiter != "|" and " |" in line and '"' not in line
            yield extended.sub(r'\1"\2"', line) if may else line


def shown(delimiter: str) -> str:
    """A delimiter for a message."""
    return {"\t": "tab", " ": "blank"}.get(delimiter, f"'{delimiter}'")


def words(line: str, width: int) -> list[str]:
    """The fields of a line with blanks between them: a CXSMILES holds blanks, and the last field takes the rest."""
    fields: list[str] = []
    rest: str | None = line.rstrip()
    while rest and rest.strip():
        if fields and len(fields) + 1 == width:
            rest = rest.lstrip()
            quoted = line.startswith('"') and len(rest) > 1 and rest[0] == rest[-1] == '"'
            return [*fields, rest[1:-1] if quoted else rest]
        found = FIELD.match(rest)
        assert found
        word, extension, rest = found.groups()
        word = word[1:-1] if len(word) > 1 and word[0] == word[-1] == '"' else word
        fields.append(f"{word} {extension}" if extension else word)
    return fields


def delimiter_of(given: str | None) -> str | None:
    """The delimiter that a user names: a character, or `tab`, `comma`, `semicolon`, `space`, `pipe`.

    Raises
    ------
    DataError
        It is none of these.
    """
    if given is None or given in ("\t", " "):
        return given
    name = NAMED.get(given.strip().lower(), given)
    if len(name) != 1 or name in '\r\n"':
        known = ", ".join(key for key in NAMED if key.isalpha())
        raise DataError(f"table.delimiter={given}: must be one character, or {known}")
    return name
