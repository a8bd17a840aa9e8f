"""Likeness in three dimensions to a reference ligand."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolAlign, rdMolDescriptors, rdShapeAlign

from molgen.chem.conformers import embedded
from molgen.chem.molecules import Molecules, parse
from molgen.errors import ConfigError, DataError, check_between
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform

METHODS: dict[str, Callable[[Chem.Mol, Chem.Mol, int], float]] = {}


@dataclass(frozen=True)
class Shape(Component):
    """Likeness to a ligand in three dimensions, 0 to 1, by the best of several conformers.

    Attributes
    ----------
    reference
        A .sdf, .mol or .pdb file with the ligand's bound conformation, or a SMILES, of which the first conformer is taken.
    method
        `shape` and `colour`: Tanimoto of the volumes, and of the pharmacophores, after the best overlay (RDKit's shape
        alignment); `combo`: their mean; `open3dalign`: the atom overlay of Tosco et al. (J. Comput. Aided Mol. Des. 25, 777,
        2011), relative to the reference with itself; `usrcat`: moments without overlay (Schreyer and Blundell, J. Cheminf. 4,
        27, 2012).
    conformers
        Of a molecule.
    """

    reference: str
    method: str = "combo"
    conformers: int = 10
    seed: int = 1
    unit: ClassVar[str] = "0 to 1"
    example: ClassVar[dict[str, Any]] = {"reference": "CC(=O)Oc1ccccc1C(=O)O", "conformers": 3}

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(f"shape.method: {self.method}; known: {', '.join(METHODS)}")
        check_between("shape", 1, conformers=self.conformers)
        _solid(self.reference)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._likeness)

    def _likeness(self, mol: Chem.Mol) -> float:
        reference = _solid(self.reference)
        solid = embedded(mol, self.conformers, self.seed)
        return max(METHODS[self.method](reference, solid, i) for i in range(solid.GetNumConformers()))

    def desirability(self) -> Transform:
        return Identity()


@functools.lru_cache(maxsize=16)
def _solid(reference: str) -> Chem.Mol:
    """The reference with hydrogens, in three dimensions.

    Raises
    ------
    ConfigError, DataError
        It is neither a SMILES nor a file with coordinates.
    """
    path = Path(reference).expanduser()
    if path.suffix in (".sdf", ".mol", ".pdb"):
        if not path.is_file():
            raise DataError(f"{reference}: no such file")
        mol = Chem.MolFromPDBFile(str(path)) if path.suffix == ".pdb" else Chem.MolFromMolFile(str(path))
        if mol is None or not mol.GetNumConformers() or not mol.GetConformer().Is3D():
            raise DataError(f"{reference}: no molecule in three dimensions in it")
        return Chem.AddHs(mol, addCoords=True)
    mol, problem = parse(reference)
    if mol is None:
        raise ConfigError(f"reference '{reference}': neither a .sdf, .mol or .pdb file nor a SMILES ({problem})")
    return embedded(mol)


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
