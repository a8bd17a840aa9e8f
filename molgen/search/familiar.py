"""How much of a molecule is unlike anything that a library holds."""

from collections.abc import Iterable
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators

Ring = tuple[tuple[int, ...], tuple[float, ...]]
_ATOMS = generators.GetMorganGenerator(radius=1)


@dataclass(frozen=True)
class Familiar:
    """The surroundings of atoms, and the rings, of a library of molecules.

    Attributes
    ----------
    environments
        Identifiers of atoms with their neighbours.
    rings
        Elements and bond orders of single rings.
    """

    environments: frozenset[int]
    rings: frozenset[Ring]

    @classmethod
    def to(cls, smiles: Iterable[str]) -> "Familiar":
        """What the molecules in a library are made of."""
        mols = [Chem.MolFromSmiles(text) for text in smiles]
        return cls(
            frozenset(key for mol in mols for key in _environments(mol)),
            frozenset(ring for mol in mols for ring in _rings(mol)),
        )

    def strangeness(self, mol: Chem.Mol) -> float:
        """Atoms in unknown surroundings and in unknown rings, each counted, over all atoms; at most 1."""
        strange = sum(count for key, count in _environments(mol).items() if key not in self.environments)
        strange += sum(size for ring, size in _rings(mol).items() if ring not in self.rings)
        return min(1.0, strange / mol.GetNumAtoms())


def _environments(mol: Chem.Mol) -> dict[int, int]:
    counts: dict[int, int] = _ATOMS.GetSparseCountFingerprint(mol).GetNonzeroElements()
    return counts


def _rings(mol: Chem.Mol) -> dict[Ring, int]:
    """Kinds of rings, and how many atoms are in those of each."""
    elements = [atom.GetAtomicNum() for atom in mol.GetAtoms()]
    orders = [bond.GetBondTypeAsDouble() for bond in mol.GetBonds()]
    rings = mol.GetRingInfo()
    found: dict[Ring, int] = {}
    for atoms, bonds in zip(rings.AtomRings(), rings.BondRings(), strict=True):
        kind = tuple(sorted(elements[i] for i in atoms)), tuple(sorted(orders[i] for i in bonds))
        found[kind] = found.get(kind, 0) + len(atoms)
    return found
