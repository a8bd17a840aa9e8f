"""Physicochemical descriptors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors, rdMolDescriptors

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, nearest
from molgen.scoring.component import Component


def esol(mol: Chem.Mol) -> float:
    """log10 of the aqueous solubility in mol/L (Delaney, J. Chem. Inf. Comput. Sci. 44, 1000, 2004)."""
    aromatic = sum(atom.GetIsAromatic() for atom in mol.GetAtoms()) / mol.GetNumHeavyAtoms()
    rotatable = rdMolDescriptors.CalcNumRotatableBonds(mol)
    return 0.16 - 0.63 * Crippen.MolLogP(mol) - 0.0062 * Descriptors.MolWt(mol) + 0.066 * rotatable - 0.74 * aromatic


def largest_ring(mol: Chem.Mol) -> int:
    """Atoms in the largest ring; 0 if there is none."""
    return max(map(len, mol.GetRingInfo().AtomRings()), default=0)


DESCRIPTORS: dict[str, Callable[[Chem.Mol], float]] = dict(Descriptors.descList) | {
    "aromatic_rings": rdMolDescriptors.CalcNumAromaticRings,
    "bertz": Descriptors.BertzCT,
    "esol": esol,
    "formal_charge": Chem.GetFormalCharge,
    "fraction_sp3": rdMolDescriptors.CalcFractionCSP3,
    "hb_acceptors": rdMolDescriptors.CalcNumHBA,
    "hb_donors": rdMolDescriptors.CalcNumHBD,
    "heavy_atoms": lambda mol: mol.GetNumHeavyAtoms(),
    "largest_ring": largest_ring,
    "logp": Crippen.MolLogP,
    "molecular_weight": Descriptors.MolWt,
    "rings": rdMolDescriptors.CalcNumRings,
    "rotatable_bonds": rdMolDescriptors.CalcNumRotatableBonds,
    "stereocentres": lambda mol: len(Chem.FindMolChiralCenters(mol, includeUnassigned=True)),
    "tpsa": rdMolDescriptors.CalcTPSA,
}

UNITS = {"esol": "log mol/L", "molecular_weight": "Da", "tpsa": "Å²"} | dict.fromkeys(("MolWt", "ExactMolWt"), "Da")


@dataclass(frozen=True)
class Descriptor(Component):
    """A descriptor in its own units.

    Attributes
    ----------
    name
        logp (Crippen), tpsa (square Angstrom), molecular_weight (Da), esol (log mol/L), hb_donors,
        hb_acceptors, rotatable_bonds, rings, aromatic_rings, largest_ring, fraction_sp3, heavy_atoms,
        formal_charge, stereocentres, bertz, or any name of RDKit's `Descriptors.descList`.
    reference
        A SMILES; the value is then the difference from this molecule's.
    """

    name: str
    reference: str | None = None
    unit: ClassVar[str] = "the descriptor's"
    compared: ClassVar[str] = "reference"
    example: ClassVar[dict[str, Any]] = {"name": "logp"}
    transform: ClassVar[dict[str, Any]] = {"gaussian": {"mu": 2.5, "sigma": 1}}

    def __post_init__(self) -> None:
        if self.name not in DESCRIPTORS:
            raise ConfigError(f"unknown descriptor '{self.name}'{nearest(self.name, DESCRIPTORS)}")
        if np.isnan(self._offset):
            raise ConfigError(f"descriptor {self.name}: can't be computed for the reference '{self.reference}'")

    @cached_property
    def _offset(self) -> float:
        return 0.0 if self.reference is None else Molecules([self.reference]).map(DESCRIPTORS[self.name])[0]

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(DESCRIPTORS[self.name]) - self._offset

    def value_unit(self) -> str:
        return UNITS.get(self.name, "")
