"""Syntheses bred in bulk, in any process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from molgen.errors import check_between
from molgen.search.bayesian.offspring import Child, OffspringJob
from molgen.search.routes.settings import SynthesisSettings
from molgen.synthesis.route import SynthesisRoute, written


@dataclass(frozen=True)
class Makeable(SynthesisSettings):
    """From what, how and in how many steps molecules may be made by a search that breeds their syntheses.

    Attributes
    ----------
    projected
        Number of molecules, bred as if everything could be made, that are replaced by the nearest makeable ones before a choice.
    """

    projected: int = 8
    place: ClassVar[str] = "search.makeable"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between(self.place, 0, projected=self.projected)


@dataclass(frozen=True)
class RandomRoutes:
    """A batch of syntheses at random, possibly in a process of its own.

    Attributes
    ----------
    makeable
        What can be made.
    number, seed
        Of syntheses to try, and of the random numbers.
    blocks
        Every other synthesis begins with one of these, if there are any.
    """

    makeable: Makeable
    number: int
    seed: Sequence[int]
    blocks: Sequence[SynthesisRoute] = ()

    def run(self) -> dict[str, str]:
        """SMILES of the products -> their routes, as they are stored."""
        rng, editor = np.random.default_rng(self.seed), self.makeable.editor
        found: dict[str, str] = {}
        for i in range(self.number):
            block = self.blocks[int(rng.integers(len(self.blocks)))] if self.blocks and i % 2 else None
            if (route := editor.random(rng, block)) is not None:
                found.setdefault(route.smiles, written(route))
        return found


@dataclass(frozen=True)
class LongRoutes:
    """Syntheses with as many steps as they may have, made from others, possibly in a process of its own.

    Attributes
    ----------
    makeable
        What can be made.
    routes
        The syntheses to begin with, as they are stored.
    seed
        Of the random numbers.
    """

    makeable: Makeable
    routes: Sequence[str]
    seed: Sequence[int]

    def run(self) -> dict[str, str]:
        """SMILES of the products -> their routes, as they are stored."""
        rng, editor = np.random.default_rng(self.seed), self.makeable.editor
        found = [editor.lengthened(editor.read(text), rng) for text in self.routes]
        return {route.smiles: written(route) for route in found}


@dataclass(frozen=True)
class RouteJob(OffspringJob):
    """Offspring of syntheses: `parents` and `library` are pairs of a molecule's SMILES and its route as it is stored.

    Attributes
    ----------
    makeable
        What can be made; None is refused.
    """

    makeable: Makeable | None = None

    def _make(self, parents: list[Any], rng: np.random.Generator) -> Child:
        assert self.makeable is not None
        editor, operators = self.makeable.editor, self.operators
        names = [smiles for smiles, _ in parents]
        routes = [editor.read(text) for _, text in parents]
        if self.library and rng.random() < operators.graft_rate:
            other = editor.read(self.library[int(rng.integers(len(self.library)))][1])
            return self._child(editor.crossed(routes[0], other, rng), "graft", names[:1])
        if len(routes) == 2 and rng.random() < operators.crossover_rate:
            made = editor.crossed(routes[0], routes[1], rng)
            if made is not None and rng.random() < operators.mutation_rate:
                return self._child(editor.mutant(made, rng), "crossover+mutation", names)
            return self._child(made, "crossover", names)
        return self._child(editor.mutant(routes[0], rng), "mutation", names[:1])

    def _child(self, route: SynthesisRoute | None, operator: str, parents: list[str]) -> Child:
        assert self.makeable is not None
        mol = None if route is None else self.makeable.editor.chemist.mol(route.smiles)
        return Child(mol, operator, parents, written(route))
