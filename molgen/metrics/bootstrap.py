"""Figures of predictions with bootstrap intervals: all resamples of the molecules at once, as how often each is drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DRAWS = 1000
CONFIDENCE = 0.95
CELLS = 4_000_000  # of resamples x molecules at once
FEWEST = 10  # molecules for an interval
SHARE = 0.5  # of the resamples that must have a figure (both classes, say) for an interval


@dataclass(frozen=True)
class BootstrapInterval:
    """A figure and its percentile interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).

    All three are nan where there is none, such as an AUROC of one class; the ends alone where there are
    fewer than ten molecules, or resamples mostly have none.

    Attributes
    ----------
    drawn : float64 [d]
        The figure of each resample, nan where it has none. Figures of the same number of molecules have the same resamples.
    """

    value: float
    low: float
    high: float
    drawn: Array = field(default_factory=lambda: np.empty(0), repr=False, compare=False)


def regression_figures(y: Array, p: Array) -> dict[str, BootstrapInterval]:
    """`mae`, `rmse`, `r2` and `spearman` of predictions `p` [n] of numbers `y` [n]."""
    return _with_intervals({"mae": _mae, "rmse": _rmse, "r2": _r2, "spearman": _spearman}, y, p)


def interval_figures(y: Array, low: Array, high: Array) -> dict[str, BootstrapInterval]:
    """The `coverage` of intervals from `low` to `high` [n]: the share of the numbers `y` [n] inside."""
    return _with_intervals({"coverage": lambda inside, _, times: times @ inside / times.sum(1)}, _inside(y, low, high), y)


def classification_figures(y: Array, p: Array, threshold: float = 0.5) -> dict[str, BootstrapInterval]:
    """`auroc`, `auprc` and `mcc` of probabilities `p` [n] of classes `y` [n], 0 and 1.

    Parameters
    ----------
    threshold
        Probability from which on the class 1 is predicted, for Matthews' correlation coefficient.
    """

    def mcc(y: Array, p: Array, times: Array) -> Array:
        return _mcc(y, (p >= threshold).astype(float), times)

    return _with_intervals({"auroc": _auroc, "auprc": _auprc, "mcc": mcc}, y, p)


def _with_intervals(metrics: dict[str, Callable[..., Array]], y: Array, p: Array) -> dict[str, BootstrapInterval]:
    n = len(y)
    if not n:
        return dict.fromkeys(metrics, BootstrapInterval(np.nan, np.nan, np.nan))
    rng, found = np.random.default_rng(0), {name: [metric(y, p, np.ones((1, n)))] for name, metric in metrics.items()}
    step = max(1, CELLS // n)
    for start in range(0, DRAWS, step):
        times = rng.multinomial(n, np.full(n, 1 / n), size=min(step, DRAWS - start)).astype(float)
        for name, metric in metrics.items():
            found[name].append(metric(y, p, times))
    return {name: _interval(n, *np.split(np.concatenate(values), [1])) for name, values in found.items()}


def _interval(n: int, value: Array, drawn: Array) -> BootstrapInterval:
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value[0]) or n < FEWEST or len(known) < SHARE * len(drawn):
        return BootstrapInterval(float(value[0]) if np.isfinite(value[0]) else np.nan, np.nan, np.nan, drawn)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, (tail, 1 - tail))
    return BootstrapInterval(float(value[0]), float(low), float(high), drawn)


def _inside(y: Array, low: Array, high: Array) -> Array:
    return ((low <= y) & (y <= high)).astype(float)


def _mae(y: Array, p: Array, times: Array) -> Array:
    return times @ np.abs(y - p) / times.sum(1)


def _rmse(y: Array, p: Array, times: Array) -> Array:
    return np.sqrt(times @ (y - p) ** 2 / times.sum(1))


def _r2(y: Array, p: Array, times: Array) -> Array:
    centred = y - y.mean()
    total = times @ centred**2 - (times @ centred) ** 2 / times.sum(1)
    return 1 - _ratio(times @ (y - p) ** 2, total)


def _spearman(y: Array, p: Array, times: Array) -> Array:
    first, second = (ranks - (times.sum(1, keepdims=True) + 1) / 2 for ranks in (_ranks(y, times), _ranks(p, times)))
    spread = np.sqrt((times * first**2).sum(1) * (times * second**2).sum(1))
    return _ratio((times * first * second).sum(1), spread)


def _auroc(y: Array, p: Array, times: Array) -> Array:
    """From the sum of the ranks of class 1 (Mann and Whitney)."""
    positives = times @ y
    above = (times * _ranks(p, times)) @ y - positives * (positives + 1) / 2
    return _ratio(above, positives * (times.sum(1) - positives))


def _auprc(y: Array, p: Array, times: Array) -> Array:
    """Average precision: precision at each distinct probability, weighted by what is found there of class 1; nan of one class."""
    order = np.argsort(-p, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    right = np.cumsum(times[:, order] * y[order], axis=1)[:, ends]
    all_found = np.cumsum(times[:, order], axis=1)[:, ends]
    precision = np.divide(right, all_found, out=np.zeros_like(right), where=all_found > 0)
    found = _ratio((np.diff(right, axis=1, prepend=0) * precision).sum(1), right[:, -1])
    return np.where(right[:, -1] < all_found[:, -1], found, np.nan)


def _mcc(y: Array, predicted: Array, times: Array) -> Array:
    """0 where one class alone is predicted, as in scikit-learn; nan where one alone is there."""
    n, positives, called, both = times.sum(1), times @ y, times @ predicted, times @ (y * predicted)
    measured, said = positives * (n - positives), called * (n - called)
    found = _ratio(n * both - positives * called, np.sqrt(measured * said))
    return np.where((said == 0) & (measured > 0), 0.0, found)


def _ranks(x: Array, times: Array) -> Array:
    """Mean ranks [d, n] from 1, of resamples in which each value is there `times` [d, n]."""
    _, group = np.unique(x, return_inverse=True)
    order = np.argsort(group, kind="stable")
    sizes = np.add.reduceat(times[:, order], np.searchsorted(group[order], np.arange(group.max() + 1)), axis=1)
    return (np.cumsum(sizes, axis=1) - (sizes - 1) / 2)[:, group]


def _ratio(above: Array, below: Array) -> Array:
    """Quotients; nan where nothing is below."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 1e-12)
