"""A population that leads away from where a search stands."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np

from molgen.search.bayesian.annealing import Annealing
from molgen.search.bayesian.candidates import Candidates, best_first
from molgen.search.bayesian.contributions import Worth
from molgen.search.bayesian.offspring import Operators
from molgen.search.bayesian.pool import Nursery
from molgen.search.memory import Memory
from molgen.search.strategy import State

BEGINNING = 3000  # molecules, of the library at random or the best scored, of which it may begin with any
LIKED = 100  # of the library, by merit: what is grafted; any of it is where there are no more
OPERATOR = "annealing"
UNRANKED = 1e9  # sharpness by which all are equally likely to be bred from


class Apart:
    """Molecules that are bred from one another and annealed by merit, then others, again and again.

    Parameters
    ----------
    size
        Molecules of the population; 0: there is none.

    Attributes
    ----------
    annealing
        The present one.
    liked
        What is best of the library, to be grafted.
    """

    def __init__(self, size: int, nursery: Nursery, memory: Memory, operators: Operators) -> None:
        self.size = size
        self.nursery, self.memory = nursery, memory
        self.operators = replace(operators, sharpness=UNRANKED)
        self.annealing = Annealing()
        self.liked: list[str] = []

    def meets(
        self,
        pool: Candidates,
        sweeps: int,
        unscored: Sequence[str],
        afresh: bool,
        rng: np.random.Generator,
        guide: Callable[[], Worth | None],
    ) -> dict[str, float]:
        """Merit of all that is met in so many sweeps, and of what the population begins with; `pool` takes them in.

        Parameters
        ----------
        unscored
            Molecules of the library that it may begin with.
        afresh
            Whether it always begins with these, if there are any; else every other time with the best scored.
        guide
            Gives what tells which parts are worth joining.
        """
        unit = pool.appraiser.unit
        library = set(self.nursery.library)
        merit: dict[str, float] = {}
        for _ in range(sweeps if self.size else 0):
            if self.annealing.settled:
                merit |= self._begin(pool, unscored, afresh, rng)
            here = [self.nursery.child(text) for text in dict.fromkeys(self.annealing.population) if text not in merit]
            merit |= pool.promise([child._replace(operator="prior" if child.smiles in library else OPERATOR) for child in here])
            self.annealing.cool(merit, unit, rng)
            brood = self.nursery.offspring(self.annealing.population, self.size, self.operators, rng, self.liked, guide())
            merit |= pool.promise([child._replace(operator=OPERATOR) for child in brood])
            self.annealing.move([(child.parents[0], child.smiles) for child in brood], merit, unit, rng)
        return merit

    def _begin(self, pool: Candidates, unscored: Sequence[str], afresh: bool, rng: np.random.Generator) -> dict[str, float]:
        """Merit of what the population is drawn from."""
        afresh = bool(unscored) and (afresh or self.annealing.begun % 2 == 0)
        some = rng.permutation(unscored)[:BEGINNING].tolist() if afresh else self.memory.ranked[:BEGINNING]
        merit = pool.promise([self.nursery.child(text)._replace(operator="prior") for text in some])
        if afresh:
            self.liked = best_first(merit)[:LIKED] if len(unscored) > LIKED else []
        self.annealing = self.annealing.anew(merit, self.size, pool.appraiser.unit, rng)
        return merit

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return {"liked": self.liked, "roaming": asdict(self.annealing)}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.liked, self.annealing = list(state["liked"]), Annealing(**state["roaming"])
