"""The rounds on a time axis, and as a table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from molgen.project.page.contents import ProjectPage
from molgen.project.page.endpoints import PageEndpoint
from molgen.project.page.forecasts import plain_decades, wrapped
from molgen.reports.charts import Chart, as_svg
from molgen.reports.palette import COLOURS, PRIOR_COLOUR

CROWD = 400  # values from which on they are drawn as pixels
APART = 0.56  # inches between labels of rounds at least: nearer ones run into one another
JITTER = 0.012  # of the axis, to either side


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """Where rounds stand: by their dates, or one after the other where a date is unknown.

    Attributes
    ----------
    places
        By round.
    labels
        Of the rounds, one under the other.
    """

    places: pd.Series
    labels: pd.Series


def time_axis(data: ProjectPage) -> TimeAxis:
    """Rounds at the date on which they were measured; what was known before at the date of the first proposal."""
    rounds = sorted({int(number) for number in data.compounds["round"]})
    table = data.rounds.drop_duplicates("round").set_index("round")
    begun = pd.to_datetime(table["proposed_on"]).min()
    dates = pd.to_datetime(table["measured_on"]).fillna(pd.to_datetime(table["proposed_on"])).reindex(rounds)
    if 0 in rounds:
        dates[0] = min(begun, dates.drop(0).min()) if len(dates) > 1 and pd.notna(begun) else begun
    names = pd.Series([f"round {number}" if number else "before" for number in rounds], rounds, dtype=object)
    if len(rounds) < 2 or dates.isna().any() or not dates.is_monotonic_increasing or dates.duplicated().any():
        return TimeAxis(pd.Series([float(number) for number in rounds], rounds), names)
    days = (dates - dates.iloc[0]).dt.total_seconds() / 86400
    years = dates.dt.year.astype(str).where(dates.dt.year.diff() != 0, "")
    texts = names + "\n" + dates.dt.strftime("%-d %b") + "\n" + years
    if 0 in rounds:
        texts[0] = "before"
        texts.iloc[1] = f"{names.iloc[1]}\n{dates.iloc[1]:%-d %b}\n{dates.iloc[1].year}"
    return TimeAxis(days, texts)


def rounds_chart(data: ProjectPage, endpoints: list[PageEndpoint]) -> Chart | None:
    """A panel per endpoint, and one of the compounds that meet all goals; None before anything was measured."""
    if data.compounds.empty or not endpoints:
        return None
    axis = time_axis(data)
    counted = bool(data.goals) and data.compounds["met"].notna().any()
    number = len(endpoints) + counted
    columns = {1: 1, 2: 2, 4: 2}.get(number, 3)
    lines, thirds = -(-number // columns), 2 if columns == 1 else 3

    def plot(figure: Figure) -> None:
        panels = figure.subplots(lines, columns, squeeze=False).ravel()
        for axes, endpoint in zip(panels, endpoints, strict=False):
            _endpoint(axes, axis, data, endpoint)
        if counted:
            _meeting(panels[len(endpoints)], axis, data)
        for axes in panels[len(endpoints) + counted :]:
            axes.set_visible(False)

    explanation = (
        "Dots are compounds, triangles bounds; the diamond is the best of its round, the blue line the best so far, the orange "
        "one the mean of the round, in which bounds count as their limit. The green line is the goal."
    )
    return Chart("Round by round", explanation, thirds, as_svg(thirds, 2.9 * lines, plot))


def _endpoint(axes: Axes, axis: TimeAxis, data: ProjectPage, endpoint: PageEndpoint) -> None:
    table = endpoint.measured.join(data.compounds.set_index("id")["round"].astype(int), how="inner")
    shift = np.random.default_rng(0).uniform(-JITTER, JITTER, len(table)) * (float(np.ptp(axis.places)) or 1)
    x = table["round"].map(axis.places) + shift
    crowded = len(table) > CROWD
    for relation, marker in ((0, "o"), (1, "^"), (-1, "v")):
        part = table["relation"] == relation
        axes.scatter(
            x[part], table["value"][part], s=10, marker=marker, color=PRIOR_COLOUR, alpha=0.6, linewidths=0, rasterized=crowded
        )
    by_round = table.groupby("round")
    means = (
        by_round["value"].mean() if not endpoint.logarithmic else 10 ** by_round["value"].apply(lambda own: np.log10(own).mean())
    )
    axes.plot(axis.places[means.index], means, color=COLOURS[4], marker="s", markersize=4, linewidth=1.2, label="mean")
    best = {number: endpoint.best(own) for number, own in by_round}
    values = pd.Series({number: table["value"][name] for number, name in best.items() if name is not None}, dtype=float)
    if len(values):
        places = axis.places[values.index]
        axes.scatter(places, values, marker="D", s=26, color=COLOURS[0], zorder=3, label="best of the round")
        goodness = endpoint.goodness(values)
        so_far = [values.loc[goodness.loc[:number].idxmax()] for number in values.index]
        end = axis.places.iloc[-1]
        axes.step([*places, end], [*so_far, so_far[-1]], where="post", color=COLOURS[0], linewidth=1.2, label="best so far")
    for limit in (endpoint.low, endpoint.high):
        if limit is not None:
            axes.axhline(limit, color=COLOURS[2], linewidth=1, linestyle="--", zorder=0)
    if endpoint.logarithmic:
        axes.set_yscale("log")
        plain_decades(axes.yaxis)
    axes.set_title(wrapped(endpoint.label, 56), fontsize=9)
    _label(axes, axis)


def _meeting(axes: Axes, axis: TimeAxis, data: ProjectPage) -> None:
    met = (
        data.compounds["met"].eq(True).groupby(data.compounds["round"].astype(int)).sum().reindex(axis.places.index, fill_value=0)
    )
    width = 0.5 * float(np.diff(axis.places).min()) if len(axis.places) > 1 else 0.5
    axes.bar(axis.places, met, min(width, 0.06 * (np.ptp(axis.places) or 10)), color=COLOURS[2], alpha=0.6, label="of the round")
    axes.step(axis.places, met.cumsum(), where="post", color=COLOURS[0], linewidth=1.2, marker="D", markersize=4, label="so far")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(0, max(1, int(met.sum())) * 1.1)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_title("compounds that meet all goals", fontsize=9)
    _label(axes, axis)


def _label(axes: Axes, axis: TimeAxis) -> None:
    """Ticks at the rounds; labels only where there is room for them, that of the last one first."""
    margin = 0.08 * (float(np.ptp(axis.places)) or 5)
    left, right = axis.places.min() - margin, axis.places.max() + margin
    axes.set_xlim(left, right)
    grid = axes.get_subplotspec().get_gridspec()
    apart = APART * (right - left) * grid.ncols / axes.figure.get_figwidth()
    kept, free = set(), np.inf
    for number in reversed(axis.places.index):
        if free - axis.places[number] >= (apart if number else 0.75 * apart):
            kept.add(number)
            free = axis.places[number]
    axes.set_xticks(axis.places, [axis.labels[number] if number in kept else "" for number in axis.places.index], fontsize=7.5)


def rounds_table(data: ProjectPage, endpoints: list[PageEndpoint]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: what came of each round, its best of each endpoint, and how many of it meet all goals."""
    judged = [endpoint for endpoint in endpoints if endpoint.judged]
    known = data.rounds.drop_duplicates("round").set_index("round")
    numbers = sorted({*map(int, known.index), *data.compounds["round"].astype(int)})
    headings = ["round", "proposed on", "measured on", "proposed", "measured", "not made", "crossed out"]
    headings += [f"best {endpoint.label}" for endpoint in judged] + (["meet all goals"] if data.goals else [])
    rows = []
    for number in numbers:
        own = data.compounds.loc[data.compounds["round"] == number]
        cells = [str(number) if number else "before", "", "", "", f"{len(own)}", "", ""]
        if number in known.index:
            row = known.loc[number]
            counts = [
                f"{row[name]:.0f}" if pd.notna(row[name]) else "" for name in ("proposed", "measured", "failed", "rejected")
            ]
            cells[1:] = [*(_date(row[name]) for name in ("proposed_on", "measured_on")), *counts]
        for endpoint in judged:
            values = endpoint.measured[endpoint.measured.index.isin(own["id"])]
            best = endpoint.best(values)
            cells.append("" if best is None else endpoint.text(values["value"][best], int(values["relation"][best])))
        rows.append([*cells, *([f"{own['met'].eq(True).sum()}"] if data.goals else [])])
    return headings, rows


def _date(value: object) -> str:
    return "" if pd.isna(value) else f"{pd.to_datetime(value):%Y-%m-%d}"
