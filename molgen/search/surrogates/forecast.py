"""What a model of the terms says about the score."""

from collections.abc import Sequence

import numpy as np

from molgen.scoring.scorer import Scorer
from molgen.search.surrogates.base import SurrogateModel, Values
from molgen.search.surrogates.features import Described, dense

DRAWS = 16  # of the terms, and as many mirrored
AT_ONCE = 1000  # molecules whose features are in memory


def forecast(model: SurrogateModel, rules: Scorer | None, described: Sequence[Described]) -> tuple[Values, Values]:
    """Mean [n] and standard deviation [n] of the scores of molecules [n].

    Parameters
    ----------
    model
        Predicts raw values of the terms and filters of `rules`, or the score where there are none.
    """
    parts = [model.predict(dense(described[i : i + AT_ONCE])) for i in range(0, len(described), AT_ONCE)]
    mean, deviation = np.concatenate([mean for mean, _ in parts]), np.concatenate([deviation for _, deviation in parts])
    if rules is None:
        return mean[:, 0], deviation[:, 0]
    half = np.random.default_rng(0).standard_normal((DRAWS, 1, mean.shape[1]))
    totals = [rules.totals(_counted(mean + z * deviation, rules)) for z in [*half, *-half]]
    return np.mean(totals, 0), np.std(totals, 0)


def _counted(raw: Values, rules: Scorer) -> Values:
    """`raw` [n, c], whole numbers where a filter's limits are: 0.1 alerts are none."""
    for j, limits in enumerate(rules.filters.values(), len(rules.terms)):
        if all(limit == np.round(limit) for limit in (limits.minimum, limits.maximum)):
            raw[:, j] = np.round(raw[:, j])
    return raw
