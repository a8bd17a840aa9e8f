"""A stock in standard form: read once, and kept in the user's cache."""

import contextlib
import hashlib
import io
import logging
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pooch
import rdkit
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molgen.data.prices import read_prices
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.processes import isolated
from molgen.synthesis.lines import Lines, packed
from molgen.synthesis.stock import BuildingBlock, StockRows, stock_file, stock_rows

VERSION = 3  # of what is kept
BITS = 1024
MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
AT_ONCE = 2  # pieces of a stock per process that are worked on before the next are read
PATIENCE, PAUSE = 3.0, 30.0  # s before a line in the log, and between two
LOG = logging.getLogger(__name__)
Words = NDArray[np.uint64]
Arrays = Mapping[str, NDArray[np.generic]]
Progress = Callable[[str], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The building blocks of a stock, each once.

    Attributes
    ----------
    name
        Of the stock.
    folder
        In the user's cache, where what is known of this stock is kept.
    smiles, ids, lead_times, forms : [n]
    prices : float64 [n]
        See `BuildingBlock`.
    fingerprints : uint64 [n, BITS / 64]
        Morgan fingerprints of radius 2, packed.
    """

    name: str
    folder: Path
    smiles: Sequence[str]
    ids: Sequence[str]
    lead_times: Sequence[str]
    forms: Sequence[str]
    prices: NDArray[np.float64]
    fingerprints: Words

    def __len__(self) -> int:
        return len(self.smiles)

    def block(self, row: int) -> BuildingBlock:
        """The block at `row`."""
        return BuildingBlock(self.smiles[row], self.ids[row], float(self.prices[row]), self.lead_times[row], self.forms[row])


def packed_fingerprint(mol: Chem.Mol) -> Words:
    """The Morgan fingerprint of radius 2 [BITS / 64], packed."""
    return np.packbits(MORGAN.GetFingerprintAsNumPy(mol)).view(np.uint64)


@contextlib.contextmanager
def logged(what: str) -> Iterator[Callable[[int], None]]:
    """Progress as lines in the log, of what takes more than a few seconds."""
    done, said = 0, time.monotonic() + PATIENCE - PAUSE

    def advance(rows: int) -> None:
        nonlocal done, said
        done += rows
        if (now := time.monotonic()) - said >= PAUSE:
            said = now
            LOG.warning("%s: %s rows so far; it is done once, and kept", what, f"{done:,}")

    yield advance


def read_catalogue(stock: str, processes: int, progress: Progress = logged, column: str | None = None) -> Catalogue:
    """Read a stock, from the user's cache or from its file.

    Of a block that is listed several times the cheapest entry counts. Rows that are no single known molecule, or are labelled
    with isotopes, are left out; a warning says how many.

    Parameters
    ----------
    stock
        See `stock_file`.
    processes
        In which it is read.
    progress
        Shows how far it is: called with what is done, it gives a context, and in this what is told of more rows that are done.
    column
        Of the SMILES, if it can't be guessed.

    Raises
    ------
    DataError
        There is no such stock, it has no block, or its prices can't be read; see `read_prices`.
    """
    path, known = stock_file(stock)
    column = column or known
    key = f"{VERSION} {rdkit.__version__} {column} {pooch.file_hash(str(path))}"
    folder = Path(pooch.os_cache("molgen")) / "stocks" / hashlib.sha256(key.encode()).hexdigest()[:32]
    arrays = kept(folder / "blocks.npz")
    if arrays is None:
        with progress(f"reading {stock}") as advance:
            arrays = _read(stock, path, column, processes, advance)
        if not len(arrays["prices"]):
            raise DataError(f"{path}: no building block in it")
        keep(folder / "blocks.npz", arrays)
    names = "smiles", "ids", "lead_times", "forms"
    smiles, ids, lead_times, forms = (Lines(arrays[name], len(arrays["prices"])) for name in names)
    prices, fingerprints = arrays["prices"].astype(float), arrays["fingerprints"].view(np.uint64)
    return Catalogue(stock, folder, smiles, ids, lead_times, forms, prices, fingerprints)


def kept(path: Path) -> Arrays | None:
    """Arrays that `keep` has written; None if there are none, or they can't be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError), np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
    return None


def keep(path: Path, arrays: Arrays) -> None:
    """Write arrays into the user's cache; where that can't be, a warning says so."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    try:
        write_atomically(path, buffer.getvalue(), sync=False)
    except OSError as error:
        LOG.warning("%s can't be kept (%s): it will be worked out again", path, error)


def _read(stock: str, path: Path, column: str | None, processes: int, advance: Callable[[int], None]) -> Arrays:
    blocks: dict[str, int] = {}  # by SMILES, counted
    listed = array("q")  # which block an entry of the stock is
    ids, prices, lead_times, forms = list[str](), list[str](), list[str](), list[str]()
    prints: list[Words] = [np.zeros((0, BITS // 64), np.uint64)]
    left_out = Counter[str]()
    for piece, (rows, smiles, as_sold, fingerprints, problems) in in_pieces(_standard, stock_rows(path, column), processes):
        left_out.update(problems)
        known = len(blocks)
        numbers = [blocks.setdefault(text, len(blocks)) for text in smiles]
        listed.extend(numbers)
        ids += [piece.ids[row] or text for row, text in zip(rows, smiles, strict=True)]
        prices += [sys.intern(piece.prices[row]) for row in rows]
        lead_times += [sys.intern(piece.lead_times[row]) for row in rows]
        forms += as_sold
        first = np.unique(numbers, return_index=True)
        prints.append(fingerprints[first[1][first[0] >= known]])
        advance(len(piece.smiles))
    if double := len(listed) - len(blocks):
        left_out["listed twice or more"] = double
    if left_out:
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in left_out.most_common())
        LOG.warning("%s: rows left out: %s", stock, reasons)
    costs = read_prices(prices, f"{stock}: prices") if any(prices) else np.full(len(prices), np.nan)
    block = np.frombuffer(listed, np.int64)
    order = np.lexsort((costs, block))  # the cheapest entry of each block first, nan last
    best = order[np.unique(block[order], return_index=True)[1]].tolist()
    return {
        "smiles": packed(blocks),
        "ids": packed(ids[i] for i in best),
        "lead_times": packed(lead_times[i] for i in best),
        "forms": packed(forms[i] for i in best),
        "prices": costs[best],
        "fingerprints": np.concatenate(prints),
    }


def _standard(piece: StockRows) -> tuple[list[int], list[str], list[str], Words, Counter[str]]:
    found, left_out = piece.standard()
    prints = np.array([packed_fingerprint(mol) for _, mol in found], np.uint64).reshape(len(found), BITS // 64)
    rows = [row for row, _ in found]
    return rows, [Chem.MolToSmiles(mol) for _, mol in found], list(map(piece.form, rows)), prints, left_out


def in_pieces(function: Callable[..., object], items: Iterable[object], processes: int) -> Iterable[tuple[Any, Any]]:
    """Every item with what `function` makes of it, in order, in processes of their own if there are several."""
    source = iter(items)
    while waiting := list(islice(source, AT_ONCE * processes)):
        results = isolated(function, waiting, processes) if processes > 1 else map(function, waiting)
        for item, result in zip(waiting, results, strict=True):
            if isinstance(result, Exception):
                raise result
            yield item, result
