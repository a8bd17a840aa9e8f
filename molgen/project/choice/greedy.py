"""Choosing what is best on average, but not the same thing over and over."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.errors import check_between
from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class GreedyDiverse(ChoiceRule):
    """The highest means, less what is alike: molecules are alike as far as their draws go together.

    Parameters
    ----------
    diverse
        What a molecule loses, in standard deviations of its utility, by having one in the batch that is its copy; 0 is greedy.
    """

    diverse: float = 0.5

    def __post_init__(self) -> None:
        check_between("diverse", 0, diverse=self.diverse)

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        mean, deviation = utilities.mean(0), utilities.std(0)
        standard = (utilities - mean) / np.maximum(deviation, 1e-12)
        alike = np.zeros(len(mean))
        room = limits.begin()
        chosen: list[int] = []

        def count(i: int) -> None:
            np.maximum(alike, standard[:, i] @ standard / len(standard), out=alike)

        for i in pending.tolist():
            count(i)
        while len(chosen) < number and room.open.any():
            best = room.best(mean - self.diverse * alike * deviation)
            room.take(best)
            chosen.append(best)
            count(best)
        return np.array(chosen, np.intp)
