"""Scaffolds to keep or to avoid."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.errors import ConfigError
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform


@dataclass(frozen=True)
class Scaffold(Component):
    """1 if a molecule has the Murcko scaffold of `target`, else 0.

    Attributes
    ----------
    target
        A SMILES with a ring.
    generic
        Whether only graphs are compared: every atom carbon, every bond single.
    """

    target: str
    generic: bool = False
    unit: ClassVar[str] = "0 or 1"
    compared: ClassVar[str] = "target"
    example: ClassVar[dict[str, Any]] = {"target": "c1ccc2[nH]ccc2c1"}

    def __post_init__(self) -> None:
        if not self._wanted:
            raise ConfigError(f"scaffold: the target '{self.target}' is not a molecule with a ring")

    @cached_property
    def _wanted(self) -> str:
        mol = Molecules([self.target]).mols[0]
        return "" if mol is None else murcko(mol, generic=self.generic)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(lambda mol: murcko(mol, generic=self.generic) == self._wanted)

    def desirability(self) -> Transform:
        return Identity()

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        if self.generic or murcko(mol) != self._wanted:
            return ()
        return mol.GetSubstructMatch(Chem.MolFromSmiles(self._wanted))
