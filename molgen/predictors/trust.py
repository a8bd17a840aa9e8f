"""How far to trust a prediction: calibrated probabilities, conformal intervals, similarity to what is known."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from crepes import ConformalRegressor
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, LogisticRegression

from molgen.learn.saved import Saved
from molgen.predictors.local_quantile import Places, local_quantile

Array = NDArray[np.float64]

CONFIDENCE = 0.9
Z90 = 1.6449
LOCAL = "local"  # what cards say of intervals whose files hold the places of what calibrates them
# A molecule is in the domain when it is as near to the training set as this share of held-out scaffolds was.
IN_DOMAIN_SHARE = 0.95


@dataclass(frozen=True)
class Logistic:
    """Log-odds = slope x score + intercept, fitted on held-out scores (Platt)."""

    slope: float
    intercept: float

    @classmethod
    def fit(cls, score: Array, y: Array) -> "Logistic":
        """From scores [n] and classes [n]."""
        model = LogisticRegression(C=100.0).fit(score[:, None], y)
        return cls(float(model.coef_[0, 0]), float(model.intercept_[0]))

    def log_odds(self, score: Array) -> Array:
        """Calibrated log-odds [n]."""
        return self.slope * score + self.intercept


def probability(log_odds: Array) -> Array:
    """1 / (1 + exp(-log_odds))."""
    return 0.5 * (1 + np.tanh(log_odds / 2))


class Intervals:
    """Conformal prediction intervals, wider where predictions are harder (Papadopoulos et al., JAIR 40, 815, 2011).

    The error to expect is log-linear in what is known beforehand: likeness to training molecules, disagreement of models. Where
    the places of the calibrating molecules are known, those that are like the asked one count for more (see `local_quantile`).
    """

    def __init__(self, coefficients: Array, scores: Array, places: Places | None = None) -> None:
        if not len(scores):
            raise ValueError("intervals need an error at least")
        self.coefficients = coefficients
        self.scores = scores
        self.places = places
        self.regressor = ConformalRegressor().fit(scores, sigmas=np.ones_like(scores))

    @classmethod
    def fit(cls, errors: Array, difficulty: Array, places: Array | None = None) -> "Intervals":
        """From held-out errors [n], what was known of the error of each beforehand, [n, d], and where it lies, [n, p]."""
        floor = 0.05 * np.median(np.abs(errors)) + 1e-9
        model = LinearRegression().fit(difficulty, np.log(np.abs(errors) + floor))
        coefficients = np.append(model.coef_, model.intercept_)
        known = None if places is None else Places(places.astype(np.float32))
        return cls(coefficients, np.abs(errors) / _expected(difficulty, coefficients), known)

    def half_width(self, difficulty: Array, places: Array | None = None) -> Array:
        """Half the width [n] of the 90 % interval of molecules at `places` [n, p]."""
        sigma = _expected(difficulty, self.coefficients)
        if self.places is not None and places is not None:
            return sigma * local_quantile(self.places, self.scores, places.astype(np.float32), CONFIDENCE)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="the no. of calibration examples")  # of less than ten the width is infinite
            return self.regressor.predict_int(np.zeros(len(sigma)), sigmas=sigma, confidence=CONFIDENCE)[:, 1]


def saved_places(saved: Saved, name: str, count: int) -> Places | None:
    """The places of the molecules that calibrate, from a model's file; None of a file from before they were kept."""
    said = saved.card.get("intervals")
    if said not in (None, LOCAL) or (said == LOCAL) != (name in saved.tensors):
        raise saved.error(f"its card says of its intervals {said!r}, which doesn't go with the tensor '{name}'")
    return Places(saved.array(name, count, 2).astype(np.float32)) if said == LOCAL else None


def _expected(difficulty: Array, coefficients: Array) -> Array:
    return np.exp(np.clip(difficulty @ coefficients[:-1] + coefficients[-1], -20, 20))


@dataclass(frozen=True)
class Blend:
    """A weighted mean of two models; the weight is the one that did best on held-out scaffolds."""

    weight: float

    @classmethod
    def fit(cls, first: Array, second: Array, loss: Any) -> "Blend":
        """The weight of `first`, of five, with the lowest `loss` (a function of predictions [n])."""
        weights = np.linspace(0, 1, 5)
        return cls(float(min(weights, key=lambda w: loss(w * first + (1 - w) * second))))

    def __call__(self, first: Array, second: Array) -> Array:
        """The blend [n]."""
        return self.weight * first + (1 - self.weight) * second


def domain_threshold(similarity: Array) -> float:
    """The similarity that 95 % of held-out scaffolds had to their nearest training molecule."""
    return float(np.quantile(similarity, 1 - IN_DOMAIN_SHARE))
