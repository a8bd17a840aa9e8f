"""Choosing blindly: what every rule is compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class AtRandom(ChoiceRule):
    """Any molecules that the limits allow."""

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`."""
        return limits.best(rng.random(size=(utilities.shape[1],)), number)
