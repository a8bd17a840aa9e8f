"""Syntheses bred in bulk, in any process."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.errors import check_between
from molgen.search.bayesian.offspring import Child, OffspringJob
from molgen.synthesis.chemist import chemist_of
from molgen.synthesis.edits import RouteEditor
from molgen.synthesis.route import Route, read, written


@dataclass(frozen=True)
class Makeable:
    """From what, how and in how many steps molecules may be made.

    Attributes
    ----------
    stock, reactions
        See `molgen.synthesis.chemist.chemist_of`.
    steps
        Most reactions of a route.
    """

    stock: str = "common_blocks"
    reactions: str | None = None
    steps: int = 4

    def __post_init__(self) -> None:
        check_between("search.makeable", 1, steps=self.steps)

    @functools.cached_property
    def editor(self) -> RouteEditor:
        """What makes routes, once per process."""
        return _editor(self.stock, self.reactions, self.steps)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "editor"}

    def read(self, text: str) -> Route | None:
        """A route as it is stored."""
        return read(text, self.editor.chemist.by_name)


@functools.lru_cache(maxsize=2)
def _editor(stock: str, reactions: str | None, steps: int) -> RouteEditor:
    return RouteEditor(chemist_of(stock, reactions), steps)


@dataclass(frozen=True)
class RouteJob(OffspringJob):
    """Offspring of syntheses: `parents` and `library` are routes as they are stored.

    Attributes
    ----------
    makeable
        What can be made; None is refused.
    """

    makeable: Makeable | None = None

    def _make(self, parents: list[Any], rng: np.random.Generator) -> Child:
        assert self.makeable is not None
        editor, operators = self.makeable.editor, self.operators
        routes = [route for text in parents if (route := self.makeable.read(text)) is not None]
        if not routes:
            return Child(None, "", ())
        if self.library and rng.random() < operators.graft_rate:
            other = self.makeable.read(self.library[int(rng.integers(len(self.library)))])
            made = None if other is None else editor.crossed(routes[0], other, rng)
            return self._child(made, "graft", routes[:1])
        if len(routes) == 2 and rng.random() < operators.crossover_rate:
            made = editor.crossed(routes[0], routes[1], rng)
            if made is not None and rng.random() < operators.mutation_rate:
                return self._child(editor.mutant(made, rng), "crossover+mutation", routes)
            return self._child(made, "crossover", routes)
        return self._child(editor.mutant(routes[0], rng), "mutation", routes[:1])

    def _child(self, route: Route | None, operator: str, parents: list[Route]) -> Child:
        assert self.makeable is not None
        mol = None if route is None else self.makeable.editor.chemist.mol(route.smiles)
        return Child(mol, operator, [parent.smiles for parent in parents], written(route))
