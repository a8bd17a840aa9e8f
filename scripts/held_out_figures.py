"""How good an endpoint is on scaffolds that its models hadn't seen: the figures of cards and of pages of benchmarks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.metrics.bootstrap import BootstrapInterval, classification_figures, interval_figures, regression_figures
from molgen.metrics.prediction import calibration_error, calibration_floor
from molgen.predictors.class_sets import shares_of_sets

Array = NDArray[np.float64]


def number_figures(y: Array, mean: Array, low: Array, high: Array) -> dict[str, Any]:
    """Of predicted numbers and their 90 % intervals [n], beside measured ones [n]."""
    figures, covered = regression_figures(y, mean), ~np.isnan(low)
    return {
        **_with_interval("mae", figures["mae"]),
        "mae of the median": float(np.abs(y - np.median(y)).mean()),
        "r2": figures["r2"].value,
        "spearman": figures["spearman"].value,
        "coverage": interval_figures(y[covered], low[covered], high[covered])["coverage"].value,
    }


def class_figures(y: Array, probability: Array, sets: list[str | None]) -> dict[str, Any]:
    """Of probabilities of class 1 and sets of classes at 90 %, beside the true classes, each [n]."""
    figures = classification_figures(y, probability)
    return {
        "share of class 1": float(y.mean()),
        **_with_interval("auroc", figures["auroc"]),
        **_with_interval("auprc", figures["auprc"]),
        "calibration error": calibration_error(y, probability),
        "if perfect": calibration_floor(probability),
        **shares_of_sets(sets, y),
    }


def _with_interval(name: str, found: BootstrapInterval) -> dict[str, Any]:
    return {name: found.value, f"{name} interval": [found.low, found.high]}


def line_of(row: dict[str, Any]) -> str:
    """The line of an endpoint in the table of a page."""
    cells = [row["endpoint"], f"`{row['data']}`", f"{row['molecules']:,}"]
    if "mae" in row:
        cells += [_ranged(row, "mae"), *(f"{row[name]:.2f}" for name in ("mae of the median", "r2", "spearman"))]
        cells += [f"{row['coverage']:.3f}"]
    else:
        cells += [f"{row['share of class 1']:.3f}", _ranged(row, "auroc"), _ranged(row, "auprc")]
        cells += [f"{row[name]:.3f}" for name in ("calibration error", "if perfect", "sets_with_0", "sets_with_1", "undecided")]
    return f"| {' | '.join([*cells, format(row['in domain'], '.3f')])} |"


def _ranged(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name} interval"]
    return f"{row[name]:.2f} ({low:.2f} to {high:.2f})"
