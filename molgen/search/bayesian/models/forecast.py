"""The score predicted from a model of its terms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.scoring.scorer import Scorer
from molgen.search.bayesian.models.base import SurrogateModel, Values
from molgen.search.bayesian.models.features import Described, stack
from molgen.search.bayesian.surprisal import Surprisal

DRAWS = 16  # random draws of the terms, besides as many antithetic ones
AT_ONCE = 1000  # molecules whose features are in memory at a time


def forecast(
    model: SurrogateModel,
    rules: Scorer | Surprisal | None,
    described: Sequence[Described],
    integers: NDArray[np.bool_] | None = None,
) -> tuple[Values, Values]:
    """Predict the mean [n] and the standard deviation [n] of the scores of molecules [n].

    Parameters
    ----------
    model
        Predicts raw values of the terms and filters of `rules`, or the score if there are no rules.
    integers
        Which of the values [c] can only be integers, besides those whose filter implies it.
    """
    parts = [model.predict(stack(described[i : i + AT_ONCE])) for i in range(0, len(described), AT_ONCE)]
    mean, deviation = np.concatenate([mean for mean, _ in parts]), np.concatenate([deviation for _, deviation in parts])
    if rules is None:
        return mean[:, 0], deviation[:, 0]
    half = np.random.default_rng(0).standard_normal((DRAWS, 1, mean.shape[1]))
    rounded = _limited_to_integers(rules) if integers is None else _limited_to_integers(rules) | integers
    draws = [mean + z * deviation for z in [*half, *-half]]
    totals = [rules.totals(np.where(rounded, np.round(draw), draw)) for draw in draws]
    return np.mean(totals, 0), np.std(totals, 0)


def _limited_to_integers(rules: Scorer | Surprisal) -> NDArray[np.bool_]:
    """Which values a filter implies to be integers: there are no 0.1 alerts."""
    limits = [(each.minimum, each.maximum) for each in rules.filters.values()]
    return np.array([False] * len(rules.terms) + [all(limit == np.round(limit) for limit in pair) for pair in limits])
