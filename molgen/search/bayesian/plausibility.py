"""Rarity: how much of a molecule is unusual in known chemistry.

Circular environments that a large collection lacks mark implausible structures, as in the fragment score of SAscore (Ertl and
Schuffenhauer, J. Cheminf. 1, 8, 2009); here they are counted at radius 1, along with rings of unknown kind.
"""

import functools
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators

from molgen.learn.shipped import WEIGHTS

SHIPPED = WEIGHTS / "reference_chemistry.safetensors"
_ATOMS = generators.GetMorganGenerator(radius=1)


@dataclass(frozen=True)
class ReferenceChemistry:
    """The atom environments and rings that occur in a collection of molecules.

    Attributes
    ----------
    environments
        Identifiers of atoms together with their neighbours.
    rings
        Identifiers of single rings, by elements and bond orders.
    """

    environments: frozenset[int]
    rings: frozenset[int]

    @classmethod
    def with_molecules(cls, smiles: Iterable[str]) -> "ReferenceChemistry":
        """The chemistry of ZINC250k, from the shipped table, plus that of these molecules."""
        shipped = _shipped()
        environments, rings = count(smiles)
        return cls(shipped.environments.union(environments), shipped.rings.union(rings))

    def rarity(self, mol: Chem.Mol) -> float:
        """Atoms in unknown environments plus atoms in unknown rings, divided by all atoms; at most 1."""
        rare = sum(count for key, count in _environments(mol).items() if key not in self.environments)
        rare += sum(size for ring, size in _rings(mol).items() if ring not in self.rings)
        return min(1.0, rare / mol.GetNumAtoms())


def count(smiles: Iterable[str]) -> tuple[Counter[int], Counter[int]]:
    """Count the molecules in which each environment, and each kind of ring, occurs."""
    environments: Counter[int] = Counter()
    rings: Counter[int] = Counter()
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        environments.update(_environments(mol).keys())
        rings.update(_rings(mol).keys())
    return environments, rings


@functools.cache
def _shipped() -> ReferenceChemistry:
    from molgen.learn.checkpoint import load_tensors  # torch is slow to import, and breeding doesn't need it

    tensors, _ = load_tensors(SHIPPED)
    return ReferenceChemistry(frozenset(tensors["environments"].tolist()), frozenset(tensors["rings"].tolist()))


def _environments(mol: Chem.Mol) -> dict[int, int]:
    counts: dict[int, int] = _ATOMS.GetSparseCountFingerprint(mol).GetNonzeroElements()
    return counts


def _rings(mol: Chem.Mol) -> dict[int, int]:
    """Kinds of rings, with the number of atoms in the rings of each kind."""
    info = mol.GetRingInfo()
    found: dict[int, int] = {}
    for atoms, bonds in zip(info.AtomRings(), info.BondRings(), strict=True):
        elements = sorted([mol.GetAtomWithIdx(i).GetAtomicNum() for i in atoms])
        orders = sorted([mol.GetBondWithIdx(i).GetBondTypeAsDouble() for i in bonds])
        kind = _kind(tuple(elements), tuple(orders))
        found[kind] = found.get(kind, 0) + len(atoms)
    return found


@functools.lru_cache(10_000)
def _kind(elements: tuple[int, ...], orders: tuple[float, ...]) -> int:
    return zlib.crc32(repr((list(elements), list(orders))).encode())
