"""A stretch of a search: what is bred from, and whether that still gets better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from molgen.metrics.ranking import top_mean

PROGRESS = 0.02  # of the mean of the ten best, relative: less is none
FEWEST = 1000  # molecules that a lineage scores, at least


@dataclass
class Lineage:
    """Molecules that are bred from one another, and from no others.

    Attributes
    ----------
    born
        How many had been scored before the first of these; 0: all that are scored are bred from.
    begun
        How many had been scored when they began to be bred from.
    best, still
        Mean of the ten best when it last rose, and choices since.
    """

    born: int = 0
    begun: int = 0
    best: float = -np.inf
    still: int = 0

    def watch(self, rewards: Sequence[float]) -> None:
        """Take note of the ten best before a choice, out of all `rewards` so far."""
        best = top_mean(rewards[self.born :], 10)
        risen = best > self.best + PROGRESS * abs(self.best) or not np.isfinite(self.best)
        self.best, self.still = (best, 0) if risen else (self.best, self.still + 1)

    def over(self, scored: int, patience: int) -> bool:
        """Whether the ten best have stood still for `patience` choices, and `FEWEST` molecules were scored."""
        return self.still >= patience and scored - self.begun >= FEWEST
