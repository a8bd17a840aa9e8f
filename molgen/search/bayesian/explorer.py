"""The exploration population, which leads the search away from its current best."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np

from molgen.search.bayesian.annealing import Annealing
from molgen.search.bayesian.candidates import Candidates, by_value
from molgen.search.bayesian.contributions import FragmentContributions
from molgen.search.bayesian.offspring import Operators
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.memory import Memory
from molgen.search.strategy import State

SAMPLE = 3000  # random library molecules, or best scored molecules, from which a population is drawn
TOP = 100  # size of the top of the library, which is grafted from; a library no larger than this is used whole
OPERATOR = "annealing"
UNIFORM = 1e9  # sharpness at which all molecules are equally likely parents


class Explorer:
    """Anneals a population of molecules, bred from one another, by acquisition value; when one annealing ends, another begins.

    Parameters
    ----------
    size
        Molecules in the population; 0 for none.
    pool, memory, operators
        Source of candidates, scored molecules, and how offspring are made.

    Attributes
    ----------
    annealing
        The current annealing.
    top_of_library
        The best molecules of the library, to be grafted from.
    """

    def __init__(self, size: int, pool: CandidatePool, memory: Memory, operators: Operators) -> None:
        self.size = size
        self.pool, self.memory = pool, memory
        self.operators = replace(operators, sharpness=UNIFORM)
        self.annealing = Annealing()
        self.top_of_library: list[str] = []

    def explore(
        self,
        candidates: Candidates,
        sweeps: int,
        unscored: Sequence[str],
        rng: np.random.Generator,
        guide: Callable[[], FragmentContributions | None],
    ) -> dict[str, float]:
        """Run some sweeps of the annealing.

        Parameters
        ----------
        candidates
            Receives every molecule visited.
        sweeps
            Number of sweeps.
        unscored
            Library molecules with which every other population begins, if there are any; the others begin with the best scored
            molecules.
        guide
            Called once per sweep; returns the contributions that decide which subgraphs to join, or None.

        Returns
        -------
        dict
            SMILES -> acquisition value of all molecules visited.
        """
        scale = candidates.acquisition.score_scale
        library = set(self.pool.library)
        values: dict[str, float] = {}
        for _ in range(sweeps if self.size else 0):
            if self.annealing.finished:
                values |= self._begin(candidates, unscored, rng)
            here = [self.pool.candidate(text) for text in dict.fromkeys(self.annealing.population) if text not in values]
            values |= candidates.evaluate(
                [each._replace(operator="prior" if each.smiles in library else OPERATOR) for each in here]
            )
            self.annealing.cool(values, scale, rng)
            parents = self.annealing.population
            offspring = self.pool.offspring(parents, self.size, self.operators, rng, self.top_of_library, guide())
            values |= candidates.evaluate([each._replace(operator=OPERATOR) for each in offspring])
            self.annealing.move([(each.parents[0], each.smiles) for each in offspring], values, scale, rng)
        return values

    def _begin(self, candidates: Candidates, unscored: Sequence[str], rng: np.random.Generator) -> dict[str, float]:
        """Begin the next annealing; return the acquisition values of the molecules from which its population is drawn."""
        from_library = bool(unscored) and self.annealing.runs % 2 == 0
        some = rng.permutation(unscored)[:SAMPLE].tolist() if from_library else self.memory.ranked[:SAMPLE]
        values = candidates.evaluate([each._replace(operator="prior") for each in self.pool.candidates(some)])
        if from_library:
            self.top_of_library = by_value(values)[:TOP] if len(unscored) > TOP else []
        self.annealing = self.annealing.next_run(values, self.size, candidates.acquisition.score_scale, rng)
        return values

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return {"top_of_library": self.top_of_library, "annealing": asdict(self.annealing)}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.top_of_library, self.annealing = list(state["top_of_library"]), Annealing(**state["annealing"])
