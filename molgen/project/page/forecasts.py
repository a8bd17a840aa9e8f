"""Is the model honest? What was predicted when compounds were proposed against what was measured then."""

import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.stats import binomtest

from molgen.project.page.contents import ProjectPage
from molgen.project.page.endpoints import PageEndpoint
from molgen.reports.charts import Chart, as_svg
from molgen.reports.palette import COLOURS

CONFIDENCE = 0.9  # of the intervals
FEWEST = 10  # measured values that are judged by
DOUBT = 0.05
CROWD = 300  # predictions from which on their bars are drawn as pixels
INSIDE, OUTSIDE = COLOURS[0], COLOURS[4]


@dataclass(frozen=True)
class Coverage:
    """How many of `n` values lie in their predicted intervals; `bounds` of these are bounds."""

    inside: int
    n: int
    bounds: int

    def __str__(self) -> str:
        return f"{self.inside} of {self.n}" if self.n else ""

    @property
    def share(self) -> str:
        """In percent."""
        return f"{100 * self.inside / self.n:.0f} %" if self.n else ""


def compared(data: ProjectPage, endpoint: PageEndpoint) -> pd.DataFrame:
    """Predictions of an endpoint for compounds that were measured since.

    Returns
    -------
    By compound: `mean, low, high, value, relation, round, smiles, inside`. A bound is inside where a part of the interval agrees
    with it. `beyond` is how far outside the value lies, in half widths of the interval, positive above it.
    """
    own = data.predictions[data.predictions["endpoint"] == endpoint.name].dropna(subset=["mean", "low", "high"])
    own = own.drop_duplicates("id", keep="last").set_index("id")[["mean", "low", "high"]].astype(float)
    table = own.join(endpoint.measured[["value", "relation", "lower", "upper"]], how="inner")
    table = table.join(data.compounds.set_index("id")[["round", "smiles"]], how="inner")
    table["inside"] = (table["high"] >= table["lower"]) & (table["low"] <= table["upper"])
    half = (table["high"] - table["low"]).clip(lower=1e-12) / 2
    above, below = table["lower"] - table["high"], table["low"] - table["upper"]
    table["beyond"] = (above.clip(lower=0) - below.clip(lower=0)) / half
    return table


def coverage_of(table: pd.DataFrame) -> Coverage:
    """Of a table of `compared`."""
    return Coverage(int(table["inside"].sum()), len(table), int((table["relation"] != 0).sum()))


def verdict(table: pd.DataFrame) -> str:
    """What the coverage of a table of `compared` says of the model, by its measured values (a bound is easily inside).

    An exact binomial test at 5 % against the 90 % that the intervals promise.
    """
    exact = table[table["relation"] == 0]
    n, inside = len(exact), int(exact["inside"].sum())
    if n < FEWEST:
        return f"too few measured values to tell ({n})"
    if binomtest(inside, n, CONFIDENCE).pvalue >= DOUBT:
        return f"agrees with 90 % ({inside} of {n} measured values)"
    if inside < CONFIDENCE * n:
        return f"too sure of itself: {inside} of {n} measured values inside ({100 * inside / n:.0f} %)"
    return f"more careful than it need be: {inside} of {n} measured values inside ({100 * inside / n:.0f} %)"


@dataclass(frozen=True)
class Honesty:
    """The section: a chart, the coverage by round (a row each, its cells by endpoint), and a verdict for each endpoint."""

    chart: Chart
    names: list[str]
    rows: list[tuple[str, list[Coverage]]]
    verdicts: list[tuple[str, str]]


def honesty(data: ProjectPage, endpoints: list[PageEndpoint]) -> Honesty | None:
    """Of all endpoints that were predicted and then measured; None where none was."""
    tables = {endpoint: table for endpoint in endpoints if len(table := compared(data, endpoint))}
    if not tables:
        return None
    rounds = sorted({number for table in tables.values() for number in table["round"]})
    rows = [(f"{number}", [coverage_of(table[table["round"] == number]) for table in tables.values()]) for number in rounds]
    return Honesty(
        _chart(tables),
        [endpoint.name for endpoint in tables],
        [*rows, ("all", [coverage_of(table) for table in tables.values()])] if len(rows) > 1 else rows,
        [(endpoint.name, verdict(table)) for endpoint, table in tables.items()],
    )


def _chart(tables: dict[PageEndpoint, pd.DataFrame]) -> Chart:
    columns = min(3, len(tables))
    lines = -(-len(tables) // columns)

    def plot(figure: Figure) -> None:
        panels = figure.subplots(lines, columns, squeeze=False).ravel()
        for axes, (endpoint, table) in zip(panels, tables.items(), strict=False):
            _panel(axes, endpoint, table)
        for axes in panels[len(tables) :]:
            axes.set_visible(False)

    explanation = (
        "Each compound as it was predicted when it was proposed, with its 90 % interval, and as it was measured. On the line the "
        "prediction was right. Orange: measured outside the interval. Triangles are bounds, which point to where the true "
        "value is."
    )
    return Chart("Predicted and measured", explanation, columns, as_svg(columns, 3.3 * lines, plot))


def _panel(axes: Axes, endpoint: PageEndpoint, table: pd.DataFrame) -> None:
    crowded = len(table) > CROWD
    for inside, colour in ((True, INSIDE), (False, OUTSIDE)):
        part = table[table["inside"] == inside]
        axes.vlines(
            part["value"],
            part["low"],
            part["high"],
            colors=colour,
            linewidth=0.8,
            alpha=0.3 if crowded else 0.5,
            rasterized=crowded,
        )
        for relation, marker in ((0, "o"), (1, ">"), (-1, "<")):
            of_kind = part[part["relation"] == relation]
            size = 12 if relation == 0 else 22
            axes.scatter(of_kind["value"], of_kind["mean"], s=size, color=colour, marker=marker, linewidths=0, rasterized=crowded)
    both = pd.concat([table["value"], table["mean"], table["low"], table["high"]])
    if endpoint.logarithmic:
        axes.set(xscale="log", yscale="log")
        plain_decades(axes.xaxis)
        plain_decades(axes.yaxis)
        both = both[both > 0]
        limits = both.min() / 1.5, both.max() * 1.5
    else:
        margin = 0.05 * float(np.ptp(both)) or 0.5
        limits = both.min() - margin, both.max() + margin
    axes.plot(limits, limits, color="#9aa5b1", linewidth=1, zorder=0)
    axes.set(xlim=limits, ylim=limits, xlabel="measured", ylabel="predicted")
    axes.set_title(wrapped(endpoint.label, 36), fontsize=9)
    axes.set_box_aspect(1)


def plain_decades(axis: Axis) -> None:
    """Labels of a scale of logarithms as numbers, 100, which reports don't typeset as powers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def wrapped(name: str, width: int) -> str:
    """A name as the title of a panel: in at most two lines."""
    return "\n".join(textwrap.wrap(name, width, max_lines=2, placeholder=" …"))
