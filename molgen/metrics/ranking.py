"""How well a search ranks: the PMO benchmark's area under the curve."""

from collections.abc import Sequence

import numpy as np


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
        now = float(np.mean(sorted(scores[:end])[-k:]))
        area += interval * (now + before) / 2
        before, called = now, end
    now = float(np.mean(sorted(scores[:budget])[-k:])) if len(scores) else 0.0
    reached = min(len(scores), budget)
    area += (reached - called) * (now + before) / 2
    return (area + (budget - reached) * now) / budget
