"""Measured endpoints: one value per compound, made of its measurements, and what is better."""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from molgen.data.units import P_UNIT
from molgen.errors import DataError
from molgen.project.goals import MeasuredEndpoint, spread_over_decades
from molgen.project.page.contents import ProjectPage


@dataclass(frozen=True, eq=False)
class PageEndpoint:
    """An endpoint with the values of the measured compounds.

    Attributes
    ----------
    name, unit
        The latter "" where neither measurements nor goal have one, and of p-values.
    low, high, better
        Of the first goal about it, as in `PageGoal`; None, None and 0 where there is none.
    measured
        By the compounds' identifiers: `value, relation, n, error, lower, upper`; see `combined`.
    logarithmic
        Whether the values spread over so many orders of magnitude that differences of them say nothing, ratios do.
    """

    name: str
    unit: str
    low: float | None
    high: float | None
    better: int
    measured: pd.DataFrame
    logarithmic: bool

    @property
    def label(self) -> str:
        """Name and unit."""
        return f"{self.name} ({self.unit})" if self.unit and self.unit not in self.name else self.name

    def text(self, value: float, relation: int = 0) -> str:
        """A value for reading, with `>` or `<` for a bound; "" where there is none.

        In three significant figures on a scale of logarithms, else to a thousandth of the range of all values, about.
        """
        if math.isnan(value):
            return ""
        if self.logarithmic:
            digits = 2 - math.floor(math.log10(value)) if value > 0 else 2
        else:
            known = self.measured["value"]
            digits = 2 - math.floor(math.log10((known.max() - known.min()) or 1))
        return {1: ">", -1: "<"}.get(relation, "") + f"{value:,.{min(max(digits, 0), 6)}f}".replace("-", "−")

    def on_scale(self, values: pd.Series) -> pd.Series:
        """Values as their differences are taken: as they are, or their logarithms to base 10."""
        return np.log10(values) if self.logarithmic else values

    def change(self, difference: float, digits: int = 2) -> str:
        """A difference `on_scale` for reading: `+0.52`, or the ratio `× 3.3`."""
        return f"× {10**difference:.2g}" if self.logarithmic else f"{difference:+.{digits}f}".replace("-", "−")

    def goodness(self, values: pd.Series) -> pd.Series:
        """The higher the better: the value, its negative, or how far it lies outside of the window, negative."""
        values = self.on_scale(values)
        if self.better:
            return values * self.better
        low, high = self._window()
        return -(low - values).clip(lower=0) - (values - high).clip(lower=0)

    def best(self, table: pd.DataFrame) -> object | None:
        """The identifier of the best of `table` (rows of `measured`); None where no value is known to be any good.

        A bound counts where the true value is at least as good as it.
        """
        sure = (
            table[(table["relation"] == 0) | (table["relation"] == self.better)] if self.better else table[table["relation"] == 0]
        )
        return None if sure.empty or not self.judged else self.goodness(sure["value"]).idxmax()

    @property
    def judged(self) -> bool:
        """Whether it is known what is better."""
        return bool(self.better) or self.low is not None or self.high is not None

    def _window(self) -> tuple[float, float]:
        low = -math.inf if self.low is None else float(self.on_scale(pd.Series([self.low])).iloc[0])
        return low, math.inf if self.high is None else float(self.on_scale(pd.Series([self.high])).iloc[0])


def combined(measurements: pd.DataFrame) -> pd.DataFrame:
    """One value per compound of the measurements of an endpoint.

    Parameters
    ----------
    measurements
        `id, value, relation`.

    Returns
    -------
    By compound: `value`, the mean of its measured values, or its tightest bound where there are only bounds (of lower and
    upper ones the lower); `relation`; `n`, how many it was made of; `error`, the standard error of the mean, nan of one;
    and the interval `lower` to `upper` in which the true value lies by relation alone.
    """
    found: dict[str, dict[int, list[float]]] = {}
    known = measurements.dropna(subset=["value"])
    for compound, value, relation in zip(known["id"], known["value"], known["relation"], strict=True):
        found.setdefault(compound, {}).setdefault(int(relation), []).append(float(value))
    rows = {compound: _one(own) for compound, own in found.items()}
    names = ["value", "relation", "n", "error", "lower", "upper"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).astype({"relation": int, "n": int})


def _one(values: Mapping[int, list[float]]) -> tuple[float, int, int, float, float, float]:
    """A row of `combined`, of values by relation."""
    if exact := values.get(0):
        mean = statistics.fmean(exact)
        error = statistics.stdev(exact) / math.sqrt(len(exact)) if len(exact) > 1 else math.nan
        return mean, 0, len(exact), error, mean, mean
    if above := values.get(1):
        return max(above), 1, len(above), math.nan, max(above), math.inf
    below = values[-1]
    return min(below), -1, len(below), math.nan, -math.inf, min(below)


def measured_endpoints(data: ProjectPage) -> list[PageEndpoint]:
    """All endpoints that were measured: those with goals in their order, then the others.

    Raises
    ------
    DataError
        One of them was measured in several units.
    """
    known = data.measurements[data.measurements["id"].isin(data.compounds["id"])]
    goals = {goal.endpoint: goal for goal in reversed(data.goals) if goal.endpoint}
    ordered = dict.fromkeys([goal.endpoint for goal in data.goals if goal.endpoint] + known["endpoint"].tolist())
    found = []
    for name in ordered:
        own = known[known["endpoint"] == name]
        values = combined(own)
        if values.empty:
            continue
        units = sorted(set(own["unit"].dropna()) - {""})
        if len(units) > 1:
            raise DataError(f"measurements of {name}: in {' and '.join(units)}; bring them to one unit")
        goal = goals.get(name)
        limits = (goal.low, goal.high, goal.better) if goal else (None, None, 0)
        unit = printed(units[0] if units else goal.unit if goal else "")
        positive = values["value"].min() > 0 and all(limit is None or limit > 0 for limit in limits[:2])
        known_values = values["value"].to_numpy()
        ratios = positive and spread_over_decades(known_values) and MeasuredEndpoint(name, unit).by_ratios(known_values)
        found.append(PageEndpoint(str(name), str(unit), *limits, values, bool(ratios)))
    return found


def printed(unit: str) -> str:
    """A unit as it is printed; "" for that of p-values, whose names say it."""
    return "" if unit == P_UNIT else unit


def ranked(data: ProjectPage, endpoints: list[PageEndpoint]) -> pd.DataFrame:
    """The measured compounds, the best first: by utility, then by `goodness`, that of the first endpoint that is judged."""
    table = data.compounds.set_index("id", drop=False)
    table = table.assign(utility=pd.to_numeric(table["utility"]), goodness=math.nan)
    if judged := next((endpoint for endpoint in endpoints if endpoint.judged), None):
        table["goodness"] = judged.goodness(judged.measured["value"]).reindex(table.index)
    return table.sort_values(["utility", "goodness"], ascending=False, kind="stable", na_position="last")
