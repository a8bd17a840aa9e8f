"""About how many molecules files hold, found without reading them: for progress only."""

from collections.abc import Iterable
from pathlib import Path

from pyarrow import ArrowException
from pyarrow.parquet import read_metadata

from molgen.data.tables.formats import FORMATS, suffixes, unpacked
from molgen.errors import DataError

MARKS = {"delimited": b"\n", "lines": b"\n", "records": b"$$$$", "mol2": b"@<TRIPOS>MOLECULE", "maestro": b"f_m_ct"}
LARGEST = 4_000_000_000  # bytes that are looked through, some seconds' worth
SLOWER = 20  # by so much compressed ones are
PIECE = 1 << 20


def about_rows(files: Iterable[Path]) -> int | None:
    """How many molecules files hold, but for headings and empty lines; None where that takes long, or can't be told."""
    numbers = [_count(path) for path in files]
    return None if any(number is None for number in numbers) else sum(number or 0 for number in numbers)


def _count(path: Path) -> int | None:
    suffix, compression = suffixes(path)
    try:
        if suffix == ".parquet" and not compression:
            return int(read_metadata(path).num_rows)
        mark = MARKS.get(FORMATS[suffix])
        if mark is None or path.stat().st_size * (SLOWER if compression else 1) > LARGEST:
            return None
        with unpacked(path) as stream:
            found, end = 0, b""
            while piece := stream.read(PIECE):
                found += (end + piece).count(mark)
                end = piece[len(piece) - len(mark) + 1 :] if len(mark) > 1 else b""
    except (OSError, KeyError, ArrowException, DataError):  # whoever reads it will say so
        return None
    return found
