"""Stagnation: for how long a search has found nothing better."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from molgen.metrics.ranking import top_mean

PROGRESS = 0.02  # relative rise of the mean of the ten best; less is stagnation
STAGNANT = 6  # choices without a rise until stagnation is complete


@dataclass
class Stagnation:
    """How a search stagnates.

    Attributes
    ----------
    best
        The ten best molecules when their mean last rose.
    choices
        Number of choices since then.
    """

    best: list[str] = field(default_factory=list)
    choices: int = 0

    def observe(self, estimates: Mapping[str, float]) -> None:
        """Record the estimates of all scored molecules before a choice; those of the last ten best are refreshed."""
        best = nlargest(10, estimates, estimates.__getitem__)
        now, then = (top_mean((estimates[text] for text in ten), 10) for ten in (best, self.best))
        risen = not self.best or now > then + PROGRESS * abs(then)
        self.best, self.choices = (best, 0) if risen else (self.best, self.choices + 1)

    @property
    def degree(self) -> float:
        """0 if the last choice improved the ten best, 1 if none has for long."""
        return min(1, self.choices / STAGNANT)
