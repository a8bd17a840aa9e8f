"""Which block of a stock fits which reaction: worked out once, and kept in the user's cache."""

import contextlib
import functools
import hashlib
import io
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pooch
import rdkit
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.processes import isolated, processors
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role, Seen
from molgen.synthesis.stock import Block, Piece, pieces, stock_file

VERSION = 1  # of what is kept
BITS = 1024
MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=BITS)
AT_ONCE = 2  # pieces of a stock per process that are worked on before the next are read
LOG = logging.getLogger(__name__)
Words = NDArray[np.uint64]


class Index:
    """A stock and the reactions that its blocks fit.

    Attributes
    ----------
    name
        Of the stock.
    smiles, ids, lead_times : [n]
    prices : float64 [n]
        See `Block`.
    fingerprints : uint64 [n, BITS / 64]
        Morgan fingerprints of radius 2, packed.
    """

    def __init__(self, name: str, roles: Sequence[Role], arrays: dict[str, NDArray[np.generic]]) -> None:
        self.name = name
        self.smiles, self.ids, self.lead_times = (_texts(arrays[key]) for key in ("smiles", "ids", "lead_times"))
        self.prices: NDArray[np.float64] = arrays["prices"].astype(float)
        self.fingerprints: Words = arrays["fingerprints"].view(np.uint64)
        self._bits = np.bitwise_count(self.fingerprints).sum(1, dtype=np.int32)
        self._places = {role: i for i, role in enumerate(roles)}
        self._rows = {i: arrays[f"rows-{i}"].astype(np.int32) for i in range(len(roles))}
        self._forms = {i: arrays[f"forms-{i}"].astype(np.uint64) for i in range(len(roles))}

    def __len__(self) -> int:
        return len(self.smiles)

    def block(self, row: int) -> Block:
        """The block at `row`."""
        return Block(self.smiles[row], self.ids[row], float(self.prices[row]), self.lead_times[row])

    def fitting(self, role: Role) -> NDArray[np.int32]:
        """Rows of the blocks that fit `role`, each once."""
        return self._fitting(self._places[role])

    @functools.cache  # noqa: B019  an index lives as long as its process
    def _fitting(self, place: int) -> NDArray[np.int32]:
        return np.unique(self._rows[place])

    def alike(self, role: Role, mol: Chem.Mol) -> NDArray[np.int32]:
        """Rows of the blocks that are `mol` for `role`, leaving groups and stereo aside."""
        place = self._places[role]
        found: list[NDArray[np.int32]] = []
        for form in role.normal_forms(mol):
            wanted = _hashed(form)
            begin, end = np.searchsorted(self._forms[place], [wanted, wanted + np.uint64(1)])
            found.append(self._rows[place][begin:end])
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)

    def nearest(self, role: Role, mol: Chem.Mol, number: int) -> NDArray[np.int32]:
        """Rows of the blocks that fit `role`, the most similar to `mol` first (Tanimoto on Morgan fingerprints)."""
        rows = self.fitting(role)
        wanted = fingerprint(mol)
        both = np.bitwise_count(self.fingerprints[rows] & wanted).sum(1, dtype=np.int32)
        similarity = both / np.maximum(self._bits[rows] + np.bitwise_count(wanted).sum() - both, 1)
        best = np.argpartition(-similarity, min(number, len(rows)) - 1)[:number] if len(rows) else np.zeros(0, np.intp)
        return rows[best[np.argsort(-similarity[best], kind="stable")]]


def fingerprint(mol: Chem.Mol) -> Words:
    """The Morgan fingerprint of radius 2 [BITS / 64], packed."""
    return np.packbits(MORGAN.GetFingerprintAsNumPy(mol)).view(np.uint64)


def _hashed(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "little"))


@dataclass(frozen=True)
class _Described:
    """A piece of a stock, standardised, with what its blocks fit."""

    blocks: list[Block]
    fingerprints: Words
    fits: list[tuple[NDArray[np.int32], Words]]  # per role: rows, and hashes of normal forms
    left_out: Counter[str]


