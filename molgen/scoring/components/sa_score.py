"""Synthetic accessibility."""

import functools
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, RDConfig

from molgen.chem.molecules import Molecules
from molgen.scoring.component import Component


@functools.cache
def _calculate() -> Callable[[Chem.Mol], float]:
    """RDKit's own script, which it ships outside its package."""
    sys.path.append(str(Path(RDConfig.RDContribDir) / "SA_Score"))
    return importlib.import_module("sascorer").calculateScore


@dataclass(frozen=True)
class SAScore(Component):
    """Synthetic accessibility, 1 (easy) to 10 (hard) (Ertl and Schuffenhauer, J. Cheminf. 1, 8, 2009)."""

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(_calculate())
