"""Molecules that a browser sends: pasted, or as a file of any format that molgen reads."""

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from molgen.data.readers import read_chunks
from molgen.data.tables.formats import FORMATS, kind_of, suffixes, unpacked
from molgen.data.tables.table import Table
from molgen.errors import DataError, MolgenError

PASTED = "pasted.smi"
ROWS = 2000  # of a request at most
UNPACKED = 50_000_000  # bytes of a file at most


def read_upload(content: bytes, name: str, column: str | None, command: str) -> Table:
    """The molecules of a file, or of lines that were pasted.

    Parameters
    ----------
    name
        Of the file: its ending says the format.
    column
        Where the SMILES are, if that can't be found out.
    command
        What to run instead for more molecules than a page takes.

    Raises
    ------
    DataError
        It holds no molecules, too many, or can't be read.
    """
    if not content.strip():
        raise DataError("no molecules yet: paste SMILES, one per line, or choose a file")
    with _as_file(content, name) as path:
        if FORMATS[kind_of(path)] == "workbook" or suffixes(path)[1]:
            _check_unpacked(path)
        table = next(iter(read_chunks(path, column, ROWS + 1)))
    if len(table) > ROWS:
        raise DataError(f"more than {ROWS:,} molecules; in a terminal there is no limit: {command}")
    return table


@contextlib.contextmanager
def _as_file(content: bytes, name: str) -> Iterator[Path]:
    """A file with an ending like that of `name`; problems name the user's file."""
    shown = name.replace("\\", "/").rpartition("/")[2][-100:] or "the file"
    kind, compression = suffixes(shown)
    with tempfile.TemporaryDirectory(prefix="molgen-") as folder:
        try:
            kind_of(shown)
            path = Path(folder) / f"upload{kind}{compression}"
            path.write_bytes(content)
            yield path
        except MolgenError as error:
            text = str(error).splitlines()[0]
            raise DataError(text.replace(f"{folder}/upload{kind}{compression}", shown).replace(folder, shown)) from error


def _check_unpacked(path: Path) -> None:
    """Refuse what unpacks to more than a page reads."""
    with unpacked(path) as stream:
        left = UNPACKED
        while left > 0 and (part := stream.read(1_000_000)):
            left -= len(part)
    if left > 0 and not suffixes(path)[1]:
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            left -= sum(part.file_size for part in archive.infolist())
    if left <= 0:
        raise DataError(f"{path}: more than {UNPACKED // 1_000_000} MB when unpacked; in a terminal molgen predict reads it")
