"""Ligands for Vina: the forms, stereoisomers and ring shapes of a molecule that are docked, as PDBQT."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from rdkit import Chem

from molgen.chem.conformers import embedded, isomers, ring_shapes
from molgen.predictors.protonation import main_form
from molgen.scoring.docking.states import TYPES

MACROCYCLE = 9  # atoms of the smallest ring that is docked open; smaller ones stay closed
RING_SHAPES = 4  # of a ring of seven or eight, tried unless told otherwise
SEEN = 4  # stereoisomers looked at for each that is wanted: some are one and the same once charged


@dataclass(frozen=True)
class Ligands:
    """Prepares the starting geometries of a molecule for docking.

    Attributes
    ----------
    ph
        pH of the main form; None leaves molecules as written.
    isomers
        Most stereoisomers tried.
    conformers
        Starting geometries per isomer; None for the shapes of its rings of seven and eight atoms, or one if it has none.
    """

    ph: float | None
    isomers: int
    conformers: int | None
    seed: int

    def __call__(self, smiles: str) -> list[str]:
        """PDBQT of every starting geometry.

        Parameters
        ----------
        smiles
            May be CXSMILES; both enantiomers of a racemate are tried.

        Raises
        ------
        ValueError
            The molecule has several parts, can't be embedded, or has atoms that Vina doesn't know.
        """
        mol = Chem.MolFromSmiles(smiles)
        if len(Chem.GetMolFrags(mol)) > 1:
            raise ValueError(f"{len(Chem.GetMolFrags(mol))} parts ({Chem.MolToSmiles(mol)}); only one molecule can be docked")
        forms: dict[str, Chem.Mol] = {}
        for isomer in islice(isomers(mol), SEEN * self.isomers):
            form = isomer if self.ph is None else main_form(isomer, self.ph)
            forms.setdefault(Chem.MolToSmiles(form), form)
            if len(forms) == self.isomers:
                break
        solids = [self._solid(form) for form in forms.values()]
        return [as_pdbqt(solid, conformer.GetId()) for solid in solids for conformer in solid.GetConformers()]

    def _solid(self, form: Chem.Mol) -> Chem.Mol:
        if self.conformers is not None:
            return embedded(form, self.conformers, self.seed)
        return ring_shapes(form, RING_SHAPES, range(7, MACROCYCLE), self.seed)


def has_macrocycle(mol: Chem.Mol) -> bool:
    """Whether `mol` has a ring that is docked open."""
    return any(len(ring) >= MACROCYCLE for ring in mol.GetRingInfo().AtomRings())


def as_pdbqt(solid: Chem.Mol, conformer: int = -1, closed: bool = False) -> str:
    """A conformer of a molecule with hydrogens as PDBQT; rings below `MACROCYCLE` atoms, or all, closed.

    Raises
    ------
    ValueError
        Vina doesn't know one of its atoms.
    """
    from meeko import MoleculePreparation, PDBQTWriterLegacy

    [setup] = MoleculePreparation(min_ring_size=MACROCYCLE, rigid_macrocycles=closed).prepare(solid, conformer_id=conformer)
    pairs = zip(solid.GetAtoms(), setup.atoms, strict=False)  # after the molecule's come dummies that close macrocycles
    if unknown := {atom.GetSymbol() for atom, typed in pairs if str(typed.atom_type).removesuffix("G0") not in TYPES}:
        raise ValueError(f"Vina knows no {', '.join(sorted(unknown))}")
    text, valid, problem = PDBQTWriterLegacy.write_string(setup)
    if not valid:
        raise ValueError(" ".join(problem.split()))
    return text


def from_pdbqt(pose: str) -> Any:
    """A docked pose as a molecule with hydrogens."""
    from meeko import PDBQTMolecule, RDKitMolCreate

    return RDKitMolCreate.from_pdbqt_mol(PDBQTMolecule(pose, skip_typing=True))[0]
