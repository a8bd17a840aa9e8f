"""The scored chunks of a screen that goes on: a file each, until one table is made of them."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
from pyarrow import ArrowException

from molgen.data.readers import Table
from molgen.data.results import column_order
from molgen.data.tables.formulas import guard
from molgen.data.tables.table import flat
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.folders import no_link

PART = "[0-9]" * 8 + ".parquet"
TOTAL = "total"  # about how many molecules there are
DIGEST, STRUCTURE = "digest", "structure"  # kept with a chunk: what was scored, and the column of its molecules
LOG = logging.getLogger(__name__)
Chunks = Callable[[], Iterator[Table]]


def write_total(parts: Path, total: int) -> None:
    """Keep about how many molecules there are to be scored, for pages.

    Raises
    ------
    OSError
        It can't be written.
    """
    no_link(parts).mkdir(parents=True, exist_ok=True)
    write_atomically(parts / TOTAL, str(total).encode(), sync=False)


def write_chunk(parts: Path, number: int, table: pd.DataFrame) -> None:
    """Keep a scored chunk.

    Raises
    ------
    OSError
        It can't be written, or `parts` was removed meanwhile, and with it what had been scored.
    """
    parts.stat()
    write_atomically(parts / f"{number:08d}.parquet", table.to_parquet(index=False))


def scored_chunks(parts: Path, needed: Sequence[str]) -> Iterator[tuple[int, pd.DataFrame]]:
    """The scored chunks in `parts` with their numbers, and in `attrs[DIGEST]` what was scored.

    What can't be read, or lacks `needed` columns, is removed, to be scored again.
    """  # noqa: DOC501 (raised by another function, or caught here)
    no_link(parts).mkdir(parents=True, exist_ok=True)
    for path in sorted(parts.glob(PART)):
        try:
            table = pd.read_parquet(path)
            if missing := set(needed) - set(table.columns):
                raise ValueError(f"it has no {missing.pop()}")
        except (OSError, ValueError, KeyError, TypeError, ArrowException) as error:
            LOG.warning("%s: damaged (%s): scoring its molecules again", path, (str(error).splitlines() or ["empty"])[0])
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            continue
        yield int(path.stem), table


def left(chunks: Chunks, done: Mapping[int, str | None]) -> Iterator[tuple[int, Table]]:
    """The chunks that aren't `done`; those that are must still be what was scored: number -> digest."""
    number = -1
    for number, table in enumerate(chunks()):
        if number not in done:
            yield number, table
        elif done[number] not in (None, digest(table)):  # None: an older molgen kept none
            raise _changed(f"its rows from {number * len(table) + 1:,} on aren't those that were scored")
    if beyond := [other for other in done if other > number]:
        raise _changed(f"it ends before part {min(beyond)}, which has been scored")


def _changed(how: str) -> DataError:
    return DataError(f"the library was changed since this screen began ({how}): restore it, or screen it into another folder")


def digest(table: Table) -> str:
    """What tells a chunk of the library from any other."""
    text = flat(table.with_smiles()).to_csv(index=False)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def join(parts: Path, path: Path) -> None:
    """One table of them all: columns are brought together by name, since some chunks may have more of them."""
    from pyarrow.parquet import read_schema

    chunks = sorted(parts.glob(PART))
    order = column_order([read_schema(chunk).names for chunk in chunks])
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    temporary.unlink(missing_ok=True)
    with temporary.open("x", encoding="utf-8", newline="") as whole:
        for number, chunk in enumerate(chunks):
            table = pd.read_parquet(chunk).reindex(columns=order)
            guard(table).to_csv(whole, index=False, header=number == 0, lineterminator="\n")
    temporary.replace(path)
