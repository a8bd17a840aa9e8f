"""Whether new molecules are like those that an endpoint was learnt from: tests of two samples, judged together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, ks_2samp, mannwhitneyu

Array = NDArray[np.float64]

BINS = 10  # of a population stability index
LEAST_SHARE = 1e-4  # of a bin, where its logarithm would be infinite
COVERED = 0.9  # what intervals promise


@dataclass(frozen=True)
class DriftCheck:
    """One comparison of a new table with what was learnt from.

    Attributes
    ----------
    name
        What is compared.
    kind
        `distribution`, `share` (outside the domain), `error` or `coverage`.
    new, known
        Medians of a distribution, shares, mean absolute errors or coverages.
    n
        Molecules of the table that were compared.
    change
        How large it is: the Kolmogorov-Smirnov distance, by how much a share or a coverage differs, by which share errors grew.
    psi
        Population stability index of a distribution; nan of the others.
    p
        The probability of such a change by chance.
    adjusted
        The same for all checks together (Holm, Scand. J. Stat. 6, 65, 1979).
    alarm
        Whether that is below the threshold, and the change large enough to matter.
    """

    name: str
    kind: str
    new: float
    known: float
    n: int
    change: float
    p: float
    psi: float = np.nan
    adjusted: float = 1.0
    alarm: bool = False


def distribution_check(name: str, new: Array, known: Array) -> DriftCheck | None:
    """Compare values by the two-sample Kolmogorov-Smirnov test; None where either has none."""
    new, known = (values[np.isfinite(values)] for values in (new, known))
    if not len(new) or not len(known):
        return None
    found = ks_2samp(new, known)
    middle = float(np.median(new)), float(np.median(known))
    p = float(np.clip(found.pvalue, 0, 1))
    return DriftCheck(name, "distribution", *middle, len(new), float(found.statistic), p, stability_index(new, known))


def stability_index(new: Array, known: Array) -> float:
    """Population stability index of `new` against the tenths of `known`; below 0.1 little has changed, from 0.25 on much.

    Sum of (a - b) ln(a / b) over bins with the shares a and b (Siddiqi, Credit Risk Scorecards, 2006).
    """
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = []
    for values in (new, known):
        counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        shares.append(np.maximum(counts / len(values), LEAST_SHARE))
    a, b = shares
    return float(((a - b) * np.log(a / b)).sum())


def share_check(name: str, outside: int, n: int, expected: float) -> DriftCheck:
    """Whether more of `n` molecules are outside the domain than the share that is expected (exact binomial test)."""
    p = float(binomtest(outside, n, expected, alternative="greater").pvalue)
    return DriftCheck(name, "share", outside / n, expected, n, outside / n - expected, p)


def error_check(name: str, new: Array, known: Array) -> DriftCheck:
    """Whether absolute errors [n] are larger than those [m] of cross-validation (Mann and Whitney)."""
    p = float(mannwhitneyu(new, known, alternative="greater").pvalue)
    mean, before = float(new.mean()), float(known.mean())
    return DriftCheck(name, "error", mean, before, len(new), mean / before - 1 if before > 0 else np.inf * (mean > 0), p)


def coverage_check(name: str, inside: int, n: int) -> DriftCheck:
    """Whether fewer of `n` measured values lie in their 90 % intervals than promised (exact binomial test)."""
    p = float(binomtest(inside, n, COVERED, alternative="less").pvalue)
    return DriftCheck(name, "coverage", inside / n, COVERED, n, COVERED - inside / n, p)


def judged(checks: Sequence[DriftCheck], threshold: float, effect: float) -> list[DriftCheck]:
    """The checks with their p-values adjusted for all of them, and their alarms.

    Parameters
    ----------
    threshold
        Of 1 / threshold tables that are like what was learnt from, at most one raises an alarm.
    effect
        The least change that matters.
    """
    order = sorted(range(len(checks)), key=lambda i: checks[i].p)
    adjusted, highest = np.ones(len(checks)), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(checks) - rank) * checks[i].p))
        adjusted[i] = highest
    return [
        replace(check, adjusted=float(p), alarm=bool(p < threshold and check.change >= effect))
        for check, p in zip(checks, adjusted, strict=True)
    ]
