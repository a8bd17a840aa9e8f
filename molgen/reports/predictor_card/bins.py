"""Predictions in bins: by how similar molecules are to what was learnt from, by the error that was expected, by probability."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from molgen.data.dataset import Endpoint
from molgen.reports.texts import number, share

BINS = 5
PROBABILITIES = 10
FEWEST = 10  # molecules in a bin


@dataclass(frozen=True)
class Bin:
    """Molecules of a bin.

    Attributes
    ----------
    low, high
        Ends of the bin.
    x
        What they have in common, on average.
    y, y_low, y_high
        What was found, with its 95 % interval; nan where there is none.
    """

    n: int
    low: float
    high: float
    x: float
    y: float
    y_low: float = np.nan
    y_high: float = np.nan


@dataclass(frozen=True)
class ValueTable:
    """A table for reading."""

    headings: list[str]
    rows: list[list[str]]


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of k in n (Wilson, J. Am. Stat. Assoc. 22, 209, 1927)."""
    found = binomtest(k, n).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def _parts(x: NDArray[np.float64], bins: int) -> list[NDArray[np.int64]]:
    """Rows in bins of equally many, by `x`."""
    count = max(1, min(bins, len(x) // FEWEST))
    return [part for part in np.array_split(np.argsort(x, kind="stable"), count) if len(part)]


def by_similarity(rows: pd.DataFrame, endpoint: Endpoint, threshold: float) -> tuple[list[Bin], ValueTable]:
    """Errors of `tested` rows by the similarity to the nearest molecule that was learnt from.

    Mean absolute errors of numbers; of classes the share that is taken for the other one.
    """
    similarity, y, p = (rows[name].to_numpy(float) for name in ("similarity", "value", "mean"))
    numbers = endpoint.task == "regression"
    error = np.abs(y - p) if numbers else ((p >= threshold) != (y > 0.5)).astype(float)
    guess = np.abs(y - rows["guess_nearest"].to_numpy(float))
    finite = (np.isfinite(rows["low"]) & np.isfinite(rows["high"])).to_numpy()
    inside = rows["value"].between(rows["low"], rows["high"]).to_numpy() & finite
    bins, cells = [], []
    for part in _parts(similarity, BINS):
        low, high = float(similarity[part].min()), float(similarity[part].max())
        ends = (np.nan, np.nan) if numbers else wilson(int(error[part].sum()), len(part))
        if numbers and len(part) > 1:
            half = 1.96 * error[part].std(ddof=1) / np.sqrt(len(part))
            ends = float(error[part].mean() - half), float(error[part].mean() + half)
        bins.append(Bin(len(part), low, high, float(similarity[part].mean()), float(error[part].mean()), *ends))
        shown = (number(error[part].mean()), number(guess[part].mean())) if numbers else (
            share(error[part].sum(), len(part)), share(guess[part].sum(), len(part)))  # fmt: skip
        covered = [share(inside[part].sum(), finite[part].sum())] if numbers else []
        domain = share(rows["in_domain"].to_numpy(bool)[part].sum(), len(part))
        cells.append([f"{low:.2f} to {high:.2f}", str(len(part)), *shown, *covered, domain])
    what = "mean absolute error" if numbers else "taken for the other class"
    covered_heading = ["inside the 90 % interval"] if numbers else []
    return bins, ValueTable(
        ["similarity", "molecules", what, "the same of the nearest's value", *covered_heading, "in domain"], cells
    )


def by_expected_error(rows: pd.DataFrame) -> tuple[list[Bin], ValueTable]:
    """Root mean squared errors of numbers by what the predictor took for its standard deviation."""
    std, error = rows["std"].to_numpy(float), (rows["value"] - rows["mean"]).to_numpy(float)
    known = np.isfinite(std)
    std, error = std[known], error[known]
    bins, cells = [], []
    for part in _parts(std, BINS):
        expected, found = (float(np.sqrt((values[part] ** 2).mean())) for values in (std, error))
        bins.append(Bin(len(part), float(std[part].min()), float(std[part].max()), expected, found))
        cells.append([str(len(part)), number(expected), number(found)])
    return bins, ValueTable(["molecules", "expected error", "error (RMSE)"], cells)


def by_probability(rows: pd.DataFrame) -> tuple[list[Bin], ValueTable]:
    """Shares of class 1 by predicted probability: what a reliability diagram shows."""
    y, p = (rows[name].to_numpy(float) for name in ("value", "mean"))
    bins, cells = [], []
    for part in _parts(p, PROBABILITIES):
        found = Bin(
            len(part), float(p[part].min()), float(p[part].max()), float(p[part].mean()), float(y[part].mean()),
            *wilson(int(y[part].sum()), len(part)),
        )  # fmt: skip
        bins.append(found)
        cells.append(
            [
                f"{found.low:.2f} to {found.high:.2f}",
                str(found.n),
                f"{found.x:.2f}",
                f"{found.y:.2f}",
                f"{found.y_low:.2f} to {found.y_high:.2f}",
            ]
        )
    return bins, ValueTable(["probability", "molecules", "mean probability", "share of class 1", "95 % interval"], cells)


def coverage_line(rows: pd.DataFrame) -> str:
    """How many measured numbers lie in their 90 % intervals, and whether that agrees with 90 % (exact binomial test at 5 %)."""
    known = rows[np.isfinite(rows["low"]) & np.isfinite(rows["high"])]
    if known.empty:
        return "There are no finite intervals: too few molecules to calibrate them on."
    inside, n = int(known["value"].between(known["low"], known["high"]).sum()), len(known)
    low, high = wilson(inside, n)
    ends = f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"
    said = f"{inside} of {n} measured values ({100 * inside / n:.0f} %; {ends}) lie in their 90 % intervals"
    if n < FEWEST:
        return f"{said}: too few to judge by."
    if binomtest(inside, n, 0.9).pvalue >= 0.05:
        return f"{said}: as many as promised."
    if inside < 0.9 * n:
        return f"{said}: fewer than promised, errors are larger than they seem."
    return f"{said}: more than promised, intervals are wider than they need be."
