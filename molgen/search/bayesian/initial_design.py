"""What is scored before a surrogate can choose."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

import numpy as np
from rdkit import Chem

from molgen.search.bayesian.offspring import Operators
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.memory import Memory
from molgen.search.strategy import Proposal

SMALL = 20  # molecules of an initial design, where the search has something else to begin from


class InitialDesign:
    """Leads and molecules of the library; while all scores are on a plateau, pooled molecules as well.

    Parameters
    ----------
    size
        Molecules that are scored before the model chooses; 20 do where some aren't of the library.
    """

    def __init__(self, size: int, pool: CandidatePool, memory: Memory, operators: Operators) -> None:
        self.size = size
        self.pool, self.memory, self.operators = pool, memory, operators

    @property
    def complete(self) -> bool:
        """Whether as many are scored as the design has."""
        scored = self.memory.rewards
        return len(scored) >= self.size or (len(scored) >= SMALL and any(text not in self.pool.library for text in scored))

    def propose(
        self,
        values: Mapping[str, Sequence[float]],
        batch: int,
        unseen: Callable[[Sequence[str]], list[str]],
        rng: np.random.Generator,
    ) -> list[Proposal]:
        """What to score next: at most 20 molecules, or a `batch` on a plateau; none once the model can choose.

        Parameters
        ----------
        values
            Canonical SMILES -> what the model learns of every scored molecule.
        unseen
            Gives those of SMILES that are neither scored nor about to be.
        """
        complete = self.complete
        if complete and not on_plateau(self.memory.rewards, values):
            return []
        missing = batch if complete else min(SMALL, self.size - len(self.memory.rewards))
        constraints = self.pool.constraints
        leads = [text for text in constraints.seeds if constraints(Chem.MolFromSmiles(text))]
        known = unseen([*leads, *self.pool.allowed_library])
        if complete:
            known = alternating(known, unseen(self.pool.pooled))
        if known or complete:
            return [Proposal(text, "prior") for text in known[:missing]]
        return self._offspring_of_leads(missing, unseen, rng)

    def _offspring_of_leads(
        self, n: int, unseen: Callable[[Sequence[str]], list[str]], rng: np.random.Generator
    ) -> list[Proposal]:
        """Where the constraints refuse all of the library."""
        parents = list(dict.fromkeys([*self.memory.ranked, *self.pool.constraints.seeds])) or self.pool.library
        offspring = {each.smiles: each for each in self.pool.offspring(parents, n, self.operators, rng)}
        scored = self.memory.rewards
        new = [offspring[text] for text in unseen(list(offspring))]
        return [Proposal(each.smiles, each.operator, tuple(text for text in each.parents if text in scored)) for each in new]


def on_plateau(rewards: Mapping[str, float], values: Mapping[str, Sequence[float]]) -> bool:
    """Whether no molecule is better than another, and something that counts has been the same for all."""
    flat = len(set(rewards.values())) < 2
    return flat and any(len(set(column)) < 2 for column in zip(*values.values(), strict=True))


def alternating(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """One of `some`, one of `others` and so on, then what is left."""
    return [text for pair in zip_longest(some, others) for text in pair if text is not None]
