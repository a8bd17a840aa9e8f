"""A training set laid out for comparisons with one molecule at a time, a tenth of the work of those with many."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from molgen.predictors.features import BLOCKS, Scaling

Features = NDArray[np.float32]
ROWS = 2048  # of the training set at a time, while it is laid out
ECFP = slice(*BLOCKS["ECFP4"])
NOT_ZERO = np.float32(1e-9)  # as in `chem.similarity`


class SparseTraining:
    """Training molecules by how their coordinates differ from those of a molecule without any features: mostly by nothing.

    Parameters
    ----------
    packed : int8 [m, f]
        See `Scaling.pack`.
    """

    def __init__(self, packed: NDArray[np.int8], scaling: Scaling) -> None:
        self._scaling = scaling
        self._absent = scaling.pack(np.zeros((1, packed.shape[1]), np.float32))
        starts = range(0, len(packed), ROWS)
        self._differences = sparse.vstack([sparse.csr_array(self._differing(packed[i : i + ROWS])) for i in starts], format="csr")
        self._bits = sparse.vstack([sparse.csr_array(self._set(packed[i : i + ROWS])) for i in starts], format="csr")
        self._squares = np.asarray((self._differences**2).sum(1), np.float32)
        self._ones = np.asarray(self._bits.sum(1), np.float32)

    def squared_distances(self, packed: NDArray[np.int8]) -> Features:
        """Between molecules with packed features [n, f] and the training molecules, in the kernel's coordinates [n, m]."""
        asked = self._differing(packed)
        shared = (self._differences @ asked.T).T
        return (asked**2).sum(1)[:, None] + self._squares - 2 * shared

    def similarities(self, packed: NDArray[np.int8]) -> Features:
        """Tanimoto similarities (ECFP4) to the training molecules [n, m]."""
        asked = self._set(packed)
        shared = (self._bits @ asked.T).T
        return shared / ((asked.sum(1) + NOT_ZERO)[:, None] + self._ones - shared)

    def _differing(self, packed: NDArray[np.int8]) -> Features:
        return self._scaling.blocks(packed.astype(np.int16) - self._absent)

    def _set(self, packed: NDArray[np.int8]) -> Features:
        return (packed[:, ECFP] > self._absent[:, ECFP]).astype(np.float32)
