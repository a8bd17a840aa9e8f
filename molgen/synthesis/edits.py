"""Routes at random, and routes made from others: what breeds syntheses."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from molgen.errors import DataError, check_between
from molgen.synthesis.chemist import REMEMBERED, Chemist
from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import Route, branches, leaves, parts

TRIES = 20  # of an edit, before it gives up
LIKE = 50  # blocks among which a block's successor is drawn
FAR = 0.3  # share of blocks that any block may succeed
GROWTH = 0.5  # probability of one more step of a random route


class RouteEditor:
    """Makes routes of at most `steps` reactions.

    All randomness comes from the generators that are passed in.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    steps
        Most reactions of a route.

    Raises
    ------
    DataError
        No reaction finds all its reactants in the stock.
    """

    def __init__(self, chemist: Chemist, steps: int = 4) -> None:
        check_between("search.routes", 1, steps=steps)
        self.chemist, self.steps = chemist, steps
        blocks = chemist.index.fitting
        self.reactions = [each for each in chemist.reactions if all(len(blocks(role)) for role in each.roles)]
        self.first = [each for each in self.reactions if len(each.roles) > 1]
        if not self.first:
            raise DataError(f"stock {chemist.index.catalogue.name}: no reaction of two reactants finds both in it")
        self.places = functools.lru_cache(REMEMBERED)(self._places)

    def _places(self, smiles: str) -> list[tuple[Reaction, int]]:
        """The reactions that a molecule undergoes, and as which reactant."""
        mol = self.chemist.mol(smiles)
        seen = Seen()
        return [(each, i) for each in self.reactions for i, role in enumerate(each.roles) if role.fits(mol, seen)]

    def random(self, rng: np.random.Generator) -> Route:
        """A route from random blocks by random reactions."""
        route = None
        while route is None:
            reaction = _drawn(self.first, rng)
            route = self.chemist.made(reaction, [self._block(role, rng) for role in reaction.roles])
        while rng.random() < GROWTH and (longer := self.grown(route, rng)) is not None:
            route = longer
        return route

    def mutant(self, route: Route, rng: np.random.Generator) -> Route | None:
        """A route with a block, a reaction or a step changed; None if no attempt gave one."""
        edits: list[Callable[[Route, np.random.Generator], Route | None]] = [
            self.with_other_block,
            self.with_other_block,
            self.with_other_reaction,
            self.grown,
            self.cut,
        ]
        return self._tried(lambda: _drawn(edits, rng)(route, rng), route)

    def crossed(self, route: Route, other: Route, rng: np.random.Generator) -> Route | None:
        """A route with a part of another one, or both joined by a reaction; None if no attempt gave one."""
        return self._tried(lambda: (self.with_branch if rng.random() < 0.7 else self.joined)(route, other, rng), route, other)

    def _tried(self, edit: Callable[[], Route | None], *parents: Route) -> Route | None:
        """The first result of an edit that is short enough and makes something new."""
        known = {route.smiles for route in parents}
        for _ in range(TRIES):
            found = edit()
            if found is not None and 1 <= found.steps <= self.steps and found.smiles not in known:
                return found
        return None

    def with_other_block(self, route: Route, rng: np.random.Generator) -> Route | None:
        """Exchange a block, mostly for a similar one."""
        path, role, block = _drawn(list(leaves(route)), rng)
        near = [] if rng.random() < FAR else self.chemist.like(role, block.smiles, LIKE)
        return self.chemist.exchanged(route, path, _drawn(near, rng) if near else self._block(role, rng))

    def with_other_reaction(self, route: Route, rng: np.random.Generator) -> Route | None:
        """Exchange a reaction, its reactants kept as far as the other one can use them."""
        path, node = _drawn([each for each in parts(route) if each[1].reaction is not None], rng)
        kept = _drawn(node.reactants, rng)
        return None if (made := self._onward(kept, rng, node.reactants)) is None else self.chemist.exchanged(route, path, made)

    def grown(self, route: Route, rng: np.random.Generator) -> Route | None:
        """Add a reaction to the end of a route."""
        return self._onward(route, rng) if route.steps < self.steps else None

    def cut(self, route: Route, rng: np.random.Generator) -> Route | None:
        """Stop a route before its end, or leave out one of its reactions."""
        inner = [each for each in parts(route) if each[0] and each[1].reaction is not None]
        if not inner:
            return None
        path, node = _drawn(inner, rng)
        if rng.random() < 0.5:
            return node
        return self.chemist.exchanged(route, path, _drawn(node.reactants, rng))

    def with_branch(self, route: Route, other: Route, rng: np.random.Generator) -> Route | None:
        """Put a part of another route, or one of its blocks, in the place of a part of this one."""
        path, role = _drawn([each[:2] for each in branches(route)], rng)
        fitting = [part for _, part in parts(other) if role.fits(self.chemist.mol(part.smiles))]
        return self.chemist.exchanged(route, path, _drawn(fitting, rng)) if fitting else None

    def joined(self, route: Route, other: Route, rng: np.random.Generator) -> Route | None:
        """Let parts of two routes react with each other."""
        one, two = (_drawn([part for _, part in parts(each)], rng) for each in (route, other))
        return self._onward(one, rng, [two], only=True)

    def _onward(
        self, route: Route, rng: np.random.Generator, partners: Sequence[Route] = (), *, only: bool = False
    ) -> Route | None:
        """Let a route's product react on with one of `partners` that fits, or with a random block unless `only` these may."""
        found = self.places(route.smiles)
        if only:
            mols = [self.chemist.mol(each.smiles) for each in partners]
            found = [(each, i) for each, i in found if len(each.roles) == 2 and any(each.roles[1 - i].fits(mol) for mol in mols)]
        if not found:
            return None
        reaction, place = _drawn(found, rng)
        chosen = [route] * len(reaction.roles)
        for i, role in enumerate(reaction.roles):
            if i != place:
                fitting = [each for each in partners if each is not route and role.fits(self.chemist.mol(each.smiles))]
                chosen[i] = _drawn(fitting, rng) if fitting else self._block(role, rng)
        return self.chemist.made(reaction, chosen)

    def _block(self, role: Role, rng: np.random.Generator) -> Route:
        block = self.chemist.index.block(int(_drawn(self.chemist.index.fitting(role), rng)))
        return Route(block.smiles, block)


def _drawn(some: Any, rng: np.random.Generator) -> Any:
    return some[int(rng.integers(len(some)))]
