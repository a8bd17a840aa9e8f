"""One endpoint of boosted trees and support vectors: how their scores become a prediction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Task
from molgen.predictors.trees import Booster
from molgen.predictors.trust import Z90, Blend, Intervals, Logistic, domain_threshold, probability

Array = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass(frozen=True)
class BoostedEndpoint:
    """One endpoint's trees, support vectors and calibration.

    Attributes
    ----------
    logarithmic
        The models predict log(1 + value).
    weights : float64 [m]
        Of the molecules of the training set in the kernel machine; 0 for all but the support vectors.
    platt
        Bring the trees', the machine's and the blended scores to log-odds; None for numbers.
    intervals
        None for classes.
    threshold
        Similarity to the nearest training molecule from which a molecule is in the domain.
    held_out
        Probabilities and classes [2, n] of the molecules that calibrated classes; None of a model that was read from a file.
    """

    task: Task
    logarithmic: bool
    booster: Booster
    weights: Array
    intercept: float
    blend: Blend
    platt: tuple[Logistic, Logistic, Logistic] | None
    intervals: Intervals | None
    threshold: float
    held_out: Array | None = None

    @classmethod
    def calibrated(
        cls, task: Task, booster: Booster, weights: Array, intercept: float, y: Array, scores: Array, *, logarithmic: bool
    ) -> "BoostedEndpoint":
        """Blend and calibrate models by what models like them say of molecules held out of them.

        Parameters
        ----------
        booster, weights, intercept
            The models.
        y
            Measured values [n], or their logarithms.
        scores
            What the trees and the machines without a molecule say of it, and its similarity to what they learnt from, [3, n].
        """
        trees, machine, similarity = scores
        platt, intervals, held_out = None, None, None
        if task == "classification":
            first, second = Logistic.fit(trees, y), Logistic.fit(machine, y)
            pair = first.log_odds(trees), second.log_odds(machine)
            blend = Blend.fit(*pair, loss=lambda log_odds: np.logaddexp(0, np.where(y > 0, -log_odds, log_odds)).mean())
            platt = (first, second, Logistic.fit(blend(*pair), y))
            held_out = np.stack([probability(platt[2].log_odds(blend(*pair))), y])
        else:
            blend = Blend.fit(trees, machine, loss=lambda score: np.abs(y - score).mean())
            mean = blend(trees, machine)
            intervals = Intervals.fit(y - mean, difficulty(trees, machine, similarity), np.stack([similarity, mean], axis=1))
        return cls(
            task, logarithmic, booster, weights, intercept, blend, platt, intervals, domain_threshold(similarity), held_out
        )

    def predict(self, x: Features, kernel_score: Array, similarity: Array) -> tuple[Array, Array, Array, Array]:
        """Mean, standard deviation and limits of the 90 % interval, each [n].

        Parameters
        ----------
        x
            Features [n, f].
        kernel_score
            Kernel matrix times `weights`, [n].
        similarity
            To the nearest training molecule, [n].
        """
        trees, machine = self.booster.score(x), kernel_score + self.intercept
        if self.platt:
            log_odds = self.blend(self.platt[0].log_odds(trees), self.platt[1].log_odds(machine))
            mean = probability(self.platt[2].log_odds(log_odds))
            return mean, np.sqrt(mean * (1 - mean)), mean, mean
        assert self.intervals is not None
        score = self.blend(trees, machine)
        places = np.stack([similarity, score], axis=1)
        half = self.intervals.half_width(difficulty(trees, machine, similarity), places)
        low, mean, high = (self._value(score + shift) for shift in (-half, 0, half))
        return mean, (high - low) / (2 * Z90), low, high

    def _value(self, score: Array) -> Array:
        return np.expm1(score) if self.logarithmic else score


def difficulty(trees: Array, machine: Array, similarity: Array) -> Array:
    """What is known of errors beforehand [n, 2]: unlikeness to training molecules, and disagreement of the two models."""
    return np.stack([1 - similarity, np.abs(trees - machine)], axis=1)
