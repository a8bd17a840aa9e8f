"""pKa of a group: the rule's value and a Gaussian process of what rules miss, nearer to the rule where data is thin."""

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from molgen.errors import ConfigError, check_above, check_between
from molgen.predictors.pka.environment import BLOCKS, WIDTH

Array = NDArray[np.float64]

TAIL = 4  # degrees of freedom of Student's t, the distribution of a measurement's error


@dataclass(frozen=True)
class Prior:
    """How far data may move the rule.

    Attributes
    ----------
    scales
        Standard deviation of a correction to one coefficient of the rule, by block of features.
    local
        Standard deviation of what only similar groups share.
    length
        How far apart groups are that share it, in standard deviations of the features.
    noise
        Standard deviation of a measurement, in pKa units.
    """

    scales: dict[str, float] = field(
        default_factory=lambda: {
            "type": 0.6,
            "base induction": 0.3,
            "acid induction": 0.3,
            "sigma": 0.25,
            "ortho": 0.15,
            "shape": 0.15,
        }
    )
    local: float = 0.7
    length: float = 2.5
    noise: float = 0.3

    def __post_init__(self) -> None:
        if set(self.scales) != set(BLOCKS):
            raise ConfigError(f"predictor.prior.scales: must name {', '.join(BLOCKS)}")
        check_between("predictor.prior", 0, local=self.local)
        check_above("predictor.prior", length=self.length, noise=self.noise)


@dataclass(frozen=True, eq=False)
class Residual:
    """A Gaussian process of the rule's error.

    Attributes
    ----------
    x : float32 [m, WIDTH]
        Features of the groups that it learnt from.
    weight : float64 [m]
        Kernel weights.
    noise : float64 [m]
        Variance of each measurement; more where it doesn't fit the others.
    spread : float64 [WIDTH]
        Scale of the features.
    """

    prior: Prior
    x: NDArray[np.float32]
    weight: Array
    noise: Array
    spread: Array

    @classmethod
    def fit(cls, prior: Prior, x: Array, y: Array) -> "Residual":
        """From features [m, WIDTH] and errors of the rule [m]."""
        x32 = x.astype(np.float32)
        spread = np.maximum(x32.astype(float).std(0), 0.1)
        model = cls(prior, x32, np.zeros(len(x)), np.full(len(y), prior.noise**2), spread)
        kernel = model.kernel(x32)
        noise = model.noise
        for _ in range(4):
            weight = cho_solve((cholesky(kernel + np.diag(noise), lower=True), True), y)
            errors = noise * weight
            model = cls(prior, x32, weight, noise, spread)
            noise = (TAIL * prior.noise**2 + errors**2) / (TAIL + 1)
        return model

    def kernel(self, x: NDArray[np.floating]) -> Array:
        """Covariance of the groups of `x` [n, WIDTH] with those it learnt from, [n, m]."""
        return (x * self._scales) @ self._right.T + self.prior.local**2 * self.likeness(x)

    def likeness(self, x: NDArray[np.floating]) -> Array:
        """How alike the groups of `x` and those it learnt from are, 0 to 1, [n, m]."""
        left, right = self._scaled(x), self._landmarks
        squared = (left**2).sum(1)[:, None] + self._norms[None] - 2 * left @ right.T
        return np.exp(-np.maximum(squared, 0) / (2 * self.prior.length**2))

    @functools.cached_property
    def _scales(self) -> Array:
        scales = np.empty(WIDTH)
        for name, block in BLOCKS.items():
            scales[block] = self.prior.scales[name]
        return scales

    @functools.cached_property
    def _right(self) -> Array:
        return self.x * self._scales

    @functools.cached_property
    def _landmarks(self) -> Array:
        return self._scaled(self.x)

    @functools.cached_property
    def _norms(self) -> Array:
        return (self._landmarks**2).sum(1)

    def _scaled(self, x: NDArray[np.floating]) -> Array:
        scaled = np.clip(x / self.spread, -4, 4)
        scaled[:, BLOCKS["type"]] = 2 * x[:, BLOCKS["type"]]
        return scaled

    def __call__(self, x: Array) -> Array:
        """Correction of the rule [n]."""
        return self.kernel(x) @ self.weight

    @functools.cached_property
    def _factor(self) -> Array:
        return cholesky(self.kernel(self.x) + np.diag(self.noise), lower=True)

    def deviation(self, x: Array) -> Array:
        """Standard deviation of a measured value around the corrected rule [n]."""
        cross = solve_triangular(self._factor, self.kernel(x).T, lower=True, check_finite=False)
        own = ((x * self._scales) ** 2).sum(1) + self.prior.local**2
        return np.sqrt(np.maximum(own - (cross**2).sum(0), 0) + self.prior.noise**2)
