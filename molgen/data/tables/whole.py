"""Files that are read whole, and how large they may be unpacked: a small file can be built to fill the memory."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

from molgen.data.tables.formats import unpacked
from molgen.errors import ConfigError, DataError

VARIABLE = "MOLGEN_UNPACKED"
LARGEST = 2_000  # megabytes
MEGABYTE = 1_000_000


def largest() -> int:
    """How many bytes a file that is read whole may have: those of MOLGEN_UNPACKED, in megabytes, or 2 GB.

    Raises
    ------
    ConfigError
        MOLGEN_UNPACKED isn't a number above 0.
    """
    text = os.environ.get(VARIABLE, str(LARGEST))
    if not text.isdecimal() or not int(text):
        raise ConfigError(f"{VARIABLE}={text}: must be a whole number of megabytes, such as {LARGEST}")
    return int(text) * MEGABYTE


def read_whole(path: Path) -> bytes:
    """The contents of a file, unpacked; no more of it is unpacked than may be read.

    Raises
    ------
    ConfigError
        MOLGEN_UNPACKED isn't a number above 0.
    DataError
        It has more bytes than `largest`, or as `unpacked`.
    """
    with unpacked(path) as stream:
        content = stream.read(largest() + 1)
    _check_size(path, len(content))
    return content


def read_archive(path: Path) -> BytesIO:
    """The contents of a file that is itself an archive of .zip, as a workbook is.

    Raises
    ------
    ConfigError
        MOLGEN_UNPACKED isn't a number above 0.
    DataError
        It has more bytes than `largest`, or those of its parts have; or as `unpacked`.
    zipfile.BadZipFile
        It isn't such an archive.
    """
    content = BytesIO(read_whole(path))
    with zipfile.ZipFile(content) as archive:
        _check_size(path, sum(part.file_size for part in archive.infolist()))
    return content


def _check_size(path: Path, size: int) -> None:
    """Refuse a file of more bytes than may be read.

    Raises
    ------
    DataError
        It has more.
    """
    if size > (limit := largest()):
        raise DataError(
            f"{path}: more than {limit // MEGABYTE:,} MB when unpacked, and this format is read whole; "
            f"save it as .csv, or allow more with {VARIABLE}=MEGABYTES"
        )
