"""Syntheses bred in bulk, in any process."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.errors import ConfigError, check_above, check_between, nearest
from molgen.search.bayesian.offspring import Child, OffspringJob
from molgen.synthesis.analogs import Analogs
from molgen.synthesis.chemist import Chemist, chemist_of
from molgen.synthesis.edits import RouteEditor
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.route import SynthesisRoute, written


@dataclass(frozen=True)
class Makeable:
    """From what, how and in how many steps molecules may be made.

    Attributes
    ----------
    stock, reactions
        See `molgen.synthesis.chemist.chemist_of`.
    steps
        Most reactions of a route.
    only, without
        Names or classes of reactions: routes consist of `only` these, if there are any, and of none of those in `without`.
    price_limit
        Most that the blocks of a route cost together, in the stock's unit; blocks of unknown price aren't used then. None: any.
    projected
        Number of molecules, bred as if everything could be made, that are replaced by the nearest makeable ones before a choice.
    """

    stock: str = "common_blocks"
    reactions: str | None = None
    steps: int = 4
    only: Sequence[str] = ()
    without: Sequence[str] = ()
    price_limit: float | None = None
    projected: int = 8

    def __post_init__(self) -> None:
        check_between("search.makeable", 1, steps=self.steps)
        check_between("search.makeable", 0, projected=self.projected)
        if self.price_limit is not None:
            check_above("search.makeable", price_limit=self.price_limit)
        for name in ("only", "without"):
            if isinstance(getattr(self, name), str):
                raise ConfigError(f"search.makeable.{name}: must be a list, such as [acylation], not {getattr(self, name)!r}")

    @functools.cached_property
    def editor(self) -> RouteEditor:
        """What makes routes, once per process."""
        return _editor(self.stock, self.reactions, self.steps, tuple(self.only), tuple(self.without), self.price_limit)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "editor"}


@functools.lru_cache(maxsize=2)
def _editor(
    stock: str, reactions: str | None, steps: int, only: tuple[str, ...], without: tuple[str, ...], price_limit: float | None
) -> RouteEditor:
    chemist = chemist_of(stock, reactions)
    if only or without:
        chemist = Chemist(allowed(chemist.reactions, only, without), chemist.index)
    return RouteEditor(chemist, steps, price_limit)


def allowed(reactions: Sequence[Reaction], only: Sequence[str], without: Sequence[str]) -> list[Reaction]:
    """The reactions that `only` and `without` leave; see `Makeable`.

    Raises
    ------
    ConfigError
        A name is neither that of a reaction nor of a class.
    """
    known = {name for each in reactions for name in (each.name, each.kind)}
    for setting, names in (("only", only), ("without", without)):
        if unknown := [name for name in names if name not in known]:
            raise ConfigError(
                f"search.makeable.{setting}: no reaction or class of reactions is '{unknown[0]}'{nearest(unknown[0], known)}"
            )
    return [
        each
        for each in reactions
        if (not only or {each.name, each.kind} & set(only)) and not {each.name, each.kind} & set(without)
    ]


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
class Projection:
    """Molecules whose nearest makeable ones are sought, possibly in a process of its own.

    Attributes
    ----------
    makeable
        What can be made.
    smiles
        Canonical.
    number, effort
        See `Analogs`.
    """

    makeable: Makeable
    smiles: Sequence[str]
    number: int
    effort: int

    def run(self) -> dict[str, dict[str, str]]:
        """For each molecule the SMILES of its analogs, the nearest first, with their routes as they are stored."""
        editor = self.makeable.editor
        find = Analogs(editor.chemist, editor.steps, self.effort)
        found = {text: [analog.route for analog in find(text, self.number)] for text in self.smiles}
        return {
            text: {each.smiles: written(each) for each in routes if editor.affordable(each)} for text, routes in found.items()
        }


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
