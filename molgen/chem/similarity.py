"""Tanimoto similarities between two sets of molecules, as matrix products of bit vectors."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator as generators

Bits = NDArray[np.uint8]

BITS = 2048
BLOCK = 2048
NOT_ZERO = 1e-9  # so that two empty fingerprints have no similarity
GENERATORS = {
    "ECFP4": generators.GetMorganGenerator(radius=2, fpSize=BITS),
    "ECFP4 1024": generators.GetMorganGenerator(radius=2, fpSize=1024),
    "ECFP4 4096": generators.GetMorganGenerator(radius=2, fpSize=4096),
    "ECFP2 counts": generators.GetMorganGenerator(radius=1, fpSize=BITS, countSimulation=True),
    "ECFP4 counts": generators.GetMorganGenerator(radius=2, fpSize=BITS, countSimulation=True),
    "atom pairs": generators.GetAtomPairGenerator(fpSize=BITS, countSimulation=True),
}


def bit_matrix(mols: Sequence[Chem.Mol | None], kind: str = "ECFP4") -> Bits:
    """Fingerprints [n, bits] of a kind in `GENERATORS`, one byte per bit; all 0 if a molecule is None.

    Kinds called counts encode a count as the bits of several thresholds (RDKit's count simulation).
    """
    rows = np.zeros((len(mols), GENERATORS[kind].GetOptions().fpSize), np.uint8)
    known = [i for i, mol in enumerate(mols) if mol is not None]
    prints = GENERATORS[kind].GetFingerprints([mols[i] for i in known], numThreads=0)
    for i, bits in zip(known, prints, strict=True):
        rows[i] = np.unpackbits(np.frombuffer(DataStructs.BitVectToBinaryText(bits), np.uint8), bitorder="little")
    return rows


def tanimoto_matrix(queries: Bits, references: Bits) -> NDArray[np.float32]:
    """Tanimoto similarities [n, m]; 0 if both have no bits."""
    return np.concatenate([np.concatenate(list(_blocks(part, references)), axis=1) for part in _parts(queries)])


def nearest_neighbours(queries: Bits, references: Bits) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The highest similarity [n] of each query to any reference, and the index [n] of that reference."""
    best, index = np.full(len(queries), -1, np.float32), np.zeros(len(queries), np.int64)
    for start in range(0, len(queries), BLOCK):
        rows = slice(start, start + BLOCK)
        for first, block in zip(range(0, len(references), BLOCK), _blocks(queries[rows], references), strict=True):
            where = block.argmax(1)
            value = block[np.arange(len(block)), where]
            better = value > best[rows]
            best[rows][better], index[rows][better] = value[better], where[better] + first
    return best, index


def _parts(rows: Bits) -> Iterator[Bits]:
    """`rows` in parts whose products fit into the processor's cache."""
    return (rows[i : i + BLOCK] for i in range(0, max(len(rows), 1), BLOCK))


def _blocks(queries: Bits, references: Bits) -> Iterator[NDArray[np.float32]]:
    """Similarities to the references, part by part."""
    left = queries.astype(np.float32)
    ones = left.sum(1) + np.float32(NOT_ZERO)
    for part in _parts(references):
        right = part.astype(np.float32)
        shared = left @ right.T
        union = ones[:, None] + right.sum(1)
        union -= shared
        shared /= union
        yield shared
