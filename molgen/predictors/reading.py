"""Which number of a prediction a scorer uses."""

from dataclasses import dataclass

import numpy as np

from molgen.errors import ConfigError, nearest
from molgen.predictors.base import Array, Prediction

STATISTICS = ("mean", "lower", "upper")
OUTSIDE = ("keep", "fail")


@dataclass(frozen=True)
class Statistic:
    """The mean, or one standard deviation below or above it; nan outside the domain where `outside` is `fail`.

    Raises
    ------
    ConfigError
        No such statistic or way.
    """

    statistic: str
    outside: str

    def __post_init__(self) -> None:
        for key, value, known in (("statistic", self.statistic, STATISTICS), ("outside", self.outside, OUTSIDE)):
            if value not in known:
                raise ConfigError(f"{key}: no '{value}'{nearest(value, known)}; known: {', '.join(known)}")

    def __call__(self, prediction: Prediction) -> Array:
        """Values [n] of the prediction's first endpoint."""
        shift = {"mean": 0.0, "lower": -1.0, "upper": 1.0}[self.statistic]
        value = prediction.mean[:, 0] + shift * prediction.std[:, 0] if shift else prediction.mean[:, 0]
        value = prediction.endpoints[0].clip(value)
        return value if self.outside == "keep" else np.where(prediction.in_endpoint_domain[:, 0], value, np.nan)

    def reasons(self, prediction: Prediction) -> list[str | None]:
        """Reason why a value is missing [n]; None if it is present, or if the reason is unknown."""
        lost = np.isnan(self(prediction)) & ~np.isnan(prediction.mean[:, 0]) & ~prediction.in_endpoint_domain[:, 0]
        what = "no error is known outside the domain" if self.outside == "keep" else "outside the domain"
        return [f"{what}: {told}" if is_lost else None for told, is_lost in zip(prediction.outside[:, 0], lost, strict=True)]
