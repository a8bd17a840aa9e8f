"""Routes: how a molecule is made from blocks."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.stock import BuildingBlock
from molgen.synthesis.trees import in_words, reactants_line, route_lines, sentence

Path = tuple[int, ...]  # to a part of a route: which reactant, which reactant of this one, ...


@dataclass(frozen=True)
class SynthesisRoute:
    """A block, or a reaction and the routes to its reactants.

    Attributes
    ----------
    smiles
        What is made, canonical.
    block
        Where it is bought; None where it is made.
    reaction
        By which it is made; None where it is bought.
    reactants
        In the reaction's order.
    """

    smiles: str
    block: BuildingBlock | None = None
    reaction: Reaction | None = None
    reactants: "tuple[SynthesisRoute, ...]" = ()

    @property
    def steps(self) -> int:
        """The number of reactions."""
        return (self.reaction is not None) + sum(route.steps for route in self.reactants)

    @property
    def blocks(self) -> list[BuildingBlock]:
        """What has to be bought, each block once, in the order in which it is used."""
        return list(dict.fromkeys(self._blocks()))

    def _blocks(self) -> Iterator[BuildingBlock]:
        if self.block is not None:
            yield self.block
        for route in self.reactants:
            yield from route._blocks()

    @property
    def price(self) -> float:
        """The sum of the blocks' prices; nan if any is unknown."""
        return math.fsum(block.price for block in self.blocks)

    def reactions(self) -> "Iterator[SynthesisRoute]":
        """The steps as routes, in the order in which they are done."""
        for route in self.reactants:
            yield from route.reactions()
        if self.reaction is not None:
            yield self

    def __str__(self) -> str:
        """Every step as reaction SMILES with its name: `A.B>>C (amide coupling); C.D>>E (Suzuki coupling)`."""
        return in_words(self.to_dict())

    @property
    def name(self) -> str:
        """Of its last reaction; empty for a block."""
        return self.reaction.name if self.reaction else ""

    def lines(self) -> list[str]:
        """The route in words, a line per step."""
        return route_lines(self.to_dict())

    def charged(self) -> str:
        """The reactants of its last reaction: `CCN [B-17] with CC(=O)O [B-4]`."""
        return reactants_line(self.to_dict())

    def sentence(self) -> str:
        """The route in a sentence."""
        return sentence(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """The route as plain values, for JSON."""
        if self.block is not None:
            known: dict[str, Any] = {"smiles": self.smiles, "id": self.block.id}
            known |= {} if math.isnan(self.block.price) else {"price": self.block.price}
            told = {"lead_time": self.block.lead_time, "form": self.block.form}
            return known | {key: value for key, value in told.items() if value}
        assert self.reaction is not None
        made: dict[str, Any] = {"smiles": self.smiles, "reaction": self.reaction.name, "conditions": self.reaction.conditions}
        return made | {"reactants": [route.to_dict() for route in self.reactants]}


def block_of(values: Mapping[str, Any]) -> BuildingBlock:
    """The block that `SynthesisRoute.to_dict` has written."""
    price, *texts = values.get("price", math.nan), values.get("lead_time", ""), values.get("form", "")
    return BuildingBlock(str(values["smiles"]), str(values["id"]), float(price), *map(str, texts))


def route_of(values: Mapping[str, Any], reactions: Mapping[str, Reaction]) -> SynthesisRoute:
    """The route that `SynthesisRoute.to_dict` has written.

    Parameters
    ----------
    values
        As read from JSON.
    reactions
        By name.

    Raises
    ------
    KeyError
        A reaction isn't known.
    """
    smiles = str(values["smiles"])
    if "reaction" not in values:
        return SynthesisRoute(smiles, block_of(values))
    parts = tuple(route_of(part, reactions) for part in values["reactants"])
    return SynthesisRoute(smiles, reaction=reactions[values["reaction"]], reactants=parts)


def written(route: SynthesisRoute | None) -> str:
    """A route as JSON in a line; empty for None."""
    return "" if route is None else json.dumps(route.to_dict(), separators=(",", ":"))


def read_route(text: str, reactions: Mapping[str, Reaction]) -> SynthesisRoute | None:
    """The route that `written` has written; see `route_of`."""
    return route_of(json.loads(text), reactions) if text else None


def parts(route: SynthesisRoute, path: Path = ()) -> Iterator[tuple[Path, SynthesisRoute]]:
    """A route and all that it is made of, each with its place."""
    yield path, route
    for i, part in enumerate(route.reactants):
        yield from parts(part, (*path, i))


def branches(route: SynthesisRoute) -> Iterator[tuple[Path, Role, SynthesisRoute]]:
    """All reactants within a route: their places, their roles, and the routes to them."""
    for path, node in parts(route):
        if node.reaction is not None:
            for i, part in enumerate(node.reactants):
                yield (*path, i), node.reaction.roles[i], part


def leaves(route: SynthesisRoute) -> Iterator[tuple[Path, Role, SynthesisRoute]]:
    """The blocks of a route: their places and roles."""
    yield from (each for each in branches(route) if each[2].block is not None)
