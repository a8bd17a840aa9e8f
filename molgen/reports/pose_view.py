"""Poses in their site, as they are shown: what they touch, what binds them, and what a viewer in the browser draws."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolHash
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.errors import DataError
from molgen.reports.drawing import as_element, line_width
from molgen.scoring.docking.binding_site import BindingSite
from molgen.scoring.docking.interactions import Interaction, find_interactions
from molgen.scoring.docking.pose_roles import with_hydrogens

SHOWN_AS_CARTOON = 18.0  # Å from a pose to the backbone that is drawn around it, at most
BACKBONE = ("N", "CA", "C", "O")
NO_HYDROGENS = (
    "The receptor has no hydrogens: which of its atoms give hydrogen bonds is taken from their names, and histidines may do both."
)
NO_RECEPTOR = (
    "its receptor isn't in the folder, and the file in the settings has been moved or changed since, so the pose stands alone"
)


@dataclass(frozen=True)
class SeenPose:
    """A pose in its site.

    Attributes
    ----------
    smiles, label
        Of the molecule, and what it is called on the page.
    record
        The pose as an SD record; empty if it isn't shown.
    problem
        Why it isn't shown, or without its site; or empty.
    interactions
        What is between it and the receptor.
    touched
        Residues with a heavy atom within 4.5 Å of one of the pose: `GLY A863`.
    shared
        Those of them that the reference ligand touches too.
    """

    smiles: str
    label: str
    record: str = ""
    problem: str = ""
    interactions: Sequence[Interaction] = ()
    touched: Sequence[str] = ()
    shared: Sequence[str] = ()
    places: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)), repr=False)

    def drawing(self, size: tuple[int, int] = (420, 260)) -> str:
        """The molecule as SVG; atoms that the table names have their numbers."""
        named = {name for each in self.interactions if each.kind != "pi stacking" for name in each.ligand_atoms}
        mol = Chem.MolFromMolBlock(self.record, removeHs=False)
        for atom in mol.GetAtoms():
            if f"{atom.GetSymbol()}{atom.GetIdx() + 1}" in named:
                atom.SetProp("atomNote", str(atom.GetIdx() + 1))
        flat = Chem.RemoveHs(mol)
        flat.RemoveAllConformers()
        canvas = rdMolDraw2D.MolDraw2DSVG(*size, *size, True)
        canvas.drawOptions().clearBackground = False
        canvas.drawOptions().bondLineWidth = line_width(flat)
        canvas.drawOptions().annotationFontScale = 0.7
        rdMolDraw2D.PrepareAndDrawMolecule(canvas, flat)
        canvas.FinishDrawing()
        return as_element(canvas.GetDrawingText())


class PoseSite:
    """Where poses lie.

    Parameters
    ----------
    pdb
        The receptor; empty where it isn't known any more.
    reference
        A ligand that is known to lie there, as PDB; or empty.
    problem
        Why the receptor isn't known.

    Attributes
    ----------
    note
        What to know of the receptor before its table is believed; or empty.
    """

    def __init__(self, pdb: str, reference: str = "", problem: str = NO_RECEPTOR) -> None:
        self.site = BindingSite(pdb) if pdb else None
        self.reference, self.problem = reference, problem
        around = BindingSite(reference).places if reference else np.empty((0, 3))
        self.of_reference = set(self.site.touched(around)) if self.site and len(around) else set()
        self.note = "" if self.site is None or self.site.has_hydrogens else NO_HYDROGENS

    def seen(self, smiles: str, record: str, label: str = "") -> SeenPose:
        """A pose, an SD record, of the molecule `smiles`."""
        with rdBase.BlockLogs():
            mol = Chem.MolFromMolBlock(record, removeHs=False)
        if mol is None:
            return SeenPose(smiles, label, problem="its pose can't be read")
        if not _same(mol, smiles):
            return SeenPose(smiles, label, problem="the pose that is kept for it is of another molecule")
        try:
            roles = with_hydrogens(mol)
        except DataError as error:
            return SeenPose(smiles, label, problem=str(error))
        places = roles.places[roles.heavy]
        if self.site is None:
            return SeenPose(smiles, label, record, self.problem, places=places)
        touched = self.site.touched(places)
        if not touched:
            return SeenPose(smiles, label, record, "no residue of the receptor is near it", places=places)
        shared = [name for name in touched if name in self.of_reference]
        return SeenPose(smiles, label, record, "", find_interactions(roles, self.site), touched, shared, places)

    def scene(self, poses: Sequence[SeenPose]) -> dict[str, Any]:
        """What a viewer draws: backbone, residues that any of the poses touches, and the poses with what binds them."""
        drawn = [pose for pose in poses if pose.record]
        backbone, pocket, residues = "", "", {}
        if self.site is not None and drawn:
            labels = list(dict.fromkeys(label for pose in drawn for label in pose.touched))
            whole = [i for label in labels for i in self.site.residues[label]]
            near = self.site.near(np.concatenate([pose.places for pose in drawn]), SHOWN_AS_CARTOON)
            backbone = self._pdb([i for i in near if self.site.atoms[i].name in BACKBONE])
            pocket = self._pdb(whole)
            serials = {i: number for number, i in enumerate(whole, 1)}
            residues = {
                label: {"at": self._middle(label), "serials": [serials[i] for i in own], "alone": self._is_alone(own)}
                for label in labels
                for own in [self.site.residues[label]]
            }
        return {
            "backbone": backbone,
            "pocket": pocket,
            "residues": residues,
            "reference": self.reference,
            "shared": sorted(self.of_reference),
            "poses": [_drawn(pose) for pose in poses],
        }

    def complex(self, pose: SeenPose) -> str:
        """The receptor and a pose as one PDB file, the pose as residue LIG of a chain that is free."""
        assert self.site is not None
        taken = {atom.chain for atom in self.site.atoms}
        chain = next((letter for letter in "LXYZABCDEFGHIJKMNOPQRSTUVW" if letter not in taken), " ")
        mol = Chem.MolFromMolBlock(pose.record, removeHs=False)
        for atom in mol.GetAtoms():
            name = f"{atom.GetSymbol()}{atom.GetIdx() + 1}"
            info = Chem.AtomPDBResidueInfo(f"{name[:4]:<4}" if len(name) > 3 else f" {name:<3}", residueName="LIG")
            info.SetResidueNumber(1)
            info.SetChainId(chain)
            info.SetIsHeteroAtom(True)
            atom.SetMonomerInfo(info)
        receptor = [atom.line.rstrip() for atom in self.site.atoms]
        ligand = [line for line in Chem.MolToPDBBlock(mol).splitlines() if line.startswith(("HETATM", "CONECT"))]
        return "\n".join([*_numbered(receptor), "TER", *(_moved(line, len(receptor) + 1) for line in ligand), "END", ""])

    def _middle(self, label: str) -> list[float]:
        assert self.site is not None
        own = self.site.residues[label]
        alpha = [i for i in own if self.site.atoms[i].name == "CA" and self.site.atoms[i].element == "C"]
        return [round(float(x), 2) for x in self.site.places[alpha or own].mean(0)]

    def _is_alone(self, atoms: Sequence[int]) -> bool:
        """Whether these are an ion or a water, which no stick would show."""
        assert self.site is not None
        return sum(self.site.atoms[i].element != "H" for i in atoms) == 1

    def _pdb(self, atoms: Sequence[int]) -> str:
        assert self.site is not None
        lines = []
        for number, i in enumerate(atoms, 1):
            atom = self.site.atoms[i]
            lines.append(f"{atom.line[:6]}{number % 100_000:>5}{atom.line[11:66]:<65}{atom.element:>2}")
        return "\n".join([*lines, "END", ""])


def _drawn(pose: SeenPose) -> dict[str, Any]:
    lines = [
        {
            "kind": each.kind,
            "from": [round(x, 2) for x in each.start],
            "to": [round(x, 2) for x in each.end],
            "text": f"{each.distance:.1f}",
            "residue": each.residue.label,
        }
        for each in pose.interactions
    ]
    return {"label": pose.label, "sdf": pose.record, "residues": list(pose.touched), "lines": lines}


def _same(mol: Chem.Mol, smiles: str) -> bool:
    """Whether a pose is of a molecule, in whatever protonation state, tautomer and stereoisomer."""
    with rdBase.BlockLogs():
        known = Chem.MolFromSmiles(smiles)
    if known is None:
        return False
    return len({rdMolHash.MolHash(each, rdMolHash.HashFunction.ElementGraph) for each in (_skeleton(mol), _skeleton(known))}) == 1


def _skeleton(mol: Chem.Mol) -> Chem.Mol:
    bare = Chem.RemoveAllHs(mol)
    Chem.RemoveStereochemistry(bare)
    return bare


def _numbered(lines: Sequence[str]) -> list[str]:
    return [f"{line[:6]}{number % 100_000:>5}{line[11:]}" for number, line in enumerate(lines, 1)]


def _moved(line: str, first: int) -> str:
    """A line of a ligand whose serial numbers, from 1 on, come behind the `first`."""
    if line.startswith("HETATM"):
        return f"HETATM{(int(line[6:11]) + first) % 100_000:>5}{line[11:]}"
    numbers = [int(line[i : i + 5]) + first for i in range(6, len(line.rstrip()), 5)]
    return "CONECT" + "".join(f"{number % 100_000:>5}" for number in numbers)
