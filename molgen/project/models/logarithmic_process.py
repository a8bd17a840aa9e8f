"""A Gaussian process for an endpoint whose values are compared as ratios."""

from dataclasses import replace

import numpy as np

from molgen.project.models.base import Observations, Values
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.search.bayesian.models.features import Features


class LogarithmicProcess(EndpointProcess):
    """An `EndpointProcess` of the decadic logarithms of values, all of which are above 0: none that it expects falls below.

    A predictor's values count by their logarithms where those of all molecules that it is fitted with are above 0.
    """

    def fit(self, x: Features, observed: Observations, mean: Values | None = None) -> None:
        """See `EndpointModel.fit`."""
        self.least = None if mean is None or not len(mean) or mean.min() <= 0 else float(mean.min())
        super().fit(x, replace(observed, values=np.log10(observed.values)), self._of_predictor(mean))

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
