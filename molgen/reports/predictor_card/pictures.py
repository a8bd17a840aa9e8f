"""The charts of a predictor's card, as SVG that says in words what it shows."""

from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from molgen.data.dataset import Endpoint
from molgen.predictors.held_out import cross_validated, kept_apart
from molgen.reports.charts import as_svg
from molgen.reports.palette import COLOURS, PRIOR_COLOUR
from molgen.reports.predictor_card.bins import Bin

CROWD = 300  # molecules from which on they are drawn as pixels
DECADES = 100  # ratio of values from which on their axes are logarithmic
PARTS = (("cross-validation", COLOURS[0], "o"), ("held-out", COLOURS[4], "^"))
TRIANGLES = {">": ">", "<": "<"}
HEIGHT = 3.4


def chart_in_words(width: float, what: str, plot: Callable[[Axes], None]) -> str:
    """A chart `width` thirds of a page wide, with `what` for those who can't see it."""
    drawn = as_svg(1, HEIGHT, lambda figure: plot(_axes(figure, width)))
    return drawn.replace("<svg", f'<svg role="img" aria-label="{escape(what)}"', 1)


def _axes(figure: Figure, width: float) -> Axes:
    figure.set_figwidth(3.6 * width)
    return figure.subplots()


def spans_decades(values: pd.Series) -> bool:
    """Whether values are positive and span two decades."""
    return bool(len(values) and values.min() > 0 and values.max() >= DECADES * values.min())


def predicted_against_measured(tested: pd.DataFrame, bounds: pd.DataFrame, endpoint: Endpoint) -> str:
    """Of numbers, with a line where they are the same; `bounds` as triangles that point to where the true value is."""

    def plot(axes: Axes) -> None:
        for (name, colour, marker), part in zip(PARTS, (cross_validated(tested), kept_apart(tested)), strict=True):
            if len(part):
                axes.scatter(
                    part["value"],
                    part["mean"],
                    s=12,
                    alpha=0.6,
                    color=colour,
                    marker=marker,
                    linewidths=0,
                    label=name,
                    rasterized=len(part) > CROWD,
                )
        for sign, marker in TRIANGLES.items():
            own = bounds[bounds["relation"] == sign]
            if len(own):
                axes.scatter(
                    own["value"],
                    own["mean"],
                    s=20,
                    facecolors="none",
                    edgecolors=COLOURS[2],
                    marker=marker,
                    linewidths=0.8,
                    label=f"bounds ({sign})",
                )
        both = pd.concat([tested["value"], tested["mean"], bounds["value"], bounds["mean"]])
        if spans_decades(both):
            axes.set(xscale="log", yscale="log")
            limits = both.min() / 1.3, both.max() * 1.3
        else:
            margin = 0.04 * float(np.ptp(both)) or 0.5
            limits = both.min() - margin, both.max() + margin
        axes.plot(limits, limits, color=PRIOR_COLOUR, linewidth=1, zorder=0)
        unit = f" ({endpoint.unit})" if endpoint.unit else ""
        axes.set(xlim=limits, ylim=limits, xlabel=f"measured{unit}", ylabel=f"predicted{unit}")
        axes.set_box_aspect(1)
        axes.legend(frameon=False, fontsize=8, loc="upper left")

    return chart_in_words(
        1.25, f"{endpoint.name}: predicted against measured values of {len(tested)} molecules, each predicted without it.", plot
    )


def probabilities_by_class(tested: pd.DataFrame, endpoint: Endpoint, threshold: float) -> str:
    """How predicted probabilities are spread in each measured class."""

    def plot(axes: Axes) -> None:
        edges = np.linspace(0, 1, 21).tolist()
        for value, colour, hatch in ((0, COLOURS[1], None), (1, COLOURS[0], "//")):
            own = tested.loc[tested["value"] == value, "mean"]
            if len(own):
                axes.hist(
                    own,
                    edges,
                    weights=np.full(len(own), 100 / len(own)),
                    alpha=0.6,
                    color=colour,
                    hatch=hatch,
                    label=f"measured {value} ({len(own)})",
                )
        axes.axvline(threshold, color="#555555", linestyle="--", linewidth=1)
        axes.set(xlabel="predicted probability of 1", ylabel="% of the class", xlim=(0, 1))
        axes.legend(frameon=False, fontsize=8)

    return chart_in_words(
        1.25, f"{endpoint.name}: predicted probabilities of the {len(tested)} molecules of each measured class.", plot
    )


