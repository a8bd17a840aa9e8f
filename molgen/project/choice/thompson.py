"""Choosing by one guess each."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.errors import check_between
from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


class Guess(NamedTuple):
    """A guess at utilities.

    Attributes
    ----------
    boldness
        How far it goes from the mean towards a draw: 1 is Thompson's rule, 0 is greedy.
    kappa
        Standard deviations that are added: with a boldness of 0 an upper confidence bound.
    """

    boldness: float = 1.0
    kappa: float = 0.0


@dataclass(frozen=True)
class Thompson(ChoiceRule):
    """Each molecule of a batch is the best by another guess (Thompson, Biometrika 25, 285, 1933).

    A guess that a pending molecule leads is that molecule's turn, once.

    Parameters
    ----------
    guesses
        What molecules are chosen by, each in its turn.
    jointly
        A guess is one draw of all molecules together; else each molecule's part is of another draw, as if molecules told
        nothing of each other: a single mistake of the model then doesn't spoil a batch.
    learn, first
        Until `learn` molecules are measured or pending, or results of `first` that were proposed are known, those of a batch are
        there to learn from, unless it is said how many.
    """

    guesses: tuple[Guess, ...] = (Guess(),)
    jointly: bool = True
    learn: int = 0
    first: int = 24

    def __post_init__(self) -> None:
        for guess in self.guesses:
            check_between("choice", 0, **guess._asdict())
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
        mean, deviation, columns = utilities.mean(0), utilities.std(0), np.arange(utilities.shape[1])
        waiting = np.isin(columns, pending)
        order, turn = rng.permutation(len(utilities)), 0
        while len(chosen) < number and room.open.any():
            rows = order[turn % len(order)] if self.jointly else rng.integers(len(utilities), size=len(columns))
            guess = self.guesses[turn % len(self.guesses)]
            guessed = mean + guess.boldness * (utilities[rows, columns] - mean) + guess.kappa * deviation
            best = room.best(guessed, room.open | waiting)
            turn += 1
            if waiting[best]:
                waiting[best] = False
                continue
            room.take(best)
            chosen.append(best)
        return np.array(chosen, np.intp)
