"""A genetic algorithm on molecular graphs."""

from collections.abc import Sequence

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.errors import check_between, check_seed
from molgen.generators.base import Generator
from molgen.scoring.scores import Scores
from molgen.search.genetic.breeding import Breeder
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.strategy import Proposal, State, Strategy

SAMPLES = 32  # molecules written at a time: one takes a language model nearly as long


class Genetic(Strategy):
    """Offspring of the best molecules so far; the first generation is written by the prior.

    Parameters
    ----------
    prior
        Writes the first `initial_design` molecules.
    offspring
        Molecules bred between two looks at their scores, however many are asked for: few make the
        best use of an oracle that scores one at a time.
    initial_design
        Molecules of the prior that are scored before any are bred; more while there are none to breed from.
    """

    def __init__(
        self,
        prior: Generator,
        breeder: Breeder,
        diversity: ScaffoldFilter,
        initial_design: int = 100,
        offspring: int = 16,
        seed: int = 0,
    ) -> None:
        check_between("search", 1, initial_design=initial_design, offspring=offspring)
        self.prior = prior
        self.breeder = breeder
        self.memory = Memory(diversity)
        self.initial_design = initial_design
        self.offspring = offspring
        check_seed("search", seed)
        self.rng = np.random.default_rng(seed)
        self.waiting: list[str] = []

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        missing = self.initial_design - len(self.memory.rewards)
        if missing > 0 or not self.memory.ranked:  # a filter may have refused all of them
            if not self.waiting:
                size = max(n, SAMPLES)
                smiles = self.prior.sample(min(size, missing) if missing > 0 else size, seed=int(self.rng.integers(2**31)))
                self.waiting = self.memory.new(Molecules(smiles).canonical)
            asked, self.waiting = self.waiting[:n], self.waiting[n:]
            return [Proposal(text, "prior") for text in asked]
        return self.breeder.offspring(min(n, self.offspring), self.memory, self.rng)

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.memory.add(scores)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return self.memory.state_dict() | {"rng": self.rng.bit_generator.state, "waiting": self.waiting}

    def for_new_objective(self, state: State) -> State:
        """See `Strategy.for_new_objective`; what the prior has written stays."""
        return self.state_dict() | {key: state[key] for key in ("rng", "waiting")}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.memory.load_state_dict(state)
        self.rng.bit_generator.state = state["rng"]
        self.waiting = list(state["waiting"])
