"""Figures and their bootstrap intervals, against scikit-learn and SciPy, on resamples that are written out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from molgen.metrics import bootstrap
from molgen.metrics.bootstrap import classification_figures, regression_figures

RNG = np.random.default_rng(1)
Y = RNG.normal(size=300).round(1)  # with ties
P = (Y + RNG.normal(size=300)).round(1)
C = (Y > 0.7).astype(float)
Q = (1 / (1 + np.exp(-P))).round(2)
METRICS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "mae": (bootstrap._mae, metrics.mean_absolute_error),
    "rmse": (bootstrap._rmse, metrics.root_mean_squared_error),
    "r2": (bootstrap._r2, metrics.r2_score),
    "spearman": (bootstrap._spearman, lambda y, p: stats.spearmanr(y, p).statistic),
    "auroc": (bootstrap._auroc, metrics.roc_auc_score),
    "auprc": (bootstrap._auprc, metrics.average_precision_score),
}


@pytest.mark.parametrize("name", METRICS)
def test_a_resample_has_the_figure_of_its_molecules_written_out(name: str) -> None:
    ours, theirs = METRICS[name]
    y, p = (C, Q) if name in ("auroc", "auprc") else (Y, P)
    drawn = RNG.integers(0, len(y), (5, len(y)))
    times = np.stack([np.bincount(rows, minlength=len(y)) for rows in drawn]).astype(float)
    assert ours(y, p, times) == pytest.approx([theirs(y[rows], p[rows]) for rows in drawn], abs=1e-12)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 1.0])
def test_matthews_correlation_is_at_the_threshold(threshold: float) -> None:
    found = classification_figures(C, Q, threshold)["mcc"]
    assert found.value == pytest.approx(metrics.matthews_corrcoef(C, threshold <= Q), abs=1e-12)


def test_intervals_are_those_of_scipy() -> None:
    found = regression_figures(Y, P)
    for name in ("mae", "spearman"):
        theirs = stats.bootstrap(
            (Y, P), METRICS[name][1], paired=True, vectorized=False, n_resamples=1000, method="percentile", random_state=3
        )
        ends = theirs.confidence_interval
        width = ends.high - ends.low
        assert found[name].low == pytest.approx(ends.low, abs=0.15 * width)
        assert found[name].high == pytest.approx(ends.high, abs=0.15 * width)


def test_what_has_no_figure_is_nan_and_few_molecules_have_no_interval() -> None:
    one_class = classification_figures(np.ones(20), Q[:20])
    assert all(np.isnan(figure.value) and np.isnan(figure.low) for figure in one_class.values())
    constant = regression_figures(np.full(20, 5.0), P[:20])
    assert np.isnan(constant["r2"].value)
    assert np.isnan(constant["spearman"].value)
    assert constant["mae"].low < constant["mae"].value < constant["mae"].high
    few = regression_figures(Y[:9], P[:9])["mae"]
    assert few.value == pytest.approx(np.abs(Y[:9] - P[:9]).mean())
    assert np.isnan(few.low)
    assert np.isnan(regression_figures(np.empty(0), np.empty(0))["mae"].value)
