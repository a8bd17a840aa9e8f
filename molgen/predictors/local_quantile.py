"""Conformal quantiles for molecules that aren't like those that calibrate: calibration errors count the more, the more alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH = 0.2  # of the kernel, in ranks: of all calibrating molecules, this share is within one standard deviation on either side
EVERYWHERE = 20  # as many alike molecules as those that lie elsewhere count for together
BLOCK = 2_000_000  # weights at a time


@dataclass(frozen=True, eq=False)
class Places:
    """Where the molecules that calibrate an interval lie: what of a molecule is known beforehand.

    Attributes
    ----------
    values : float32 [n, d]
        Such as the similarity to what was learnt from, and the prediction.
    """

    values: NDArray[np.float32]

    def ranks(self, asked: NDArray[np.float32]) -> Array:
        """The share of calibrating molecules below each value [m, d]."""
        columns = [np.searchsorted(np.sort(known), new) for known, new in zip(self.values.T, asked.T, strict=True)]
        return np.stack(columns, axis=1) / len(self.values)

    def weights(self, asked: NDArray[np.float32]) -> Array:
        """How much each calibrating molecule counts for `asked` [m, d]: [m, n], most at the same place, a little elsewhere."""
        own, theirs = self.ranks(self.values), self.ranks(asked)
        near = np.exp(-0.5 * (((theirs[:, None] - own[None]) / WIDTH) ** 2).sum(2))
        return np.asarray(near + EVERYWHERE / len(own))

    def own_weight(self) -> float:
        """How much a molecule counts for itself."""
        return 1 + EVERYWHERE / len(self.values)


def weighted_quantile(scores: Array, weights: Array, own: float, level: float) -> Array:
    """Conformal quantiles [m] of scores [n] of which each has a weight [m, n], and the asked molecule the weight `own`.

    The least score with which the weight of all scores up to it reaches `level` of the whole; inf where none does
    (Tibshirani et al., NeurIPS 2019, for weights of a shift; Guan, Biometrika 110, 33, 2023, for those of a kernel).
    """
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    wanted = level * (reached[:, -1] + own)
    first = (reached < wanted[:, None] * (1 - 1e-12)).sum(1)
    return np.append(scores[order], np.inf)[first]


def local_quantile(places: Places, scores: Array, asked: NDArray[np.float32], level: float) -> Array:
    """Conformal quantiles [m] of scores [n] around the places of `asked` [m, d].

    Where hardly a calibrating molecule is near, they are those of all. Fewer than nine molecules bound no 90 % interval: inf.
    """
    step, found = max(1, BLOCK // len(scores)), np.full(len(asked), np.inf)
    if len(scores) < level * (len(scores) + 1):
        return found
    for start in range(0, len(asked), step):
        weights = places.weights(asked[start : start + step])
        found[start : start + step] = weighted_quantile(scores, weights, places.own_weight(), level)
    return found
