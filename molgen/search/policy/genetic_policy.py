"""An agent and a genetic algorithm that share one memory."""

import numpy as np

from molgen.errors import check_between
from molgen.search.genetic.breeding import Breeder
from molgen.search.memory import ScaffoldFilter
from molgen.search.policy.agent import Agent
from molgen.search.policy.policy import Policy


class GeneticPolicy(Policy):
    """Some molecules are written by the agent, the others bred; the agent learns from both.

    After Genetic-guided GFlowNets (Kim et al., NeurIPS 2024).

    Parameters
    ----------
    bred
        Share of the molecules that are offspring, from the second batch on.
    """

    def __init__(self, agent: Agent, breeder: Breeder, diversity: ScaffoldFilter, bred: float = 0.75, seed: int = 0) -> None:
        check_between("search", 0, 1, bred=bred)
        super().__init__(agent, diversity, seed)
        self.breeder = breeder
        self.bred = bred

    def ask(self, n: int) -> list[str]:
        """See `Strategy.ask`."""
        children: list[str] = []
        if self.memory.rewards:
            children = self.breeder.offspring(int(np.ceil(self.bred * n)), self.memory, self.rng)
        return super().ask(n - len(children)) + children if len(children) < n else children
