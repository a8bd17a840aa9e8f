"""Predictions as pages show them: values with errors, units, domains and published ranges."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from molgen.data.dataset import Endpoint
from molgen.predictors.base import Prediction, Predictor
from molgen.predictors.class_sets import BOTH, NEITHER, class_sets
from molgen.predictors.ranges import range_of

NONE, MINUS = "–", "\N{MINUS SIGN}"
MOST_DIGITS = 4
MARGIN = 0.25  # of the range of the training values, on each side of it, that an error bar is drawn in
FEWEST = 20  # measured values that a range is taken from
CLEAR = 0.1  # change of a probability from which it is called better or worse
LENGTH = 100  # of that bar
CLASSES = {None: "", "0": "class 0 at 90 %", "1": "class 1 at 90 %", BOTH: "undecided at 90 %", NEITHER: "like neither class"}


@dataclass(frozen=True)
class PredictedValue:
    """One value as it is printed.

    Attributes
    ----------
    endpoint
        What is predicted.
    text
        The value, with the digits that its error allows.
    spread
        Its 90 % interval, or that this has no width; of a probability the standard deviation.
    word
        poor, fair or good, where a publication draws the lines; else empty.
    outside
        Why the molecule is outside the domain; empty where it isn't.
    similarity
        To the nearest training molecule.
    classes
        Of a probability, those that can't be ruled out at 90 %, in words; else empty.
    seen
        Of an affinity, what was learnt from, as `AffinityBeliefs.seen` says it; else empty.
    """

    endpoint: Endpoint
    text: str
    spread: str
    word: str
    outside: str
    similarity: float
    classes: str = ""
    seen: str = ""

    @property
    def inside(self) -> bool:
        """Whether the molecule is in the domain."""
        return not self.outside

    @property
    def is_missing(self) -> bool:
        """Whether there is no value."""
        return self.text == NONE


def predicted_values(found: Prediction, i: int) -> list[PredictedValue]:
    """Those of the `i`-th molecule, one for each endpoint."""
    return [_value(found, i, j) for j in range(len(found.endpoints))]


def _value(found: Prediction, i: int, j: int) -> PredictedValue:
    endpoint, mean, std = found.endpoints[j], float(found.mean[i, j]), float(found.std[i, j])
    outside, similarity = str(found.outside[i, j]), float(found.similarity[i, j])
    if math.isnan(mean):
        return PredictedValue(endpoint, NONE, "", "", outside, similarity)
    if endpoint.task == "classification":
        classes = CLASSES[(class_sets(endpoint, found.mean[i : i + 1, j]) or [None])[0]]
        return PredictedValue(endpoint, f"{mean:.2f}", f"± {std:.2f}", "", outside, similarity, classes)
    text, spread = _with_interval(endpoint, mean, std, float(found.low[i, j]), float(found.high[i, j]))
    published = range_of(endpoint)
    word = (published.words(found.mean[i : i + 1, j])[0] or "") if published else ""
    seen = (found.seen[i, j] or "") if found.seen is not None else ""
    return PredictedValue(endpoint, text, spread, word, outside, similarity, seen=seen)


def _with_interval(endpoint: Endpoint, mean: float, std: float, low: float, high: float) -> tuple[str, str]:
    """A value and its interval as they are printed; what there is of one without width, and nothing of one that isn't known."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return in_digits(std, mean)[0], ""
    text, *ends = in_digits(std, mean, low, high)
    if ends[0] != ends[1]:
        return text, " to ".join(ends)
    if endpoint.lowest is not None and high <= endpoint.lowest:
        return text, "the least there can be"
    if endpoint.highest is not None and low >= endpoint.highest:
        return text, "the most there can be"
    if low == high and "e" not in text:
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text, "no spread" if low == high else "hardly any spread"


def in_digits(std: float, *values: float, plus: bool = False) -> list[str]:
    """Numbers that go together, with the digits that an error allows: as powers of ten where decimal places would hide them."""
    digits, largest = digits_of(std), max(map(abs, values))
    if 0 < std < 10.0 ** (1 - MOST_DIGITS) and 0 < largest < 10.0 ** (1 - MOST_DIGITS):
        return [f"{value:{'+' if plus else ''}.1e}".replace("-", MINUS) for value in values]
    return [signed(value, digits, plus) for value in values]


