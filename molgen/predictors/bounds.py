"""Learning from values that are known only as bounds, such as `<5`.

A bound contradicts a prediction only on its wrong side, and only then adds to the loss. With absolute errors this is the censored
least absolute deviations estimator (Powell, J. Econometrics 25, 303, 1984), with squared ones the Tobit model (Tobin,
Econometrica 26, 24, 1958).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LEAST_VARIANCE = 0.01  # of standardised labels: no assay is more exact


def counts(scores: NDArray[np.float64], values: NDArray[np.float64], relations: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether a value adds to the loss of a prediction [n]: a measured one always does, a bound where it is violated.

    Parameters
    ----------
    scores
        Predictions [n].
    values
        Measured values or bounds [n].
    relations
        0 for a measured value, 1 for a true value above `values`, -1 for one below, [n].
    """
    return (relations == 0) | (relations * (values - scores) > 0)


def tobit_loss(scores: Tensor, values: Tensor, relations: Tensor) -> Tensor:
    """Squared errors [n, t] of measured values, and negative log-likelihoods of bounds in the same units.

    Errors are taken to be normally distributed; their variance is that of an endpoint's measured values, 1 where there are none.

    Parameters
    ----------
    scores
        Standardised predictions [n, t].
    values
        Standardised measured values or bounds [n, t]; nan where there are none.
    relations
        As for `counts`, [n, t].
    """
    errors = scores - values.nan_to_num()
    squared = errors**2
    measured = (relations == 0) & ~values.isnan()
    number = measured.sum(0)
    variance = (squared * measured).sum(0).detach() / number.clamp(min=1)
    variance = torch.where(number > 0, variance, torch.ones_like(variance)).clamp(min=LEAST_VARIANCE)
    bounded = -2 * variance * torch.special.log_ndtr(relations * errors / variance.sqrt())
    return torch.where(relations == 0, squared, bounded)
