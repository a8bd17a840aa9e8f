"""Choosing by what could be, if things go well."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.errors import check_between
from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.limits import Limits


@dataclass(frozen=True)
class UpperConfidenceBound(ChoiceRule):
    """The highest mean plus `kappa` deviations (Srinivas et al., arXiv 0912.3995), each molecule by itself.

    Parameters
    ----------
    kappa
        Deviations that are added: the more, the more is explored.
    """

    kappa: float = 1.0

    def __post_init__(self) -> None:
        check_between("kappa", 0, kappa=self.kappa)

    def choose(
        self, utilities: Draws, number: int, rng: np.random.Generator, limits: Limits, pending: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """See `ChoiceRule.choose`; pending molecules change nothing."""
        return limits.best(utilities.mean(0) + self.kappa * utilities.std(0), number)