def digits_of(std: float) -> int:
    """Decimal places that show two figures of an error."""
    if not (math.isfinite(std) and std > 0):
        return 2
    return min(MOST_DIGITS, max(0, 1 - math.floor(math.log10(std))))


def signed(value: float, digits: int, plus: bool = False) -> str:
    """A number with a minus sign that is one, and no minus zero."""
    text = f"{value:{'+' if plus else ''}.{digits}f}"
    if not text.strip("+-0."):
        return text.lstrip("+-")
    return text.replace("-", MINUS)


@dataclass(frozen=True)
class ErrorBar:
    """Where a value and its 90 % interval lie, from 0 to 100 between the ends of what was measured.

    Attributes
    ----------
    value, low, high
        Of the molecule; a probability has no interval: both are its value.
    reference
        Where the pinned molecule's value lies; None without one.
    """

    value: float
    low: float
    high: float
    reference: float | None


@dataclass(frozen=True)
class LiveRow:
    """An endpoint of the molecule that is edited.

    Attributes
    ----------
    change
        Against the pinned molecule; empty without one.
    verdict
        better or worse, by the endpoint's direction, or within the error; else empty.
    bar
        None where no value or no range of the training values is known.
    """

    value: PredictedValue
    change: str
    verdict: str
    bar: ErrorBar | None


def measured_ranges(predictor: Predictor, target: str | None) -> list[tuple[float, float] | None]:
    """Between which nine tenths of what each endpoint was trained on lie; None where that isn't known."""
    found: list[tuple[float, float] | None] = []
    for endpoint in predictor.endpoints:
        if endpoint.low is not None and endpoint.high is not None:
            found.append((endpoint.low, endpoint.high))
            continue
        _, values = predictor.measured(endpoint.name, target)
        low, high = np.quantile(values, [0.05, 0.95]) if len(values) >= FEWEST else (0.0, 0.0)
        found.append((float(low), float(high)) if low < high else None)
    return found


def live_rows(
    found: Prediction, reference: Prediction | None, ranges: Sequence[tuple[float, float] | None] = ()
) -> list[LiveRow]:
    """The first molecule, beside the first of `reference` where there is one; see `measured_ranges`."""
    ranges = ranges or [None] * len(found.endpoints)
    rows = []
    for j, value in enumerate(predicted_values(found, 0)):
        known = None if reference is None else float(reference.mean[0, j])
        mean, std = float(found.mean[0, j]), float(found.std[0, j])
        change = verdict = ""
        if known is not None and not math.isnan(known - mean):
            is_class = value.endpoint.task == "classification"
            change = signed(mean - known, 2, plus=True) if is_class else in_digits(std, mean - known, plus=True)[0]
            verdict = _verdict(value.endpoint, mean - known, std)
        rows.append(LiveRow(value, change, verdict, _bar(found, j, known, ranges[j])))
    return rows


def _verdict(endpoint: Endpoint, change: float, std: float) -> str:
    if endpoint.task == "regression" and not abs(change) >= std:
        return "" if math.isnan(std) else "within the error"
    small = endpoint.task == "classification" and abs(change) < CLEAR
    if small or endpoint.poor is None or endpoint.good is None or endpoint.poor == endpoint.good:
        return ""
    return "better" if change * (endpoint.good - endpoint.poor) > 0 else "worse"


def _bar(found: Prediction, j: int, reference: float | None, known: tuple[float, float] | None) -> ErrorBar | None:
    endpoint, mean = found.endpoints[j], float(found.mean[0, j])
    if endpoint.task == "classification":
        start, end = 0.0, 1.0
    elif known is None:
        return None
    else:
        margin = MARGIN * (known[1] - known[0])
        start, end = known[0] - margin, known[1] + margin
    if math.isnan(mean):
        return None

    def place(value: float) -> float:
        return min(max(LENGTH * (value - start) / (end - start), 0.0), float(LENGTH))

    low, high = (float(limits[0, j]) for limits in (found.low, found.high))
    given = reference is not None and not math.isnan(reference)
    return ErrorBar(
        place(mean),
        place(mean if math.isnan(low) else low),
        place(mean if math.isnan(high) else high),
        place(float(reference)) if reference is not None and given else None,
    )
