"""An agent and a genetic algorithm that share one memory."""

import numpy as np

from molgen.errors import check_between
from molgen.search.genetic.breeding import Breeder
from molgen.search.memory import ScaffoldFilter
from molgen.search.policy.agent import Agent
from molgen.search.policy.policy import Policy
from molgen.search.strategy import Proposal


class GeneticPolicy(Policy):
    """Some molecules are written by the agent, the others are bred; the agent learns from both.

    After Genetic-guided GFlowNets (Kim et al., NeurIPS 2024).

    Parameters
    ----------
    offspring_share
        Share of molecules that are offspring, from the second batch on.
    """

    def __init__(
        self, agent: Agent, breeder: Breeder, diversity: ScaffoldFilter, offspring_share: float = 0.75, seed: int = 0
    ) -> None:
        check_between("search", 0, 1, offspring_share=offspring_share)
        super().__init__(agent, diversity, seed)
        self.breeder = breeder
        self.offspring_share = offspring_share

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        offspring: list[Proposal] = []
        if self.memory.rewards:
            offspring = self.breeder.offspring(int(np.ceil(self.offspring_share * n)), self.memory, self.rng)
        return super().ask(n - len(offspring)) + offspring if len(offspring) < n else offspring
