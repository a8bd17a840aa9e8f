"""How well a search ranks: the PMO benchmark's area under the curve."""

import heapq
from collections.abc import Iterable, Sequence


def top_mean(scores: Iterable[float], k: int) -> float:
    """Mean of the best `k` scores, or of all there are; 0 for none."""
    best = heapq.nlargest(k, scores)
    return float(sum(best) / len(best)) if best else 0.0


def top_means(scores: Iterable[float], k: int) -> list[float]:
    """The same after every score."""
    best: list[float] = []
    means = []
    for score in scores:
        (heapq.heappush if len(best) < k else heapq.heappushpop)(best, float(score))
        means.append(sum(best) / len(best))
    return means


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
