"""Means with their confidence intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class MeanInterval:
    """A mean of n values and its 95 % confidence interval (Student's t), nan where they are too few."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float] | NDArray[np.float64], fewest: int = 2) -> MeanInterval:
    """Of independent values [n], at least one; the interval of `fewest` or more."""
    n, mean = len(values), float(np.mean(values))
    if n < max(fewest, 2):
        return MeanInterval(mean, math.nan, math.nan, n)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * stats.sem(values))
    return MeanInterval(mean, mean - half, mean + half, n)
