"""REINVENT with augmented memory: an agent that starts as the prior and replays its best molecules."""

from collections.abc import Sequence

import numpy as np

from molgen.errors import check_seed
from molgen.generators.base import Generator
from molgen.scoring.scores import Scores
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.policy.agent import Agent
from molgen.search.strategy import Proposal, State, Strategy


class Policy(Strategy):
    """The agent proposes molecules, and their scores train it.

    Parameters
    ----------
    agent
        The language model that learns, with its prior and its settings.
    diversity
        Withholds the reward of crowded scaffolds.
    """

    def __init__(self, agent: Agent, diversity: ScaffoldFilter, seed: int = 0) -> None:
        self.agent = agent
        self.memory = Memory(diversity)
        check_seed("search", seed)
        self.rng = np.random.default_rng(seed)

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        return [Proposal(text, "agent") for text in self.agent.write(n, self.memory, self.rng)]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.memory.add(scores)
        self.agent.learn(self.memory, self.rng)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.hear`; the agent learns from them at its next `tell`."""
        self.memory.add(scores)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return self.agent.state_dict() | self.memory.state_dict() | {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.agent.load_state_dict(state)
        self.memory.load_state_dict(state)
        self.rng.bit_generator.state = state["rng"]

    def for_new_objective(self, state: State) -> State:
        """See `Strategy.for_new_objective`; the agent is kept."""
        return state | self.memory.state_dict()

    def trained(self) -> Generator:
        """See `Strategy.trained`."""
        return self.agent.model
