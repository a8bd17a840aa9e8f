"""Synthetic accessibility."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.synthesis import sa_score
from molgen.scoring.component import Component
from molgen.scoring.transforms import Linear, Transform


@dataclass(frozen=True)
class SAScore(Component):
    """Synthetic accessibility, 1 (easy) to 10 (hard) (Ertl and Schuffenhauer, J. Cheminf. 1, 8, 2009)."""

    unit: ClassVar[str] = "1 to 10"

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(sa_score)

    def desirability(self) -> Transform:
        return Linear(6, 2.5)
