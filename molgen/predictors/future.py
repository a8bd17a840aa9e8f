"""How much worse predictions of the future are than cross-validation promised."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.dataset import Endpoint
from molgen.metrics.bootstrap import CONFIDENCE, BootstrapInterval, classification_figures, interval_figures, regression_figures
from molgen.metrics.prediction import LOWER_IS_BETTER
from molgen.predictors.held_out import cross_validated, kept_apart, tested

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FutureFigure:
    """A figure of the past's folds and of the future.

    Attributes
    ----------
    folds, future
        With their 95 % intervals.
    change
        The future less the folds; its interval takes both for independent, since no molecule is in both.
    word
        `worse` or `better` where the interval of the change leaves out 0, else `not told apart`; coverage that rises is `higher`.
    """

    folds: BootstrapInterval
    future: BootstrapInterval
    change: BootstrapInterval
    word: str

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        parts = {"folds": self.folds, "future": self.future, "change": self.change}
        found = {f"{name}{end}": getattr(part, key) for name, part in parts.items() for end, key in ENDS}
        return {name: float(f"{value:.6g}") if np.isfinite(value) else None for name, value in found.items()} | {
            "verdict": self.word
        }


ENDS = (("", "value"), ("_low", "low"), ("_high", "high"))


def future_figures(rows: pd.DataFrame, endpoint: Endpoint, threshold: float) -> dict[str, FutureFigure]:
    """Figures of an endpoint's rows of `held_out_table`; none where one of both parts is missing.

    Those of a card, and of numbers the `coverage` of the 90 % intervals, where there are any.

    Parameters
    ----------
    threshold
        Probability from which on a molecule is taken for class 1.
    """
    known = tested(rows)
    parts = cross_validated(known), kept_apart(known)
    if any(part.empty for part in parts):
        return {}
    folds, future = (_figures(part, endpoint, threshold) for part in parts)
    return {name: _compared(name, folds[name], future[name]) for name in folds if name in future}


def _figures(rows: pd.DataFrame, endpoint: Endpoint, threshold: float) -> dict[str, BootstrapInterval]:
    y, p, low, high = (rows[name].to_numpy(float) for name in ("value", "mean", "low", "high"))
    if endpoint.task == "classification":
        return classification_figures(y, p, threshold)
    known = np.isfinite(low) & np.isfinite(high)  # outside the domain there may be no interval
    return regression_figures(y, p) | (interval_figures(y[known], low[known], high[known]) if known.any() else {})


def _compared(name: str, folds: BootstrapInterval, future: BootstrapInterval) -> FutureFigure:
    mixed = np.random.default_rng(1).permutation(future.drawn)  # parts of one size have the same resamples
    drawn = mixed - folds.drawn if len(mixed) == len(folds.drawn) else np.empty(0)
    change, low, high = future.value - folds.value, np.nan, np.nan
    if np.isfinite([folds.low, future.low]).all():
        tail = (1 - CONFIDENCE) / 2
        low, high = map(float, np.nanquantile(drawn, (tail, 1 - tail)))
    sign = -1 if name in LOWER_IS_BETTER else 1
    word = "not told apart"
    if high < 0 or low > 0:
        word = "worse" if sign * change < 0 else "higher" if name == "coverage" else "better"
    return FutureFigure(folds, future, BootstrapInterval(change, low, high, drawn), word)
