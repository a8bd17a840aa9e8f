"""Molecules between several objectives: which of them none dominates, and how much of the space they dominate."""

import moocore
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
EXACT = 5  # objectives up to which a hypervolume is computed and not estimated


def _known(values: Array) -> NDArray[np.bool_]:
    """Which rows [n] can be compared: moocore takes nan for a value that nothing beats."""
    return np.asarray(np.isfinite(values).all(1))


def ranks(values: Array) -> NDArray[np.int_]:
    """Front of every row [n] of desirabilities [n, c]: 0 where no row is as good in all and better in one, and so on.

    Rows of which a value is unknown lie behind all fronts.
    """
    known = _known(values)
    front = np.zeros(len(values), int)
    if known.any():
        front[known] = moocore.pareto_rank(values[known], maximise=True)
        front[~known] = front.max() + 1
    return front


def crowding(values: Array) -> Array:
    """Crowding distance [n] of the rows of one front [n, c]; the larger, the less crowded (Deb et al., IEEE TEC 6, 182, 2002)."""
    distance = np.zeros(len(values))
    for column in values.T:
        order = np.argsort(column, kind="stable")
        span = column[order[-1]] - column[order[0]]
        if span > 0:
            distance[order[[0, -1]]] = np.inf
            distance[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return distance


def best_first(values: Array) -> NDArray[np.int_]:
    """Rows [n] by front, and within a front by crowding distance, the largest first."""
    front, known = ranks(values), _known(values)
    distance = np.zeros(len(values))
    for number in np.unique(front[known]):
        distance[front == number] = crowding(values[front == number])
    return np.lexsort((-distance, front))


def hypervolume(values: Array) -> float:
    """Share of the unit cube that rows of desirabilities [n, c] in [0, 1] dominate; estimated for more than five objectives.

    Rows of which a value is unknown dominate nothing.
    """
    values = values[_known(values)]
    if not len(values):
        return 0.0
    compute = moocore.hypervolume if values.shape[1] <= EXACT else moocore.hv_approx
    front = values[moocore.is_nondominated(values, maximise=True)]
    return float(compute(front, ref=np.zeros(values.shape[1]), maximise=True))
