"""A stretch of a search: what is bred from, and whether that still gets better."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nlargest

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
        The ten best when their mean last rose, and choices since.
    """

    born: int = 0
    begun: int = 0
    best: list[str] = field(default_factory=list)
    still: int = 0

    def watch(self, standing: Mapping[str, float]) -> None:
        """Take note of the ten best of all that is scored (in order) before a choice; the last ten count as they stand now."""
        best = nlargest(10, list(standing)[self.born :], standing.__getitem__)
        now, then = (top_mean((standing[text] for text in ten), 10) for ten in (best, self.best))
        risen = not self.best or now > then + PROGRESS * abs(then)
        self.best, self.still = (best, 0) if risen else (self.best, self.still + 1)

    def over(self, scored: int, patience: int) -> bool:
        """Whether the ten best have stood still for `patience` choices, and `FEWEST` molecules were scored."""
        return self.still >= patience and scored - self.begun >= FEWEST
