"""The contract of a surrogate: a model of the objective that costs no oracle calls."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from molgen.search.bayesian.models.features import Features
from molgen.search.strategy import State

Values = NDArray[np.float64]


def integer_valued(values: Values) -> NDArray[np.bool_]:
    """Which columns [c] of values [n, c] hold integers, as counts and patterns do, and not always the same one."""
    known = np.ma.masked_invalid(values)
    return np.ma.filled((known == np.round(known)).all(0) & (np.ma.ptp(known, 0) > 0), False)


def finite(values: Values) -> Values:
    """Values [n, c] in which infinite ones lie as far beyond a column's others as these are spread, 1 at least: to be learnt."""
    known = np.ma.masked_invalid(values)
    highest, lowest = np.ma.filled(known.max(0), 0.0), np.ma.filled(known.min(0), 0.0)
    beyond = np.maximum(highest - lowest, 1.0)
    return np.where(np.isposinf(values), highest + beyond, np.where(np.isneginf(values), lowest - beyond, values))


class SurrogateModel(ABC):
    """Predicts several values of a molecule, each with its uncertainty."""

    @abstractmethod
    def fit(self, x: Features, y: Values, rng: np.random.Generator) -> None:
        """Learn the values `y` [n, c] of molecules with features `x`; nan is unknown."""

    @abstractmethod
    def predict(self, x: Features) -> tuple[Values, Values]:
        """Means [n, c] and standard deviations [n, c]."""

    @property
    @abstractmethod
    def noisy(self) -> bool:
        """Whether the values of the last `fit` had errors that matter."""

    @abstractmethod
    def state_dict(self) -> State:
        """What the next `fit` depends on besides its arguments; JSON can hold it."""

    @abstractmethod
    def load_state_dict(self, state: State) -> None:
        """Go on as the model that gave `state`."""
