"""Numbers for reading."""

import math

from molgen.data.dataset import Endpoint
from molgen.metrics.bootstrap import BootstrapInterval

NONE = "–"


def number(value: float) -> str:
    """Three figures of a number; a dash where there is none."""
    if not math.isfinite(value):
        return NONE
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if 0.1 <= abs(value) < 10 or value == 0 else f"{value:#.3g}".rstrip(".")


def share(part: float, whole: float) -> str:
    """In percent."""
    return f"{100 * part / whole:.0f} %" if whole else NONE


def interval_text(found: BootstrapInterval) -> str:
    """An interval in brackets; empty where there is none."""
    return f"({number(found.low)} to {number(found.high)})" if math.isfinite(found.low) else ""


def with_unit(text: str, endpoint: Endpoint) -> str:
    """A value with the endpoint's unit."""
    return f"{text} {endpoint.unit}".strip()
