"""What a surrogate sees of a molecule: which fragments it has, and how many of each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators

from molgen.chem.features import feature_invariants

FAMILIES = ("ECFP4", "FCFP4", "AP")
SIZE = 2048  # columns of a family
LEVELS = 12  # counts that are told apart
STRIDE = 397  # between the columns of a fragment's first, second, ... occurrence

_MORGAN = generators.GetMorganGenerator(radius=2, fpSize=SIZE)
_PAIRS = generators.GetAtomPairGenerator(maxDistance=10, fpSize=SIZE)


def describe(mol: Chem.Mol) -> NDArray[np.uint16]:
    """Columns that are 1: one for a fragment's first occurrence, another for its second and so on, by families.

    Two molecules then share as many columns as the smaller counts of their fragments add up to, as in Tanimoto's similarity.
    """
    counts = (
        _MORGAN.GetCountFingerprintAsNumPy(mol),
        _MORGAN.GetCountFingerprintAsNumPy(mol, customAtomInvariants=feature_invariants(mol)),
        _PAIRS.GetCountFingerprintAsNumPy(mol),
    )
    return np.concatenate([_columns(each) + family * SIZE for family, each in enumerate(counts)]).astype(np.uint16)


def _columns(counts: NDArray[np.uint32]) -> NDArray[np.int64]:
    found = np.flatnonzero(counts)
    times = np.minimum(counts[found], LEVELS).astype(np.int64)
    level = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    present = np.zeros(SIZE, bool)
    present[(np.repeat(found, times) + STRIDE * level) % SIZE] = True
    return np.flatnonzero(present)


def dense(described: Sequence[NDArray[np.uint16]]) -> NDArray[np.float32]:
    """Zeros and ones [families, n, columns] of described molecules [n]."""
    x = np.zeros((len(described), len(FAMILIES) * SIZE), np.float32)
    x[np.repeat(np.arange(len(described)), [len(each) for each in described]), np.concatenate([*described, []]).astype(int)] = 1
    return x.reshape(len(described), len(FAMILIES), SIZE).transpose(1, 0, 2)
