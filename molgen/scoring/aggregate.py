"""Aggregates, which combine the scaled terms of an objective into one score."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@runtime_checkable
class Aggregate(Protocol):
    """Scaled values [n, c] and weights [c] -> scores [n]; nan where a value is nan."""

    def __call__(self, scaled: Array, weights: Array) -> Array: ...


@dataclass(frozen=True)
class ArithmeticMean:
    """Weighted mean: strong terms make up for a weak one."""

    def __call__(self, scaled: Array, weights: Array) -> Array:
        return scaled @ (weights / weights.sum())


@dataclass(frozen=True)
class GeometricMean:
    """Weighted geometric mean: one term at zero makes the score zero."""

    def __call__(self, scaled: Array, weights: Array) -> Array:
        with np.errstate(divide="ignore"):
            logs = np.log(scaled)
        logs[:, weights == 0] = 0
        return np.exp(logs @ (weights / weights.sum()))


@dataclass(frozen=True)
class Product:
    """Product of the terms, each to the power of its weight."""

    def __call__(self, scaled: Array, weights: Array) -> Array:
        return np.prod(scaled**weights, axis=1)


@dataclass(frozen=True)
class Minimum:
    """The worst term; weights only switch terms off (0)."""

    def __call__(self, scaled: Array, weights: Array) -> Array:
        return scaled[:, weights > 0].min(axis=1)
