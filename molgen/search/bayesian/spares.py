"""What is scored while a choice is being made, where workers would be idle."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from molgen.search.bayesian.offspring import Candidate, Operators
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.genetic.breeding import Breeder
from molgen.search.memory import Memory
from molgen.search.strategy import Proposal

MOST = 2000  # molecules of the library, or ranked behind a choice
FIRST = 1000  # offspring bred without a model before the first choice
LAST = 10  # of what was given: one of them is scored where all were needed
TWO = 2  # lots may be with the search: one is scored while a choice is made, after which the next is given
BRED = 2000, 8000  # fewest and most offspring bred without a model, once what was ranked doesn't suffice


class Spares:
    """Molecules behind those chosen: of the library at first, then what the model ranked, then offspring of the best.

    The faster scores come in, the more of them are scored. Where even all that was ranked doesn't last until the next choice,
    offspring are bred that no model has looked at, ever more until they do.

    Parameters
    ----------
    pool, memory, operators
        Source of the library, scored molecules, and how offspring are made.

    Attributes
    ----------
    wanted
        Whether the search asks for any, as one does that doesn't wait for scores.
    begun
        Whether anything was chosen, or bred, since this was made.
    bred
        Offspring to be bred before the next choice is made.
    """

    def __init__(self, pool: CandidatePool, memory: Memory, operators: Operators) -> None:
        self.pool, self.memory = pool, memory
        self.breeder = Breeder(operators.crossover_rate, operators.mutation_rate)
        self.wanted, self.begun, self.bred = False, False, 0
        self._ends: list[list[str]] = []
        self._next: list[Proposal] | None = None
        self._described: dict[str, Candidate] = {}

    def give(self, unseen: Callable[[Sequence[str]], list[str]]) -> list[Proposal]:
        """What there is that wasn't given yet, the best first; before the first choice, molecules of the library."""
        self.wanted = True
        if self._next is None:
            library = unseen(self.pool.constraints.allowed(self.pool.library[:MOST]))
            self._next = [Proposal(text, "prior", route=self.pool.route(text)) for text in library]
        given, self._next = self._next, []
        self._ends += [[each.smiles for each in given[-LAST:]]] if given else []
        return given

    def breed(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` offspring of the best scored molecules; none where all must have routes."""
        if self.pool.needs_routes:
            return []
        found = self.breeder.offspring(n, self.memory, rng)
        allowed = set(self.pool.constraints.allowed([each.smiles for each in found]))
        return [each for each in found if each.smiles in allowed]

    def before_choosing(self, rng: np.random.Generator) -> bool:
        """Breed, before the first choice, what is better than the library; whether there is any."""
        if self.begun or not self.wanted:
            return False
        self.begun, self._next = True, self.breed(FIRST, rng)
        return bool(self._next)

    def rank(self, rest: Sequence[Candidate], rng: np.random.Generator) -> None:
        """Take in what the model ranked behind a choice, the best first."""
        waiting = [end for end in self._ends if not any(text in self.memory.rewards for text in end)]
        outrun, self._ends = len(waiting) < len(self._ends), waiting[-TWO:]
        self.bred = min(max(2 * self.bred, BRED[0]), BRED[1]) if outrun else self.bred // 2
        offspring = self.breed(self.bred, rng) if self.bred >= BRED[0] else []
        self.begun = True
        self._next = [Proposal(each.smiles, each.operator, each.parents, route=each.route) for each in rest] + offspring
        self._described = {each.smiles: each for each in rest}

    def scored(self, smiles: Iterable[str]) -> None:
        """Keep the descriptions of what was scored, from which the model will learn."""
        self.pool.remember([self._described.pop(text) for text in smiles if text in self._described])
