"""When a search stagnates, and what it breeds from after a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from molgen.metrics.ranking import top_mean

PROGRESS = 0.02  # rise of the mean of the ten best, relative; less is stagnation
STAGNANT = 6  # choices without a rise after which stagnation is complete
FEWEST = 1000  # molecules that are scored between two restarts, at least


@dataclass
class Restart:
    """A part of a search in which molecules are bred from one another, and from no others.

    Attributes
    ----------
    offset
        Molecules scored before it that aren't bred from; 0: all scored molecules are.
    started_at
        Molecules that had been scored when it began.
    best
        The ten best when their mean last rose.
    stagnation
        Choices since then.
    """

    offset: int = 0
    started_at: int = 0
    best: list[str] = field(default_factory=list)
    stagnation: int = 0

    def observe(self, estimates: Mapping[str, float]) -> None:
        """Take note of the estimates of all scored molecules, in order, before a choice; the last ten best are estimated anew."""
        best = nlargest(10, list(estimates)[self.offset :], estimates.__getitem__)
        now, then = (top_mean((estimates[text] for text in ten), 10) for ten in (best, self.best))
        risen = not self.best or now > then + PROGRESS * abs(then)
        self.best, self.stagnation = (best, 0) if risen else (self.best, self.stagnation + 1)

    @property
    def stagnation_share(self) -> float:
        """0 where the last choice brought something, 1 where none did for long."""
        return min(1, self.stagnation / STAGNANT)

    def breeding_stock(self, rewards: Mapping[str, float], n: int) -> list[str]:
        """The `n` best scored since it began; of all, while none was. By rewards, which vary more than posterior means."""
        recent = list(rewards)[self.offset :] or rewards
        return sorted(recent, key=lambda text: (-rewards[text], text))[:n]

    def is_over(self, scored: int, patience: int) -> bool:
        """Whether the ten best have stagnated for `patience` choices, and `FEWEST` of all `scored` molecules belong to it."""
        return self.stagnation >= patience and scored - self.started_at >= FEWEST