def _described(job: tuple[Piece, Sequence[Role]]) -> _Described:
    piece, roles = job
    blocks, left_out = piece.blocks()
    fits = []
    seen: list[Seen] = [{} for _ in blocks]
    for role in roles:
        rows, forms = [], []
        for row, (_, mol) in enumerate(blocks):
            if role.fits(mol, seen[row]):
                for form in role.normal_forms(mol):
                    rows.append(row)
                    forms.append(_hashed(form))
        fits.append((np.array(rows, np.int32), np.array(forms, np.uint64)))
    prints = np.array([fingerprint(mol) for _, mol in blocks], np.uint64).reshape(len(blocks), BITS // 64)
    return _Described([block for block, _ in blocks], prints, fits, left_out)


def read_index(
    stock: str, reactions: Sequence[Reaction], progress: Callable[[int], None] = lambda rows: None, processes: int | None = None
) -> Index:
    """The index of a stock: read from the user's cache, or made and kept there.

    Parameters
    ----------
    stock
        See `stock_file`.
    reactions
        Those that its blocks may fit.
    progress
        Is told how many more rows have been indexed.
    processes
        By default one per processor.

    Raises
    ------
    DataError
        There is no such stock, or it has no block.
    """
    path, column = stock_file(stock)
    roles = list(dict.fromkeys(role for reaction in reactions for role in reaction.roles))
    kept = Path(pooch.os_cache("molgen")) / "stocks" / f"{_key(path, column, roles)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError):
        if kept.is_file():
            return Index(stock, roles, _loaded(kept))
    arrays = _made(path, column, roles, progress, processes or processors())
    if not len(arrays["prices"]):
        raise DataError(f"{path}: no building block in it")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    try:
        write_atomically(kept, buffer.getvalue())
    except OSError as error:
        LOG.warning("the index of %s isn't kept (%s); it will be made again", stock, error)
    return Index(stock, roles, arrays)


def _loaded(path: Path) -> dict[str, NDArray[np.generic]]:
    with np.load(path, allow_pickle=False) as kept:
        return {name: kept[name] for name in kept.files}


def _key(path: Path, column: str | None, roles: Iterable[Role]) -> str:
    """What the index depends on."""
    parts = [f"{VERSION} {rdkit.__version__} {column}", pooch.file_hash(str(path))]
    parts += [" ".join([role.smarts, *(other.text for other in role.without)]) for role in roles]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _made(
    path: Path, column: str | None, roles: Sequence[Role], progress: Callable[[int], None], processes: int
) -> dict[str, NDArray[np.generic]]:
    begun = time.monotonic()
    blocks: dict[str, tuple[int, Block]] = {}
    prints: list[Words] = []
    rows: list[list[NDArray[np.int32]]] = [[] for _ in roles]
    forms: list[list[Words]] = [[] for _ in roles]
    left_out = Counter[str]()
    source = pieces(path, column)
    while waiting := list(islice(source, AT_ONCE * processes)):
        jobs = [(piece, roles) for piece in waiting]
        for piece, done in zip(
            waiting, isolated(_described, jobs, processes) if processes > 1 else map(_described, jobs), strict=True
        ):
            if isinstance(done, Exception):
                raise done
            left_out.update(done.left_out)
            places = np.full(len(done.blocks), -1, np.int32)
            for i, block in enumerate(done.blocks):
                if block.smiles in blocks:
                    left_out["listed twice"] += 1
                    known, other = blocks[block.smiles]
                    if block.price < other.price or (np.isnan(other.price) and not np.isnan(block.price)):
                        blocks[block.smiles] = known, block
                else:
                    places[i] = len(blocks)
                    blocks[block.smiles] = len(blocks), block
            prints.append(done.fingerprints[places >= 0])
            for i, (fitting, hashes) in enumerate(done.fits):
                new = places[fitting] >= 0
                rows[i].append(places[fitting][new])
                forms[i].append(hashes[new])
            progress(len(piece.smiles))
    for reason, number in left_out.most_common():
        LOG.info("%s: %d rows left out: %s", path, number, reason)
    LOG.info("%s: %d blocks indexed in %.0f s", path, len(blocks), time.monotonic() - begun)
    listed = [block for _, block in blocks.values()]
    arrays: dict[str, NDArray[np.generic]] = {
        "smiles": _packed([block.smiles for block in listed]),
        "ids": _packed([block.id for block in listed]),
        "lead_times": _packed([block.lead_time for block in listed]),
        "prices": np.array([block.price for block in listed], float),
        "fingerprints": np.concatenate(prints) if prints else np.zeros((0, BITS // 64), np.uint64),
    }
    for i in range(len(roles)):
        all_rows, all_forms = (
            np.concatenate(rows[i] or [np.zeros(0, np.int32)]),
            np.concatenate(forms[i] or [np.zeros(0, np.uint64)]),
        )
        order = np.argsort(all_forms, kind="stable")
        arrays |= {f"rows-{i}": all_rows[order], f"forms-{i}": all_forms[order]}
    return arrays


def _packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts as one array of bytes, a line each."""
    return np.frombuffer("\n".join(" ".join(text.split()) for text in texts).encode(), np.uint8)


def _texts(packed: NDArray[np.generic]) -> list[str]:
    return packed.tobytes().decode().split("\n") if packed.size else []
