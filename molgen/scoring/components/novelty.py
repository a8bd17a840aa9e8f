"""Novelty against known molecules."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules, canonicalize
from molgen.chem.standardize import STANDARD, canonical
from molgen.data.readers import read_smiles
from molgen.errors import DataError
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform


@dataclass(frozen=True)
class Novelty(Component):
    """1 if a molecule (its canonical SMILES in standard form) isn't in a file, else 0; a racemate differs from its enantiomer.

    Attributes
    ----------
    path
        A CSV, SMI, SDF or Parquet file.
    column
        Column of the SMILES, if it isn't called smiles.
    """

    path: str
    column: str | None = None
    unit: ClassVar[str] = "0 or 1"
    example: ClassVar[dict[str, Any]] = {"path": "known.smi"}

    def __post_init__(self) -> None:
        if not self._known:  # reads the file now, so that a wrong path is reported before the campaign
            raise DataError(f"{self.path}: no valid molecule")

    @cached_property
    def _known(self) -> frozenset[str | None]:
        return frozenset(canonicalize(read_smiles(self.path, self.column), STANDARD)) - {None}

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(lambda mol: canonical(mol) not in self._known)

    def desirability(self) -> Transform:
        return Identity()
