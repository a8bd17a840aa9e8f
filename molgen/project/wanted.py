"""What a chemist wants of a value: at least, at most, between, as high or as low as possible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError

Values = NDArray[np.float64]
MARGIN = 0.1  # what a margin beyond a threshold is worth of a value with an error: a tenth of what missing it costs
TENTH = 0.1  # of a threshold, or of a window's width: what is tolerated where nobody says


@dataclass(frozen=True)
class Wanted:
    """How good a value is.

    Attributes
    ----------
    at_least, at_most
        What the value must reach and keep to; a window where both are given.
    direction
        1 where higher is always better, -1 where lower is, 0 where there are thresholds.
    tolerance
        By how much a value may miss a threshold and be half as good; by default a tenth of the window's width, or of the
        threshold, or 1 where that is 0.
    margin
        What a value gains beyond a single threshold, in parts of what it loses by missing that; 0 for nothing. Windows are flat.
    centre, scale
        Of a goal without thresholds: a usual value, and how much values differ.
    log
        Of a goal without thresholds: its values count by their decadic logarithms, of which `centre` and `scale` are then.

    Raises
    ------
    ConfigError
        There is nothing wanted, or more than can be.
    """

    at_least: float = -np.inf
    at_most: float = np.inf
    direction: int = 0
    tolerance: float | None = None
    margin: float = 0.0
    centre: float = 0.0
    scale: float = 1.0
    log: bool = False

    def __post_init__(self) -> None:
        if self.tolerance is not None and not 0 < self.tolerance < np.inf:
            raise ConfigError(f"tolerance: must be a number above 0, not {self.tolerance:g}")
        if np.isnan([self.at_least, self.at_most]).any() or self.at_least > self.at_most:
            raise ConfigError(f"{self.at_least:g} to {self.at_most:g}: the first must not be above the second")
        if self.at_least == self.at_most:
            raise ConfigError(f"between {self.at_least:g} and {self.at_most:g}: no measured value is exactly that; give a window")

    @property
    def allowance(self) -> float:
        """The tolerance that holds."""
        if self.tolerance is not None:
            return self.tolerance
        if np.isfinite([self.at_least, self.at_most]).all():
            return TENTH * (self.at_most - self.at_least)
        threshold = self.at_least if np.isfinite(self.at_least) else self.at_most
        return TENTH * abs(threshold) or 1.0

    @property
    def middle(self) -> float | None:
        """The threshold, or the middle of the window; None without any."""
        limits = [limit for limit in (self.at_least, self.at_most) if np.isfinite(limit)]
        return float(np.mean(limits)) if limits else None

    def met(self, values: Values) -> NDArray[np.bool_]:
        """Whether values of any shape keep to the thresholds; nan never does."""
        return (values >= self.at_least) & (values <= self.at_most)

    def logarithm(self, values: Values) -> Values:
        """The natural logarithm of the desirability of values of any shape; -inf for nan.

        With thresholds, of 1 / (1 + miss / tolerance): 1 where they are kept, half where they are missed by the tolerance, and
        never 0; beyond a single one, of (1 + excess / tolerance) ** margin. Without them, of exp(asinh(z / 2)) with
        z = +-(value - centre) / scale: 1 at the centre, about z far above and 1 / |z| far below it, so that it rises everywhere.
        """
        if self.direction:
            on_scale = np.log10(values) if self.log else values
            found = np.arcsinh(self.direction * (on_scale - self.centre) / self.scale / 2)
        else:
            miss = np.maximum(self.at_least - values, values - self.at_most) / self.allowance
            margin = 0.0 if np.isfinite([self.at_least, self.at_most]).all() else self.margin
            found = margin * np.log1p(np.maximum(-miss, 0.0)) - np.log1p(np.maximum(miss, 0.0))
        return np.where(np.isnan(values), -np.inf, found)

    def __str__(self) -> str:
        if self.direction:
            return "as high as possible" if self.direction > 0 else "as low as possible"
        if np.isfinite([self.at_least, self.at_most]).all():
            return f"{self.at_least:g} to {self.at_most:g}"
        return f"at least {self.at_least:g}" if np.isfinite(self.at_least) else f"at most {self.at_most:g}"
