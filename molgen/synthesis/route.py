"""Routes: how a molecule is made from blocks."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from molgen.errors import DataError
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.stock import BuildingBlock

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
        return [step._said() for step in self.reactions()] or [f"{self.smiles} can be bought{self._bought()}"]

    def _said(self) -> str:
        assert self.reaction is not None
        conditions = f" ({self.reaction.conditions})" if self.reaction.conditions else ""
        return f"{self.name} of {self.charged()}{conditions} gives {self.smiles}"

    def charged(self) -> str:
        """The reactants of its last reaction: `CCN [B-17] with CC(=O)O [B-4]`."""
        return " with ".join(f"{part.smiles}{part._bought()}" for part in self.reactants)

    def _bought(self) -> str:
        return f" [{self.block.id}]" if self.block is not None and self.block.id != self.smiles else ""

    def sentence(self) -> str:
        """The route in a sentence."""
        if self.reaction is None:
            return f"{self.smiles} can be bought{self._bought()}."
        said = [f"{step.name} of {step.charged()}" for step in self.reactions()]
        return f"{self.smiles} is made in {self.steps} step{'s' * (self.steps > 1)}: {', then '.join(said)}."

    def to_dict(self) -> dict[str, Any]:
        """The route as plain values, for JSON."""
        if self.block is not None:
            known: dict[str, Any] = {"smiles": self.smiles, "id": self.block.id}
            known |= {} if math.isnan(self.block.price) else {"price": self.block.price}
            return known | ({"lead_time": self.block.lead_time} if self.block.lead_time else {})
        assert self.reaction is not None
        told: dict[str, Any] = {"smiles": self.smiles, "reaction": self.reaction.name, "conditions": self.reaction.conditions}
        return told | {"reactants": [route.to_dict() for route in self.reactants]}


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
        block = BuildingBlock(smiles, str(values["id"]), float(values.get("price", math.nan)), str(values.get("lead_time", "")))
        return SynthesisRoute(smiles, block)
    parts = tuple(route_of(part, reactions) for part in values["reactants"])
    return SynthesisRoute(smiles, reaction=reactions[values["reaction"]], reactants=parts)


def written(route: SynthesisRoute | None) -> str:
    """A route as JSON in a line; empty for None."""
    return "" if route is None else json.dumps(route.to_dict(), separators=(",", ":"))


def read_route(text: str, reactions: Mapping[str, Reaction]) -> SynthesisRoute | None:
    """The route that `written` has written; see `route_of`."""
    return route_of(json.loads(text), reactions) if text else None


def tree_of(text: str) -> dict[str, Any]:
    """A route as plain values, as `written` has written it, for those who show it: reactions needn't be known.

    Raises
    ------
    DataError
        It isn't one.
    """
    try:
        found = json.loads(text)
        if _is_tree(found):
            return dict(found)
    except (ValueError, RecursionError):
        pass
    raise DataError(f"{text[:100]!r} is no route")


def _is_tree(values: Any) -> bool:
    if not isinstance(values, dict) or not isinstance(values.get("smiles"), str):
        return False
    if "reaction" not in values:
        return isinstance(values.get("id"), str) and isinstance(values.get("price", 0), int | float)
    reactants, texts = values.get("reactants"), (values["reaction"], values.get("conditions", ""))
    return (
        all(isinstance(each, str) for each in texts)
        and bool(reactants)
        and isinstance(reactants, list)
        and all(map(_is_tree, reactants))
    )


def in_words(tree: Mapping[str, Any]) -> str:
    """What `str` says of a route, of its plain values."""
    steps = [in_words(part) for part in tree.get("reactants", ())]
    if "reaction" in tree:
        steps.append(f"{'.'.join(part['smiles'] for part in tree['reactants'])}>>{tree['smiles']} ({tree['reaction']})")
    return "; ".join(filter(None, steps))


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
