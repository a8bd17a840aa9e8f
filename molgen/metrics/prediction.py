"""How good predictions are, and how honest about their errors."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn import metrics

Array = NDArray[np.float64]

METRICS: dict[str, Callable[[Array, Array], float]] = {
    "mae": metrics.mean_absolute_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
    "spearman": lambda y, p: spearmanr(y, p).statistic,
    "auroc": metrics.roc_auc_score,
    "auprc": metrics.average_precision_score,
}
LOWER_IS_BETTER = ("mae", "rmse")
CLASSIFICATION = ("auroc", "auprc")


def coverage(y: Array, low: Array, high: Array) -> float:
    """The share of measured values [n] inside their intervals."""
    return float(((low <= y) & (y <= high)).mean())


def calibration_error(y: Array, probability: Array, bins: int = 10) -> float:
    """Expected calibration error of probabilities [n] of class 1, in bins with equally many predictions.

    The mean distance between predicted probability and observed share (Naeini et al., AAAI 2015).
    """
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(part) * abs(y[part].mean() - probability[part].mean()) for part in parts) / len(y))


def calibration_floor(probability: Array, draws: int = 200) -> float:
    """The calibration error that perfect probabilities [n] would show by chance.

    Labels are drawn from the probabilities (consistency resampling: Brocker and Smith, Weather Forecast. 22, 651, 2007).
    """
    rng = np.random.default_rng(0)
    return float(np.mean([calibration_error(rng.binomial(1, probability).astype(float), probability) for _ in range(draws)]))


def concordance_index(y: Array, p: Array) -> float:
    """The share of pairs with different `y` [n] that `p` [n] orders rightly, ties counting half (Gonen and Heller 2005)."""
    order = np.argsort(y, kind="stable")
    y, p = y[order], p[order]
    first_equal = np.searchsorted(y, y)
    right, pairs = 0.0, float(first_equal.sum())
    for start in range(0, len(y), 1000):
        stop = min(start + 1000, len(y))
        below = np.arange(stop)[None] < first_equal[start:stop, None]
        difference = p[start:stop, None] - p[None, :stop]
        right += ((difference > 0) & below).sum() + 0.5 * ((difference == 0) & below).sum()
    return right / pairs


def rm2(y: Array, p: Array) -> float:
    """Modified squared correlation r2 (1 - sqrt(|r2 - r02|)), r02 being that of a line through the origin (Roy and Roy 2008)."""
    r2 = np.corrcoef(y, p)[0, 1] ** 2
    slope = (y * p).sum() / (p**2).sum()
    r02 = 1 - ((y - slope * p) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return float(r2 * (1 - np.sqrt(abs(r2 - r02))))
