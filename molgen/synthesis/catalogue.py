"""A stock in standard form: read once, and kept in the user's cache."""

import contextlib
import hashlib
import io
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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

from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.processes import isolated
from molgen.synthesis.stock import Block, Piece, pieces, stock_file

VERSION = 1  # of what is kept
BITS = 1024
MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
AT_ONCE = 2  # pieces of a stock per process that are worked on before the next are read
LOG = logging.getLogger(__name__)
Words = NDArray[np.uint64]
Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The building blocks of a stock, each once.

    Attributes
    ----------
    name
        Of the stock.
    folder
        In the user's cache, where what is known of this stock is kept.
    smiles, ids, lead_times : [n]
    prices : float64 [n]
        See `Block`.
    fingerprints : uint64 [n, BITS / 64]
        Morgan fingerprints of radius 2, packed.
    """

    name: str
    folder: Path
    smiles: list[str]
    ids: list[str]
    lead_times: list[str]
    prices: NDArray[np.float64]
    fingerprints: Words

    def __len__(self) -> int:
        return len(self.smiles)

    def block(self, row: int) -> Block:
        """The block at `row`."""
        return Block(self.smiles[row], self.ids[row], float(self.prices[row]), self.lead_times[row])


def fingerprint(mol: Chem.Mol) -> Words:
    """The Morgan fingerprint of radius 2 [BITS / 64], packed."""
    return np.packbits(MORGAN.GetFingerprintAsNumPy(mol)).view(np.uint64)


def read_catalogue(
    stock: str, processes: int, progress: Callable[[int], None] = lambda rows: None, column: str | None = None
) -> Catalogue:
    """Read a stock, from the user's cache or from its file.

    Of a block that is listed several times the cheapest entry counts. Rows that are no single known molecule, or are labelled
    with isotopes, are left out; the log says how many.

    Parameters
    ----------
    stock
        See `stock_file`.
    processes
        In which it is read.
    progress
        Is told how many more rows have been read.
    column
        Of the SMILES, if it can't be guessed.

    Raises
    ------
    DataError
        There is no such stock, or it has no block.
    """
    path, known = stock_file(stock)
    column = column or known
    key = f"{VERSION} {rdkit.__version__} {column} {pooch.file_hash(str(path))}"
    folder = Path(pooch.os_cache("molgen")) / "stocks" / hashlib.sha256(key.encode()).hexdigest()[:32]
    arrays = kept(folder / "blocks.npz")
    if arrays is None:
        arrays = _read(path, column, processes, progress)
        if not len(arrays["prices"]):
            raise DataError(f"{path}: no building block in it")
        keep(folder / "blocks.npz", arrays)
    smiles, ids, lead_times = (_lines(arrays[name]) for name in ("smiles", "ids", "lead_times"))
    prices, fingerprints = arrays["prices"].astype(float), arrays["fingerprints"].view(np.uint64)
    return Catalogue(stock, folder, smiles, ids, lead_times, prices, fingerprints)


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


def _read(path: Path, column: str | None, processes: int, progress: Callable[[int], None]) -> Arrays:
    blocks: dict[str, tuple[int, Block]] = {}
    prints: list[Words] = [np.zeros((0, BITS // 64), np.uint64)]
    left_out = Counter[str]()
    for piece, (found, fingerprints, problems) in in_pieces(_standard, pieces(path, column), processes):
        left_out.update(problems)
        new = []
        for i, block in enumerate(found):
            number, known = blocks.get(block.smiles, (len(blocks), block))
            if number == len(blocks):
                new.append(i)
            cheaper = block.price < known.price or (np.isnan(known.price) and not np.isnan(block.price))
            blocks[block.smiles] = number, block if cheaper else known
        left_out["listed twice"] += len(found) - len(new)
        prints.append(fingerprints[new])
        progress(len(piece.smiles))
    for reason, number in (+left_out).most_common():
        LOG.info("%s: %d rows left out: %s", path, number, reason)
    listed = [block for _, block in blocks.values()]
    return {
        "smiles": _packed([block.smiles for block in listed]),
        "ids": _packed([block.id for block in listed]),
        "lead_times": _packed([block.lead_time for block in listed]),
        "prices": np.array([block.price for block in listed], float),
        "fingerprints": np.concatenate(prints),
    }


def _standard(piece: Piece) -> tuple[list[Block], Words, Counter[str]]:
    blocks, left_out = piece.blocks()
    prints = np.array([fingerprint(mol) for _, mol in blocks], np.uint64).reshape(len(blocks), BITS // 64)
    return [block for block, _ in blocks], prints, left_out


def in_pieces(function: Callable[..., object], items: Iterable[object], processes: int) -> Iterable[tuple[Any, Any]]:
    """Every item with what `function` makes of it, in order, in processes of their own if there are several."""
    source = iter(items)
    while waiting := list(islice(source, AT_ONCE * processes)):
        results = isolated(function, waiting, processes) if processes > 1 else map(function, waiting)
        for item, result in zip(waiting, results, strict=True):
            if isinstance(result, Exception):
                raise result
            yield item, result


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts as one array of bytes, a line each."""
    return np.frombuffer("\n".join(" ".join(text.split()) for text in texts).encode(), np.uint8)


def _lines(packed: NDArray[np.generic]) -> list[str]:
    return packed.tobytes().decode().split("\n") if packed.size else []
