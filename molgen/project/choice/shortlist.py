"""Which candidates are worth a joint draw, where there are too many for one."""

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import Draws

KAPPA = 2.0


def promising(mean: Draws, deviation: Draws, most: int, allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """At most `most` of the `allowed` candidates, in their order: those with the highest upper confidence bounds.

    Parameters
    ----------
    mean, deviation : float64 [n]
        Of utilities, higher is better.
    allowed : bool [n]
    """
    candidates = np.flatnonzero(allowed)
    order = np.argsort(-(mean + KAPPA * deviation)[candidates], kind="stable")[:most]
    return np.sort(candidates[order])
