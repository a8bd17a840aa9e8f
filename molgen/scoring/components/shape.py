"""Likeness in three dimensions to a reference ligand."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolAlign, rdMolDescriptors, rdShapeAlign

from molgen.chem.conformers import embedded, isomers, minimised, unminimised
from molgen.chem.molecules import Molecules, parse
from molgen.chem.solid import FORMATS, read_solid
from molgen.chem.standardize import parent
from molgen.errors import ConfigError, check_between
from molgen.predictors.protonation import main_form
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform

METHODS: dict[str, Callable[[Chem.Mol, Chem.Mol, int], float]] = {}


@dataclass(frozen=True)
class Shape(Component):
    """Likeness to a ligand in three dimensions, 0 to 1, by the best of several conformers.

    Attributes
    ----------
    reference
        A .sdf, .mol, .mol2 or .pdb file with the ligand's bound conformation, or a SMILES, of which the first conformer is taken.
    template
        SMILES of the ligand in the file: its bond orders, which a .pdb file without hydrogens doesn't have.
    method
        `shape` and `colour`: Tanimoto of the volumes, and of the pharmacophores, after the best overlay (RDKit's shape
        alignment); `combo`: their mean; `open3dalign`: the atom overlay of Tosco et al. (J. Comput. Aided Mol. Des. 25, 777,
        2011), relative to the reference with itself; `usrcat`: moments without overlay (Schreyer and Blundell, J. Cheminf. 4,
        27, 2012).
    conformers
        Of each stereoisomer, as they come from ETKDG and minimised: bound ligands are stretched like the former more often.
    isomers
        Stereoisomers tried of what is unspecified or a racemate; the best counts.
    ph
        Molecules and the reference have their main form at this pH; null leaves them as they are written.
    """

    reference: str
    method: str = "combo"
    conformers: int = 10
    seed: int = 1
    template: str | None = None
    isomers: int = 4
    ph: float | None = 7.4
    unit: ClassVar[str] = "0 to 1"
    example: ClassVar[dict[str, Any]] = {"reference": "CC(=O)Oc1ccccc1C(=O)O", "conformers": 3}

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(f"shape.method: {self.method}; known: {', '.join(METHODS)}")
        check_between("shape", 1, conformers=self.conformers, isomers=self.isomers)
        _solid(self.reference, self.template, self.ph)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._likeness)

    def _likeness(self, mol: Chem.Mol) -> float:
        reference = _solid(self.reference, self.template, self.ph)
        likeness = METHODS[self.method]
        drawn = [unminimised(self._form(isomer), self.conformers, self.seed) for isomer in islice(isomers(mol), self.isomers)]
        solids = drawn + [minimised(solid)[0] for solid in drawn]
        return max(likeness(reference, solid, i) for solid in solids for i in range(solid.GetNumConformers()))

    def _form(self, mol: Chem.Mol) -> Chem.Mol:
        return mol if self.ph is None else main_form(mol, self.ph)

    def desirability(self) -> Transform:
        return Identity()


@functools.lru_cache(maxsize=16)
def _solid(reference: str, template: str | None, ph: float | None) -> Chem.Mol:
    """The reference with hydrogens, in three dimensions.

    Raises
    ------
    ConfigError
        It is neither a SMILES nor the name of a file with coordinates.
    DataError
        The file can't be read.
    """
    if reference.lower().removesuffix(".gz").endswith(FORMATS):
        return _charged(read_solid(reference, template), ph)
    mol, problem = parse(reference)
    if mol is None:
        raise ConfigError(f"reference '{reference}': neither a {', '.join(FORMATS)} file nor a SMILES ({problem})")
    try:
        return embedded(mol if ph is None else main_form(mol, ph))
    except ValueError as error:
        raise ConfigError(f"reference '{reference}': {error}") from error


def _charged(solid: Chem.Mol, ph: float | None) -> Chem.Mol:
    """The main form of a molecule in the conformation that it has."""
    if ph is None:
        return solid
    heavy = Chem.RemoveHs(solid)
    form = Chem.Mol(main_form(parent(heavy), ph))
    if [atom.GetAtomicNum() for atom in form.GetAtoms()] != [atom.GetAtomicNum() for atom in heavy.GetAtoms()]:
        return solid  # several parts: what was cut has no place in the order
    form.RemoveAllConformers()
    form.AddConformer(heavy.GetConformer())
    return Chem.AddHs(form, addCoords=True)


def _overlay(reference: Chem.Mol, solid: Chem.Mol, conformer: int) -> tuple[float, float]:
    return rdShapeAlign.AlignMol(reference, Chem.Mol(solid), probeConfId=conformer, opt_param=0.5)


def _open3dalign(reference: Chem.Mol, solid: Chem.Mol, conformer: int) -> float:
    own = rdMolAlign.GetO3A(reference, reference).Score()
    return float(np.clip(rdMolAlign.GetO3A(Chem.Mol(solid), reference, prbCid=conformer).Score() / own, 0, 1))


def _usrcat(reference: Chem.Mol, solid: Chem.Mol, conformer: int) -> float:
    ours = rdMolDescriptors.GetUSRCAT(solid, confId=conformer)
    return rdMolDescriptors.GetUSRScore(rdMolDescriptors.GetUSRCAT(reference), ours)


METHODS |= {
    "shape": lambda *found: _overlay(*found)[0],
    "colour": lambda *found: _overlay(*found)[1],
    "combo": lambda *found: float(np.mean(_overlay(*found))),
    "open3dalign": _open3dalign,
    "usrcat": _usrcat,
}
