"""What a search thinks of molecules, scored or not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.metrics.ranking import top_mean
from molgen.scoring.scorer import Scorer
from molgen.search.bayesian.contributions import Worth
from molgen.search.bayesian.models.base import SurrogateModel, Values, finite, whole
from molgen.search.bayesian.models.features import stack
from molgen.search.bayesian.models.forecast import forecast
from molgen.search.bayesian.offspring import Child
from molgen.search.memory import Memory


class Appraiser:
    """Predicts scores, and makes of them what decides between molecules.

    Parameters
    ----------
    model
        Of the terms of the score, or of the score.
    memory
        What is scored; told what to believe of noisy scores.
    prior_weight
        What a molecule loses whose every atom is strange, in units.
    """

    def __init__(self, model: SurrogateModel, memory: Memory, prior_weight: float) -> None:
        self.model = model
        self.memory = memory
        self.prior_weight = prior_weight
        self.rules: Scorer | None = None
        self.counts: NDArray[np.bool_] | None = None

    def learn(self, scored: Sequence[Child], values: Values, rules: Scorer | None, rng: np.random.Generator) -> None:
        """Fit the model to the values [n, terms] of molecules [n], of which `rules` make scores, or to their scores [n, 1]."""
        values = finite(values)
        self.rules = rules
        self.counts = whole(values)
        self.scored = [child.smiles for child in scored]
        self.features = stack([child.features for child in scored])
        self.model.fit(self.features, values, rng)
        believed = zip(scored, self._forecast(scored)[0], strict=True) if self.model.noisy else ()
        beliefs = {child.smiles: float(mean) for child, mean in believed}
        self.memory.believe(self.memory.beliefs | beliefs if beliefs else {})

    def merit(self, children: Sequence[Child], boldness: float) -> dict[str, float]:
        """SMILES -> predicted score, with what uncertainty adds and strangeness takes; -inf where a scaffold is crowded."""
        if not children:
            return {}
        total, spread = self._forecast(children)
        loss = self.prior_weight * self.unit
        crowded = self.memory.filter.crowded
        return {
            child.smiles: -np.inf if crowded(child.scaffold) else float(value + boldness * uncertain - loss * child.strangeness)
            for child, value, uncertain in zip(children, total, spread, strict=True)
        }

    def worth(self) -> Worth:
        """What parts of molecules add to the score, by what was learnt from."""
        standing = self.memory.standing
        return Worth.learnt(self.features, [standing[text] for text in self.scored], self.unit)

    @property
    def unit(self) -> float:
        """Mean of the ten best scores, by which merits are measured; 1 where it is 0."""
        return abs(top_mean(self.memory.standing.values(), 10)) or 1.0

    def _forecast(self, children: Sequence[Child]) -> tuple[Values, Values]:
        return forecast(self.model, self.rules, [child.features for child in children], self.counts)
