"""Structural alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.alerts import alerts, catalog
from molgen.chem.molecules import Molecules
from molgen.scoring.component import Component


@dataclass(frozen=True)
class Alerts(Component):
    """Number of structural alerts in RDKit's catalogues.

    Attributes
    ----------
    catalogs
        PAINS (Baell and Holloway 2010), BRENK (Brenk et al. 2008), NIH, ZINC, CHEMBL and its parts.
    """

    catalogs: Sequence[str] = ("PAINS", "BRENK")
    unit: ClassVar[str] = "alerts"
    example: ClassVar[dict[str, Any]] = {"catalogs": ["PAINS"]}

    def __post_init__(self) -> None:
        for name in self.catalogs:
            catalog(name)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(lambda mol: sum(len(alerts(mol, name)) for name in self.catalogs))

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        matches = [m for name in self.catalogs for entry in catalog(name).GetMatches(mol) for m in entry.GetFilterMatches(mol)]
        return sorted({atom for match in matches for _, atom in match.atomPairs})
