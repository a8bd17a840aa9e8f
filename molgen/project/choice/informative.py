"""Choosing to learn rather than to win."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class Informative(ChoiceRule):
    """Those whose utility is least known, given what the rest of the batch and pending molecules will tell.

    The greatest variance of the draws is taken again and again, and what it explains is taken from all others: a pivoted Cholesky
    decomposition of the draws' covariance, as in Krause, Singh and Guestrin (J. Mach. Learn. Res. 9, 235, 2008).
    """

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        left = utilities - utilities.mean(0)

        def know(i: int) -> None:
            known = left[:, i].copy()
            left[...] -= np.outer(known, known @ left / max(known @ known, 1e-12))

        for i in pending.tolist():
            know(i)
        room = limits.begin()
        chosen: list[int] = []
        while len(chosen) < number and room.open.any():
            best = int(np.where(room.open, np.square(left).sum(0), -1.0).argmax())
            room.take(best)
            chosen.append(best)
            know(best)
        return np.array(chosen, np.intp)
