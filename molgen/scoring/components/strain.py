"""Strain energy of a docked pose."""

import io
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdForceFieldHelpers

from molgen.chem.conformers import embedded
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.component import Component
from molgen.scoring.components.docking import Docking
from molgen.scoring.transforms import Transform, sigmoid_between

SLACK = 0.3  # Å that heavy atoms may move while a pose is relaxed
STIFFNESS = 100.0  # kcal/mol/Å², beyond


@dataclass(frozen=True)
class Strain(Component):
    """Energy of a docked pose above the ligand's best conformer in vacuum, kcal/mol (MMFF94s).

    Attributes
    ----------
    docking
        Makes the poses; it needs a cache, from which poses docked by another term with the same settings are reused.
    conformers
        Number of conformers among which the best is sought.
    """

    docking: Docking
    conformers: int = 30
    seed: int = 1
    unit: ClassVar[str] = "kcal/mol"
    example: ClassVar[dict[str, Any]] = {"docking": Docking.example}

    def __post_init__(self) -> None:
        if self.docking.cache is None:
            raise ConfigError("strain.docking.cache: null keeps no poses; default, or a database")

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        self.docking(molecules)
        records = self.docking.records([text for text in molecules.canonical if text is not None])
        poses = [records.get(text or "") for text in molecules.canonical]
        return np.array([np.nan if pose is None else self._strain(pose) for pose in poses], float)

    def _strain(self, record: str) -> float:
        pose = next(iter(Chem.ForwardSDMolSupplier(io.BytesIO(record.encode()), removeHs=False)))
        properties = rdForceFieldHelpers.MMFFGetMoleculeProperties(pose, "MMFF94s")
        if properties is None:
            return np.nan
        restrained = rdForceFieldHelpers.MMFFGetMoleculeForceField(pose, properties)
        restrained.Initialize()
        for atom in pose.GetAtoms():
            if atom.GetAtomicNum() > 1:
                restrained.MMFFAddPositionConstraint(atom.GetIdx(), SLACK, STIFFNESS)
        restrained.Minimize(maxIts=1000)
        bound = rdForceFieldHelpers.MMFFGetMoleculeForceField(pose, properties).CalcEnergy()
        free = embedded(Chem.RemoveHs(pose), self.conformers, self.seed)
        properties = rdForceFieldHelpers.MMFFGetMoleculeProperties(free, "MMFF94s")
        energies = [
            rdForceFieldHelpers.MMFFGetMoleculeForceField(free, properties, confId=i).CalcEnergy()
            for i in range(free.GetNumConformers())
        ]
        return max(0.0, bound - min(energies))

    def desirability(self) -> Transform:
        return sigmoid_between(15.0, 2.0)
