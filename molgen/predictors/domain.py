"""The applicability domain: which molecules are like those that an endpoint was learnt from, and why others aren't."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.chem.physicochemical import PHYSICOCHEMICAL

Array = NDArray[np.float64]
Words = NDArray[np.object_]

MIDDLE = 0.9  # share of the molecules learnt from between whose limits a descriptor isn't unusual
WITHIN = 0.98  # share of the molecules learnt from that are within the domain of descriptors
NO_PREDICTION = "no prediction"


@dataclass(frozen=True, eq=False)
class DescriptorDomain:
    """Between which descriptors and values an endpoint was learnt.

    A descriptor's excursion is by how many standard deviations it lies beyond the limits of the middle nine tenths of the
    molecules learnt from. A molecule is outside where its largest excursion is larger than that of 98 % of these: a range with
    quantiles (Jaworska et al., ATLA 33, 445, 2005) whose margin is calibrated for all descriptors together.

    Attributes
    ----------
    low, high, std : float64 [d]
        Limits of the middle nine tenths, and standard deviations, of the descriptors of `PHYSICOCHEMICAL`.
    ordered : float64 [m, d]
        Descriptors of the molecules learnt from, each in rising order, nan last.
    limit
        The largest excursion within the domain.
    farthest
        The largest excursion of any molecule learnt from: beyond it nobody knows how large errors are.
    values
        The lowest and the highest measured value.
    """

    low: Array
    high: Array
    std: Array
    ordered: Array
    limit: float
    farthest: float
    values: tuple[float, float]

    @classmethod
    def fit(cls, descriptors: Array, values: Array) -> "DescriptorDomain":
        """From descriptors [m, d] and measured values [m]."""
        known = np.where(np.isnan(descriptors).all(axis=0), 0.0, descriptors)  # what is known of none tells nothing
        low, high = np.nanquantile(known, [(1 - MIDDLE) / 2, (1 + MIDDLE) / 2], axis=0)
        spread = np.nanstd(known, axis=0)
        std = np.where(spread > 0, spread, 1.0)  # of a descriptor that is the same everywhere, one of its units
        largest = np.sort(_excursions(known, low, high, std).max(axis=1))
        limit = largest[min(int(np.ceil(WITHIN * (len(largest) + 1))), len(largest)) - 1]
        return cls(
            low, high, std, np.sort(known, axis=0), float(limit), float(largest[-1]), (float(values.min()), float(values.max()))
        )

    def excursions(self, descriptors: Array) -> Array:
        """By how many standard deviations descriptors [n, d] lie beyond the middle nine tenths; 0 where they aren't known."""
        return _excursions(descriptors, self.low, self.high, self.std)

    def beyond_all(self, descriptors: Array, mean: Array) -> NDArray[np.bool_]:
        """Whether molecules [n] are farther out than all that were learnt from, by descriptors [n, d] or prediction [n]."""
        far = self.excursions(descriptors).max(axis=1, initial=0.0) > self.farthest
        return np.asarray(far | (mean < self.values[0]) | (mean > self.values[1]))

    def reasons(self, descriptors: Array, mean: Array, shown: Array | None = None) -> Words:
        """Why molecules are outside [n], in words; empty where they aren't.

        Parameters
        ----------
        descriptors
            Of the molecules, [n, d], as precise as those that were fitted.
        mean
            What is predicted, [n].
        shown
            Descriptors as they are told, [n, d].
        """
        shown = descriptors if shown is None else shown
        found = np.full(len(mean), "", object)
        excursions = self.excursions(descriptors)
        for i in np.flatnonzero(excursions.max(axis=1, initial=0.0) > self.limit):
            order = np.argsort(-excursions[i], kind="stable")
            told = [self._told(int(j), descriptors[i, j], shown[i, j]) for j in order if excursions[i, j] > self.limit]
            found[i] = "; ".join([f"{told[0]} molecules learnt from", *told[1:]])
        for side, beyond in (("below", mean < self.values[0]), ("above", mean > self.values[1])):
            for i in np.flatnonzero(beyond):
                line = f"predicted {mean[i]:.3g}, {side} all {len(self.ordered):,} values learnt from"
                found[i] = "; ".join(filter(None, (found[i], line)))
        return found

    def _told(self, j: int, value: float, shown: float) -> str:
        """A descriptor beside those of the molecules learnt from."""
        known = self.ordered[~np.isnan(self.ordered[:, j]), j]
        above = value > self.high[j]
        count = int((known < value).sum() if above else (known > value).sum())
        whom = f"all {len(known):,}" if count == len(known) else f"{count:,} of {len(known):,}"
        name = list(PHYSICOCHEMICAL.values())[j]
        return f"{name} {shown:.3g}, {'above' if above else 'below'} {whom}"


def _excursions(descriptors: Array, low: Array, high: Array, std: Array) -> Array:
    return np.nan_to_num(np.maximum(np.maximum(descriptors - high, low - descriptors), 0) / std, nan=0.0)


def unlike(similarity: Array, threshold: float, whom: str = "molecule") -> Words:
    """Why molecules [n] are outside by their similarity [n] to the nearest one that was learnt from; empty where they aren't."""
    return np.array(
        [
            NO_PREDICTION if np.isnan(value) else "" if value >= threshold
            else f"the most similar {whom} learnt from is {np.floor(100 * value) / 100:.2f} similar, below {threshold:.2f}"
            for value in similarity
        ],
        object,
    )  # fmt: skip


def reason_or_none(reason: str) -> str | None:
    """A reason for those who see the prediction beside it; None where there is none."""
    return None if reason in ("", NO_PREDICTION) else reason


def reasons_about(name: str, reasons: Words) -> Words:
    """Reasons [n] that say what they are about."""
    return np.array([f"{name}: {told}" if reason_or_none(told) else told for told in reasons], object)


def joined_reasons(*reasons: Sequence[str] | Words) -> Words:
    """Reasons [n] of several kinds as one each; a missing prediction is the only one."""
    found = np.full(len(reasons[0]), "", object)
    for i, parts in enumerate(zip(*reasons, strict=True)):
        told = list(dict.fromkeys(part for part in parts if part))
        found[i] = NO_PREDICTION if NO_PREDICTION in told else "; ".join(told)
    return found
