"""What tells molecules apart while the scores of all are the same."""

import numpy as np

from molgen.scoring.scorer import Scorer
from molgen.search.bayesian.models.base import Values


class Surprisal:
    """Scores molecules by how few are as good in each term, for an objective that gives all of them the same score.

    The first molecule with a rare pattern scores 0 as long as its other terms are hopeless, and still is what a search has to
    build upon. Its surprisal is high: the sum over terms of -log(p), p being the share of the scored molecules that are at
    least as desirable (Fisher's combination of tail probabilities, with the terms' weights).

    Parameters
    ----------
    rules
        The objective.
    values
        Raw values [n, c] of the scored molecules.
    """

    def __init__(self, rules: Scorer, values: Values) -> None:
        self.rules = rules
        self.terms, self.filters = rules.terms, rules.filters
        self._seen = np.sort(self._desirable(values), 0)

    def _desirable(self, raw: Values) -> Values:
        return np.nan_to_num(self.rules.desirabilities(raw), nan=-1.0)

    def totals(self, raw: Values) -> Values:
        """The surprisal [n] of raw values [n, c], from 0 up."""
        weights = [term.weight for term in self.terms.values()] + [1.0] * len(self.filters)
        total = np.zeros(len(raw))
        for seen, found, weight in zip(self._seen.T, self._desirable(raw).T, weights, strict=True):
            as_good = len(seen) - np.searchsorted(seen, found, side="left")
            total -= weight * np.log((as_good + 1) / (len(seen) + 1))
        return total
