"""The memory of a strategy: scored molecules, ranked, and how crowded their scaffolds are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from molgen.chem.scaffolds import scaffold_of
from molgen.errors import check_between
from molgen.scoring.scores import Scores
from molgen.search.strategy import State


@dataclass
class ScaffoldFilter:
    """REINVENT's identical-Murcko-scaffold filter (Blaschke et al., J. Cheminf. 12, 68, 2020).

    Attributes
    ----------
    bucket
        Rewarded molecules per scaffold; later ones get reward 0. 0 switches the filter off.
    minimum
        Lowest score that fills a bucket; molecules below it keep their reward.
    counts
        Scaffold -> molecules in its bucket; filled while a search runs.
    """

    bucket: int = 25
    minimum: float = 0.4
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        check_between("search.diversity", 0, bucket=self.bucket)
        check_between("search.diversity", 0, minimum=self.minimum)

    def __call__(self, smiles: str, score: float) -> float:
        """Reward of a newly scored molecule."""
        if not self.bucket or score < self.minimum:
            return score
        scaffold = scaffold_of(smiles) or ""
        self.counts[scaffold] += 1
        return score if self.counts[scaffold] <= self.bucket else 0.0

    def crowded(self, scaffold: str) -> bool:
        """Whether a molecule with this scaffold would get no reward."""
        return bool(self.bucket) and self.counts[scaffold] >= self.bucket


@dataclass
class Memory:
    """Scored molecules and their rewards, which are scores after the diversity filter.

    Attributes
    ----------
    rewards
        Canonical SMILES -> reward of every valid molecule that was scored.
    posterior_means
        Canonical SMILES -> mean that a model predicts without the oracle's noise; empty if scores are exact.
    """

    filter: ScaffoldFilter
    rewards: dict[str, float] = field(default_factory=dict)
    posterior_means: dict[str, float] = field(default_factory=dict)
    _ranked: list[str] = field(default_factory=list)

    def add(self, scores: Scores) -> None:
        """Take in the valid molecules of a scored batch."""
        for smiles, total, problem in zip(scores.smiles, scores.total, scores.problem, strict=True):
            if smiles not in self.rewards and not (problem or "").startswith("invalid"):
                self.rewards[smiles] = self.filter(smiles, float(total))
        self._ranked = []

    def set_posterior_means(self, posterior_means: dict[str, float]) -> None:
        """Rank by `posterior_means` where they exist instead of rewards, since the best noisy rewards are the lucky ones."""
        self.posterior_means = posterior_means
        self._ranked = []

    @property
    def estimates(self) -> dict[str, float]:
        """Canonical SMILES -> posterior mean, or reward if there is none, in the order of the rewards."""
        return self.rewards | self.posterior_means

    @property
    def ranked(self) -> list[str]:
        """All molecules by estimate, the best first."""
        if not self._ranked:
            estimates = self.estimates
            self._ranked = sorted(estimates, key=lambda smiles: (-estimates[smiles], smiles))
        return self._ranked

    @property
    def flat(self) -> bool:
        """Whether no molecule is better than another."""
        return len(set(self.rewards.values())) < 2

    def most_rewarded(self, n: int) -> list[str]:
        """The `n` molecules with the highest rewards, which vary more than posterior means do; the best first.

        While rewards are `flat` those with the highest posterior means.
        """
        if self.flat:
            return self.ranked[:n]
        return sorted(self.rewards, key=lambda smiles: (-self.rewards[smiles], smiles))[:n]

    def draw(self, n: int, rng: np.random.Generator, sharpness: float = 0.01, top: int | None = None) -> list[str]:
        """Draw `n` distinct molecules, or all if there are fewer; better ones are likelier.

        Parameters
        ----------
        sharpness
            The odds of rank r among N are 1 / (sharpness N + r) (Tripp et al., NeurIPS 2020).
        top
            Draw from the best `top` only.
        """
        pool = self.ranked[:top]
        odds = 1 / (sharpness * len(pool) + np.arange(1, len(pool) + 1))
        chosen = rng.choice(len(pool), min(n, len(pool)), replace=False, p=odds / odds.sum())
        return [pool[i] for i in chosen]

    def new(self, smiles: Iterable[str | None]) -> list[str]:
        """The canonical `smiles` that are valid, distinct and unknown."""
        return list(dict.fromkeys(s for s in smiles if s is not None and s not in self.rewards))

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return {"rewards": self.rewards, "posterior_means": self.posterior_means, "scaffolds": dict(self.filter.counts)}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.rewards, self.posterior_means = dict(state["rewards"]), dict(state["posterior_means"])
        self.filter.counts = Counter(state["scaffolds"])
        self._ranked = []
