"""A Gaussian process for an endpoint whose values are compared as ratios."""

from dataclasses import replace

import numpy as np

from molgen.project.models.base import Observations, Values
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.search.bayesian.models.features import Features

LEAST = 1e-3  # of a usual value: what a predictor's values are at least before any molecule is known


class LogarithmicProcess(EndpointProcess):
    """An `EndpointProcess` of the decadic logarithms of values, all of which are above 0: none that it expects falls below.

    A predictor's values count by their logarithms where those of all molecules that it is fitted with are above 0; otherwise they
    are in another unit, or logarithms already.
    """

    def fit(self, x: Features, observed: Observations, mean: Values | None = None, around: float | None = None) -> None:
        """See `EndpointModel.fit`."""
        usual = around if around and around > 0 else 1.0
        least = usual * LEAST if mean is None or not len(mean) else float(mean.min())
        self.least = least if least > 0 else None
        self.same_unit = self.least is not None
        super().fit(x, replace(observed, values=np.log10(observed.values)), self._of_predictor(mean), float(np.log10(usual)))

    def predict(self, x: Features, mean: Values | None = None) -> tuple[Values, Values]:
        """See `EndpointModel.predict`; of logarithms."""
        return super().predict(x, self._of_predictor(mean))

    def draw(self, x: Features, number: int, rng: np.random.Generator, mean: Values | None = None) -> Values:
        """See `EndpointModel.draw`."""
        return self.values(super().draw(x, number, rng, self._of_predictor(mean)))

    def values(self, predicted: Values) -> Values:
        """See `EndpointModel.values`."""
        return np.power(10.0, predicted)

    def _of_predictor(self, mean: Values | None) -> Values | None:
        return mean if mean is None or self.least is None else np.log10(np.maximum(mean, self.least))
