"""Which candidates are worth a joint draw, where there are too many for one."""

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import Draws

KAPPA = 2.0


def promising(mean: Draws, deviation: Draws, most: int, allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """At most `most` of the `allowed` candidates, in their order: half by upper confidence bounds, the rest by means.

    Parameters
    ----------
    mean, deviation : float64 [n]
        Of utilities, higher is better.
    allowed : bool [n]
    """
    candidates = np.flatnonzero(allowed)
    hopeful = candidates[np.argsort(-(mean + KAPPA * deviation)[candidates], kind="stable")[: most - most // 2]]
    others = np.setdiff1d(candidates, hopeful)
    good = others[np.argsort(-mean[others], kind="stable")[: most // 2]]
    return np.sort(np.concatenate([hopeful, good]))
