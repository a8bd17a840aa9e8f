"""The transforms of a goal as a form shows them: which there are, their numbers, and where these begin."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.app.reference_sets import Values
from molgen.classes import locate
from molgen.scoring.transforms import Transform
from molgen.short_names import dotted, short_name, short_names

KINDS = short_names("molgen.scoring.transforms.Transform")
ABOUT = {
    "identity": "as it is, 0 to 1",
    "linear": "a straight line",
    "clip": "rises from 0, and stays",
    "sigmoid": "rises",
    "reverse_sigmoid": "falls",
    "double_sigmoid": "a window",
    "gaussian": "a peak",
    "min_gaussian": "low enough",
    "max_gaussian": "high enough",
    "step": "a window with hard limits",
}
NUMBERS = {  # settings that a slider shows; all others keep their defaults
    "low": "from",
    "high": "to",
    "upper": "scores 1 from",
    "mu": "scores 1 at",
    "sigma": "tolerance",
}
LIMITS = {  # what low and high mean, by kind: in a window they are its edges
    "linear": ("scores 0 at", "scores 1 at"),
    "sigmoid": ("scores 0 at", "scores 1 at"),
    "reverse_sigmoid": ("scores 1 at", "scores 0 at"),
}
WIDTHS = ("sigma",)  # distances, not values
STEPS = 200  # of a slider


@dataclass(frozen=True)
class Slider:
    """A number of a transform: its name, how it is called, its value, and between what and by what it slides."""

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float


def shape_of(transform: Transform) -> str:
    """The short name of a transform; empty where it is none of molgen's."""
    name = short_name(type(transform).__name__)
    return name if KINDS.get(name) == dotted(type(transform)) else ""


def settings_as_node(transform: Transform) -> Any:
    """A transform of molgen's as objectives write it: numbers that are its defaults are left out."""
    fields = {item.name: getattr(transform, item.name) for item in dataclasses.fields(transform)}  # type: ignore[arg-type]
    defaults = {item.name: item.default for item in dataclasses.fields(transform)}  # type: ignore[arg-type]
    given = {name: value for name, value in fields.items() if value != defaults[name]}
    return {shape_of(transform): given} if given else shape_of(transform)


def begin_shape(kind: str, values: Values) -> dict[str, float]:
    """Numbers with which a transform begins: it tells apart the middle half of the molecules that are known.

    Parameters
    ----------
    values
        Of the component, see `reference_values`; nothing where it takes too long to measure.
    """
    known = np.concatenate([*values.values(), np.empty(0)])
    lower, middle, upper = np.quantile(known, (0.25, 0.5, 0.75)).tolist() if len(known) else (0.0, 0.5, 1.0)
    width = upper - lower or max(abs(middle) / 2, 1.0)
    low, high, middle, width = _short(middle - width / 2), _short(middle + width / 2), _short(middle), _short(width)
    found = {"low": low, "high": high, "upper": high or 1.0, "mu": middle, "sigma": width / 2, "divisor": 2 * width * 10}
    wanted = [item.name for item in dataclasses.fields(locate(KINDS[kind])) if item.name in NUMBERS or item.name == "divisor"]
    return {name: _short(found[name]) for name in wanted}


def sliders_of(transform: Transform, values: Values) -> list[Slider]:
    """The numbers of a transform that can be changed, each sliding over what is known of the component."""
    names = [item.name for item in dataclasses.fields(transform) if item.name in NUMBERS]  # type: ignore[arg-type]
    given = {name: float(getattr(transform, name)) for name in names}
    low, high = span_of(transform, values)
    labels = NUMBERS | dict(zip(("low", "high"), LIMITS.get(shape_of(transform), ("from", "to")), strict=True))
    found = []
    for name, value in given.items():
        if not np.isfinite(value):
            continue  # an open side; it is closed in the settings
        edges = (0.0, high - low) if name in WIDTHS else (low, high)
        step = _short((edges[1] - edges[0]) / STEPS, 1)
        least, most = min(edges[0], value), max(edges[1], value)
        found.append(Slider(name, labels[name], value, step * math.floor(least / step), step * math.ceil(most / step), step))
    return found


def span_of(transform: Transform, values: Values) -> tuple[float, float]:
    """Between what a component is drawn: where nearly all known molecules are, and the numbers of the transform."""
    known = np.concatenate([*values.values(), np.empty(0)])
    edges = np.quantile(known, (0.005, 0.995)).tolist() if len(known) else []
    names = [item.name for item in dataclasses.fields(transform)]  # type: ignore[arg-type]
    edges += [float(getattr(transform, name)) for name in ("low", "high", "upper", "mu") if name in names]
    edges = [edge for edge in edges if np.isfinite(edge)] or [0.0, 1.0]
    low, high = min(edges), max(edges)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _short(value: float, digits: int = 3) -> float:
    return float(f"{value:.{digits}g}")
