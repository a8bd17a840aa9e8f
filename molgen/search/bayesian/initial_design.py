"""The initial design: molecules that are scored before a surrogate can choose."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count, zip_longest

import numpy as np

from molgen.search.bayesian.offspring import Operators
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.memory import Memory
from molgen.search.strategy import Proposal

FIRST = 300  # library molecules that are looked at before all of them are
SMALL = 20  # molecules in an initial design if the search has other molecules to begin from


class InitialDesign:
    """Leads and library molecules, joined by pooled molecules while all scores are on a plateau.

    Parameters
    ----------
    size
        Molecules scored before the model chooses; 20 suffice if some of them aren't from the library.
    pool, memory, operators
        Source of candidates, scored molecules, and how offspring of leads are made.
    """

    def __init__(self, size: int, pool: CandidatePool, memory: Memory, operators: Operators) -> None:
        self.size = size
        self.pool, self.memory, self.operators = pool, memory, operators

    @property
    def complete(self) -> bool:
        """Whether all molecules of the design are scored."""
        scored = self.memory.rewards
        return len(scored) >= self.size or (len(scored) >= SMALL and any(text not in self.pool.library for text in scored))

    def propose(
        self,
        values: Mapping[str, Sequence[float]],
        batch: int,
        unseen: Callable[[Sequence[str]], list[str]],
        rng: np.random.Generator,
    ) -> list[Proposal]:
        """Propose at most 20 molecules to score next, or a batch on a plateau; none once the model can choose.

        Parameters
        ----------
        values
            Canonical SMILES -> values of every scored molecule that the model learns.
        batch
            Returns the batch size.
        unseen
            Filters SMILES down to those that are neither scored nor waiting to be.
        """
        complete = self.complete
        if complete and not (self.memory.flat and some_value_alike(values)):
            return []
        missing = batch if complete else min(SMALL, self.size - len(self.memory.rewards))
        known = self._known(missing, unseen)
        if complete:
            known = alternating(known, self._pooled(missing, unseen))
        if known or complete:
            return [Proposal(text, "prior") for text in known[:missing]]
        return self._offspring_of_leads(missing, unseen, rng)

    def _known(self, n: int, unseen: Callable[[Sequence[str]], list[str]]) -> list[str]:
        """At least `n` leads and library molecules in order, unless there are fewer."""
        leads = self.pool.leads
        first = unseen([*leads, *self.pool.constraints.allowed(self.pool.library[:FIRST])])
        return first if len(first) >= n else unseen([*leads, *self.pool.allowed_library])

    def _pooled(self, n: int, unseen: Callable[[Sequence[str]], list[str]]) -> list[str]:
        """At least `n` pooled molecules, unless there are fewer."""
        found: list[str] = []
        for part in count():
            found += unseen(molecules := self.pool.pooled(part))
            if len(found) >= n or not molecules:
                break
        return found

    def _offspring_of_leads(
        self, n: int, unseen: Callable[[Sequence[str]], list[str]], rng: np.random.Generator
    ) -> list[Proposal]:
        """Offspring of the leads, for when the constraints refuse the whole library."""
        known = dict.fromkeys([*self.memory.ranked, *self.pool.constraints.seeds])
        parents = self.pool.breedable(list(known)) or self.pool.library
        offspring = {each.smiles: each for each in self.pool.offspring(parents, n, self.operators, rng)}
        scored = self.memory.rewards
        new = [offspring[text] for text in unseen(list(offspring))]
        self.pool.remember(new)
        return [Proposal(each.smiles, each.operator, tuple(text for text in each.parents if text in scored)) for each in new]


def some_value_alike(values: Mapping[str, Sequence[float]]) -> bool:
    """Whether some value that counts is the same for all molecules."""
    return any(len(set(column)) < 2 for column in zip(*values.values(), strict=True))


def alternating(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """Alternate between `some` and `others`; the rest of the longer one follows."""
    return [text for pair in zip_longest(some, others) for text in pair if text is not None]
