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

SAMPLES = 32  # molecules written at a time: a single one takes a language model nearly as long


class Genetic(Strategy):
    """Breeds from the best molecules so far; the prior writes the first generation.

    Parameters
    ----------
    prior
        Writes the first `initial_design` molecules.
    offspring
        Molecules bred per generation, however many are asked for: small generations use the
        oracle best if it scores one molecule at a time.
    initial_design
        Molecules of the prior that are scored before any are bred; more if none of them can be bred from.
    breeder
        Picks parents and makes offspring.
    diversity
        Withholds the reward of crowded scaffolds.
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
        if missing > 0 or not self.memory.ranked:  # the filters may have refused all of them
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
        """See `Strategy.for_new_objective`; molecules of the prior are kept."""
        return self.state_dict() | {key: state[key] for key in ("rng", "waiting")}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.memory.load_state_dict(state)
        self.rng.bit_generator.state = state["rng"]
        self.waiting = list(state["waiting"])
