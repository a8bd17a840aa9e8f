"""Two- and three-point pharmacophores after Gobbi and Poppinger, as sets of integer codes.

They are those of `rdkit.Chem.Pharm2D.Gobbi_Pharm2D` (Biotechnol. Bioeng. 61, 47, 1998), numbered
differently. Every Gobbi feature is a single atom, so all triangles can be read off the matrix of
topological distances at once, which is some ten times as fast.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.Pharm2D import Gobbi_Pharm2D

NEAREST, FARTHEST, LAST_BIN = 2, 100, 8  # bonds: 2, 3, ..., 7 have a bin each; 8 to 99 share one
PAIR_OFFSET = 1 << 18


@functools.cache
def _families() -> tuple[Chem.Mol, ...]:
    """One query per feature family."""
    factory = Gobbi_Pharm2D.factory.featFactory
    definitions = factory.GetFeatureDefs()
    families = factory.GetFeatureFamilies()
    return tuple(
        Chem.MolFromSmarts(pattern)
        for family in families
        for name, pattern in definitions.items()
        if name.split(".")[0] == family
    )


@functools.lru_cache(maxsize=256)
def _triples(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Indices i < j < k of all triples of `n` features."""
    i, j = np.triu_indices(n, 1)
    size = n - 1 - j
    first = np.repeat(np.arange(len(i)), size)
    k = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + j[first] + 1
    return i[first], j[first], k


def pharmacophores(mol: Chem.Mol) -> NDArray[np.int64]:
    """Sorted codes of the distinct pharmacophores of `mol`."""
    found = [(f, atom) for f, query in enumerate(_families()) for (atom,) in mol.GetSubstructMatches(query, maxMatches=10_000)]
    if len(found) < 2:
        return np.empty(0, np.int64)
    family, atom = np.array(found).T
    distance = Chem.GetDistanceMatrix(mol)[np.ix_(atom, atom)]
    bins = np.minimum(distance, LAST_BIN).astype(np.int64) - 1
    bins[(distance < NEAREST) | (distance >= FARTHEST)] = 0

    i, j = np.triu_indices(len(found), 1)
    pairs = ((family[i] * 8 + family[j]) * 8 + bins[i, j])[bins[i, j] > 0] + PAIR_OFFSET

    i, j, k = _triples(len(found))
    valid = (bins[i, j] > 0) & (bins[i, k] > 0) & (bins[j, k] > 0)
    i, j, k = i[valid], j[valid], k[valid]
    ij, ik, jk = bins[i, j], bins[i, k], bins[j, k]
    # Features of one family are interchangeable: the larger distances come first.
    same_ij, same_jk = family[i] == family[j], family[j] == family[k]
    for _ in range(2):
        swap = same_ij & (ik < jk)
        ik, jk = np.where(swap, jk, ik), np.where(swap, ik, jk)
        swap = same_jk & (ij < ik)
        ij, ik = np.where(swap, ik, ij), np.where(swap, ij, ik)
    triples = ((((family[i] * 8 + family[j]) * 8 + family[k]) * 8 + ij) * 8 + ik) * 8 + jk
    seen = np.zeros(2 * PAIR_OFFSET, bool)
    seen[triples] = seen[pairs] = True
    return np.flatnonzero(seen)


def shared_codes(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Shared codes divided by all codes (Tanimoto); 0 if there are none."""
    shared = len(np.intersect1d(a, b, assume_unique=True))
    total = len(a) + len(b) - shared
    return shared / total if total else 0.0
