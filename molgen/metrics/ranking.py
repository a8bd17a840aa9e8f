"""How well a search ranks: the PMO benchmark's area under the curve."""

import heapq
from collections.abc import Iterable, Sequence


def top_mean(scores: Iterable[float], k: int) -> float:
    """Mean of the best `k` scores, or of all there are; 0 for none."""
    best = heapq.nlargest(k, scores)
    return float(sum(best) / len(best)) if best else 0.0


class TopMeans:
    """Mean of the best `k` scores, after every score.

    Attributes
    ----------
    means
        One per score so far.
    """

    def __init__(self, k: int) -> None:
        self.k = k
        self.means: list[float] = []
        self._best: list[float] = []

    def add(self, score: float) -> None:
        """Count in one more score."""
        (heapq.heappush if len(self._best) < self.k else heapq.heappushpop)(self._best, float(score))
        self.means.append(sum(self._best) / len(self._best))


def top_means(scores: Iterable[float], k: int) -> list[float]:
    """Mean of the best `k` scores, after every score."""
    top = TopMeans(k)
    for score in scores:
        top.add(score)
    return top.means


def auc_top(scores: Sequence[float], k: int, budget: int, interval: int = 100) -> float:
    """Area under the mean of the best `k` scores over oracle calls, 0 to 1.

    As in `mol_opt` (Gao et al., NeurIPS 2022): read every `interval` calls, trapezoids between, the
    last value held where the budget was not spent.

    Parameters
    ----------
    scores
        In the order of the calls.
    """
    area, before, called = 0.0, 0.0, 0
    for end in range(interval, min(len(scores), budget), interval):
        now = top_mean(scores[:end], k)
        area += interval * (now + before) / 2
        before, called = now, end
    now = top_mean(scores[:budget], k)
    reached = min(len(scores), budget)
    area += (reached - called) * (now + before) / 2
    return (area + (budget - reached) * now) / budget
