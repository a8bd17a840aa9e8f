"""The contract of a choice: which molecules to measure next."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.limits import Limits

Draws = NDArray[np.float64]


class ChoiceRule(ABC):
    """Chooses a batch of candidates from joint draws of how useful each is."""

    @abstractmethod
    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """At most `number` candidates, the most wanted first; fewer where the limits leave no more.

        Parameters
        ----------
        utilities : float64 [draws, n]
            Joint draws, higher is better. Pending molecules are among them, and so may be measured ones.
        limits
            Which may be chosen, and how many of a kind; measured ones are closed there.
        pending : intp [p]
            Those whose results are awaited: never chosen, but what they will tell isn't asked for again.
        """

    def to_learn(self, number: int, measured: int, proposed: int) -> int:
        """How many of a batch are there to learn from, unless it is said.

        Parameters
        ----------
        number
            Molecules of the batch.
        measured
            Molecules that are measured or pending.
        proposed
            Molecules of the batches before whose results are known.
        """
        return 0
