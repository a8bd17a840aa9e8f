"""Routes at random, and routes made from others: what breeds syntheses."""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.errors import DataError, check_between
from molgen.synthesis.chemist import Chemist
from molgen.synthesis.fitting import FittingRoles
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import SynthesisRoute, branches, leaves, parts, route_of
from molgen.synthesis.templates import HELD, REMEMBERED

TRIES = 8  # of an edit, before it gives up
LIKE = 50  # blocks among which a block's successor is drawn
FAR = 0.3  # share of blocks that any block may succeed
GROWTH = 0.5  # probability of one more step of a random route
LARGEST = 35  # heavy atoms of a random route's product: 1 % of the approved drugs taken by mouth have more


class RouteEditor:
    """Makes routes of at most `steps` reactions.

    All randomness comes from the generators that are passed in. Reactions are drawn in proportion to the square root of the
    number of blocks that fit a role (their geometric mean): otherwise those that few blocks undergo would prevail.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    steps
        Most reactions of a route.
    price_limit
        Most that the blocks of a route cost together, in the stock's unit; blocks of unknown price aren't used then. None: any.

    Raises
    ------
    DataError
        No reaction finds all its reactants in the stock.
    """

    def __init__(self, chemist: Chemist, steps: int = 4, price_limit: float | None = None) -> None:
        check_between("search.makeable", 1, steps=steps)
        self.chemist, self.steps, self.price_limit = chemist, steps, price_limit
        self.rows = functools.cache(self._rows)
        self.reactions = [each for each in chemist.reactions if all(len(self.rows(role)) for role in each.roles)]
        self.first = [each for each in self.reactions if len(each.roles) > 1]
        if not self.first:
            affordable = "" if price_limit is None else f" for {price_limit:g} at most"
            name = chemist.index.catalogue.name
            raise DataError(f"stock {name}: no reaction of two reactants finds both in it{affordable}")
        self._weights = {each.name: _mean([len(self.rows(role)) for role in each.roles]) ** 0.5 for each in self.reactions}
        self._by_role: dict[Role, list[tuple[Reaction, int]]] = {}
        for each in self.reactions:
            for place, role in enumerate(each.roles):
                self._by_role.setdefault(role, []).append((each, place))
        self._fits = FittingRoles(list(self._by_role))
        self.fitting = functools.lru_cache(HELD)(self._fitting)
        self.places = functools.lru_cache(HELD)(self._places)
        self.near = functools.lru_cache(REMEMBERED)(self._near)
        self.read = functools.lru_cache(HELD)(self._read)

    def _rows(self, role: Role) -> NDArray[np.int32]:
        """Blocks that fit a role, of those that aren't too dear."""
        rows = self.chemist.index.fitting(role)
        return rows if self.price_limit is None else rows[self.chemist.index.catalogue.prices[rows] <= self.price_limit]

    def _fitting(self, smiles: str) -> dict[Role, None]:
        """The roles that a molecule fits."""
        return dict.fromkeys(self._fits(self.chemist.mol(smiles), self.chemist.seen(smiles)))

    def _places(self, smiles: str) -> list[tuple[Reaction, int]]:
        """The reactions that a molecule undergoes, and as which reactant."""
        return [place for role in self.fitting(smiles) for place in self._by_role[role]]

    def _near(self, role: Role, smiles: str) -> NDArray[np.int32]:
        """The blocks for a role that are most like a molecule, and not too dear."""
        rows = self.chemist.index.nearest(role, self.chemist.mol(smiles), LIKE)
        return rows[np.isin(rows, self.rows(role))]

    def _read(self, text: str) -> SynthesisRoute:
        """A route as `written` has stored it.

        Raises
        ------
        DataError
            A reaction of it isn't among those that may be used.
        """
        try:
            return route_of(json.loads(text), self.chemist.by_name)
        except KeyError as error:
            raise DataError(f"search.makeable: a route has the reaction {error}, which isn't one that may be used") from error

    def affordable(self, route: SynthesisRoute) -> bool:
        """Whether a route is short and cheap enough."""
        return 1 <= route.steps <= self.steps and (self.price_limit is None or route.price <= self.price_limit)

    def random(self, rng: np.random.Generator, block: SynthesisRoute | None = None) -> SynthesisRoute | None:
        """A route from random blocks by random reactions, of a product of at most 35 heavy atoms; None if no attempt gave one.

        Parameters
        ----------
        block
            With which it begins; None for any.
        """
        for _ in range(TRIES):
            if block is None:
                reaction = self._reaction(self.first, rng)
                route = self.chemist.made(reaction, [self._block(role, rng) for role in reaction.roles])
            else:
                route = self._onward(block, rng)
            if route is not None and self._small(route):
                break
        else:
            return None
        while rng.random() < GROWTH and (longer := self.grown(route, rng)) is not None and self._small(longer):
            route = longer
        return route if self.affordable(route) else None

    def _small(self, route: SynthesisRoute) -> bool:
        return bool(self.chemist.mol(route.smiles).GetNumHeavyAtoms() <= LARGEST)

    def mutant(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """A route with a block, a reaction or a step changed; None if no attempt gave one."""
        edits: list[Callable[[SynthesisRoute, np.random.Generator], SynthesisRoute | None]] = [
            self.with_other_block,
            self.with_other_block,
            self.with_other_reaction,
            self.grown,
            self.cut,
        ]
        return self._tried(lambda: _drawn(edits, rng)(route, rng), route)

    def crossed(self, route: SynthesisRoute, other: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """A route with a part of another one, or both joined by a reaction; None if no attempt gave one."""
        return self._tried(lambda: (self.with_branch if rng.random() < 0.7 else self.joined)(route, other, rng), route, other)

    def _tried(self, edit: Callable[[], SynthesisRoute | None], *parents: SynthesisRoute) -> SynthesisRoute | None:
        """The first result of an edit that is short and cheap enough and makes something new."""
        known = {route.smiles for route in parents}
        for _ in range(TRIES):
            found = edit()
            if found is not None and found.smiles not in known and self.affordable(found):
                return found
        return None

    def with_other_block(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Exchange a block, mostly for a similar one."""
        path, role, block = _drawn(list(leaves(route)), rng)
        near = () if rng.random() < FAR else self.near(role, block.smiles)
        return self.chemist.exchanged(route, path, self._bought(_drawn(near, rng)) if len(near) else self._block(role, rng))

    def with_other_reaction(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Exchange a reaction, its reactants kept as far as the other one can use them."""
        path, node = _drawn([each for each in parts(route) if each[1].reaction is not None], rng)
        kept = _drawn(node.reactants, rng)
        return None if (made := self._onward(kept, rng, node.reactants)) is None else self.chemist.exchanged(route, path, made)

    def grown(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Add a reaction to the end of a route."""
        return self._onward(route, rng) if route.steps < self.steps else None

    def lengthened(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute:
        """A route with reactions added to its end for as long as it may have more, and its product undergoes one."""
        while (longer := self._longer(route, rng)) is not None:
            route = longer
        return route

    def _longer(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        return self._tried(lambda: self.grown(route, rng), route)

    def cut(self, route: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Stop a route before its end, or leave out one of its reactions."""
        inner = [each for each in parts(route) if each[0] and each[1].reaction is not None]
        if not inner:
            return None
        path, node = _drawn(inner, rng)
        if rng.random() < 0.5:
            return node
        return self.chemist.exchanged(route, path, _drawn(node.reactants, rng))

    def with_branch(self, route: SynthesisRoute, other: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Put a part of another route, or one of its blocks, in the place of a part of this one."""
        parts_of_other = {part.smiles: part for _, part in parts(other)}
        fitting = [
            (path, part)
            for path, role, replaced in branches(route)
            for part in parts_of_other.values()
            if part.smiles != replaced.smiles and role in self.fitting(part.smiles)
        ]
        return self.chemist.exchanged(route, *_drawn(fitting, rng)) if fitting else None

    def joined(self, route: SynthesisRoute, other: SynthesisRoute, rng: np.random.Generator) -> SynthesisRoute | None:
        """Let parts of two routes react with each other."""
        one = _drawn([part for _, part in parts(route)], rng)
        return self._onward(one, rng, [part for _, part in parts(other)], only=True)

    def _onward(
        self, route: SynthesisRoute, rng: np.random.Generator, partners: Sequence[SynthesisRoute] = (), *, only: bool = False
    ) -> SynthesisRoute | None:
        """Let a route's product react on with one of `partners` that fits, or with a random block unless `only` these may."""
        found = self.places(route.smiles)
        if only:
            others = {(reaction.name, i) for each in partners for reaction, i in self.places(each.smiles)}
            found = [(each, i) for each, i in found if len(each.roles) == 2 and (each.name, 1 - i) in others]
        if not found:
            return None
        place = self._reaction(found, rng)
        chosen = [route] * len(place[0].roles)
        for i, role in enumerate(place[0].roles):
            if i != place[1]:
                fitting = [each for each in partners if each is not route and role in self.fitting(each.smiles)]
                chosen[i] = _drawn(fitting, rng) if fitting else self._block(role, rng)
        return self.chemist.made(place[0], chosen)

    def _reaction(self, some: Sequence[Any], rng: np.random.Generator) -> Any:
        """One of some reactions, or of pairs of a reaction and a place in it."""
        odds = np.cumsum([self._weights[(each[0] if isinstance(each, tuple) else each).name] for each in some])
        return some[int(np.searchsorted(odds, rng.random() * odds[-1], side="right"))]

    def _block(self, role: Role, rng: np.random.Generator) -> SynthesisRoute:
        return self._bought(_drawn(self.rows(role), rng))

    def _bought(self, row: int) -> SynthesisRoute:
        block = self.chemist.index.block(int(row))
        return SynthesisRoute(block.smiles, block)


def _mean(numbers: Sequence[int]) -> float:
    """The geometric mean."""
    return float(np.exp(np.mean(np.log(numbers))))


def _drawn(some: Any, rng: np.random.Generator) -> Any:
    return some[int(rng.integers(len(some)))]
