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
    """A mean and its 95 % confidence interval (Student's t), which is nan where there is one value; 0 < n values."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float] | NDArray[np.float64]) -> MeanInterval:
    """Of values [n], at least one."""
    n, mean = len(values), float(np.mean(values))
    if n == 1:
        return MeanInterval(mean, math.nan, math.nan, n)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * stats.sem(values))
    return MeanInterval(mean, mean - half, mean + half, n)
