"""Choosing by one guess each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.errors import check_between
from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class Thompson(ChoiceRule):
    """Each molecule of a batch is the best by another guess (Thompson, Biometrika 25, 285, 1933).

    A guess that a pending molecule leads is that molecule's turn, once.

    Parameters
    ----------
    boldness
        How far guesses go from the mean, in parts of a draw's deviation, each in its turn: 1 is Thompson's rule, 0 is greedy.
    jointly
        A guess is one draw of all molecules together; else each molecule's part is of another draw, as if molecules told
        nothing of each other: a single mistake of the model then doesn't spoil a batch.
    learn, first
        Until `learn` molecules are measured or pending, or results of `first` that were proposed are known, those of a batch are
        there to learn from, unless it is said how many.
    """

    boldness: tuple[float, ...] = (1.0,)
    jointly: bool = True
    learn: int = 0
    first: int = 24

    def __post_init__(self) -> None:
        for boldness in self.boldness:
            check_between("choice", 0, boldness=boldness)
        check_between("choice", 0, learn=self.learn, first=self.first)

    def to_learn(self, number: int, measured: int, proposed: int) -> int:
        """See `ChoiceRule.to_learn`."""
        return min(number, max(0, self.learn - measured)) if proposed < self.first else 0

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        room = limits.begin()
        chosen: list[int] = []
        mean, columns = utilities.mean(0), np.arange(utilities.shape[1])
        waiting = np.isin(columns, pending)
        order, turn = rng.permutation(len(utilities)), 0
        while len(chosen) < number and room.open.any():
            rows = order[turn % len(order)] if self.jointly else rng.integers(len(utilities), size=len(columns))
            guess = mean + self.boldness[turn % len(self.boldness)] * (utilities[rows, columns] - mean)
            best = room.best(guess, room.open | waiting)
            turn += 1
            if waiting[best]:
                waiting[best] = False
                continue
            room.take(best)
            chosen.append(best)
        return np.array(chosen, np.intp)
