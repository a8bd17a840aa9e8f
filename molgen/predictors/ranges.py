"""What is called a poor, fair or good value of a property, where the literature draws the lines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Endpoint


@dataclass(frozen=True)
class PublishedRange:
    """Where poor values end and good ones begin; between lie the fair ones.

    Attributes
    ----------
    unit
        Of both; values in another one have no range.
    source
        Who draws these lines, and how they call them.
    """

    unit: str
    poor_below: float
    good_from: float
    source: str

    def words(self, values: NDArray[np.float64]) -> list[str | None]:
        """`poor`, `fair` or `good` for values [n]; None for nan."""
        return [
            None if np.isnan(value) else "poor" if value < self.poor_below else "good" if value >= self.good_from else "fair"
            for value in values
        ]


RANGES = {
    "caco2_wang": PublishedRange(
        "log cm/s",
        -6.0,
        -5.0,
        "Yee, Pharm. Res. 14, 763, 1997: below 1e-6 cm/s poorly (0-20 %), from 1e-5 cm/s well (70-100 %) absorbed",
    ),
    "solubility_aqsoldb": PublishedRange(
        "log mol/L",
        -4.0,
        -2.0,
        "Sorkun et al., Sci. Data 6, 143, 2019 (AqSolDB): below -4 insoluble, -4 to -2 slightly soluble, above that soluble",
    ),
}


def range_of(endpoint: Endpoint) -> PublishedRange | None:
    """The published range of an endpoint, if there is one in its unit."""
    found = RANGES.get(endpoint.name)
    return found if found is not None and found.unit == endpoint.unit else None


def sources(endpoints: Sequence[Endpoint]) -> list[str]:
    """A line for each endpoint that has a range: who draws the lines."""
    found = [(endpoint.name, range_of(endpoint)) for endpoint in endpoints]
    return [f"{name}_range: {known.source}" for name, known in found if known is not None]
