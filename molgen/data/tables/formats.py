"""File formats by suffix, and files compressed or not."""

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from molgen.errors import DataError

Kind = Literal["delimited", "lines", "records", "mol2", "maestro", "cdxml", "parquet", "workbook"]
FORMATS: dict[str, Kind] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".smi": "lines",
    ".smiles": "lines",
    ".ism": "lines",
    ".can": "lines",
    ".cxsmiles": "lines",
    ".cxsmi": "lines",
    ".txt": "lines",
    ".sdf": "records",
    ".sd": "records",
    ".mol": "records",
    ".mol2": "mol2",
    ".mae": "maestro",
    ".cdxml": "cdxml",
    ".parquet": "parquet",
    ".xlsx": "workbook",
}
SUFFIXES = tuple(FORMATS)
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zip")
REMEDIES = {
    **dict.fromkeys((".xls", ".xlsb", ".ods"), "save it as .xlsx"),
    **dict.fromkeys((".tar", ".tgz", ".7z", ".rar", ".zst", ".z"), "unpack it, and name a file of it"),
    **dict.fromkeys((".cdx", ".sketch", ".skc"), "save it as .cdxml or .sdf"),
    "": "name it by what it holds, such as .csv or .sdf.zip",
}
# How files begin that aren't text, and what they are.
BEGINNINGS = {
    b"PK\x03\x04": ".xlsx or .zip",
    b"\x1f\x8b": ".gz",
    b"BZh91AY": ".bz2",
    b"\xfd7zXZ\0": ".xz",
    b"PAR1": ".parquet",
    b"\xd0\xcf\x11\xe0": ".xls, which is to be saved as .xlsx",
    b"%PDF": ".pdf, which isn't read",
}
ALIASES = {".maegz": ".mae.gz", ".sdz": ".sdf.gz"}
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def suffixes(path: Path | str) -> tuple[str, str]:
    """The suffix of a file's format and that of its compression, `("", "")` where it has none; both in lower case."""
    name = Path(path).name.lower()
    for alias, meaning in ALIASES.items():
        if name.endswith(alias):
            name = name.removesuffix(alias) + meaning
    compression = next((end for end in COMPRESSIONS if name.endswith(end)), "")
    return Path(name.removesuffix(compression)).suffix, compression


def kind_of(path: Path | str) -> str:
    """The suffix that says the format, in lower case and without the compression's.

    Raises
    ------
    DataError
        It isn't one that molgen reads.
    """
    suffix, _ = suffixes(path)
    if suffix not in FORMATS:
        remedy = f"; {REMEDIES[suffix]}" if suffix in REMEDIES else ""
        known = f"{', '.join(SUFFIXES)} (also {', '.join(COMPRESSIONS)})"
        raise DataError(f"{path}: unknown file type '{suffix}'{remedy}; known: {known}")
    return suffix


def is_table(path: Path | str) -> bool:
    """Whether a name is that of a file of molecules."""
    return suffixes(path)[0] in FORMATS


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked.

    Raises
    ------
    DataError
        There is no such file, it is a folder, it is cut or damaged, or a .zip holds several files.
    """
    if path.is_dir():
        raise DataError(f"{path}: a folder, not a file")
    if not path.exists():
        raise DataError(f"{path}: no such file")
    _, compression = suffixes(path)
    try:
        if compression == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as stream:
                yield stream
        else:
            with OPENERS.get(compression, open)(path, "rb") as stream:
                yield stream
    except EOFError as error:
        raise DataError(f"{path}: the file is cut; fetch or pack it again") from error
    except DAMAGED as error:
        raise DataError(f"{path}: the file is damaged ({error}); fetch or pack it again") from error
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise DataError(f"{path}: can't be read as {(compression or path.suffix)[1:]} ({reason})") from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    hidden = re.compile(r"__MACOSX/|(.*/)?\.")
    members = [item for item in archive.infolist() if not item.is_dir() and not hidden.match(item.filename)]
    if len(members) == 1:
        return members[0]
    names = ", ".join(item.filename for item in members[:10]) or "none"
    raise DataError(f"{path}: one file is read from a .zip, and this holds {len(members)} ({names}); unpack it and name one")
