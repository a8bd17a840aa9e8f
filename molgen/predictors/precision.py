"""How much measurements count whose errors are known."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MISSED = 0.5  # of the labels' standard deviation: what a model misses of exact measurements


def sample_weights(values: Array, errors: Array) -> Array | None:
    """Weights [n] of measurements, 1 in the mean: 1 / (s^2 + error^2), where s is half the standard deviation of the values.

    What a model misses anyway, s, keeps a few exact measurements from counting for all. This is how a meta-analysis weighs
    studies (DerSimonian and Laird, Control. Clin. Trials 7, 177, 1986), with a fixed guess of what they estimate.

    Parameters
    ----------
    values
        Labels or bounds [n].
    errors
        Their standard deviations [n], nan where one isn't known: such a measurement has the median of the others.

    Returns
    -------
    Array | None
        None where no error is known: all count alike.
    """
    if np.isnan(errors).all():
        return None
    missed = MISSED * (float(values.std()) or 1.0)
    weights = 1 / (missed**2 + np.where(np.isnan(errors), np.nanmedian(errors), errors) ** 2)
    return np.asarray(weights / weights.mean())


def sample_weights_of_each(values: Array, errors: Array) -> Array:
    """`sample_weights` of every endpoint [n, t], of values [n, t] that are nan where nothing was measured; 1 there."""
    found = np.ones(values.shape)
    for j in range(values.shape[1]):
        known = np.flatnonzero(~np.isnan(values[:, j]))
        if len(known) and (weights := sample_weights(values[known, j], errors[known, j])) is not None:
            found[known, j] = weights
    return found
