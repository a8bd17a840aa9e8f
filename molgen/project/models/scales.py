"""The scales on which an endpoint's process works: those of each assay's values and of a predictor's."""

from dataclasses import dataclass

import numpy as np

from molgen.project.models.base import Observations, Values

USUAL = 1.0  # deviation of an endpoint that nothing is known of: potencies are logarithms
SURE = 4  # values that tell how far others spread
LARGEST_LOG = 15.0  # whatever is larger is no logarithm


@dataclass(frozen=True)
class Scales:
    """Where the values of assays lie, and how far they spread.

    Attributes
    ----------
    centre, scale : float64 [assays]
        Of each assay's values.
    predicted
        Where the predictor's values of the measured molecules lie, and how far all its values spread; None without one.
    """

    centre: Values
    scale: Values
    predicted: tuple[float, float] | None

    @classmethod
    def of(cls, observed: Observations, mean: Values | None, around: float = 0.0, same_unit: bool = True) -> "Scales":
        """From what was measured, and what a predictor says of all molecules [n].

        Parameters
        ----------
        around
            Where values are taken to lie as long as there are none.
        same_unit
            Whether the predictor's values may be the endpoint's; if not, they don't tell how far these spread.
        """
        first = observed.rows[observed.assays == 0]
        unknown = around, _usual(np.array([around]))
        predicted = None
        if mean is not None and len(mean):
            middle = float(np.mean(mean[first])) if len(first) else float(np.mean(mean))
            spread = float(np.std(mean)) if len(mean) >= SURE else 0.0
            predicted = middle, spread or _usual(mean)
        told = predicted if same_unit else None
        found = [_scale(observed, assay, told) for assay in range(int(observed.assays.max(initial=0)) + 1)]
        if not len(first):
            others = np.array(found[1:]).mean(0) if len(found) > 1 else np.array(unknown)
            found[0] = told or (float(others[0]), float(others[1]))
        if mean is not None and predicted is None:  # it is taken at its word
            predicted = found[0]
        return cls(np.array([centre for centre, _ in found]), np.array([scale for _, scale in found]), predicted)

    def standardised(self, observed: Observations) -> Values:
        """Values [m] on the scale of their assays."""
        return (observed.values - self.centre[observed.assays]) / self.scale[observed.assays]

    def along(self, mean: Values) -> Values:
        """What a predictor says [n], on its scale."""
        middle, spread = self.predicted or (0.0, USUAL)
        return (mean - middle) / spread

    def back(self, values: Values) -> Values:
        """Values of the first assay in its unit."""
        return values * self.scale[0] + self.centre[0]


def _scale(observed: Observations, assay: int, predicted: tuple[float, float] | None) -> tuple[float, float]:
    """Where the values of an assay lie, and how far they spread; few ones don't tell the latter."""
    values = observed.values[observed.assays == assay]
    if not len(values):
        return 0.0, USUAL
    spread = float(np.std(values))
    if len(values) < SURE or not spread:
        usual = predicted[1] if predicted else _usual(values)
        spread = float(np.sqrt((len(values) * spread**2 + usual**2) / (len(values) + 1)))
    return float(np.mean(values)), spread


def _usual(values: Values) -> float:
    """How far values [n] may spread, by their size alone."""
    largest = float(np.abs(values).max())
    return USUAL if largest <= LARGEST_LOG else largest / 3
