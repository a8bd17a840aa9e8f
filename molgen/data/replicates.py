"""Several measurements of one molecule made into one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Endpoint, Task

Array = NDArray[np.float64]

RULE = (
    "molecules in their standard form; rows of one molecule become one: classes by majority (dropped on a tie), numbers by "
    "median, of logarithms where these are learnt (dropped where they spread over more than a standard deviation of all); "
    "measurements go before bounds that agree with them within that (dropped where they don't); of bounds alone the tightest "
    "(dropped where there are upper and lower ones)"
)

ASSAY_RULE = (
    "values of other assays are brought to the reference: the offset of their assay is taken off; numbers of one molecule then "
    "become their mean, weighted by the errors of their assays (dropped where they spread over more than a standard deviation of "
    "all and over more than three standard errors)"
)
SURPRISING = 3.0  # standard errors of a difference


@dataclass(eq=False)
class Merged:
    """One value a molecule and endpoint.

    Attributes
    ----------
    labels : float64 [m, t]
        nan where there is no measurement.
    relations : int8 [m, t]
    bounds : float64 [m, t]
    errors : float64 [m, t]
        As in `Dataset`; of several measurements that of their mean.
    conflicting
        Molecules of which some label was dropped because their rows contradict each other.
    spread : float64 [t]
        Standard deviation of repeated measurements of one molecule, pooled; nan where none was repeated.
    repeated : int64 [t]
        Molecules measured more than once.
    """

    labels: Array
    relations: NDArray[np.int8]
    bounds: Array
    errors: Array
    conflicting: int
    spread: Array
    repeated: NDArray[np.int64]


def merge_replicates(
    groups: Sequence[Sequence[int]],
    labels: Array,
    relations: NDArray[np.int8],
    errors: Array,
    endpoints: Sequence[Endpoint],
    *,
    weighted: bool = False,
) -> Merged:
    """One value for each molecule, by `RULE`.

    Parameters
    ----------
    groups
        The rows of each of m molecules.
    labels : [n, t]
        Measurements and bounds, told apart by
    relations : [n, t]
        which are 1 and -1 for bounds.
    errors : [n, t]
        Standard deviations, nan where they aren't known.
    weighted
        Whether measurements count by their errors, which then are known: by `ASSAY_RULE`.
    """
    shape = len(groups), len(endpoints)
    values, bounds, mean_errors = np.full((3, *shape), np.nan)
    merged = Merged(values, np.zeros(shape, np.int8), bounds, mean_errors, 0, *np.empty((2, shape[1])))
    contradicted = np.zeros(shape[0], bool)
    single = np.array([i for i, rows in enumerate(groups) if len(rows) == 1], dtype=int)
    alone = np.array([groups[i][0] for i in single], dtype=int)
    merged.labels[single] = np.where(relations[alone] == 0, labels[alone], np.nan)
    merged.bounds[single] = np.where(relations[alone] != 0, labels[alone], np.nan)
    merged.relations[single], merged.errors[single] = relations[alone], errors[alone]
    several = [(i, rows) for i, rows in enumerate(groups) if len(rows) > 1]
    for j, endpoint in enumerate(endpoints):
        measured = np.where(relations[:, j] == 0, labels[:, j], np.nan)
        tolerance = float(np.nanstd(measured)) if not np.isnan(measured).all() else 0.0
        squares, freedom, repeated = 0.0, 0, 0
        for i, rows in several:
            known = [row for row in rows if not np.isnan(labels[row, j])]
            exact = np.array([labels[row, j] for row in known if relations[row, j] == 0])
            sides = {sign: [labels[row, j] for row in known if relations[row, j] == sign] for sign in (1, -1)}
            if len(exact) > 1:
                squares, freedom, repeated = (
                    squares + float(((exact - exact.mean()) ** 2).sum()),
                    freedom + len(exact) - 1,
                    repeated + 1,
                )
            known_errors = np.array([errors[row, j] for row in known if relations[row, j] == 0])
            value, error = (_weighted if weighted else _alike)(exact, known_errors, endpoint.task, tolerance)
            least, most = max(sides[1], default=-np.inf), min(sides[-1], default=np.inf)
            if len(exact):
                agrees = least - tolerance <= value <= most + tolerance  # False of a nan
                merged.labels[i, j] = value if agrees else np.nan
                merged.errors[i, j] = error
                contradicted[i] |= not agrees
            elif least > -np.inf and most < np.inf:
                contradicted[i] = True
            elif known:
                merged.relations[i, j], merged.bounds[i, j] = (1, least) if least > -np.inf else (-1, most)
        merged.spread[j] = np.sqrt(squares / freedom) if freedom else np.nan
        merged.repeated[j] = repeated
    merged.conflicting = int(contradicted.sum())
    return merged


def _alike(values: Array, errors: Array, task: Task, tolerance: float) -> tuple[float, float]:
    """One value of measurements [k] that count alike, and its error; nan where they contradict each other, or there is none."""
    squares = errors[~np.isnan(errors)] ** 2
    error = float(np.sqrt(squares.mean() / len(errors))) if len(squares) else np.nan  # of the mean
    return _one(values, task, tolerance), error


def _weighted(values: Array, errors: Array, _: Task, tolerance: float) -> tuple[float, float]:
    """As `_alike`, of numbers that count by their errors [k]."""
    if not len(values):
        return np.nan, np.nan
    low, high = values.argmin(), values.argmax()
    expected = SURPRISING * float(np.hypot(errors[low], errors[high]))
    weights = 1 / errors**2
    value = float(values @ weights / weights.sum()) if values[high] - values[low] <= max(tolerance, expected) else np.nan
    return value, float(1 / np.sqrt(weights.sum()))


def _one(values: Array, task: Task, tolerance: float) -> float:
    """One value of measurements [k]; nan where they contradict each other, or there is none."""
    if not len(values):
        return np.nan
    if task == "classification":
        return np.nan if values.mean() == 0.5 else float(round(values.mean()))
    return float(np.median(values)) if len(values) == 1 or np.ptp(values) <= tolerance else np.nan
