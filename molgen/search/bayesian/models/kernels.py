"""Kernels on fragments of molecules, which Gaussian processes weigh."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist

from molgen.processes import processors
from molgen.search.bayesian.models.features import FAMILIES, Features

TYPICAL_SIZE = 50.0  # fragments: brings the linear kernel to the scale of the others
WIDTHS = (2.0, 8.0)  # of the kernels of composition, in atoms
KERNELS = 2 * len(FAMILIES) + 1 + len(WIDTHS)


def usual_sizes(x: Features) -> NDArray[np.float32]:
    """Fragments that molecules like `x` have on average of each family [families, 1]; what is typical where there are none."""
    if not len(x.composition):
        return np.full((len(FAMILIES), 1), TYPICAL_SIZE, np.float32)
    return np.maximum(x.sizes.mean(1, keepdims=True), 1)


def kernels(a: Features, b: Features, usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """Similarities and products of shares by families, common fragments of the first, alike composition: [KERNELS, n, m].

    Parameters
    ----------
    a, b
        Molecules [n] and [m].
    usual
        See `usual_sizes`; the same wherever kernels are compared.
    """
    families, per_left, per_right = len(FAMILIES), _per_fragment(a, usual), _per_fragment(b, usual)
    found = np.empty((KERNELS, len(a.composition), len(b.composition)), np.float32)

    def compare(i: int, family: csr_array, others: NDArray[np.uint16]) -> None:
        shared = (family @ others).astype(np.float32)
        found[i] = shared / np.maximum(a.sizes[i][:, None] + b.sizes[i] - shared, 1)
        found[families + i] = shared * per_left[i][:, None] * per_right[i]
        if i == 0:
            found[2 * families] = shared / TYPICAL_SIZE

    with ThreadPoolExecutor(processors()) as threads:
        list(threads.map(compare, range(families), a.families, b.transposed))
    distance = cdist(a.composition, b.composition, "sqeuclidean")
    for i, width in enumerate(WIDTHS):
        found[2 * families + 1 + i] = np.exp(-distance / (2 * width**2))
    return found


def weighted(weights: NDArray[np.float64], parts: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of kernels, and 1."""
    return np.tensordot(weights.astype(np.float32), parts, 1) + 1


def diagonals(x: Features, usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """Kernels [KERNELS, n] of molecules with themselves."""
    shares = x.sizes * np.square(_per_fragment(x, usual))
    alike = np.ones((len(WIDTHS), x.sizes.shape[1]), np.float32)
    return np.concatenate([np.ones_like(x.sizes), shares, x.sizes[:1] / TYPICAL_SIZE, alike])


def _per_fragment(x: Features, usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of one fragment in molecules [n], if what is usual is to have a kernel of 1 with itself: [families, n]."""
    return 2 * np.sqrt(usual) / (x.sizes + usual)
