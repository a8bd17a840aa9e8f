"""Which atoms of a pose give and take hydrogen bonds, are charged, lie in aromatic rings, or are hydrophobic."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.errors import DataError

GIVES = Chem.MolFromSmarts("[#7,#8;!H0]")
TAKES = [
    Chem.MolFromSmarts(text)
    for text in (
        "[OX1;!$(O~[NX3](~[OX1])*)]",  # carbonyls, carboxylates, sulfonyls, oxides; no nitro groups
        "[OX2;!$(O-C=[O,S,N]);!$(O(a)a)]",  # hydroxyl groups and ethers; not the other oxygen of acids and esters
        "[n;X2;+0,-1]",  # pyridines and azoles; the oxygen of furans and oxazoles hardly does (Nobeli et al.)
        "[NX1;!$(N=[N+])]",  # nitriles; no azides
        "[NX2;+0,-1;!$(N=[N+]=N)]",  # imines
        "[NX3;+0;!$(N-a);!$(N-[#6,#7,#15,#16]=,#[!#6])!$(N-[#6]=,#[#6])]",  # amines whose lone pair isn't shared
        "[#16;X1;-1]",
    )
]
HYDROPHOBIC = Chem.MolFromSmarts("[#6;!$([#6]~[!#6;!#1])]")
HALOGEN = Chem.MolFromSmarts("[Cl,Br,I;X1]-[#6]")
COORDINATES = Chem.MolFromSmarts("[$([#16;X1,X2;!a]),$([OX2H]),$([NX3]-S(=O)=O)]")  # besides acceptors


@dataclass(frozen=True)
class PoseRoles:
    """A pose with hydrogens, and what its atoms do; see `with_hydrogens`.

    Donors and acceptors of hydrogen bonds are SMARTS patterns that follow what accepts in crystals: of heterocycles, nitrogens
    rather than oxygens (Nobeli et al., J. Comput. Chem. 18, 2060, 1997); no amide or aniline nitrogen, no inner oxygen of esters.
    """

    mol: Chem.Mol

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Of all atoms, Å [a, 3]."""
        return np.asarray(self.mol.GetConformer().GetPositions(), float)

    @cached_property
    def heavy(self) -> list[int]:
        """Atoms that are no hydrogens."""
        return [atom.GetIdx() for atom in self.mol.GetAtoms() if atom.GetAtomicNum() > 1]

    @cached_property
    def donors(self) -> list[int]:
        """Atoms that give hydrogen bonds."""
        return [i for (i,) in self.mol.GetSubstructMatches(GIVES)]

    @cached_property
    def acceptors(self) -> list[int]:
        """Atoms that take hydrogen bonds."""
        return sorted({i for pattern in TAKES for (i,) in self.mol.GetSubstructMatches(pattern)})

    @cached_property
    def hydrophobic(self) -> list[int]:
        """Carbons that are bonded to carbon and hydrogen alone."""
        return [i for (i,) in self.mol.GetSubstructMatches(HYDROPHOBIC)]

    @cached_property
    def halogens(self) -> list[tuple[int, int]]:
        """Chlorine, bromine and iodine, each with the carbon that holds it."""
        return list(self.mol.GetSubstructMatches(HALOGEN))

    @cached_property
    def coordinating(self) -> list[int]:
        """Atoms that may bind a metal: acceptors, hydroxyl groups, sulphur, and sulfonamides, which lose a hydrogen there."""
        return sorted({*self.acceptors, *(i for (i,) in self.mol.GetSubstructMatches(COORDINATES))})

    @cached_property
    def rings(self) -> list[list[int]]:
        """Aromatic rings."""
        found = self.mol.GetRingInfo().AtomRings()
        return [list(ring) for ring in found if all(self.mol.GetAtomWithIdx(i).GetIsAromatic() for i in ring)]

    @cached_property
    def charged(self) -> list[tuple[int, list[int]]]:
        """Charges, each with the atoms that share it: both oxygens of a carboxylate, all nitrogens of a guanidinium."""
        found = []
        for atom in self.mol.GetAtoms():
            charge = atom.GetFormalCharge()
            if charge and not any(other.GetFormalCharge() * charge < 0 for other in atom.GetNeighbors()):
                group = _cation(atom) if charge > 0 else _anion(atom)
                found.append((1 if charge > 0 else -1, sorted(group)))
        return found

    def hydrogens(self, atom: int) -> list[int]:
        """Of an atom."""
        return [i for i in self._around(atom) if self.mol.GetAtomWithIdx(i).GetAtomicNum() == 1]

    def neighbours(self, atom: int) -> list[int]:
        """Heavy atoms that an atom is bonded to."""
        return [i for i in self._around(atom) if self.mol.GetAtomWithIdx(i).GetAtomicNum() > 1]

    def turns(self, atom: int) -> bool:
        """Whether the hydrogens of a donor may turn about its one bond."""
        near = self.neighbours(atom)
        one = self.mol.GetAtomWithIdx(atom)
        return len(near) == 1 and (one.GetAtomicNum() == 8 or not self.mol.GetBondBetweenAtoms(atom, near[0]).GetIsConjugated())

    def name(self, atom: int) -> str:
        """Its element and its number in the record of the pose, from 1 on: O5."""
        return f"{self.mol.GetAtomWithIdx(atom).GetSymbol()}{atom + 1}"

    def _around(self, atom: int) -> list[int]:
        return [other.GetIdx() for other in self.mol.GetAtomWithIdx(atom).GetNeighbors()]


def _cation(atom: Chem.Atom) -> set[int]:
    """A positive atom, and the nitrogens that share its charge: those on the carbon that it has a double bond to."""
    group = {atom.GetIdx()}
    for bond in atom.GetBonds():
        centre = bond.GetOtherAtom(atom)
        if bond.GetIsConjugated() and centre.GetAtomicNum() == 6 and bond.GetBondType() != Chem.BondType.SINGLE:
            group |= {each.GetIdx() for each in centre.GetNeighbors() if each.GetAtomicNum() == 7 and each.GetFormalCharge() >= 0}
    return group


def _anion(atom: Chem.Atom) -> set[int]:
    """A negative atom, and those that share its charge: terminal oxygens beside it, the nitrogens of its azole."""
    group = {atom.GetIdx()}
    for centre in atom.GetNeighbors():
        ends = (each for each in centre.GetNeighbors() if each.GetAtomicNum() in (8, 16) and each.GetDegree() == 1)
        if centre.GetAtomicNum() in (6, 15, 16):
            group |= {each.GetIdx() for each in ends}
    if atom.GetIsAromatic():
        for ring in atom.GetOwningMol().GetRingInfo().AtomRings():
            if atom.GetIdx() in ring:
                group |= {i for i in ring if atom.GetOwningMol().GetAtomWithIdx(i).GetAtomicNum() == 7}
    return group


def with_hydrogens(pose: Chem.Mol) -> PoseRoles:
    """A pose to be judged; hydrogens that its record lacks are added behind its atoms, whose numbers stay.

    Raises
    ------
    DataError
        It has no coordinates in three dimensions.
    """
    if not pose.GetNumConformers() or not pose.GetNumAtoms():
        raise DataError("pose: has no coordinates")
    places = np.asarray(pose.GetConformer().GetPositions())
    if not np.isfinite(places).all() or not pose.GetConformer().Is3D():
        raise DataError("pose: has no coordinates in three dimensions")
    lacking = any(atom.GetNumExplicitHs() or atom.GetNumImplicitHs() for atom in pose.GetAtoms())
    return PoseRoles(Chem.AddHs(pose, addCoords=True) if lacking else pose)
