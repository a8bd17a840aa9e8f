"""Where a surrogate's candidates come from: a library that the prior writes, and offspring that may have parts of it."""

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from itertools import zip_longest

import numpy as np
from rdkit import Chem

from molgen.chem.crossover import joined
from molgen.chem.molecules import Molecules
from molgen.generators.base import Generator
from molgen.search.bayesian.contributions import Worth
from molgen.search.bayesian.offspring import BROODS, Brood, Child, Operators, describe_all, describe_child, side_by_side
from molgen.search.bayesian.plausibility import Familiar
from molgen.search.constraints import Constraints

FAMILIAR = 1000  # molecules of the library that tell what chemistry is familiar, besides ZINC's
GRAFTS = 100  # molecules that a brood may be grafted from


class Nursery:
    """Candidates, each described for the model, that satisfy the constraints.

    Parameters
    ----------
    prior, size, seed
        What writes the library, of how many molecules, and by which seed.
    constraints
        Which molecules may be candidates.
    """

    def __init__(self, prior: Generator, size: int, seed: int, constraints: Constraints) -> None:
        self.prior = prior
        self.size = size
        self.seed = seed
        self.constraints = constraints
        self._described: dict[str, Child] = {}

    @cached_property
    def library(self) -> list[str]:
        """Distinct canonical SMILES that the prior wrote; the same for a seed."""
        written = Molecules(self.prior.sample(self.size, seed=self.seed)).canonical
        return list(dict.fromkeys(text for text in written if text is not None))

    @cached_property
    def home(self) -> list[str]:
        """What the constraints leave of the library."""
        parts = [self.library[i::BROODS] for i in range(BROODS)]
        listed = side_by_side(partial(describe_all, constraints=self.constraints, familiar=self.familiar), parts)
        fit = {child.smiles: child for part in listed for child in part}
        self._described |= fit
        return [text for text in self.library if text in fit]

    @cached_property
    def pairs(self) -> list[str]:
        """Two molecules of `home` in one, from its end: it has what either has, so one score tells of both."""
        rng = np.random.default_rng(self.seed)
        pairs = zip(self.home[::-2], self.home[-2::-2], strict=False)
        both = (joined(Chem.MolFromSmiles(a), Chem.MolFromSmiles(b), rng) for a, b in pairs)
        return [Chem.MolToSmiles(mol) for mol in both if mol is not None and self.constraints(mol)]

    @cached_property
    def familiar(self) -> Familiar:
        """The chemistry of ZINC, of the library, and of what the constraints ask for."""
        return Familiar.to([*self.library[:FAMILIAR], *self.constraints.seeds])

    def child(self, smiles: str) -> Child:
        """A molecule whose parents don't matter, whether it satisfies the constraints or not."""
        if smiles not in self._described:
            self._described[smiles] = describe_child(smiles, Chem.MolFromSmiles(smiles), "", (), self.familiar)
        return self._described[smiles]

    def keep(self, children: Iterable[Child]) -> None:
        """Remember what is known of molecules that will be asked for again."""
        self._described |= {child.smiles: child._replace(operator="", parents=()) for child in children}

    def offspring(
        self,
        parents: Sequence[str],
        n: int,
        operators: Operators,
        rng: np.random.Generator,
        liked: Sequence[str] = (),
        worth: Worth | None = None,
    ) -> list[Child]:
        """At most `n` distinct ones, grafted from `liked` or else the library; the same however many processes breed them."""
        if not parents:
            return []
        shared = operators, self.constraints, self.familiar, worth
        size = -(-n // BROODS)
        orders = [
            Brood(parents, _some(liked or self.library, rng), size, int(rng.integers(2**31)), *shared) for _ in range(BROODS)
        ]
        distinct = {child.smiles: child for brood in side_by_side(Brood.children, orders) for child in brood}
        return list(distinct.values())[:n]


def by_turns(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """One of `some`, one of `others` and so on, then what is left."""
    return [text for pair in zip_longest(some, others) for text in pair if text is not None]


def _some(source: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Molecules that a brood may be grafted from, drawn at random."""
    return [source[i] for i in rng.integers(len(source), size=GRAFTS)] if source else []