def top_of_errors(error: pd.Series) -> float:
    """Where a chart of absolute errors ends, so that a few outliers don't flatten all others."""
    return float(error.quantile(0.99)) * 1.1 or 1


def error_by_similarity(tested: pd.DataFrame, bins: list[Bin], endpoint: Endpoint) -> str:
    """Errors over the similarity to the nearest molecule that was learnt from; of numbers each, and means of bins."""
    numbers = endpoint.task == "regression"
    unit = f" ({endpoint.unit})" if endpoint.unit else ""

    def plot(axes: Axes) -> None:
        if numbers:
            error = (tested["value"] - tested["mean"]).abs()
            axes.scatter(
                tested["similarity"], error, s=6, alpha=0.35, color=PRIOR_COLOUR, linewidths=0, rasterized=len(tested) > CROWD
            )
            axes.set_ylim(0, top_of_errors(error))
        _bars(axes, bins)
        axes.set(
            xlabel="similarity to the nearest molecule learnt from",
            ylabel=f"absolute error{unit}" if numbers else "taken for the other class",
            xlim=(0, 1.02),
        )
        if not numbers:
            axes.set_ylim(0, None)

    said = "; ".join(f"{b.y:.2g} at a similarity of {b.x:.2f}" for b in bins)
    return chart_in_words(1.25, f"{endpoint.name}: error over similarity to what was learnt from: {said}.", plot)


def calibration_chart(bins: list[Bin], endpoint: Endpoint, axis_x: str, axis_y: str) -> str:
    """What was found over what was expected, with a line where they are the same."""

    def plot(axes: Axes) -> None:
        _bars(axes, bins)
        if endpoint.task == "classification":
            limits = 0.0, 1.0
        else:
            both = [value for b in bins for value in (b.x, b.y)]
            limits = 0.0, max(both, default=1.0) * 1.1 or 1.0
        axes.plot(limits, limits, color=PRIOR_COLOUR, linewidth=1, zorder=0)
        axes.set(xlim=limits, ylim=limits, xlabel=axis_x, ylabel=axis_y)
        axes.set_box_aspect(1)

    said = "; ".join(f"{b.y:.2g} where {b.x:.2g} was expected" for b in bins)
    return chart_in_words(1.25, f"{endpoint.name}: {axis_y} over {axis_x}: {said}.", plot)


def over_molecules(points: list[Bin], guess: float, name: str, endpoint: Endpoint) -> str:
    """A learning curve: a figure over the number of molecules that were learnt from; `guess` is that of the nearest's value."""

    def plot(axes: Axes) -> None:
        _bars(axes, points)
        if np.isfinite(guess):
            axes.axhline(guess, color=COLOURS[1], linestyle="--", linewidth=1, label="value of the nearest molecule")
            axes.legend(frameon=False, fontsize=8)
        axes.set_xscale("log")
        axes.set_xticks([b.x for b in points], [f"{b.x:,.0f}" for b in points])
        axes.minorticks_off()
        axes.set(xlabel="molecules learnt from", ylabel=name)

    said = "; ".join(f"{b.y:.3g} from {b.x:,.0f} molecules" for b in points)
    return chart_in_words(1.25, f"{endpoint.name}: {name} on the held-out part: {said}.", plot)


def _bars(axes: Axes, bins: list[Bin]) -> None:
    x, y = np.array([b.x for b in bins]), np.array([b.y for b in bins])
    ends = np.array([[b.y - b.y_low, b.y_high - b.y] for b in bins]).T.reshape(2, -1)
    axes.errorbar(x, y, np.nan_to_num(ends).clip(min=0), color=COLOURS[0], marker="o", markersize=5, capsize=3, linewidth=1.2)
