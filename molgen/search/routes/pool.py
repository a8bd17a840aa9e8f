"""The source of makeable candidates: syntheses at random, and their offspring."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from rdkit import Chem

from molgen.chem.smarts import patterns
from molgen.generators.base import Generator
from molgen.search.bayesian.offspring import JOBS, Candidate, describe_candidate, in_parallel
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.constraints import Constraints
from molgen.search.routes.job import LongRoutes, Makeable, RandomRoutes, RouteJob
from molgen.search.routes.projection import Projection
from molgen.search.strategy import Proposal, State
from molgen.synthesis.route import SynthesisRoute

EFFORT, ANALOGS = 2000, 20  # for the analogs of a molecule that was given, and their number
LITTLE, FEW = 300, 5  # for those of one that was imagined
GIVEN = 20  # molecules without a route whose analogs are sought
LOOKED_AT = 20_000  # blocks among which those with a required pattern are sought


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
        self.given: list[str] = []
        self._passing: dict[str, str] = {}
        self._pooled: list[list[str]] = []
        self._analogs: dict[str, list[str]] = {}

    @cached_property
    def library(self) -> list[str]:
        """Distinct canonical SMILES of random syntheses, half of them from blocks that have what molecules must contain.

        The same seed gives the same library.
        """
        return list(self._random)

    @cached_property
    def _random(self) -> dict[str, str]:
        """The library's molecules and their routes."""
        return self._syntheses(0)

    def _syntheses(self, part: int) -> dict[str, str]:
        """A part, as large as the library, of all random syntheses."""
        shared, seeds = (self.makeable, -(-self.size // JOBS)), range(part * JOBS, (part + 1) * JOBS)
        jobs = [RandomRoutes(*shared, (self.seed, i), self._blocks_with_required_patterns) for i in seeds]
        found: dict[str, str] = {}
        for routes in in_parallel(RandomRoutes.run, jobs):
            found = routes | found
        return found

    @cached_property
    def _blocks_with_required_patterns(self) -> list[SynthesisRoute]:
        """Blocks that have a pattern that molecules must contain: a random synthesis seldom meets one."""
        wanted = patterns(self.constraints.must_contain)
        index = self.makeable.editor.chemist.index
        rows = np.random.default_rng(self.seed).permutation(len(index))[: LOOKED_AT if wanted else 0]
        blocks = (index.block(row) for row in rows.tolist())
        return [
            SynthesisRoute(each.smiles, each) for each in blocks if any(one(Chem.MolFromSmiles(each.smiles)) for one in wanted)
        ]

    def pooled(self, part: int) -> list[str]:
        """See `CandidatePool.pooled`: syntheses made as long as they may be, those of the library and then ever new ones.

        The largest products come first, for they contain most.
        """
        for i in range(len(self._pooled), part + 1):
            routes = list((self._syntheses(i) if i else self._random).values())[::-1]
            jobs = [LongRoutes(self.makeable, routes[j::JOBS], (self.seed, i * JOBS + j)) for j in range(JOBS)]
            made = {smiles: route for found in in_parallel(LongRoutes.run, jobs) for smiles, route in found.items()}
            known = self._random.keys() | set().union(*self._pooled)
            longer = {smiles: made[smiles] for smiles in self.constraints.allowed(list(made)) if smiles not in known}
            self.routes = longer | self.routes
            self._pooled.append(sorted(longer, key=lambda text: -self.makeable.editor.chemist.mol(text).GetNumHeavyAtoms()))
        return self._pooled[part]

    @property
    def needs_routes(self) -> bool:
        """See `CandidatePool.needs_routes`."""
        return True

    @property
    def leads(self) -> list[str]:
        """The makeable molecules nearest to what the search has to begin from, as far as they satisfy the constraints."""
        return [text for text in self._nearest(self.constraints.seeds) if self.constraints(Chem.MolFromSmiles(text))]

    @property
    def neighbours(self) -> list[Candidate]:
        """See `CandidatePool.neighbours`: the makeable molecules nearest to the first 20 that were scored without a route."""
        near = [Chem.MolFromSmiles(text) for text in self._nearest(self.given)]
        return [self.candidate(Chem.MolToSmiles(mol)) for mol in near if self.constraints(mol)]

    def _sought(self, smiles: Sequence[str], number: int, effort: int) -> dict[str, dict[str, str]]:
        """Makeable analogs of molecules and their routes."""
        jobs = [Projection(self.makeable, smiles[i::JOBS], number, effort) for i in range(JOBS) if smiles[i::JOBS]]
        found = {text: routes for part in in_parallel(Projection.run, jobs) for text, routes in part.items()}
        return {text: found[text] for text in smiles}

    @property
    def projected(self) -> int:
        """See `CandidatePool.projected`."""
        return self.makeable.projected

    def project(self, imagined: Sequence[Candidate]) -> list[Candidate]:
        """See `CandidatePool.project`."""
        found: dict[str, Candidate] = {}
        for parent, routes in self._sought([each.smiles for each in imagined], FEW, LITTLE).items():
            for smiles, route in routes.items():
                mol = Chem.MolFromSmiles(smiles)
                if smiles not in found and self.constraints(mol):
                    described = describe_candidate(smiles, mol, "projection", (parent,), self.reference)
                    found[smiles] = described._replace(route=route)
        self._passing = {each.smiles: each.route for each in found.values()} | self._passing
        return list(found.values())

    def breedable(self, smiles: Sequence[str]) -> list[str]:
        """See `CandidatePool.breedable`: those that have a route, and what is nearest to those that the search begins from."""
        return [text for text in dict.fromkeys([*smiles, *self._nearest(self.constraints.seeds)]) if self.route(text)]

    def _nearest(self, wanted: Sequence[str]) -> list[str]:
        """Makeable analogs of molecules; their routes are kept."""
        new = [text for text in wanted if text not in self._analogs]
        for text, routes in self._sought(new, ANALOGS, EFFORT).items():
            self._analogs[text] = list(routes)
            self.routes = routes | self.routes
        return list(dict.fromkeys(near for text in wanted for near in self._analogs[text]))

    def route(self, smiles: str) -> str:
        """See `CandidatePool.route`."""
        return self.routes.get(smiles) or self._random.get(smiles) or self._passing.get(smiles, "")

    def candidate(self, smiles: str) -> Candidate:
        """See `CandidatePool.candidate`; its route is the one that is kept, by whichever it was made again since."""
        if smiles not in self._described:
            self._described[smiles] = describe_candidate(smiles, Chem.MolFromSmiles(smiles), "", (), self.reference)
        return self._described[smiles]._replace(route=self.route(smiles))

    def remember(self, candidates: Iterable[Candidate]) -> None:
        """See `CandidatePool.remember`; the routes of all others are forgotten."""
        lasting = list(candidates)
        super().remember(lasting)
        self.routes = {each.smiles: route for each in lasting if (route := each.route or self.route(each.smiles))} | self.routes
        self._passing.clear()

    def offspring(self, parents: Sequence[str], n: int, *settings: Any, **more: Any) -> list[Candidate]:
        """See `CandidatePool.offspring`; parents without a route have none."""
        found = super().offspring([text for text in parents if self.route(text)], n, *settings, **more)
        self._passing = {each.smiles: each.route for each in found} | self._passing
        return found

    def _job(self, parents: Sequence[str], library: Sequence[str], *rest: Any) -> RouteJob:
        bred, grafted = ([(text, route) for text in some if (route := self.route(text))] for some in (parents, library))
        return RouteJob(bred, grafted, *rest, self.makeable)  # type: ignore[call-arg]  # mypy counts rest as one

    def adopt(self, proposals: Iterable[Proposal]) -> None:
        """See `CandidatePool.adopt`."""
        self.routes = {each.smiles: each.route for each in proposals if each.route} | self.routes

    def scored_as(self, forms: Mapping[str, str]) -> None:
        """See `CandidatePool.scored_as`."""
        for text, form in forms.items():
            if route := self.route(text):
                self.routes.setdefault(form, route)
            elif form not in self.given and len(self.given) < GIVEN:
                self.given.append(form)

    def state_dict(self) -> State:
        """See `CandidatePool.state_dict`."""
        routes = {smiles: route for smiles, route in self.routes.items() if route != self._random.get(smiles)}
        return {"routes": routes, "given": self.given, "analogs": self._analogs}

    def load_state_dict(self, state: State) -> None:
        """See `CandidatePool.load_state_dict`."""
        self.routes |= state["routes"]
        self.given, self._analogs = list(state["given"]), dict(state["analogs"])
