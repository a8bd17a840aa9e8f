"""The contract of a model of a measured endpoint: what it learns from, and what it is asked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from molgen.errors import DataError
from molgen.search.bayesian.models.features import Features

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """Measurements of molecules; a molecule may be measured several times, and in several assays.

    Attributes
    ----------
    rows : intp [m]
        Which molecule was measured.
    values : float64 [m]
        In the endpoint's unit; other assays may have another.
    relations : int8 [m]
        0 for a measured value, 1 where the true value lies above it, -1 where it lies below.
    assays : intp [m]
        0 for the assay that predictions are about, 1, 2, ... for others that tell of it.

    Raises
    ------
    DataError
        The arrays differ in length, a value isn't finite, a relation isn't one of the three, or an assay is negative.
    """

    rows: NDArray[np.intp]
    values: Values
    relations: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    assays: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    def __post_init__(self) -> None:
        for name, kind in (("relations", np.int8), ("assays", np.intp)):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(len(self.values), kind))
        if len({len(self.rows), len(self.values), len(self.relations), len(self.assays)}) > 1:
            raise DataError("observations: rows, values, relations and assays must be of one length")
        if not np.isfinite(self.values).all():
            raise DataError(f"observations: value {np.flatnonzero(~np.isfinite(self.values))[0]} isn't finite; leave it out")
        if not np.isin(self.relations, (-1, 0, 1)).all() or (self.assays < 0).any():
            raise DataError("observations: relations must be -1, 0 or 1, assays 0 or more")

    def __len__(self) -> int:
        return len(self.values)


class EndpointModel(ABC):
    """Predicts the true values of an endpoint: what the assay would give on average if it were repeated."""

    @abstractmethod
    def fit(self, x: Features, observed: Observations, mean: Values | None = None, around: float | None = None) -> None:
        """Learn what was measured of molecules with features `x` [n].

        Parameters
        ----------
        mean : float64 [n]
            What a predictor says of these molecules, in whatever unit: slope and offset are learnt. Without molecules its
            values are taken for the endpoint's.
        around
            A usual value of the endpoint, in its unit, which counts as long as nothing was measured.
        """

    @abstractmethod
    def predict(self, x: Features, mean: Values | None = None) -> tuple[Values, Values]:
        """Means [n] and standard deviations [n] of true values, without the assay's error; `mean` as in `fit`.

        On the scale on which they are normally distributed; `values` leads back from it.
        """

    @abstractmethod
    def draw(self, x: Features, number: int, rng: np.random.Generator, mean: Values | None = None) -> Values:
        """Joint draws [number, n] of true values: each is one consistent guess at all molecules."""

    @property
    @abstractmethod
    def noise(self) -> Values:
        """Standard deviation of one measurement around the true value, by assay [assays], on the scale of `predict`."""

    def values(self, predicted: Values) -> Values:
        """Values in the endpoint's unit of those on the scale of `predict`; the same unless a model says otherwise."""
        return predicted
