"""The settings of a surrogate search, in groups."""

from dataclasses import dataclass

import numpy as np

from molgen.errors import check_above, check_between
from molgen.search.memory import Memory

BATCH = 10, 200  # fewest and most molecules chosen at once


@dataclass(frozen=True)
class Learning:
    """What the model learns from.

    Attributes
    ----------
    training_size
        Scored molecules in a training set: half of them the best, half the latest, filled up at random where these overlap.
    by_term
        Whether the model learns the raw value of each term, if the rules of the score are known; otherwise it learns the score.
    """

    training_size: int = 2000
    by_term: bool = True

    def __post_init__(self) -> None:
        check_between("search.learning", 1, training_size=self.training_size)

    def training_set(self, memory: Memory, rng: np.random.Generator) -> list[str]:
        """Select scored molecules to learn from, the best first."""
        half = self.training_size // 2
        told = list(memory.rewards)
        chosen = dict.fromkeys([*memory.ranked[:half], *told[::-1][:half]])
        rest = [text for text in told if text not in chosen]
        return [*chosen, *rng.permutation(rest)[: self.training_size - len(chosen)].tolist()]


@dataclass(frozen=True)
class AcquisitionSettings:
    """Weights of uncertainty and rarity beside a predicted score.

    Attributes
    ----------
    kappa_mean
        Mean of kappa, the number of standard deviations added to the predicted score; every choice draws its own kappa.
    rarity_weight
        Penalty of a molecule whose every atom is rare in the reference chemistry, as a share of the mean of the ten best scores;
        0 for none.
    """

    kappa_mean: float = 0.6
    rarity_weight: float = 0.2

    def __post_init__(self) -> None:
        check_between("search.acquisition", 0, kappa_mean=self.kappa_mean, rarity_weight=self.rarity_weight)

    def draw_kappa(self, rng: np.random.Generator) -> float:
        """Draw the kappa of one choice from an exponential distribution (Berk et al., IJCAI 2021)."""
        return float(rng.exponential(self.kappa_mean))


@dataclass(frozen=True)
class Breeding:
    """How many offspring are bred before a choice.

    Attributes
    ----------
    offspring
        Molecules bred per choice.
    parents
        Molecules that they are bred from.
    guided_share
        Share of choices, once the search stagnates, before which fragment contributions decide which subgraphs to join.
    """

    offspring: int = 450
    parents: int = 100
    guided_share: float = 1.0

    def __post_init__(self) -> None:
        check_between("search.breeding", 1, offspring=self.offspring, parents=self.parents)
        check_between("search.breeding", 0, 1, guided_share=self.guided_share)


@dataclass(frozen=True)
class ExplorerSettings:
    """The exploration population, which is annealed by acquisition value and leads the search away from its current best.

    Attributes
    ----------
    population
        Molecules in the population; 0 for none.
    reserved_share
        Largest share of a batch that is reserved for it, whatever the acquisition values of other candidates. The share
        grows with stagnation and with every sweep of the annealing.
    """

    population: int = 160
    reserved_share: float = 0.4

    def __post_init__(self) -> None:
        check_between("search.explorer", 0, population=self.population)
        check_between("search.explorer", 0, 1, reserved_share=self.reserved_share)


@dataclass(frozen=True)
class BatchChoice:
    """How many candidates are chosen between two fits of the model.

    Attributes
    ----------
    share
        Batch size relative to all scored molecules; at least 10 molecules, at most 200. Small batches early on put most thought
        into the first calls, which count most.
    per_scaffold
        Molecules of a batch, and parents of offspring, that may share a scaffold; 0 sets no limit.
    """

    share: float = 0.06
    per_scaffold: int = 3

    def __post_init__(self) -> None:
        check_above("search.batch", 1, share=self.share)
        check_between("search.batch", 0, per_scaffold=self.per_scaffold)

    def size(self, scored: int) -> int:
        """Batch size after `scored` molecules."""
        return int(np.clip(self.share * scored, *BATCH))
