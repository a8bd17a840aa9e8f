"""The settings of a surrogate search, in groups."""

from dataclasses import dataclass

import numpy as np

from molgen.errors import check_above, check_between
from molgen.search.memory import Memory

BATCH = 10, 200  # molecules chosen, at least and at most
RECENT = 0.5  # of all scored molecules: so many count towards the size of a batch soon after a restart


@dataclass(frozen=True)
class Learning:
    """What the model learns from.

    Attributes
    ----------
    training_size
        Scored molecules in a training set: half of them the best, half the latest, and others at random where these coincide.
    by_term
        Whether the model learns the raw value of every term where it is known how terms make the score; else the score alone.
    """

    training_size: int = 2000
    by_term: bool = True

    def __post_init__(self) -> None:
        check_between("search.learning", 1, training_size=self.training_size)

    def training_set(self, memory: Memory, rng: np.random.Generator) -> list[str]:
        """Scored molecules to learn from, the best first."""
        half = self.training_size // 2
        told = list(memory.rewards)
        chosen = dict.fromkeys([*memory.ranked[:half], *told[::-1][:half]])
        rest = [text for text in told if text not in chosen]
        return [*chosen, *rng.permutation(rest)[: self.training_size - len(chosen)].tolist()]


@dataclass(frozen=True)
class AcquisitionSettings:
    """What is added to and taken from a predicted score.

    Attributes
    ----------
    exploration
        Mean of kappa, the standard deviations added to the predicted score; every choice draws its own, now cautious, now bold.
    rarity_weight
        What a molecule loses whose every atom is rare in the reference chemistry, as a share of the ten best scores; 0: nothing.
    """

    exploration: float = 0.6
    rarity_weight: float = 0.2

    def __post_init__(self) -> None:
        check_between("search.acquisition", 0, exploration=self.exploration, rarity_weight=self.rarity_weight)

    def draw_kappa(self, rng: np.random.Generator) -> float:
        """Standard deviations that one choice adds, from an exponential distribution (Berk et al., IJCAI 2021)."""
        return float(rng.exponential(self.exploration))


@dataclass(frozen=True)
class Breeding:
    """How many offspring are bred before a choice.

    Attributes
    ----------
    offspring, generations
        Offspring per generation, and generations per choice.
    parents
        Molecules that a generation is bred from.
    guided_share
        Share of generations, once the search stagnates, in which fragment contributions tell which subgraphs to join.
    """

    offspring: int = 150
    generations: int = 3
    parents: int = 100
    guided_share: float = 1.0

    def __post_init__(self) -> None:
        check_between("search.breeding", 1, offspring=self.offspring, generations=self.generations, parents=self.parents)
        check_between("search.breeding", 0, 1, guided_share=self.guided_share)


@dataclass(frozen=True)
class Exploration:
    """The exploration population, which is annealed by predicted scores and leads away from where the search stands.

    Attributes
    ----------
    population
        Molecules in it; 0: there is none.
    reserved_share
        Largest share of a batch that is taken from it whatever other candidates promise. The share grows with stagnation and
        with every sweep of the annealing.
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
        Of the molecules scored since the last restart, or of half of all: 10 molecules at least, 200 at most. So most thought
        goes into the first calls, which count most.
    per_scaffold
        Molecules of a batch, and parents of a generation, that may share a scaffold; 0: any number.
    """

    share: float = 0.06
    per_scaffold: int = 3

    def __post_init__(self) -> None:
        check_above("search.batch", 1, share=self.share)
        check_between("search.batch", 0, per_scaffold=self.per_scaffold)

    def size(self, scored: int, started_at: int) -> int:
        """Molecules to choose after `scored` molecules, of which the last restart came after `started_at`."""
        return int(np.clip(self.share * max(scored - started_at, RECENT * scored), *BATCH))


@dataclass(frozen=True)
class Restarts:
    """When the search begins anew from the library.

    Attributes
    ----------
    patience
        Choices without a rise of the ten best by 2 % after which, and after 1,000 molecules at least, the search restarts from
        what the model ranks first in the library. Parents come from there alone until the ten best of these stagnate as well;
        then all scored molecules are bred from again, and so on until nothing of the library is left.
    """

    patience: int = 8

    def __post_init__(self) -> None:
        check_between("search.restarts", 1, patience=self.patience)
