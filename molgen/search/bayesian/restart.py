"""Restarts: when a search stagnates, and which molecules it then breeds from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from molgen.metrics.ranking import top_mean

PROGRESS = 0.02  # relative rise of the mean of the ten best; less is stagnation
STAGNANT = 6  # choices without a rise until stagnation is complete
FEWEST = 1000  # fewest molecules scored between two restarts


@dataclass
class Restart:
    """A stretch of a search in which molecules are bred only from one another.

    Attributes
    ----------
    offset
        Number of molecules scored earlier that aren't bred from; 0 if all scored molecules are.
    started_at
        Number of molecules scored when it began.
    best
        The ten best molecules when their mean last rose.
    stagnation
        Number of choices since then.
    """

    offset: int = 0
    started_at: int = 0
    best: list[str] = field(default_factory=list)
    stagnation: int = 0

    def observe(self, estimates: Mapping[str, float]) -> None:
        """Record the estimates of all scored molecules, in order, before a choice; those of the last ten best are refreshed."""
        best = nlargest(10, list(estimates)[self.offset :], estimates.__getitem__)
        now, then = (top_mean((estimates[text] for text in ten), 10) for ten in (best, self.best))
        risen = not self.best or now > then + PROGRESS * abs(then)
        self.best, self.stagnation = (best, 0) if risen else (self.best, self.stagnation + 1)

    @property
    def stagnation_share(self) -> float:
        """Degree of stagnation: 0 if the last choice improved the ten best, 1 if none has for long."""
        return min(1, self.stagnation / STAGNANT)

    def breeding_stock(self, rewards: Mapping[str, float], n: int) -> list[str]:
        """The `n` best molecules scored since it began; the best of all if none was.

        They are ranked by reward, which varies more than posterior means do.
        """
        recent = list(rewards)[self.offset :] or rewards
        return sorted(recent, key=lambda text: (-rewards[text], text))[:n]

    def is_over(self, scored: int, patience: int) -> bool:
        """Whether the ten best have stagnated for `patience` choices, after at least `FEWEST` molecules since it began."""
        return self.stagnation >= patience and scored - self.started_at >= FEWEST
