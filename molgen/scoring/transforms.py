"""Transforms from a component's raw units to [0, 1], where 1 is best; nan stays nan."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError

Array = NDArray[np.float64]


@runtime_checkable
class Transform(Protocol):
    """Raw values [n] -> desirability [n] in [0, 1]."""

    def __call__(self, x: Array) -> Array: ...


def _check_width(transform: str, **widths: float) -> None:
    """Refuse a transform that divides by 0 or by something that isn't a number."""
    for name, width in widths.items():
        if not np.isfinite(width) or width == 0:
            raise ConfigError(f"{transform}: {name} must be a number other than 0, not {width:g}")


def _check_number(transform: str, **values: float) -> None:
    for name, value in values.items():
        if not np.isfinite(value):
            raise ConfigError(f"{transform}: {name} must be a number, not {value:g}")


def _check_steepness(transform: str, **values: float) -> None:
    """Refuse values that would silently reverse a transform."""
    for name, value in values.items():
        if not 0 < value < np.inf:
            raise ConfigError(f"{transform}: {name} must be above 0, not {value:g}")


def _check_limits(transform: str, low: float, high: float) -> None:
    if not np.isfinite([low, high]).all() or low == high:
        raise ConfigError(f"{transform}: low and high must be two different numbers, not {low:g} and {high:g}")


def _check_order(transform: str, low: float, high: float) -> None:
    if not low <= high:
        raise ConfigError(f"{transform}: low must be below high, not {low:g} and {high:g}")


def _logistic(x: Array) -> Array:
    """1 / (1 + 10^-x), without overflow."""
    return 1 / (1 + 10.0 ** np.clip(-x, -300, 300))


@dataclass(frozen=True)
class Identity:
    """The value itself, clipped; a measured value outside [0, 1] is a problem of the term, see `Term.objections`."""

    example: ClassVar[dict[str, Any]] = {"descriptor": "fraction_sp3", "transform": "identity"}

    def __call__(self, x: Array) -> Array:
        return np.clip(x, 0, 1)


@dataclass(frozen=True)
class Linear:
    """0 at `low`, 1 at `high`, linear in between, clipped; it falls if `low` is above `high`.

    Attributes
    ----------
    low, high
        Values that score 0 and 1, in the component's unit.
    """

    low: float
    high: float
    example: ClassVar[dict[str, Any]] = {"sa_score": {}, "transform": {"linear": {"low": 6, "high": 2.5}}}

    def __post_init__(self) -> None:
        _check_limits("Linear", self.low, self.high)

    def __call__(self, x: Array) -> Array:
        return np.clip((x - self.low) / (self.high - self.low), 0, 1)


@dataclass(frozen=True)
class Clip:
    """0 at 0, 1 from `upper` on, linear in between (GuacaMol's thresholded similarity).

    Attributes
    ----------
    upper
        Lowest value that scores 1, in the component's unit.
    """

    upper: float
    example: ClassVar[dict[str, Any]] = {"similarity": "CC(=O)Oc1ccccc1C(=O)O", "transform": {"clip": 0.7}}

    def __post_init__(self) -> None:
        _check_width("Clip", upper=self.upper)

    def __call__(self, x: Array) -> Array:
        return np.clip(x / self.upper, 0, 1)


@dataclass(frozen=True)
class Sigmoid:
    """Rises from `low` to `high`: 1 / (1 + 10^(-10 k (x - m) / (high - low))), m being the middle (REINVENT).

    Attributes
    ----------
    low, high
        Values that score near 0 and near 1, in the component's unit.
    k
        Steepness, above 0; with 0.5, `low` scores 0.003 and `high` 0.997.
    """

    low: float
    high: float
    k: float = 0.5
    example: ClassVar[dict[str, Any]] = {"descriptor": "esol", "transform": {"sigmoid": {"low": -6, "high": -3.5}}}

    def __post_init__(self) -> None:
        _check_limits("Sigmoid", self.low, self.high)
        _check_steepness("Sigmoid", k=self.k)

    def __call__(self, x: Array) -> Array:
        return _logistic(10 * self.k * (x - (self.low + self.high) / 2) / (self.high - self.low))


@dataclass(frozen=True)
class ReverseSigmoid:
    """Falls from `low` to `high`: 1 minus `Sigmoid`.

    Attributes
    ----------
    low, high
        Values that score near 1 and near 0, in the component's unit.
    k
        Steepness, above 0.
    """

    low: float
    high: float
    k: float = 0.5
    example: ClassVar[dict[str, Any]] = {
        "descriptor": "molecular_weight",
        "transform": {"reverse_sigmoid": {"low": 400, "high": 550}},
    }

    def __post_init__(self) -> None:
        _check_limits("ReverseSigmoid", self.low, self.high)
        _check_steepness("ReverseSigmoid", k=self.k)

    def __call__(self, x: Array) -> Array:
        return 1 - Sigmoid(self.low, self.high, self.k)(x)


