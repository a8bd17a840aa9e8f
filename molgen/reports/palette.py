"""Colours and lines of the charts, told apart by colour-blind readers too."""

from typing import Any

# The Okabe-Ito palette (Color Universal Design, 2008) without its yellow, which is faint on white
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#555555")
PRIOR_COLOUR = "#9aa5b1"
MARKERS = "os^DvPX<*>phd"


def line_style(i: int) -> dict[str, Any]:
    """Of the line `i`: its colour, its marker, and whether it is dashed; 91 can be told apart, the first 13 by marker alone."""
    return {
        "color": COLOURS[i % len(COLOURS)],
        "marker": MARKERS[i % len(MARKERS)],
        "markersize": 5,
        "linestyle": "-" if i // len(COLOURS) % 2 == 0 else "--",
    }
