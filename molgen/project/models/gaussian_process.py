"""A Gaussian process for a measured endpoint."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

from molgen.errors import DataError, check_between
from molgen.project.models.base import EndpointModel, Observations, Values
from molgen.project.models.bounds import pseudo_measurements
from molgen.project.models.hyperparameters import Hyperparameters, most_likely, usual
from molgen.project.models.scales import Scales
from molgen.search.bayesian.models.features import FAMILIES, Features
from molgen.search.bayesian.models.kernels import diagonals, kernels, usual_sizes, weighted

AT_ONCE = 2000  # molecules whose kernels are in memory
JOINTLY = 5000  # molecules of a joint draw, at most
FEW = 4  # values with fewer of which nothing but the usual hyperparameters is known
SAME = 1 - 1e-5  # similarity of a molecule with itself
JITTER = 1e-6
LEARNT = 48.0  # see `EndpointProcess.caution`


class EndpointProcess(EndpointModel):
    """A Gaussian process on fragments that learns from values, bounds, replicates, other assays and a predictor.

    - Covariances are weighted sums of kernels on fragments (`molgen.search.bayesian.models.kernels`), one of the predictor's
      values, and a roughness: what no fragment explains.
    - Every assay has a noise of its own. Assays share the process as in intrinsic coregionalisation (Bonilla et al., NIPS 2007):
      true values of assay `a` correlate with the first assay's by `together[a]`, and their scale and offset are their own.
    - A bound enters by Tobit's likelihood and expectation propagation.
    - A predictor's values are a straight line's: its slope has a prior around `SLOPE` of the values' own scale, so that a
      predictor which says nothing is soon flat. Before any molecule is known it is taken at its word.

    Parameters
    ----------
    sample
        Measurements by which the hyperparameters are chosen.
    """

    SLOPE = 0.5
    same_unit = True  # whether a predictor's values may be in the endpoint's unit

    def __init__(self, sample: int = 500) -> None:
        check_between("sample", 1, sample=sample)
        self.sample = sample

    def fit(self, x: Features, observed: Observations, mean: Values | None = None, around: float | None = None) -> None:
        """See `EndpointModel.fit`."""
        self.scales = Scales.of(observed, mean, around or 0.0, self.same_unit)
        self.slope = self.SLOPE if mean is None or len(mean) else 1.0
        self.observed, self.usual = observed, usual_sizes(x)
        rows, places = np.unique(observed.rows, return_inverse=True)
        measured = Features(x.fragments[rows], x.composition[rows]) if len(rows) else None
        self.measured, self.places = measured, places
        self.along = self.scales.along(mean)[rows] if mean is not None else np.zeros(len(rows))
        self.target = self.scales.standardised(observed) - self.slope * self.along[places]
        self.known, self.errors = self.target.copy(), np.full(len(observed), np.nan)
        self.hyperparameters = Hyperparameters.usual(self.assays)
        if measured is None:
            return
        parts = kernels(measured, measured, self.usual)
        theta = usual(self.assays)
        exact = observed.relations == 0
        for again in range(1 if exact.all() else 2):
            if len(rows) >= FEW:
                theta = self._learnt(parts, theta, exact | bool(again))
            self.hyperparameters = Hyperparameters.of(theta, self.assays)
            covariance = self._covariance(parts)
            self._learn_bounds(covariance, exact)
        noise = np.where(np.isnan(self.errors), self.hyperparameters.noise[observed.assays], self.errors)
        self.factor = _factor(covariance + np.diag(noise))
        self.coefficients = cho_solve((self.factor, True), self.known, check_finite=False)

    @property
    def assays(self) -> int:
        """The number of assays."""
        return int(self.observed.assays.max(initial=0)) + 1

    @property
    def noise(self) -> Values:
        """See `EndpointModel.noise`."""
        return np.sqrt(self.hyperparameters.noise) * self.scales.scale

    @property
    def caution(self) -> float:
        """By how much deviations are wider than the posterior's: the less was measured, the more.

        Hyperparameters are learnt from the same measurements, good molecules look better by luck, and what a project measured
        first isn't a sample of what it chooses from. `LEARNT` is what replays of measured pools asked for, so that nine tenths
        of the next batches' values lie in their 90 % intervals (benchmarks/replay.py).
        """
        number = len(self.observed)
        return float(np.sqrt(1 + LEARNT / number)) if number >= FEW else 1.0

    def predict(self, x: Features, mean: Values | None = None) -> tuple[Values, Values]:
        """See `EndpointModel.predict`."""
        found, variances = [], []
        for part, along, start in self._pieces(x, mean):
            near, explained = self._near(part, along)
            found.append(start + near @ self.coefficients if self.measured is not None else start)
            variances.append(self._prior(part, along) - np.square(explained).sum(0))
        deviation = np.sqrt(np.maximum(np.concatenate(variances), JITTER))
        return self.scales.back(np.concatenate(found)), self.caution * deviation * self.scales.scale[0]

    def draw(self, x: Features, number: int, rng: np.random.Generator, mean: Values | None = None) -> Values:
        """See `EndpointModel.draw`.

        Raises
        ------
        DataError
            More than `JOINTLY` molecules: their covariances would need too much memory.
        """
        n = len(x.composition)
        if n > JOINTLY:
            raise DataError(f"joint draws of {n:,} molecules: at most {JOINTLY:,} at a time; draw the most promising")
        along = self.scales.along(mean) if mean is not None else np.zeros(n)
        expected, explained = [], []
        for part, piece, start in self._pieces(x, mean):
            near, told = self._near(part, piece)
            expected.append(start + near @ self.coefficients if self.measured is not None else start)
            explained.append(told.astype(np.float32))
        covariance = self._between(x, along, x, along).astype(np.float32)
        told = np.concatenate(explained, 1)
        covariance -= told.T @ told
        normal = rng.standard_normal((n, number)).astype(np.float32)
        draws = np.concatenate(expected) + self.caution * (_factor(covariance) @ normal).T
        return self.scales.back(draws)

    def _learnt(self, parts: NDArray[np.float32], theta: Values, used: NDArray[np.bool_]) -> Values:
        """Hyperparameters by some of the measurements."""
        some = np.random.default_rng(0).permutation(np.flatnonzero(used))[: self.sample]
        if len(some) < FEW or not np.ptp(self.known[some]):
            return theta
        places = self.places[some]
        return most_likely(
            parts[:, places][:, :, places],
            self.along[places],
            places[:, None] == places,
            self.observed.assays[some],
            self.known[some],
            self.errors[some],
            theta,
        )

    def _covariance(self, parts: NDArray[np.float32]) -> Values:
        """Of the true values that were measured [m, m], without errors."""
        learnt = self.hyperparameters
        between = weighted(learnt.weights, parts).astype(float) + learnt.slope * np.outer(self.along, self.along)
        between += learnt.roughness * np.eye(len(between))
        return between[np.ix_(self.places, self.places)] * learnt.shared(self.observed.assays)

    def _learn_bounds(self, covariance: Values, exact: NDArray[np.bool_]) -> None:
        """Put measurements with errors of their own in the place of bounds."""
        bounded = ~exact
        if not bounded.any():
            return
        noise = self.hyperparameters.noise[self.observed.assays]
        inner, across = covariance[np.ix_(bounded, bounded)], covariance[np.ix_(exact, bounded)]
        expected = np.zeros(bounded.sum())
        if exact.any():
            factor = _factor(covariance[np.ix_(exact, exact)] + np.diag(noise[exact]))
            told = solve_triangular(factor, across, lower=True, check_finite=False)
            expected = told.T @ solve_triangular(factor, self.target[exact], lower=True, check_finite=False)
            inner = inner - told.T @ told
        signs = self.observed.relations[bounded].astype(float)
        found = pseudo_measurements(expected, inner, self.target[bounded], signs, noise[bounded])
        self.known[bounded], self.errors[bounded] = found

    def _pieces(self, x: Features, mean: Values | None) -> Iterator[tuple[Features, Values, Values]]:
        """Molecules few enough for memory, what a predictor says of them, and what is expected of them without measurements."""
        n = len(x.composition)
        along = self.scales.along(mean) if mean is not None else np.zeros(n)
        for i in range(0, max(n, 1), AT_ONCE):
            piece = slice(i, i + AT_ONCE)
            yield Features(x.fragments[piece], x.composition[piece]), along[piece], self.slope * along[piece]

    def _near(self, x: Features, along: Values) -> tuple[Values, Values]:
        """Covariances with the measurements [n, m], and what these explain [m, n]."""
        if self.measured is None:
            return np.zeros((len(along), 0)), np.zeros((0, len(along)))
        near = self._between(x, along, self.measured, self.along)[:, self.places]
        near *= self.hyperparameters.together[self.observed.assays]
        return near, solve_triangular(self.factor, near.T, lower=True, check_finite=False)

    def _between(self, a: Features, along_a: Values, b: Features, along_b: Values) -> Values:
        """Covariances of true values [n, m]; molecules with the same fragments are taken for the same."""
        learnt = self.hyperparameters
        found = np.empty((len(along_a), len(along_b)))
        for i in range(0, len(along_a), AT_ONCE):
            piece = slice(i, i + AT_ONCE)
            parts = kernels(Features(a.fragments[piece], a.composition[piece]), b, self.usual)
            same = (parts[: len(FAMILIES)] > SAME).all(0)
            line = learnt.slope * np.outer(along_a[piece], along_b)
            found[piece] = weighted(learnt.weights, parts) + line + learnt.roughness * same
        return found

    def _prior(self, x: Features, along: Values) -> Values:
        """Variances [n] without measurements."""
        learnt = self.hyperparameters
        return learnt.weights @ diagonals(x, self.usual) + 1 + learnt.slope * np.square(along) + learnt.roughness


def _factor(covariance: NDArray[np.floating], jitter: float = JITTER) -> NDArray[np.floating]:
    """The lower Cholesky factor; of a covariance with more on its diagonal where rounding leaves none."""
    eye = np.eye(len(covariance), dtype=covariance.dtype)
    try:
        return cholesky(covariance + covariance.dtype.type(jitter) * eye, lower=True, check_finite=False)
    except LinAlgError:
        return _factor(covariance, 10 * jitter)
