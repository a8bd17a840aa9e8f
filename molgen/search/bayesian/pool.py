"""The source of a surrogate's candidates: a library written by the prior, and offspring grafted with parts of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from rdkit import Chem

from molgen.chem.crossover import linked
from molgen.generators.base import Generator
from molgen.search.bayesian.contributions import FragmentContributions
from molgen.search.bayesian.library import library_of
from molgen.search.bayesian.offspring import (
    JOBS,
    Candidate,
    OffspringJob,
    Operators,
    describe_all,
    describe_candidate,
    in_parallel,
)
from molgen.search.bayesian.plausibility import ReferenceChemistry
from molgen.search.constraints import Constraints
from molgen.search.strategy import Proposal, State

REFERENCE = 1000  # molecules of the library that belong to the reference chemistry, besides ZINC's
MANY = 100  # molecules that are worth describing in parallel
GRAFTS = 100  # molecules from which a job may graft


class CandidatePool:
    """Candidates, each described for the model, that satisfy the constraints.

    Parameters
    ----------
    prior, size, seed
        The generator that writes the library, the number of molecules in it, and the seed.
    constraints
        What candidates must satisfy.
    """

    def __init__(self, prior: Generator, size: int, seed: int, constraints: Constraints) -> None:
        self.prior = prior
        self.size = size
        self.seed = seed
        self.constraints = constraints
        self._described: dict[str, Candidate] = {}

    @cached_property
    def library(self) -> list[str]:
        """Distinct canonical SMILES written by the prior; the same seed gives the same library in the same order."""
        return library_of(self.prior, self.size, self.seed)

    @cached_property
    def allowed_library(self) -> list[str]:
        """The library molecules that satisfy the constraints."""
        if not self.constraints:
            return self.library
        chunks = [self.library[i::JOBS] for i in range(JOBS)]
        allowed = {text for chunk in in_parallel(self.constraints.allowed, chunks) for text in chunk}
        return [text for text in self.library if text in allowed]

    def pooled(self, part: int) -> list[str]:
        """Molecules each of which tests several others in one call, as in group testing, in parts; none after the last.

        There is one part: pairs of library molecules, from its end, each linked into one.
        """
        return [] if part else self._linked

    @cached_property
    def _linked(self) -> list[str]:
        rng = np.random.default_rng(self.seed)
        pairs = zip(self.allowed_library[::-2], self.allowed_library[-2::-2], strict=False)
        both = (linked(Chem.MolFromSmiles(a), Chem.MolFromSmiles(b), rng) for a, b in pairs)
        return [Chem.MolToSmiles(mol) for mol in both if mol is not None and self.constraints(mol)]

    @cached_property
    def reference(self) -> ReferenceChemistry:
        """The chemistry of ZINC, of the library, and of what the constraints require."""
        return ReferenceChemistry.with_molecules([*self.library[:REFERENCE], *self.constraints.seeds])

    def candidates(self, smiles: Sequence[str]) -> list[Candidate]:
        """Describe molecules [n] without parents, many at once in parallel."""
        new = [text for text in dict.fromkeys(smiles) if text not in self._described]
        if len(new) >= MANY:
            chunks = [new[i::JOBS] for i in range(JOBS)]
            for chunk in in_parallel(partial(describe_all, reference=self.reference), chunks):
                self._described |= {each.smiles: each for each in chunk}
        return [self.candidate(text) for text in smiles]

    def candidate(self, smiles: str) -> Candidate:
        """Describe a molecule without parents, whether or not it satisfies the constraints."""
        if smiles not in self._described:
            self._described[smiles] = describe_candidate(smiles, Chem.MolFromSmiles(smiles), "", (), self.reference)
        return self._described[smiles]

    def remember(self, candidates: Iterable[Candidate]) -> None:
        """Keep the descriptions of molecules that will be needed again."""
        self._described |= {each.smiles: each._replace(operator="", parents=()) for each in candidates}

    def offspring(
        self,
        parents: Sequence[str],
        n: int,
        operators: Operators,
        rng: np.random.Generator,
        grafts: Sequence[str] = (),
        contributions: FragmentContributions | None = None,
    ) -> list[Candidate]:
        """Breed at most `n` distinct offspring; the number of processes doesn't change them.

        Parameters
        ----------
        parents
            SMILES, the best first.
        operators
            How offspring are made.
        grafts
            SMILES to graft from; the library if empty.
        contributions
            Decides which subgraphs of two parents to join; None joins any.
        """
        return self._bred(self._job, parents, n, operators, rng, grafts, contributions)

    def _bred(
        self,
        job: Callable[..., OffspringJob],
        parents: Sequence[str],
        n: int,
        operators: Operators,
        rng: np.random.Generator,
        grafts: Sequence[str],
        contributions: FragmentContributions | None,
    ) -> list[Candidate]:
        if not parents:
            return []
        shared = operators, self.constraints, self.reference, contributions
        size = -(-n // JOBS)
        jobs = [job(parents, few_of(grafts or self.library, rng), size, int(rng.integers(2**31)), *shared) for _ in range(JOBS)]
        distinct = {candidate.smiles: candidate for found in in_parallel(OffspringJob.run, jobs) for candidate in found}
        return list(distinct.values())[:n]

    def _job(self, parents: Sequence[str], library: Sequence[str], *rest: Any) -> OffspringJob:
        return OffspringJob(parents, library, *rest)

    @property
    def needs_routes(self) -> bool:
        """Whether a molecule counts only with a route."""
        return False

    @property
    def leads(self) -> list[str]:
        """Molecules that the constraints require the search to begin from, as far as they satisfy these."""
        return [text for text in self.constraints.seeds if self.constraints(Chem.MolFromSmiles(text))]

    @property
    def projected(self) -> int:
        """Number of imagined molecules (see `imagined`) that are replaced by what is makeable, per choice."""
        return 0

    def imagined(self, *settings: Any) -> list[Candidate]:
        """Breed as `offspring` does, but molecules that needn't be makeable."""
        return self._bred(OffspringJob, *settings)

    def project(self, imagined: Sequence[Candidate]) -> list[Candidate]:
        """The makeable molecules nearest to imagined ones, which are their parents."""
        return []

    @property
    def neighbours(self) -> list[Candidate]:
        """Molecules that stand for scored ones that can't be bred from, as far as they satisfy the constraints."""
        return []

    def breedable(self, smiles: Sequence[str]) -> list[str]:
        """Those of `smiles` that can be bred from, and others like them."""
        return list(smiles)

    def route(self, smiles: str) -> str:
        """How a molecule is made, as in `Proposal`; empty where that isn't known."""
        return ""

    def adopt(self, proposals: Iterable[Proposal]) -> None:
        """Learn the routes of molecules that something else proposed."""

    def scored_as(self, forms: Mapping[str, str]) -> None:
        """Learn in which form molecules were scored: SMILES, as proposed -> canonical."""

    def state_dict(self) -> State:
        """What can't be written again from the seed."""
        return {}

    def load_state_dict(self, state: State) -> None:
        """Continue where the pool that returned `state` stood."""


def few_of(source: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Random molecules from which a job may graft."""
    return [source[i] for i in rng.integers(len(source), size=GRAFTS)] if source else []
