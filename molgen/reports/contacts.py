"""What a pose touches: the residues around it, and its hydrogen bonds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Lipinski
from scipy.spatial import cKDTree

NEAR = 4.5  # Å between atoms of a pose and of a residue, hydrogens aside, at most
BOND = 3.5  # Å between donor and acceptor of a hydrogen bond, at most
TO_HYDROGEN = 1.3  # Å from an atom to a hydrogen that it holds, at most
BACKBONE = ("N", "CA", "C", "O")


@dataclass(frozen=True)
class Contacts:
    """What a pose touches.

    Attributes
    ----------
    residues
        Places of their atoms in the PDB file of the surroundings, by name: GLY A863.
    bonds
        Hydrogen bonds: where they begin in the pose, where they end, and their length in Å.
    """

    residues: dict[str, list[int]]
    bonds: list[tuple[list[float], list[float], float]]


class Surroundings:
    """Residues that poses lie in, of a PDB file with at least the hydrogens that can be in hydrogen bonds.

    A hydrogen bond is recognised by the distance of its donor and its acceptor alone, as Vina scores it: where the hydrogen of a
    hydroxyl group points to is known neither of the receptor nor of the pose.
    """

    def __init__(self, pdb: str) -> None:
        self.lines = [line for line in pdb.splitlines() if line.startswith(("ATOM", "HETATM"))]
        self.places = np.array([[float(line[i : i + 8]) for i in (30, 38, 46)] for line in self.lines]).reshape(-1, 3)
        self.atoms = [line[12:16].strip() for line in self.lines]
        self.residues = [f"{line[17:20].strip()} {line[21].strip()}{line[22:27].strip()}" for line in self.lines]
        self.elements = [_element(line) for line in self.lines]
        elements = np.array(self.elements)
        hydrogens = self.places[elements == "H"]
        holds = np.zeros(len(self.lines), bool)
        if len(hydrogens):
            holds = cKDTree(hydrogens).query(self.places, distance_upper_bound=TO_HYDROGEN)[0] < np.inf
        histidine = np.array([name.startswith("HI") for name in self.residues], bool)
        self.donors = np.flatnonzero(np.isin(elements, ("N", "O")) & holds)
        self.acceptors = np.flatnonzero((elements == "O") | ((elements == "N") & histidine & ~holds & ~self._named("N")))

    def _named(self, name: str) -> NDArray[np.bool_]:
        return np.array([atom == name for atom in self.atoms], bool)

    def contacts(self, pose: Chem.Mol) -> Contacts:
        """What `pose` touches, which has coordinates."""
        places = np.asarray(pose.GetConformer().GetPositions())
        heavy = [atom.GetIdx() for atom in pose.GetAtoms() if atom.GetAtomicNum() > 1]
        near = cKDTree(places[heavy]).query(self.places)[0] <= NEAR if self.lines else []
        names = {self.residues[i] for i in np.flatnonzero(near) if self.elements[i] != "H"}
        residues: dict[str, list[int]] = {}
        for i, name in enumerate(self.residues):
            if name in names:
                residues.setdefault(name, []).append(i)
        donors, acceptors = _roles(pose)
        pairs = [*self._bonds(places, donors, self.acceptors), *self._bonds(places, acceptors, self.donors)]
        bonds = [(places[i].tolist(), self.places[j].tolist(), distance) for (i, j), distance in dict(pairs).items()]
        return Contacts(residues, bonds)

    def _bonds(self, places: NDArray[Any], mine: list[int], theirs: NDArray[Any]) -> list[tuple[tuple[int, int], float]]:
        if not mine or not len(theirs):
            return []
        distances = np.linalg.norm(places[mine][:, None] - self.places[theirs][None], axis=2)
        return [((mine[i], int(theirs[j])), float(distances[i, j])) for i, j in np.argwhere(distances <= BOND)]

    def shown(self, touched: Sequence[Contacts]) -> tuple[str, dict[int, int]]:
        """A PDB file of the backbone and of the residues in `touched`, and the serial number of each atom in it, by its place."""
        whole = {name for contacts in touched for name in contacts.residues}
        chains = {name for name, atom in zip(self.residues, self.atoms, strict=True) if atom == "CA"}
        kept = [
            i
            for i, name in enumerate(self.residues)
            if name in whole or (self.elements[i] != "H" and (name not in chains or self.atoms[i] in BACKBONE))
        ]
        lines = [
            f"{self.lines[i][:6]}{number % 100_000:>5}{self.lines[i][11:66]:<65}{self.elements[i]:>2}"
            for number, i in enumerate(kept, 1)
        ]
        return "\n".join([*lines, "END", ""]), {i: number for number, i in enumerate(kept, 1)}


def _element(line: str) -> str:
    """Of an atom, whose element columns may be empty: an ion has the name of its residue."""
    name = line[12:16].strip().lstrip("0123456789")
    return name.upper()[:2] if name == line[17:20].strip() else name[:1].upper()


def _roles(pose: Chem.Mol) -> tuple[list[int], list[int]]:
    """Atoms of a pose that give hydrogen bonds, and those that take them."""
    polar = {atom.GetIdx() for atom in pose.GetAtoms() if atom.GetSymbol() in "NO"}
    donors = [i for i in sorted(polar) if pose.GetAtomWithIdx(i).GetTotalNumHs(includeNeighbors=True)]
    plain = Chem.RemoveAllHs(pose)  # hydrogens are last in poses that were made by adding them, but not in all
    kept = [atom.GetIdx() for atom in pose.GetAtoms() if atom.GetAtomicNum() > 1]
    acceptors = {kept[i] for (i,) in plain.GetSubstructMatches(Lipinski.HAcceptorSmarts)}
    return donors, sorted(acceptors & polar)
