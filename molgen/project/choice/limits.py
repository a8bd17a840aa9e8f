"""What limits a batch: molecules that can't be had, at most so many of a kind, a budget; and what it is worth to share work."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError
from molgen.project.choice.work import Sharing


@dataclass(frozen=True)
class PerGroup:
    """At most `most` molecules of a batch from each group, such as a scaffold or a series.

    Attributes
    ----------
    groups : [n]
        The group of each candidate; an empty string is none.
    name
        What messages call the groups.
    """

    name: str
    groups: Sequence[str]
    most: int

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ConfigError(f"{self.name}={self.most}: must be at least 1")


@dataclass(frozen=True)
class Limits:
    """What a batch must keep to.

    Attributes
    ----------
    closed : bool [n]
        Candidates that may not be chosen: measured, pending, failed, rejected.
    per_group
        Limits by group.
    prices : float64 [n]
        Of the candidates; nan where it is unknown: then it can't be bought.
    budget
        What a batch may cost.
    taken : intp [t]
        Candidates that are in the batch already.
    sharing
        What routes of a batch have in common, and what that is worth; None where there are no routes.
    """

    closed: NDArray[np.bool_]
    per_group: tuple[PerGroup, ...] = ()
    prices: NDArray[np.float64] | None = None
    budget: float | None = None
    taken: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    sharing: Sharing | None = None

    def __post_init__(self) -> None:
        if self.budget is not None and self.prices is None:
            raise ConfigError(f"budget={self.budget:g}: the candidates have no prices")

    def best(self, values: NDArray[np.float64], number: int) -> NDArray[np.intp]:
        """At most `number` candidates of the highest values [n] that the limits allow together."""
        room = self.begin()
        chosen: list[int] = []
        while len(chosen) < number and room.open.any():
            chosen.append(room.best(values))
            room.take(chosen[-1])
        return np.array(chosen, np.intp)

    def begin(self) -> "Room":
        """What the batch has room for."""
        return Room(self)


class Room:
    """What a batch still has room for.

    Attributes
    ----------
    open : bool [n]
        Candidates that may be chosen next.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.open = ~limits.closed
        self.left = np.inf if limits.budget is None else limits.budget
        self._members = [_members(each.groups) for each in limits.per_group]
        self._counts: list[dict[str, int]] = [{} for _ in limits.per_group]
        self._close_expensive()
        self._work = None if limits.sharing is None else limits.sharing.begin()
        for i in limits.taken.tolist():
            self.take(i)

    def best(self, values: NDArray[np.float64], among: NDArray[np.bool_] | None = None) -> int:
        """The candidate with the highest value [n], less what the work that it adds to the batch is worth.

        Parameters
        ----------
        among : bool [n]
            Candidates, at least one; those that are `open` if None.
        """
        among = self.open if among is None else among
        charged = values if self._work is None else self._work.charged(values, among)
        return int(np.where(among, charged, -np.inf).argmax())

    def take(self, i: int) -> None:
        """Put a candidate into the batch."""
        self.open[i] = False
        for each, members, counts in zip(self.limits.per_group, self._members, self._counts, strict=True):
            if group := each.groups[i]:
                counts[group] = counts.get(group, 0) + 1
                if counts[group] >= each.most:
                    self.open[members[group]] = False
        if self.limits.prices is not None and self.limits.budget is not None:
            self.left -= float(self.limits.prices[i])
        if self._work is not None:
            self._work.take(i)
        self._close_expensive()

    def _close_expensive(self) -> None:
        if self.limits.budget is not None and self.limits.prices is not None:
            self.open &= self.limits.prices <= self.left


def _members(groups: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        found.setdefault(group, []).append(i)
    return found
