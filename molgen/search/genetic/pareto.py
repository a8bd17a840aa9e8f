"""A genetic algorithm that ranks by Pareto fronts instead of a sum."""

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
    """Ranks molecules by Pareto front; weights and the aggregate of the terms don't matter.

    Attributes
    ----------
    size
        Number of molecules kept to breed from.
    values
        Canonical SMILES -> desirabilities of its terms.
    """

    size: int = 500
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, scores: Scores) -> None:
        """See `Memory.add`; molecules that a filter refuses aren't bred from; an objective without terms counts as one."""
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
        """The molecules kept, by front, and within a front by decreasing crowding distance."""
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
    """As `Genetic`, but parents are the molecules that no other beats in every term (NSGA-II, Deb et al., IEEE TEC 6, 182, 2002).

    Parameters
    ----------
    population
        Number of molecules to breed from.
    initial_design
        Molecules of the prior that are scored before any are bred; more if the filters refuse all of them.
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
