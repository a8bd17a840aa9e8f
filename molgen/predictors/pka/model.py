"""pKa of a group: the rule's value and a Gaussian process of what rules miss, nearer to the rule where data is thin."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from molgen.predictors.pka.environment import WIDTH, BLOCKS

Array = NDArray[np.float64]


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
        default_factory=lambda: {"type": 0.6, "base induction": 0.3, "acid induction": 0.3, "sigma": 0.25, "ortho": 0.15, "shape": 0.15}
    )
    local: float = 0.7
    length: float = 3.0
    noise: float = 0.3


@dataclass(frozen=True, eq=False)
class Residual:
    """A Gaussian process of the rule's error.

    Attributes
    ----------
    x : float64 [m, WIDTH]
        Features of the groups that it learnt from.
    weight : float64 [m]
        Kernel weights.
    factor : float64 [m, m]
        Lower Cholesky factor of the kernel matrix with noise.
    spread : float64 [WIDTH]
        Scale of the features.
    """

    prior: Prior
    x: Array
    weight: Array
    factor: Array
    spread: Array

    @classmethod
    def fit(cls, prior: Prior, x: Array, y: Array) -> "Residual":
        """From features [m, WIDTH] and errors of the rule [m]; what fits badly counts less (Student's t, 4 degrees)."""
        spread = np.maximum(x.std(0), 0.1)
        empty = cls(prior, x, np.zeros(len(x)), np.eye(len(x)), spread)
        kernel = empty._kernel(x)
        noise = np.full(len(y), prior.noise**2)
        for _ in range(4):
            factor = cholesky(kernel + np.diag(noise), lower=True)
            weight = cho_solve((factor, True), y)
            errors = noise * weight
            noise = (4 * prior.noise**2 + errors**2) / 5
        return cls(prior, x, weight, factor, spread)

    def _kernel(self, x: Array) -> Array:
        left, right = x * _scales(self.prior), self.x * _scales(self.prior)
        kernel = left @ right.T
        u, v = self._scaled(x), self._scaled(self.x)
        squared = (u**2).sum(1)[:, None] + (v**2).sum(1)[None] - 2 * u @ v.T
        return kernel + self.prior.local**2 * np.exp(-np.maximum(squared, 0) / (2 * self.prior.length**2))

    def _scaled(self, x: Array) -> Array:
        types = BLOCKS["type"]
        scaled = np.clip(x / self.spread, -4, 4)
        scaled[:, types] = x[:, types] * 2.0
        return scaled

    def __call__(self, x: Array) -> Array:
        """Correction of the rule [n]."""
        return self._kernel(x) @ self.weight

    def deviation(self, x: Array) -> Array:
        """Standard deviation of a measured value around the corrected rule [n]."""
        cross = solve_triangular(self.factor, self._kernel(x).T, lower=True)
        own = ((x * _scales(self.prior)) ** 2).sum(1) + self.prior.local**2
        return np.sqrt(np.maximum(own - (cross**2).sum(0), 0) + self.prior.noise**2)


def _scales(prior: Prior) -> Array:
    scales = np.empty(WIDTH)
    for name, block in BLOCKS.items():
        scales[block] = prior.scales[name]
    return scales
