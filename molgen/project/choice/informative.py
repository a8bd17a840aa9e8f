"""Choosing to learn rather than to win."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits

ERROR = 0.1  # variance of a measurement, in parts of the mean variance of utilities


@dataclass(frozen=True)
class Informative(ChoiceRule):
    """Those that tell most of all candidates, besides what the rest of the batch and pending molecules will tell.

    Again and again the molecule is taken by whose value the variances of all candidates would fall most in sum (Cohn, Neural
    Networks 9, 1071, 1996), and what it explains is taken from the covariance of the draws. The greatest variance would be an
    outlier's, which tells of nothing but itself.
    """

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        centred = utilities - utilities.mean(0)
        left = centred.T @ centred / len(centred)
        error = max(ERROR * float(left.trace()) / max(len(left), 1), 1e-12)

        def know(i: int) -> None:
            known = left[:, i].copy()
            left[...] -= np.outer(known, known / (known[i] + error))

        for i in pending.tolist():
            know(i)
        room = limits.begin()
        chosen: list[int] = []
        while len(chosen) < number and room.open.any():
            told = np.square(left).sum(0) / (left.diagonal() + error)
            best = room.best(told)
            room.take(best)
            chosen.append(best)
            know(best)
        return np.array(chosen, np.intp)
