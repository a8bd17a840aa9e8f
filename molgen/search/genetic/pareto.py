"""A genetic algorithm that keeps a front instead of a sum."""

from dataclasses import dataclass, field

import numpy as np

from molgen.errors import check_between
from molgen.generators.base import Generator
from molgen.metrics.front import best_first
from molgen.scoring.scores import Scores
from molgen.search.genetic.breeding import Breeder
from molgen.search.genetic.genetic import Genetic
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.strategy import State


@dataclass
class FrontMemory(Memory):
    """Ranks molecules by how many fronts of others lie before them; weights and the way that terms add up don't matter.

    Attributes
    ----------
    size
        Molecules kept to breed from.
    values
        Their desirabilities.
    """

    size: int = 500
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, scores: Scores) -> None:
        """See `Memory.add`; what a filter refuses isn't bred from, and an objective without terms counts as one."""
        objectives = scores.scaled if scores.names else scores.total[:, None]
        before = set(self.rewards)
        super().add(scores)
        for smiles, total, problem, values in zip(scores.smiles, scores.total, scores.problem, objectives, strict=True):
            if problem is None and smiles not in before and self.rewards[smiles] == total:
                self.values[smiles] = values.tolist()
        self._ranked = self.ranked[: self.size]
        self.values = {smiles: self.values[smiles] for smiles in self._ranked}

    @property
    def ranked(self) -> list[str]:
        """The molecules kept, the first front first, and within a front by crowding distance, the largest first."""
        if not self._ranked and self.values:
            known = list(self.values)
            self._ranked = [known[i] for i in best_first(np.array(list(self.values.values())))]
        return self._ranked

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return super().state_dict() | {"values": self.values}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        super().load_state_dict(state)
        self.values = dict(state["values"])


class Pareto(Genetic):
    """As `Genetic`, but parents are molecules that others don't beat in every term (NSGA-II, Deb et al., IEEE TEC 6, 182, 2002).

    Parameters
    ----------
    population
        Molecules to breed from.
    initial_design
        Molecules of the prior that are scored before any are bred; more while filters refuse all of them.
    """

    def __init__(
        self,
        prior: Generator,
        breeder: Breeder,
        diversity: ScaffoldFilter,
        initial_design: int = 100,
        offspring: int = 16,
        population: int = 500,
        seed: int = 0,
    ) -> None:
        check_between("search", 1, population=population)
        super().__init__(prior, breeder, diversity, initial_design, offspring, seed)
        self.memory = FrontMemory(diversity, size=population)
