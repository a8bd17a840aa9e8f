"""Ring systems: what is left of a molecule's rings without their substituents.

How often each occurs in known chemistry tells rings that chemists make from those that only a graph can have: rings of eight,
fused cyclopropenes, bridges between arbitrary atoms, and double bonds out of aromatic rings.
"""

import functools
from collections.abc import Iterable, Mapping
from importlib import resources

import pandas as pd
from rdkit import Chem

COUNTED = resources.files("molgen") / "weights" / "ring_systems.csv"


def ring_systems(mol: Chem.Mol) -> list[str]:
    """Canonical SMILES of the ring systems of `mol`, without stereo, each as often as it occurs.

    A ring system is made of rings that share atoms (fused, bridged or spiro) and of the atoms that are bonded to them by a
    double bond, as a carbonyl's oxygen is. Hydrogens take the place of substituents.
    """
    return [_alone(mol, atoms) for atoms in _joined(mol.GetRingInfo().AtomRings())]


@functools.cache
def known_ring_systems() -> Mapping[str, int]:
    """Canonical SMILES -> in how many molecules of ZINC250k, in standard form, the ring system occurs."""
    with COUNTED.open() as file:
        return dict(pd.read_csv(file).itertuples(index=False, name=None))


def _joined(rings: Iterable[Iterable[int]]) -> list[set[int]]:
    """The atoms of rings, those of rings that share any in one set."""
    systems: list[set[int]] = []
    for ring in rings:
        atoms = set(ring)
        apart = [system for system in systems if system.isdisjoint(atoms)]
        systems = [*apart, atoms.union(*(system for system in systems if system not in apart))]
    return systems


def _alone(mol: Chem.Mol, ring_atoms: set[int]) -> str:
    part = Chem.RWMol()
    numbers: dict[int, int] = {}
    bonds: dict[int, Chem.Bond] = {}
    for i in ring_atoms:
        bonds |= {bond.GetIdx(): bond for bond in mol.GetAtomWithIdx(i).GetBonds() if _belongs(bond)}
    ends = {end for bond in bonds.values() for end in (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())}
    for i in sorted(ends):
        atom = mol.GetAtomWithIdx(i)
        copy = Chem.Atom(atom.GetAtomicNum())
        if i in ring_atoms:
            cut = sum(bond.GetBondTypeAsDouble() for bond in atom.GetBonds() if bond.GetIdx() not in bonds)
            copy.SetFormalCharge(atom.GetFormalCharge())
            copy.SetIsAromatic(atom.GetIsAromatic())
            copy.SetNumExplicitHs(atom.GetTotalNumHs() + round(cut))
            copy.SetNoImplicit(True)
        numbers[i] = part.AddAtom(copy)
    for bond in bonds.values():
        part.AddBond(numbers[bond.GetBeginAtomIdx()], numbers[bond.GetEndAtomIdx()], bond.GetBondType())
    part.UpdatePropertyCache(strict=False)
    Chem.FastFindRings(part)
    return Chem.MolToSmiles(part, isomericSmiles=False)


def _belongs(bond: Chem.Bond) -> bool:
    return bond.IsInRing() or bond.GetBondType() == Chem.BondType.DOUBLE
