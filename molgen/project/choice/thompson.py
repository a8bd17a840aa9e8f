"""Choosing by one guess each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class Thompson(ChoiceRule):
    """Each molecule is the best of another draw (Thompson, Biometrika 25, 285, 1933).

    As many draws as there are pending molecules are theirs: they come first, and what leads them is pending already or has to
    wait.

    Parameters
    ----------
    jointly
        Draw all molecules together, so that a draw is one consistent guess; else each molecule by itself, as if molecules told
        nothing of each other.
    """

    jointly: bool = True

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        room, chosen = limits.begin(), []
        waiting = np.zeros(utilities.shape[1], bool)
        waiting[pending] = True
        order, turn = rng.permutation(len(utilities)), 0
        while len(chosen) < number and room.open.any():
            if self.jointly:
                draw = utilities[order[turn % len(order)]]
            else:
                draw = utilities[rng.integers(len(utilities), size=utilities.shape[1]), np.arange(utilities.shape[1])]
            allowed = room.open | waiting
            best = int(np.where(allowed, draw, -np.inf).argmax())
            turn += 1
            if waiting[best]:
                waiting[best] = False
                continue
            room.take(best)
            chosen.append(best)
        return np.array(chosen, np.intp)
