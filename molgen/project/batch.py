"""A chosen batch: what is to be made and measured next, what is expected of it, and why."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.tables.columns import free_name
from molgen.errors import DataError
from molgen.predictors.domain import Words
from molgen.project.nearest import Neighbour
from molgen.synthesis.sharing import shared_parts, shared_with
from molgen.synthesis.trees import Tree, blocks_of, price_of, sentence, steps_of

Values = NDArray[np.float64]

PURPOSES = ("improve", "learn", "fill a series", "control", "repeat")
LOPSIDED = 1.5  # how much wider an interval is upwards than downwards where it is one of logarithms
TINY = 1e-12
SCORE, CHANCE = "score", "chance to meet all goals"


@dataclass(frozen=True, eq=False)
class Estimates:
    """The values of a goal or a term, one per molecule of a batch [n].

    Attributes
    ----------
    name, unit
        The unit is empty for plain numbers.
    value : float64 [n]
        As predicted or computed; nan where there is none.
    error : float64 [n]
        Standard deviation of what will be measured; nan or None where nobody knows it, and so
    low, high : float64 [n]
        the 90 % interval.
    outside : object [n]
        Why a molecule isn't like what the predictor learnt from, in words, empty where it is; None where values are computed.
    """

    name: str
    unit: str
    value: Values
    error: Values | None = None
    low: Values | None = None
    high: Values | None = None
    outside: Words | None = None

    @property
    def has_errors(self) -> bool:
        """Whether any value has an error."""
        return self.error is not None and not bool(np.isnan(self.error).all())

    @property
    def by_ratios(self) -> bool:
        """Whether intervals are those of logarithms: all of positive values, and much wider upwards."""
        if self.low is None or self.high is None or not (known := np.isfinite(self.low) & np.isfinite(self.high)).any():
            return False
        value, low, high = self.value[known], self.low[known], self.high[known]
        return bool((low > 0).all() and np.median((high - value) / np.maximum(value - low, TINY)) > LOPSIDED)

    @property
    def decimals(self) -> int:
        """Digits behind the point that say something: two of a typical error's, else three of a typical value's."""
        if self.has_errors:
            errors = np.asarray(self.error)
            return decimals(errors[errors > 0], 2)
        return decimals(self.value, 3)

    def digits(self, values: Values) -> int:
        """Digits behind the point of some of the values, errors or ends of intervals with which all of them say something."""
        if not self.by_ratios:
            return self.decimals
        return max((decimals(np.array([each]), 2) for each in values), default=0)

    def text(self, value: float) -> str:
        """One of the values, errors and ends of intervals with the digits that say something."""
        return f"{value:.{self.digits(np.array([value]))}f}"


@dataclass(frozen=True)
class BatchColumn:
    """A column of a batch: its name in Python, its heading in files, and the digits behind the point, None for text."""

    name: str
    heading: str
    cells: Sequence[Any] | Values
    decimals: int | None = None


@dataclass(frozen=True, eq=False)
class Batch:
    """Molecules [n] that were chosen together, in the order of the choice.

    Attributes
    ----------
    title
        Heading of its page.
    ids : [n]
        Distinct, such as `thrombin-0042`.
    smiles : [n]
    estimates
        What is known or expected of them, a goal or a term each.
    score : float64 [n]
        By which they were chosen; None where it was not a score.
    chance : float64 [n]
        Probability to meet all goals; None where no goals are known.
    purposes : [n]
        What each is there for, one of `PURPOSES`; "" for one where that isn't known, and empty where it isn't of any.
    neighbours : [n]
        The nearest known compound of each; empty where none are known.
    routes : [n]
        How each is made; None for one where that isn't known, and empty where it isn't of any.
    facts : DataFrame [n]
        What else is known: alerts, supplier, ...
    notes
        How they were chosen, a line each.

    Raises
    ------
    DataError
        The parts differ in length, two molecules have the same identifier, or a purpose isn't one of `PURPOSES`.
    """

    title: str
    ids: tuple[str, ...]
    smiles: tuple[str, ...]
    estimates: tuple[Estimates, ...] = ()
    score: Values | None = None
    chance: Values | None = None
    purposes: tuple[str, ...] = ()
    neighbours: tuple[Neighbour | None, ...] = ()
    routes: tuple[Tree | None, ...] = ()
    facts: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {name: len(part) for name, part in self._parts() if part is not None and len(part)}
        if wrong := [name for name, length in lengths.items() if length != len(self.ids)]:
            raise DataError(f"batch.{wrong[0]}: has {lengths[wrong[0]]} rows for {len(self.ids)} molecules")
        if len(set(self.ids)) < len(self.ids):
            twice = next(name for i, name in enumerate(self.ids) if name in self.ids[:i])
            raise DataError(f"batch.ids: {twice} is there twice")
        if unknown := set(self.purposes) - {"", *PURPOSES}:
            raise DataError(f"batch.purposes: no '{min(unknown)}'; known: {', '.join(PURPOSES)}")

    def _parts(self) -> Iterator[tuple[str, Any]]:
        for name in ("smiles", "score", "chance", "purposes", "neighbours", "routes", "facts"):
            yield name, getattr(self, name)
        for each in self.estimates:
            for name in ("value", "error", "low", "high", "outside"):
                yield f"estimates.{each.name}.{name}", getattr(each, name)

    def __len__(self) -> int:
        return len(self.ids)

    def to_pandas(self) -> pd.DataFrame:
        """One row per molecule; `attrs["units"]` has the units of the estimates.

        Columns are id, smiles, score, chance, purpose, then `NAME`, and for predicted values `NAME_error`, `NAME_low`,
        `NAME_high` and `NAME_in_domain`, and `NAME_outside` where any is, then those of the nearest known compound, which begin
        with `nearest`, then route, steps, price, blocks and shares, then the facts.
        """
        frame = pd.DataFrame({column.name: list(column.cells) for column in self.columns()})
        frame.attrs["units"] = {each.name: each.unit for each in self.estimates if each.unit}
        return frame

    @property
    def trees(self) -> dict[str, Tree]:
        """The routes that are known, by identifiers."""
        return {name: tree for name, tree in zip(self.ids, self.routes, strict=False) if tree is not None}

    def _made(self) -> Iterator[BatchColumn]:
        """How each is made, and with which others it shares what."""
        trees, shared = self.trees, shared_parts(self.trees)
        steps = np.array([len(list(steps_of(trees[name]))) if name in trees else np.nan for name in self.ids])
        prices = np.array([price_of(trees[name]) if name in trees else np.nan for name in self.ids])
        yield BatchColumn("route", "route", [sentence(trees[name]) if name in trees else "" for name in self.ids])
        yield BatchColumn("steps", "steps", steps, 0)
        if not np.isnan(prices).all():
            yield BatchColumn("price", "price of blocks", prices, 2)
        blocks = [", ".join(block["id"] for block in blocks_of(trees[name])) if name in trees else "" for name in self.ids]
        yield BatchColumn("blocks", "blocks", blocks)
        yield BatchColumn("shares", "shares", [shared_with(name, shared) for name in self.ids])

    def columns(self) -> list[BatchColumn]:
        """All columns, each with a name and a heading of its own."""
        found: list[BatchColumn] = []
        names: set[str] = set()
        headings: set[str] = set()
        for column in self._columns():
            name, heading = free_name(column.name, names), free_name(column.heading, headings)
            names.add(name)
            headings.add(heading)
            found.append(BatchColumn(name, heading, column.cells, column.decimals))
        return found

    def _columns(self) -> Iterator[BatchColumn]:
        yield BatchColumn("id", "id", self.ids)
        yield BatchColumn("smiles", "smiles", self.smiles)
        if self.score is not None:
            yield BatchColumn("score", SCORE, self.score, decimals(self.score, 3))
        if self.chance is not None:
            yield BatchColumn("chance", CHANCE, self.chance, 2)
        if self.purposes:
            yield BatchColumn("purpose", "purpose", self.purposes)
        for each in self.estimates:
            yield from _estimated(each)
        if any(self.neighbours):
            yield from _nearest(self.neighbours)
        if any(self.routes):
            yield from self._made()
        for name, values in self.facts.items():
            numbers = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
            yield BatchColumn(str(name), str(name), values.tolist(), decimals(values.to_numpy(float), 3) if numbers else None)


def _estimated(each: Estimates) -> Iterator[BatchColumn]:
    unit = f" ({each.unit})" * bool(each.unit)
    yield BatchColumn(each.name, f"{each.name}{unit}", each.value, each.digits(each.value))
    for key, values in (("error", each.error), ("low", each.low), ("high", each.high)):
        if values is not None and not np.isnan(values).all():
            yield BatchColumn(f"{each.name}_{key}", f"{each.name} {key}{unit}", values, each.digits(values))
    if each.outside is not None:
        yield BatchColumn(f"{each.name}_in_domain", f"{each.name} in domain", (each.outside == "").tolist())
        if each.outside.any():
            yield BatchColumn(f"{each.name}_outside", f"{each.name} outside the domain", each.outside.tolist())


def _nearest(neighbours: Sequence[Neighbour | None]) -> Iterator[BatchColumn]:
    known = [each for each in neighbours if each is not None]
    parts: list[tuple[str, str, Sequence[Any], int | None]] = [
        ("nearest", "nearest known", ["" if each is None else each.name for each in neighbours], None),
        ("nearest_smiles", "nearest known smiles", ["" if each is None else each.smiles for each in neighbours], None),
    ]
    for name in dict.fromkeys(name for each in known for name in each.measured):
        values = ["" if each is None else each.measured.get(name, "") for each in neighbours]
        numbers = pd.to_numeric(pd.Series(values, dtype=object).replace("", None), errors="coerce").to_numpy(float)
        known_numbers = (~np.isnan(numbers)).sum() == sum(map(bool, values))
        parts.append((f"nearest_{name}", f"nearest {name}", *((numbers, _written(values)) if known_numbers else (values, None))))
    similarity = [math.nan if each is None else each.similarity for each in neighbours]
    changes = ["" if each is None else each.difference.text for each in neighbours]
    parts += [("nearest_similarity", "similarity", similarity, 2), ("nearest_change", "change", changes, None)]
    yield from (BatchColumn(*part) for part in parts)


def _written(texts: Sequence[str]) -> int:
    """Digits behind the point of the number that was written with most."""
    return max(len(text.partition(".")[2]) if text.replace(".", "").isdigit() else 0 for text in texts)


def decimals(values: Values, digits: int) -> int:
    """Digits behind the point with which a typical one of `values` has this many significant digits."""
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    if not len(known) or (known == np.round(known)).all():
        return 0
    return max(0, digits - 1 - math.floor(math.log10(float(np.median(known)))))
