"""Fingerprints by the names that chemists use, and their Tanimoto similarity."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator as generators

from molgen.chem import pharmacophore
from molgen.chem.features import feature_invariants
from molgen.errors import ConfigError, nearest


def _morgan(radius: int, *, features: bool = False) -> Callable[[Chem.Mol], Any]:
    count = generators.GetMorganGenerator(radius=radius).GetSparseCountFingerprint
    return (lambda mol: count(mol, customAtomInvariants=feature_invariants(mol))) if features else count


FINGERPRINTS: dict[str, Callable[[Chem.Mol], Any]] = {
    "ECFP4": _morgan(2),
    "ECFP6": _morgan(3),
    "FCFP4": _morgan(2, features=True),
    "FCFP6": _morgan(3, features=True),
    "AP": generators.GetAtomPairGenerator(maxDistance=10).GetSparseCountFingerprint,
    "PHCO": pharmacophore.pharmacophores,
}


def fingerprint(mol: Chem.Mol, kind: str) -> Any:
    """A fingerprint of `mol`: sparse counts, or the set of pharmacophores for PHCO.

    Parameters
    ----------
    kind
        ECFP4, ECFP6, FCFP4, FCFP6 (Morgan, radius 2 or 3), AP (atom pairs up to 10 bonds apart) or
        PHCO (Gobbi's two-dimensional pharmacophores).
    """
    if kind not in FINGERPRINTS:
        raise ConfigError(f"unknown fingerprint '{kind}'{nearest(kind, FINGERPRINTS)}; known: {', '.join(FINGERPRINTS)}")
    return FINGERPRINTS[kind](mol)


def tanimoto(target: Any, others: Sequence[Any]) -> NDArray[np.float64]:
    """Tanimoto similarity [n], on counts, of `target` to `others`, all of one kind; nan for None."""
    values = np.full(len(others), np.nan)
    known = [i for i, other in enumerate(others) if other is not None]
    if isinstance(target, np.ndarray):
        values[known] = [pharmacophore.tanimoto(target, others[i]) for i in known]
    else:
        values[known] = DataStructs.BulkTanimotoSimilarity(target, [others[i] for i in known])
    return values
