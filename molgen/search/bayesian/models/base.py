"""The contract of a surrogate: a model of the objective, which costs no oracle calls."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from molgen.search.bayesian.models.features import Features
from molgen.search.strategy import State

Values = NDArray[np.float64]


def integer_valued(values: Values) -> NDArray[np.bool_]:
    """Which columns [c] of values [n, c] hold integers, such as counts, and more than one distinct value."""
    known = np.ma.masked_invalid(values)
    return np.ma.filled((known == np.round(known)).all(0) & (np.ma.ptp(known, 0) > 0), False)


def finite(values: Values) -> Values:
    """Make infinite values learnable.

    Returns
    -------
    NDArray
        Values [n, c] in which an infinite value lies beyond the others of its column by their spread, at least 1.
    """
    known = np.ma.masked_invalid(values)
    highest, lowest = np.ma.filled(known.max(0), 0.0), np.ma.filled(known.min(0), 0.0)
    beyond = np.maximum(highest - lowest, 1.0)
    return np.where(np.isposinf(values), highest + beyond, np.where(np.isneginf(values), lowest - beyond, values))


class SurrogateModel(ABC):
    """Predicts several values of a molecule, each with its uncertainty."""

    @abstractmethod
    def fit(self, x: Features, y: Values, rng: np.random.Generator) -> None:
        """Learn from measured molecules.

        Parameters
        ----------
        x
            Features of molecules [n].
        y
            Their values [n, c]; nan is unknown.
        rng
            Source of randomness.
        """

    @abstractmethod
    def predict(self, x: Features) -> tuple[Values, Values]:
        """Means [n, c] and standard deviations [n, c]."""

    @property
    @abstractmethod
    def noisy(self) -> bool:
        """Whether the values of the last `fit` carried noise that matters."""

    @abstractmethod
    def state_dict(self) -> State:
        """The JSON-serialisable state that the next `fit` depends on besides its arguments."""

    @abstractmethod
    def load_state_dict(self, state: State) -> None:
        """Continue as the model that returned `state`."""
