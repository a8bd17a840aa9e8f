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
    """Compute a fingerprint of `mol`: sparse counts, or the set of pharmacophores for PHCO.

    Parameters
    ----------
    kind
        ECFP4, ECFP6, FCFP4, FCFP6 (Morgan, radius 2 or 3), AP (atom pairs up to 10 bonds apart) or
        PHCO (Gobbi's two-dimensional pharmacophores).

    Raises
    ------
    ConfigError
        The kind is unknown.
    """
    if kind not in FINGERPRINTS:
        raise ConfigError(f"unknown fingerprint '{kind}'{nearest(kind, FINGERPRINTS)}; known: {', '.join(FINGERPRINTS)}")
    return FINGERPRINTS[kind](mol)


def tanimoto(target: Any, others: Sequence[Any]) -> NDArray[np.float64]:
    """Tanimoto similarities [n] of `target` to `others`, 0 to 1, on counts; nan for None.

    Parameters
    ----------
    target, others
        Fingerprints of one kind, as from `fingerprint`.
    """
    values = np.full(len(others), np.nan)
    known = [i for i, other in enumerate(others) if other is not None]
    if isinstance(target, np.ndarray):
        values[known] = [pharmacophore.shared_codes(target, others[i]) for i in known]
    else:
        values[known] = DataStructs.BulkTanimotoSimilarity(target, [others[i] for i in known])
    return values


class Near:
    """Finds the most similar of many molecules, on counts, without comparing with each of them.

    Each occurrence of a fragment is one entry of an index, and two molecules share as many occurrences as they have
    entries in common (Tanimoto on counts).

    Parameters
    ----------
    others
        Fingerprints [n] of counts.
    """

    def __init__(self, others: Sequence[Any]) -> None:
        entries = [_occurrences(other) for other in others]
        self._sizes = np.array([len(each) for each in entries])
        order = np.argsort(np.concatenate(entries), kind="stable")
        self._entries, starts = np.unique(np.concatenate(entries)[order], return_index=True)
        self._places = np.repeat(np.arange(len(others)), self._sizes)[order]
        self._bounds = np.append(starts, len(order))

    def similarity(self, target: Any) -> float:
        """Tanimoto similarity of `target` to the most similar of the others, 0 to 1."""
        asked = _occurrences(target)
        at = np.searchsorted(self._entries, asked).clip(max=len(self._entries) - 1)
        at = at[self._entries[at] == asked]
        places = [self._places[i:j] for i, j in zip(self._bounds[at], self._bounds[at + 1], strict=True)]
        shared = np.bincount(np.concatenate([*places, self._places[:0]]), minlength=len(self._sizes))
        return float((shared / np.maximum(self._sizes + len(asked) - shared, 1)).max())


def _occurrences(counts: Any) -> NDArray[np.int64]:
    """A number per occurrence of a fragment, the same for the n-th occurrence in any molecule; fragments are 32-bit numbers."""
    fragments = counts.GetNonzeroElements().items()
    return np.array([fragment << 16 | n for fragment, count in fragments for n in range(count)], np.int64)
