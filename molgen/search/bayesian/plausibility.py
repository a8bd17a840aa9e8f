"""How much of a molecule is unlike anything that is known."""

import functools
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators

from molgen.learn.shipped import WEIGHTS

SHIPPED = WEIGHTS / "familiar.safetensors"
_ATOMS = generators.GetMorganGenerator(radius=1)


@dataclass(frozen=True)
class Familiar:
    """The surroundings of atoms, and the rings, that a collection of molecules has.

    Attributes
    ----------
    environments
        Identifiers of atoms with their neighbours.
    rings
        Identifiers of single rings, by elements and bond orders.
    """

    environments: frozenset[int]
    rings: frozenset[int]

    @classmethod
    def to(cls, smiles: Iterable[str]) -> "Familiar":
        """What these molecules are made of, and those that the shipped table was counted in."""
        shipped = _shipped()
        environments, rings = count(smiles)
        return cls(shipped.environments.union(environments), shipped.rings.union(rings))

    def strangeness(self, mol: Chem.Mol) -> float:
        """Atoms in unknown surroundings and in unknown rings, each counted, over all atoms; at most 1."""
        strange = sum(count for key, count in _environments(mol).items() if key not in self.environments)
        strange += sum(size for ring, size in _rings(mol).items() if ring not in self.rings)
        return min(1.0, strange / mol.GetNumAtoms())


def count(smiles: Iterable[str]) -> tuple[Counter[int], Counter[int]]:
    """In how many molecules each environment, and each kind of ring, occurs."""
    environments: Counter[int] = Counter()
    rings: Counter[int] = Counter()
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        environments.update(_environments(mol).keys())
        rings.update(_rings(mol).keys())
    return environments, rings


@functools.cache
def _shipped() -> Familiar:
    from molgen.learn.checkpoint import load_tensors  # torch is slow to import, and breeding does without

    tensors, _ = load_tensors(SHIPPED)
    return Familiar(frozenset(tensors["environments"].tolist()), frozenset(tensors["rings"].tolist()))


def _environments(mol: Chem.Mol) -> dict[int, int]:
    counts: dict[int, int] = _ATOMS.GetSparseCountFingerprint(mol).GetNonzeroElements()
    return counts


def _rings(mol: Chem.Mol) -> dict[int, int]:
    """Kinds of rings, and how many atoms are in those of each."""
    info = mol.GetRingInfo()
    found: dict[int, int] = {}
    for atoms, bonds in zip(info.AtomRings(), info.BondRings(), strict=True):
        elements = sorted(mol.GetAtomWithIdx(i).GetAtomicNum() for i in atoms)
        orders = sorted(mol.GetBondWithIdx(i).GetBondTypeAsDouble() for i in bonds)
        kind = zlib.crc32(repr((elements, orders)).encode())
        found[kind] = found.get(kind, 0) + len(atoms)
    return found
