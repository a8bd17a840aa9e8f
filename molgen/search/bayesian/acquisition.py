"""The acquisition function, which ranks molecules, scored or not, for the next choice."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.metrics.ranking import top_mean
from molgen.scoring.scorer import Scorer
from molgen.search.bayesian.contributions import FragmentContributions
from molgen.search.bayesian.models.base import SurrogateModel, Values, finite, integer_valued
from molgen.search.bayesian.models.features import stack
from molgen.search.bayesian.models.forecast import forecast
from molgen.search.bayesian.offspring import Candidate
from molgen.search.bayesian.settings import AcquisitionSettings
from molgen.search.bayesian.surprisal import Surprisal
from molgen.search.memory import Memory


class Acquisition:
    """An upper confidence bound of the score, less a penalty for rare chemistry.

    Parameters
    ----------
    model
        Predicts the terms of the score, or the score itself.
    memory
        The scored molecules; it receives the posterior means where scores are noisy.
    settings
        Weights of the uncertainty and of the rarity penalty.
    """

    def __init__(self, model: SurrogateModel, memory: Memory, settings: AcquisitionSettings) -> None:
        self.model = model
        self.memory = memory
        self.settings = settings
        self.rules: Scorer | Surprisal | None = None
        self.integer_valued: NDArray[np.bool_] | None = None

    def fit(self, scored: Sequence[Candidate], values: Values, rules: Scorer | None, rng: np.random.Generator) -> None:
        """Fit the model.

        Parameters
        ----------
        scored
            Molecules [n].
        values
            Their raw values [n, terms] where `rules` turn these into scores, else their scores [n, 1].
        rules
            The objective; None if it is unknown. While all rewards are the same, its `Surprisal` stands for it.
        rng
            Source of the model's randomness.
        """
        values, memory = finite(values), self.memory
        before = {} if isinstance(self.rules, Surprisal) else memory.posterior_means  # which are no scores
        self.rules = Surprisal(rules, values) if rules is not None and memory.flat else rules
        self.integer_valued = integer_valued(values)
        self.scored = [candidate.smiles for candidate in scored]
        self.features = stack([candidate.features for candidate in scored])
        self.model.fit(self.features, values, rng)
        if isinstance(self.rules, Surprisal):
            means = self.rules.totals(values)
        else:
            means = self._predict(scored)[0] if self.model.noisy else np.array([])
        known = dict(zip(self.scored, means.tolist(), strict=False))
        memory.set_posterior_means(before | known if known else {})

    def values(self, candidates: Sequence[Candidate], kappa: float) -> dict[str, float]:
        """Rank candidates by predicted score plus `kappa` standard deviations, less the rarity penalty.

        Returns
        -------
        dict
            SMILES -> acquisition value; -inf for a molecule with a crowded scaffold.
        """
        if not candidates:
            return {}
        mean, deviation = self._predict(candidates)
        penalty = self.settings.rarity_weight * self.score_scale
        crowded = self.memory.filter.crowded
        return {
            candidate.smiles: -np.inf if crowded(candidate.scaffold) else float(mu + kappa * sigma - penalty * candidate.rarity)
            for candidate, mu, sigma in zip(candidates, mean, deviation, strict=True)
        }

    def contributions(self) -> FragmentContributions:
        """The contributions of fragments to the score in the training set of the last `fit`."""
        estimates = self.memory.estimates
        return FragmentContributions.fit(self.features, [estimates[text] for text in self.scored], self.score_scale)

    @property
    def score_scale(self) -> float:
        """Mean of the ten best scores, the unit of acquisition values; 1 if the mean is 0."""
        return abs(top_mean(self.memory.estimates.values(), 10)) or 1.0

    def _predict(self, candidates: Sequence[Candidate]) -> tuple[Values, Values]:
        return forecast(self.model, self.rules, [candidate.features for candidate in candidates], self.integer_valued)
