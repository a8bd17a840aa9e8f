"""What the exchange of one group for another did on average, from matched pairs of a project's compounds."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from molgen.chem.matched_pairs import MatchedPair
from molgen.project.page.endpoints import PageEndpoint

Interval = tuple[float, float]

DOUBT = 2  # pairs without a change that are added to each mean before exchanges are ranked


@dataclass(frozen=True)
class Change:
    """What an exchange did to an endpoint.

    Attributes
    ----------
    mean, error
        Of the differences, and the standard error of the mean (nan of one), on the endpoint's scale; of `n` pairs of measured
        values.
    up, down
        Pairs in which the value rose and fell, pairs with bounds included where these say so.
    bounds
        How many pairs with bounds are among those.
    p
        Of the two-sided sign test of `up` against `down`.
    """

    mean: float
    error: float
    n: int
    up: int
    down: int
    bounds: int
    p: float


@dataclass(frozen=True)
class Exchange:
    """A group put in the place of another, with the changes by endpoint and one pair for an example."""

    old: str
    new: str
    changes: Mapping[str, Change]
    example: MatchedPair


def change(pairs: Sequence[MatchedPair], values: Mapping[str, Interval]) -> Change | None:
    """What `pairs` of one exchange say of an endpoint; None where they say nothing.

    A pair with a bound isn't part of the mean, and counts as up or down only where the bound leaves no other direction.

    Parameters
    ----------
    values
        By compound, as `intervals` gives them.
    """
    differences, up, down, bounds = [], 0, 0, 0
    for pair in pairs:
        if pair.before not in values or pair.after not in values:
            continue
        (old_low, old_high), (new_low, new_high) = values[pair.before], values[pair.after]
        if old_low == old_high and new_low == new_high:
            differences.append(new_low - old_low)
            up, down = up + (new_low > old_low), down + (new_low < old_low)
        elif new_low >= old_high or new_high <= old_low:
            up, down, bounds = up + (new_low >= old_high), down + (new_high <= old_low), bounds + 1
    n = len(differences)
    if not n and not up + down:
        return None
    mean = sum(differences) / n if n else math.nan
    error = statistics.stdev(differences) / math.sqrt(n) if n > 1 else math.nan
    return Change(mean, error, n, up, down, bounds, sign_test(up, down))


def sign_test(up: int, down: int) -> float:
    """The p of as uneven a split, either way, when both directions are equally likely."""
    tail = sum(math.comb(up + down, k) for k in range(min(up, down) + 1)) / 2 ** (up + down)
    return min(1.0, 2 * tail)


def intervals(endpoint: PageEndpoint) -> dict[str, Interval]:
    """By compound, between what its true value lies on the endpoint's scale by relation alone; a measured value has no width."""
    table = endpoint.measured
    low, high = table["lower"], table["upper"]
    if endpoint.logarithmic:
        with np.errstate(divide="ignore"):
            low, high = endpoint.on_scale(low.clip(lower=0)), endpoint.on_scale(high)
    return dict(zip(table.index, zip(low, high, strict=True), strict=True))


def exchanges(pairs: Iterable[MatchedPair], endpoints: Sequence[PageEndpoint]) -> list[Exchange]:
    """Pairs with the same exchange together."""
    values = {endpoint.name: intervals(endpoint) for endpoint in endpoints}
    groups: dict[tuple[str, str], list[MatchedPair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.old, pair.new].append(pair)
    found = []
    for (old, new), own in sorted(groups.items()):
        changes = {name: told for name, own_values in values.items() if (told := change(own, own_values)) is not None}
        if changes:
            found.append(Exchange(old, new, changes, own[0]))
    return found


def best_exchanges(found: Iterable[Exchange], endpoint: PageEndpoint, number: int) -> tuple[list[Exchange], list[Exchange]]:
    """Those that helped and those that hurt an endpoint most; where it isn't known what is better, that raised and lowered it.

    Exchanges with two pairs and more go before those with one. They are ranked by their mean as if `DOUBT` pairs more had shown
    no change, so that two lucky pairs don't stand before ten.
    """
    sign = endpoint.better or 1

    def gain(exchange: Exchange) -> float:
        told = exchange.changes[endpoint.name]
        return sign * told.mean * told.n / (told.n + DOUBT)

    known = [exchange for exchange in found if endpoint.name in exchange.changes and exchange.changes[endpoint.name].n]
    known.sort(key=lambda exchange: -abs(gain(exchange)))
    known.sort(key=lambda exchange: exchange.changes[endpoint.name].n < 2)
    helped = [exchange for exchange in known if gain(exchange) > 0]
    return helped[:number], [exchange for exchange in known if gain(exchange) < 0][:number]
