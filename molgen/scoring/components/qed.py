"""Drug-likeness."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.druglikeness import qed
from molgen.chem.molecules import Molecules
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform


@dataclass(frozen=True)
class QED(Component):
    """Quantitative estimate of drug-likeness, 0 to 1 (Bickerton et al., Nat. Chem. 4, 90, 2012)."""

    unit: ClassVar[str] = "0 to 1"

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(qed)

    def desirability(self) -> Transform:
        return Identity()
