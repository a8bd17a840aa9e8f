"""How easily a molecule is made."""

import functools
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from rdkit import Chem, RDConfig


@functools.cache
def _calculate() -> Callable[[Chem.Mol], float]:
    """RDKit's own script, which it ships outside its package."""
    sys.path.append(str(Path(RDConfig.RDContribDir) / "SA_Score"))
    return importlib.import_module("sascorer").calculateScore


def sa_score(mol: Chem.Mol) -> float:
    """Synthetic accessibility, 1 (easy) to 10 (hard) (Ertl and Schuffenhauer, J. Cheminf. 1, 8, 2009)."""
    return _calculate()(mol)
