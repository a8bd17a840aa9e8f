"""The source of makeable candidates: syntheses at random, and their offspring."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from rdkit import Chem

from molgen.generators.base import Generator
from molgen.search.bayesian.offspring import Candidate, describe_candidate
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.constraints import Constraints
from molgen.search.routes.job import Makeable, RouteJob
from molgen.search.strategy import State
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.route import written

EFFORT = 2000  # for the analogs of a lead
ANALOGS = 20  # of a lead


class RoutePool(CandidatePool):
    """Candidates that have a route.

    Parameters
    ----------
    prior, size, seed, constraints
        See `CandidatePool`; the prior adds to the reference chemistry only.
    makeable
        What can be made.
    """

    def __init__(self, prior: Generator, size: int, seed: int, constraints: Constraints, makeable: Makeable) -> None:
        super().__init__(prior, size, seed, constraints)
        self.makeable = makeable
        self.routes: dict[str, str] = {}
        self._passing: dict[str, str] = {}

    @cached_property
    def library(self) -> list[str]:
        """Distinct canonical SMILES of random syntheses; the same seed gives the same library."""
        rng = np.random.default_rng(self.seed)
        found: dict[str, str] = {}
        for _ in range(self.size):
            route = self.makeable.editor.random(rng)
            found.setdefault(route.smiles, written(route))
        self.routes |= found
        return list(found)

    @property
    def pooled(self) -> list[str]:
        """None: two molecules linked into one have no route."""
        return []

    @cached_property
    def leads(self) -> list[str]:
        """The makeable molecules nearest to what the search has to begin from, as far as they satisfy the constraints."""
        find = Analogs(self.makeable.editor.chemist, self.makeable.steps, EFFORT)
        routes = [each.route for seed in self.constraints.seeds for each in find(seed, ANALOGS)]
        found = {route.smiles: written(route) for route in routes if self.constraints(Chem.MolFromSmiles(route.smiles))}
        self.routes |= found
        return list(found)

    def route(self, smiles: str) -> str:
        """See `CandidatePool.route`."""
        return self._passing.get(smiles) or self.routes.get(smiles, "")

    def candidate(self, smiles: str) -> Candidate:
        """See `CandidatePool.candidate`."""
        if smiles not in self._described:
            described = describe_candidate(smiles, Chem.MolFromSmiles(smiles), "", (), self.reference)
            self._described[smiles] = described._replace(route=self.route(smiles))
        return self._described[smiles]

    def remember(self, candidates: Iterable[Candidate]) -> None:
        """See `CandidatePool.remember`; the routes of all others are forgotten."""
        lasting = list(candidates)
        super().remember(lasting)
        self.routes |= {each.smiles: route for each in lasting if (route := each.route or self.route(each.smiles))}
        self._passing.clear()

    def offspring(self, parents: Sequence[str], n: int, *settings: Any, **more: Any) -> list[Candidate]:
        """See `CandidatePool.offspring`; parents without a route have none."""
        found = super().offspring([text for text in parents if self.route(text)], n, *settings, **more)
        self._passing |= {each.smiles: each.route for each in found}
        return found

    def _job(self, parents: Sequence[str], library: Sequence[str], *rest: Any) -> RouteJob:
        bred, grafted = ([self.route(text) for text in some] for some in (parents, library))
        return RouteJob(bred, grafted, *rest, self.makeable)  # type: ignore[call-arg]  # mypy counts rest as one

    def scored_as(self, smiles: Sequence[str], scored: Sequence[str]) -> None:
        """See `CandidatePool.scored_as`."""
        for text, form in zip(smiles, scored, strict=True):
            if text != form and (route := self.route(text)):
                self.routes[form] = route

    def state_dict(self) -> State:
        """See `CandidatePool.state_dict`."""
        written_again = set(self.library)
        return {"routes": {smiles: route for smiles, route in self.routes.items() if smiles not in written_again}}

    def load_state_dict(self, state: State) -> None:
        """See `CandidatePool.load_state_dict`."""
        self.routes |= state.get("routes", {})