@dataclass(frozen=True)
class DoubleSigmoid:
    """A window: 1 between `low` and `high`, falling on both sides (REINVENT).

    Attributes
    ----------
    low, high
        Limits of the window, each of which scores 0.5, in the component's unit.
    divisor, rise, fall
        The exponents of ten are rise (x - low) / divisor and fall (x - high) / divisor.
    """

    low: float
    high: float
    divisor: float = 100.0
    rise: float = 150.0
    fall: float = 150.0
    example: ClassVar[dict[str, Any]] = {
        "descriptor": "tpsa",
        "transform": {"double_sigmoid": {"low": 60, "high": 120, "divisor": 500}},
    }

    def __post_init__(self) -> None:
        _check_limits("DoubleSigmoid", self.low, self.high)
        _check_order("DoubleSigmoid", self.low, self.high)
        _check_steepness("DoubleSigmoid", divisor=self.divisor, rise=self.rise, fall=self.fall)

    def __call__(self, x: Array) -> Array:
        up = _logistic(self.rise * (x - self.low) / self.divisor)
        return up - _logistic(self.fall * (x - self.high) / self.divisor)


@dataclass(frozen=True)
class Gaussian:
    """1 at `mu`, falling on both sides: exp(-((x - mu) / sigma)^2 / 2).

    Attributes
    ----------
    mu
        The value that scores 1, in the component's unit.
    sigma
        Distance from `mu` at which the score is 0.61.
    """

    mu: float
    sigma: float
    example: ClassVar[dict[str, Any]] = {"descriptor": "logp", "transform": {"gaussian": {"mu": 2.5, "sigma": 1}}}

    def __post_init__(self) -> None:
        _check_number("Gaussian", mu=self.mu)
        _check_width("Gaussian", sigma=self.sigma)

    def __call__(self, x: Array) -> Array:
        return np.exp(-0.5 * ((x - self.mu) / self.sigma) ** 2)


@dataclass(frozen=True)
class MinGaussian:
    """1 up to `mu`, a gaussian above it: for values to keep low.

    Attributes
    ----------
    mu
        Highest value that scores 1, in the component's unit.
    sigma
        Distance above `mu` at which the score is 0.61.
    """

    mu: float
    sigma: float
    example: ClassVar[dict[str, Any]] = {"descriptor": "logp", "transform": {"min_gaussian": {"mu": 4, "sigma": 1}}}

    def __post_init__(self) -> None:
        _check_number("MinGaussian", mu=self.mu)
        _check_width("MinGaussian", sigma=self.sigma)

    def __call__(self, x: Array) -> Array:
        return Gaussian(self.mu, self.sigma)(np.maximum(x, self.mu))


@dataclass(frozen=True)
class MaxGaussian:
    """1 from `mu` on, a gaussian below it: for values to keep high.

    Attributes
    ----------
    mu
        Lowest value that scores 1, in the component's unit.
    sigma
        Distance below `mu` at which the score is 0.61.
    """

    mu: float
    sigma: float
    example: ClassVar[dict[str, Any]] = {"descriptor": "fraction_sp3", "transform": {"max_gaussian": {"mu": 0.4, "sigma": 0.1}}}

    def __post_init__(self) -> None:
        _check_number("MaxGaussian", mu=self.mu)
        _check_width("MaxGaussian", sigma=self.sigma)

    def __call__(self, x: Array) -> Array:
        return Gaussian(self.mu, self.sigma)(np.minimum(x, self.mu))


@dataclass(frozen=True)
class Step:
    """A window with hard limits: 1 where `low` <= x <= `high`, else 0.

    Attributes
    ----------
    low, high
        Limits, in the component's unit; a missing one leaves the window open on that side.
    """

    low: float = -np.inf
    high: float = np.inf
    example: ClassVar[dict[str, Any]] = {"descriptor": "tpsa", "transform": {"step": {"low": 60, "high": 120}}}

    def __post_init__(self) -> None:
        _check_order("Step", self.low, self.high)

    def __call__(self, x: Array) -> Array:
        return np.where(np.isnan(x), np.nan, (self.low <= x) & (x <= self.high))


def sigmoid_between(poor: float, good: float) -> Transform:
    """A sigmoid from near 0 at `poor` to near 1 at `good`, whichever is higher."""
    return Sigmoid(poor, good) if poor < good else ReverseSigmoid(good, poor)
