"""What a surrogate sees of a molecule: which fragments it has, how many of each, and its composition."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators
from rdkit.Chem import rdMolDescriptors

from molgen.chem.features import feature_invariants

FAMILIES = ("ECFP4", "FCFP4", "AP")
SIZE = 4096  # columns of a family
LEVELS = 12  # counts that are told apart
ELEMENTS = (6, 7, 8, 9, 15, 16, 17, 35, 53)
STRIDE = 397  # between the columns of a fragment's first, second, ... occurrence

_MORGAN = generators.GetMorganGenerator(radius=2, fpSize=SIZE)
_PAIRS = generators.GetAtomPairGenerator(maxDistance=10, fpSize=SIZE)


class Described(NamedTuple):
    """One molecule.

    Attributes
    ----------
    columns
        Those that are 1: one for a fragment's first occurrence, another for its second and so on, by families. Molecules share
        as many columns as the smaller counts of their fragments add up to, as in Tanimoto's similarity.
    composition
        Atoms of `ELEMENTS`, hydrogens, rings, aromatic rings, rotatable bonds.
    """

    columns: NDArray[np.uint16]
    composition: NDArray[np.uint8]


class Features(NamedTuple):
    """Many molecules: zeros and ones [families, n, columns], and their composition [n, k]."""

    fragments: NDArray[np.float32]
    composition: NDArray[np.float32]


def describe(mol: Chem.Mol) -> Described:
    """What a surrogate sees of `mol`."""
    counts = (
        _MORGAN.GetCountFingerprintAsNumPy(mol),
        _MORGAN.GetCountFingerprintAsNumPy(mol, customAtomInvariants=feature_invariants(mol)),
        _PAIRS.GetCountFingerprintAsNumPy(mol),
    )
    columns = np.concatenate([_columns(each) + family * SIZE for family, each in enumerate(counts)])
    return Described(columns.astype(np.uint16), _composition(mol))


def _composition(mol: Chem.Mol) -> NDArray[np.uint8]:
    numbers = np.bincount([atom.GetAtomicNum() for atom in mol.GetAtoms()], minlength=max(ELEMENTS) + 1)[list(ELEMENTS)]
    hydrogens = rdMolDescriptors.CalcNumAtoms(mol) - mol.GetNumAtoms()
    rings = rdMolDescriptors.CalcNumRings(mol), rdMolDescriptors.CalcNumAromaticRings(mol)
    return np.minimum([*numbers, hydrogens, *rings, rdMolDescriptors.CalcNumRotatableBonds(mol)], 255).astype(np.uint8)


def _columns(counts: NDArray[np.uint32]) -> NDArray[np.int64]:
    found = np.flatnonzero(counts)
    times = np.minimum(counts[found], LEVELS).astype(np.int64)
    level = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    present = np.zeros(SIZE, bool)
    present[(np.repeat(found, times) + STRIDE * level) % SIZE] = True
    return np.flatnonzero(present)


def dense(described: Sequence[Described]) -> Features:
    """The features of molecules [n]."""
    x = np.zeros((len(described), len(FAMILIES) * SIZE), np.float32)
    for row, each in zip(x, described, strict=True):
        row[each.columns] = 1
    fragments = x.reshape(len(described), len(FAMILIES), SIZE).transpose(1, 0, 2)
    return Features(fragments, np.array([each.composition for each in described], np.float32))
