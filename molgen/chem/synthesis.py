"""How easily a molecule is made."""

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path

from rdkit import Chem, RDConfig


@functools.cache
def _calculate() -> Callable[[Chem.Mol], float]:
    """RDKit's own script, which it ships outside its package."""
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    spec = importlib.util.spec_from_file_location("molgen_sascorer", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: not in this installation of RDKit")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.calculateScore


def sa_score(mol: Chem.Mol) -> float:
    """Synthetic accessibility, 1 (easy) to 10 (hard) (Ertl and Schuffenhauer, J. Cheminf. 1, 8, 2009)."""
    return _calculate()(mol)
