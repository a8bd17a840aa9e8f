"""A goal's transform over what known molecules have: ZINC's and FDA's distributions, and the desirability of each value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.app.reference_sets import SETS, Values
from molgen.app.shapes import span_of
from molgen.scoring.scorer import Term

WIDTH, HEIGHT, BINS, POINTS = 460, 110, 30, 121
FOOT = 18  # below the plane: numbers of the axis
Array = NDArray[np.float64]


@dataclass(frozen=True)
class TransformChart:
    """What is drawn, in px: the outline of each set's histogram and of the transform, and three numbers of the axis.

    Attributes
    ----------
    outlines
        Name of the set -> points of its histogram.
    curve
        Points of the transform: 1 is at the top.
    ticks
        Place and text.
    said
        The same in words: the median and the mean desirability of each set.
    """

    outlines: dict[str, str]
    curve: str
    ticks: list[tuple[float, str]]
    said: list[str]
    width: int = WIDTH
    height: int = HEIGHT + FOOT
    floor: int = HEIGHT


def draw_transform(term: Term, values: Values, unit: str = "") -> TransformChart:
    """The chart of a term over values of its component."""
    low, high = span_of(term.scale, values)
    margin = 0.03 * (high - low)
    low, high = low - margin, high + margin
    grid = np.linspace(low, high, POINTS)
    # a limit of a window is a step, and lies between two points of the grid
    scaled = np.nan_to_num(np.clip(term(grid), 0, 1))
    outlines = {SETS[name]: _histogram(each, low, high) for name, each in values.items() if len(each)}
    ticks = [(round(WIDTH * share, 1), _text(low + share * (high - low))) for share in (0.03, 0.5, 0.97)]
    return TransformChart(
        outlines,
        _points(grid, scaled, low, high),
        ticks,
        [_said(term, name, each, unit) for name, each in values.items() if len(each)],
    )


def _histogram(values: Array, low: float, high: float) -> str:
    edges = np.linspace(low, high, BINS + 1)
    counts = np.histogram(np.clip(values, low, high), edges)[0]
    top = np.repeat(counts / max(counts.max(), 1) * 0.94, 2)
    across = np.repeat(edges, 2)[1:-1]
    return _points(np.concatenate([[low], across, [high]]), np.concatenate([[0], top, [0]]), low, high)


def _points(x: Array, y: Array, low: float, high: float) -> str:
    across, up = WIDTH * (x - low) / (high - low), 2 + (HEIGHT - 3) * (1 - y)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across.tolist(), up.tolist(), strict=True))


def _said(term: Term, name: str, values: Array, unit: str) -> str:
    scaled = np.nan_to_num(np.clip(term(values), 0, 1))
    median = f"{_text(float(np.median(values)))} {unit}".strip()
    return f"{SETS[name]}: median {median}, desirability {scaled.mean():.2f} on average"


def _text(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
