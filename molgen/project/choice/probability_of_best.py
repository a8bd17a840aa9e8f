"""Choosing those that are most likely the best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class ProbabilityOfBest(ChoiceRule):
    """The batch that most likely holds the best molecule (qPO: Fromer et al., arXiv 2410.06333).

    Each draw has one best molecule among those that may be measured; a batch's chance is the share of draws whose best it holds.
    Where no draw is left that an open molecule leads, draws are taken again without those that were chosen.
    """

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        room = limits.begin()
        chosen: list[int] = []
        open_or_pending = room.open.copy()
        open_or_pending[pending] = True
        while len(chosen) < number and room.open.any():
            candidates = np.flatnonzero(open_or_pending)
            wins = np.bincount(candidates[utilities[:, candidates].argmax(1)], minlength=len(open_or_pending))
            wins[~room.open] = 0
            if not wins.any():  # all draws are led by pending ones
                open_or_pending = room.open.copy()
                continue
            while len(chosen) < number and (room.open & (wins > 0)).any():
                chosen.append(room.best(wins.astype(float), room.open & (wins > 0)))
                room.take(chosen[-1])
            open_or_pending &= room.open
        return np.array(chosen, np.intp)
