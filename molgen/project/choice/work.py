"""What the routes of a batch take to make, and what it is worth that they share work."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHARED = 0.05


@dataclass(frozen=True)
class Sharing:
    """What a batch that needs less work is worth.

    The work of a batch is the number of reactions to be run, of kinds of reaction to be set up, and of blocks to be bought, each
    counted once, whichever routes need it. A compound's value is lowered by `weight` standard deviations (of the values of all
    that may be chosen) for each of these that its route adds to those of the batch: the weighted sum of reward and synthetic
    cost of Fromer and Coley (Nature Computational Science 4, 440, 2024), maximised greedily.

    Attributes
    ----------
    needs : [n]
        What the route of each candidate needs; see `molgen.synthesis.sharing.needs_of`. Empty for one without a route.
    weight
        0: sharing is worth nothing.
    """

    needs: Sequence[frozenset[tuple[str, str]]]
    weight: float

    def begin(self) -> "Work":
        """The work of an empty batch."""
        return Work(self)


class Work:
    """What a batch needs so far.

    Attributes
    ----------
    added : float64 [n]
        By how much each candidate would add to it.
    """

    def __init__(self, sharing: Sharing) -> None:
        self.weight = sharing.weight
        numbers = {need: i for i, need in enumerate(dict.fromkeys(need for own in sharing.needs for need in sorted(own)))}
        self._own = [np.array(sorted(numbers[need] for need in own), np.intp) for own in sharing.needs]
        self._rows = np.repeat(np.arange(len(self._own)), [len(own) for own in self._own])
        self._columns = np.concatenate([np.empty(0, np.intp), *self._own])
        self._missing = np.ones(len(numbers))
        self.added = self._count()

    def _count(self) -> NDArray[np.float64]:
        return np.bincount(self._rows, self._missing[self._columns], len(self._own)).astype(float)

    def take(self, i: int) -> None:
        """Put a candidate into the batch."""
        self._missing[self._own[i]] = 0
        self.added = self._count()

    def charged(self, values: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Values [n] less what the work that each candidate adds is worth, on the scale of the values of those `among`."""
        return values - self.weight * float(values[among].std()) * self.added
