"""Structural alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.alerts import alerting_atoms, alerts, check_alert_set
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.component import Component
from molgen.scoring.transforms import Linear, Transform


@dataclass(frozen=True)
class Alerts(Component):
    """Number of structural alerts in RDKit's catalogues, or in a file of your own.

    Attributes
    ----------
    catalogs
        PAINS (Baell and Holloway 2010), BRENK (Brenk et al. 2008), NIH, ZINC, CHEMBL and its parts; or a file: one SMARTS
        and its name per line, or a CSV with a column called smarts.
    """

    catalogs: Sequence[str] = ("PAINS", "BRENK")
    unit: ClassVar[str] = "alerts"
    example: ClassVar[dict[str, Any]] = {"catalogs": ["PAINS"]}

    def __post_init__(self) -> None:
        if not self.catalogs:
            raise ConfigError("alerts.catalogs: name at least one")
        for name in self.catalogs:
            check_alert_set(name)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(lambda mol: sum(len(alerts(mol, name)) for name in self.catalogs))

    def desirability(self) -> Transform:
        return Linear(3, 0)

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        return sorted(set().union(*(alerting_atoms(mol, name) for name in self.catalogs)))
