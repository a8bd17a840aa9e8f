"""What a few measurements say of molecules that weren't measured: conditional normal distributions."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Array = NDArray[np.float64]


def conditioned(mean: Array, covariance: Array, rows: NDArray[np.int64], values: Array, noise: float) -> tuple[Array, Array]:
    """Mean [n] and covariance [n, n] of true values after some were measured (Rasmussen and Williams 2006, equations 2.23, 2.24).

    Parameters
    ----------
    rows, values
        Which were measured, [k], and what was, [k].
    noise
        Variance of a measured value around the true one.
    """
    if not len(rows):
        return mean, covariance
    to_measured = covariance[:, rows]
    factor = cho_factor(covariance[np.ix_(rows, rows)] + noise * np.eye(len(rows)))
    change = to_measured @ cho_solve(factor, values - mean[rows])
    return mean + change, covariance - to_measured @ cho_solve(factor, to_measured.T)
