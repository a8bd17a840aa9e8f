"""Features of a molecule for a surrogate: its fragments, their counts, and its composition."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators
from rdkit.Chem import rdMolDescriptors
from scipy.sparse import csr_array

from molgen.chem.features import feature_invariants
from molgen.processes import isolated, processors

FAMILIES = ("ECFP4", "FCFP4", "atom pairs", "pairs of pharmacophore features")
SIZE = 4096  # columns per family
LEVELS = 12  # occurrences of a fragment that are counted
ELEMENTS = ("C", "N", "O", "F", "P", "S", "Cl", "Br", "I", "H")
COMPOSITION = len(ELEMENTS) + 3
MANY = 500  # molecules that are worth other processes
STRIDE = 397  # between the columns of a fragment's first, second, ... occurrence

_SYMBOL = re.compile(r"([A-Z][a-z]?)(\d*)")
_MORGAN = generators.GetMorganGenerator(radius=2, fpSize=SIZE)
_PAIRS = generators.GetAtomPairGenerator(maxDistance=10, fpSize=SIZE)


class Described(NamedTuple):
    """One molecule.

    Attributes
    ----------
    columns
        Indices of columns that are 1, by families: one column for a fragment's first occurrence, another for its second, and so
        on.
        Two molecules share as many columns as the smaller counts of their fragments add up to, as in Tanimoto similarity.
    composition
        Numbers of atoms of each of `ELEMENTS`, rings, aromatic rings, rotatable bonds.
    """

    columns: NDArray[np.uint16]
    composition: NDArray[np.uint8]


@dataclass(frozen=True)
class Features:
    """Many molecules.

    Attributes
    ----------
    fragments
        Zeros and ones [n, families * SIZE]; small integers multiply twice as fast as floats.
    composition
        Composition of each molecule [n, k].
    """

    fragments: csr_array
    composition: NDArray[np.float32]

    @cached_property
    def families(self) -> list[csr_array]:
        """Fragments of each family [n, SIZE]."""
        return [self.fragments[:, start : start + SIZE] for start in range(0, len(FAMILIES) * SIZE, SIZE)]

    @cached_property
    def transposed(self) -> list[NDArray[np.uint16]]:
        """`families` as dense matrices [SIZE, n], by which families of other molecules multiply quickly."""
        return [family.T.toarray(order="C") for family in self.families]

    @cached_property
    def sizes(self) -> NDArray[np.float32]:
        """Number of fragments per family and molecule [families, n]."""
        return np.stack([family.sum(1) for family in self.families]).astype(np.float32)


def describe(mol: Chem.Mol) -> Described:
    """The features of `mol`."""
    roles = feature_invariants(mol)
    fingerprints = (
        _MORGAN.GetCountFingerprint(mol),
        _MORGAN.GetCountFingerprint(mol, customAtomInvariants=roles),
        _PAIRS.GetCountFingerprint(mol),
        _PAIRS.GetCountFingerprint(mol, customAtomInvariants=roles),
    )
    return Described(_columns([each.GetNonzeroElements() for each in fingerprints]), _composition(mol))


def describe_molecules(mols: Sequence[Chem.Mol]) -> list[Described]:
    """The features of molecules [n], found by as many processes as there are processors where they are many."""
    processes = processors()
    if processes == 1 or len(mols) < MANY:
        return [describe(mol) for mol in mols]
    parts = isolated(_of_binaries, [[mol.ToBinary() for mol in mols[i::processes]] for i in range(processes)], processes, tries=2)
    if failed := [part for part in parts if isinstance(part, Exception)]:
        raise failed[0]
    return [parts[i % processes][i // processes] for i in range(len(mols))]


def _of_binaries(binaries: Sequence[bytes]) -> list[Described]:
    return [describe(Chem.Mol(binary)) for binary in binaries]


def _composition(mol: Chem.Mol) -> NDArray[np.uint8]:
    formula = {symbol: int(number or 1) for symbol, number in _SYMBOL.findall(rdMolDescriptors.CalcMolFormula(mol))}
    rings = rdMolDescriptors.CalcNumRings(mol), rdMolDescriptors.CalcNumAromaticRings(mol)
    turns = rdMolDescriptors.CalcNumRotatableBonds(mol, rdMolDescriptors.NumRotatableBondsOptions.NonStrict)
    return np.minimum([*(formula.get(element, 0) for element in ELEMENTS), *rings, turns], 255).astype(np.uint8)


def _columns(families: Sequence[dict[int, int]]) -> NDArray[np.uint16]:
    """Sorted columns of the fragments and their counts, by families; two fragments may share a column."""
    distinct = [len(counts) for counts in families]
    fragments = np.fromiter(chain.from_iterable(families), np.int64, sum(distinct))
    times = np.fromiter(chain.from_iterable(counts.values() for counts in families), np.int64, sum(distinct)).clip(max=LEVELS)
    level = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    start = np.repeat(np.repeat(SIZE * np.arange(len(families)), distinct), times)
    columns = (start + (np.repeat(fragments, times) + STRIDE * level) % SIZE).astype(np.uint16)
    columns.sort()
    return columns[np.diff(columns, prepend=-1) != 0]


def centred(mol: Chem.Mol) -> list[list[int]]:
    """The ECFP4 fragments centred on each atom [atoms]; a fragment that occurs several times is listed as often."""
    found = generators.AdditionalOutput()
    found.AllocateBitInfoMap()
    _MORGAN.GetCountFingerprint(mol, additionalOutput=found)
    fragments: list[list[int]] = [[] for _ in range(mol.GetNumAtoms())]
    for fragment, places in found.GetBitInfoMap().items():
        for atom, _ in places:
            fragments[atom].append(fragment)
    return fragments


def stack(described: Sequence[Described]) -> Features:
    """Combine the features of molecules [n]."""
    columns = [each.columns for each in described]
    ends = np.cumsum([0, *map(len, columns)])
    ones = np.ones(ends[-1], np.uint16)
    indices = np.concatenate([np.empty(0, np.uint16), *columns])
    fragments = csr_array((ones, indices, ends), (len(columns), len(FAMILIES) * SIZE))
    composition = np.array([each.composition for each in described], np.float32)
    return Features(fragments, composition.reshape(len(columns), COMPOSITION))
