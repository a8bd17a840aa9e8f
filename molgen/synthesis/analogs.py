"""The makeable molecules that are nearest to a given one."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product as every_combination
from typing import NamedTuple

from rdkit.DataStructs import ExplicitBitVect, TanimotoSimilarity
from rdkit.Chem import rdFingerprintGenerator

from molgen.errors import check_between
from molgen.synthesis.chemist import REMEMBERED, Chemist
from molgen.synthesis.disconnecting import Disconnections, Node, Part, Step
from molgen.synthesis.role import Role
from molgen.synthesis.route import Route, leaves

MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
BACKWARDS = 0.4  # share of the effort that goes into disconnections
LONGER = 0.3  # what another reaction costs, in atoms
FORWARDS = 0.35  # share that goes into analogs of the whole molecule; exchanging blocks takes the rest
LIKE = 12  # blocks that stand for a reactant which can't be bought
SAME = 3  # blocks that are the reactant, with other leaving groups or stereo
FIRST, INNER = 40, 6  # disconnections of the molecule, and of a reactant, that are built upon
TRIED, TRIED_INNER = 40, 10  # sets of reactants per disconnection
KEPT = 8  # analogs of a molecule that are built upon
NEIGHBOURS = 40  # blocks that a block of an analog is exchanged for
REFINED = 3  # analogs whose blocks are exchanged


@dataclass(frozen=True)
class Analog:
    """A makeable molecule.

    Attributes
    ----------
    similarity
        To the molecule that it is an analog of: Tanimoto similarity of ECFP4 (2,048 bits), 0 to 1.
    route
        How it is made.
    """

    similarity: float
    route: Route


@dataclass(frozen=True, eq=False)
class Plan:
    """A disconnection of a molecule, with what may stand for each reactant: a block, or a plan of its own.

    Attributes
    ----------
    lost, steps
        The atoms that are expected to be lost; the number of reactions.
    """

    node: Node
    step: Step
    parts: "tuple[Route | Plan, ...]"
    lost: float
    steps: int


class Option(NamedTuple):
    """What may stand for a reactant: the atoms that are lost by it, the reactions that it takes, and a block or a plan."""

    lost: float
    steps: int
    what: Route | Plan


class Analogs:
    """Finds the makeable molecules nearest to a given one.

    The molecule is disconnected, and so are its reactants, the most promising first. Of reactants that can't be bought analogs
    are made in turn, or the most similar blocks that undergo the same reaction stand for them; reactions are then run forwards.
    At last blocks are exchanged as long as it helps.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    steps
        Most reactions of a route.
    effort
        Reactions that are tried, forwards or backwards, before the search ends with what it has; 1,000 take about half a second.
    """

    def __init__(self, chemist: Chemist, steps: int = 4, effort: int = 2000) -> None:
        check_between("analogs", 1, steps=steps, effort=effort)
        self.chemist, self.steps, self.effort = chemist, steps, effort
        self.fingerprint = functools.lru_cache(REMEMBERED)(self._fingerprint)
        self._known: dict[Plan, Route | None] = {}
        self._planned: dict[tuple[Node, int], list[Plan]] = {}
        self._left = 0

    def __call__(self, smiles: str, number: int = 10) -> list[Analog]:
        """At most `number` analogs of a canonical SMILES, the nearest first, no two of them the same molecule."""
        self._known.clear()
        self._planned.clear()
        graph = Disconnections(self.chemist, smiles, self.steps, self._likeness)
        exact = self._backwards(graph)
        if exact is not None and number == 1:
            return [Analog(1.0, exact)]
        self._left = int(self.effort * FORWARDS)
        found = self._analogs(smiles, self._plans(graph, graph.root, self.steps))
        if exact is not None:
            found = _best([Analog(1.0, exact), *found], smiles, KEPT)
        elif found:
            self._left += int(self.effort * (1 - BACKWARDS - FORWARDS))
            refined = [each for analog in found[:REFINED] for each in self._refined(analog, smiles)]
            found = _best([*found, *refined], smiles, number)
        return found[:number]

    def _backwards(self, graph: Disconnections) -> Route | None:
        """Disconnect until a route to the molecule itself is found."""
        left = int(self.effort * BACKWARDS)
        while left > 0 and (spent := graph.expand()):
            left -= spent
            while graph.root.exact <= self.steps:
                if (route := self._exact(graph, graph.root)) is not None:
                    return route
        return None

    def _exact(self, graph: Disconnections, node: Node) -> Route | None:
        """A route to a molecule itself from blocks; disconnections that fail on the way are removed."""
        while node.exact <= self.steps:
            assert node.steps is not None
            step = min(node.steps, key=lambda each: each.exact)
            options: list[list[Route]] = []
            for part in step.parts:
                if part.bought:
                    options.append(self.chemist.bought(part.role, part.node.smiles)[:SAME])
                else:
                    route = self._exact(graph, part.node)
                    options.append([] if route is None else [route])
            for chosen in every_combination(*options):
                made = self.chemist.made(step.reaction, chosen, node.smiles)
                if made is not None and made.smiles == node.smiles:
                    return made
            if all(options):
                graph.remove(node, step)
        return None

    def _analogs(self, smiles: str, plans: Iterable["Plan"]) -> list[Analog]:
        """What the most promising plans give."""
        found: list[Analog] = []
        for plan in plans:
            if self._left <= 0:
                break
            route = self._carried_out(plan)
            if route is not None:
                found.append(Analog(self.similarity(route.smiles, smiles), route))
        return _best(found, smiles, KEPT)

    def _carried_out(self, plan: "Plan") -> Route | None:
        """The route of a plan; None if a reaction doesn't work."""
        if plan not in self._known:
            self._known[plan] = None
            chosen = []
            for part in plan.parts:
                route = self._carried_out(part) if isinstance(part, Plan) else part
                if route is None:
                    return None
                chosen.append(route)
            self._left -= 1
            self._known[plan] = self.chemist.made(plan.step.reaction, chosen, plan.node.smiles)
        return self._known[plan]

    def _plans(self, graph: Disconnections, node: Node, allowed: int) -> list["Plan"]:
        """Ways of at most `allowed` reactions to a molecule or something like it, the most promising first."""
        if (node, allowed) not in self._planned:
            whole = node is graph.root
            found: list[Plan] = []
            for step in graph.cheapest(node, FIRST if whole else INNER):
                options = [self._options(graph, part, allowed - 1) for part in step.parts]
                for chosen in _likeliest(options, TRIED if whole else TRIED_INNER):
                    steps = 1 + sum(each.steps for each in chosen)
                    if steps <= allowed:
                        lost = sum(each.lost for each in chosen) + LONGER
                        found.append(Plan(node, step, tuple(each.what for each in chosen), lost, steps))
            found.sort(key=lambda plan: plan.lost)
            self._planned[node, allowed] = found if whole else found[:KEPT]
        return self._planned[node, allowed]

    def _options(self, graph: Disconnections, part: Part, allowed: int) -> list["Option"]:
        """What may stand for a reactant, that which loses the fewest atoms first."""
        smiles, atoms = part.node.smiles, part.node.atoms
        if part.bought:
            return [Option(0.0, 0, route) for route in self.chemist.bought(part.role, smiles)[:SAME]]
        found = [
            Option(atoms * (1 - self.similarity(route.smiles, smiles)), 0, route)
            for route in self.chemist.like(part.role, smiles, LIKE)
        ]
        if allowed > 0 and part.node.steps:
            found += [Option(plan.lost, plan.steps, plan) for plan in self._plans(graph, part.node, allowed)]
        return sorted(found, key=lambda each: each.lost)

    def _likeness(self, role: Role, smiles: str) -> float:
        return max((self.similarity(route.smiles, smiles) for route in self.chemist.like(role, smiles, LIKE)), default=0.0)

    def _fingerprint(self, smiles: str) -> ExplicitBitVect:
        return MORGAN.GetFingerprint(self.chemist.mol(smiles))

    def similarity(self, smiles: str, other: str) -> float:
        """Tanimoto similarity of ECFP4."""
        return float(TanimotoSimilarity(self.fingerprint(smiles), self.fingerprint(other)))

    def _refined(self, analog: Analog, smiles: str) -> list[Analog]:
        """An analog whose blocks were exchanged for similar ones, one at a time, as long as that brought it nearer."""
        best, before = analog, -1.0
        found = []
        while best.similarity > before and not self._left <= 0:
            before = best.similarity
            for path, role, block in list(leaves(best.route)):
                for other in self.chemist.like(role, block.smiles, NEIGHBOURS):
                    if self._left <= 0:
                        break
                    self._left -= len(path)
                    route = self.chemist.exchanged(best.route, path, other)
                    if route is not None and (similarity := self.similarity(route.smiles, smiles)) > best.similarity:
                        best = Analog(similarity, route)
                        found.append(best)
        return found


def _likeliest(options: Sequence[Sequence[Option]], number: int) -> list[tuple[Option, ...]]:
    """Sets of reactants, those first that lose the fewest atoms."""
    most = number if len(options) < 3 else 6
    found = every_combination(*(each[:most] for each in options))
    return sorted(found, key=lambda chosen: sum(each.lost for each in chosen))[:number]


def _best(found: Iterable[Analog], smiles: str, number: int) -> list[Analog]:
    """The nearest, each molecule once, by the fewest steps."""

    def rank(analog: Analog) -> tuple[bool, float, int, int]:
        return analog.route.smiles != smiles, -analog.similarity, analog.route.steps, len(analog.route.blocks)

    kept: dict[str, Analog] = {}
    for analog in sorted(found, key=rank):
        kept.setdefault(analog.route.smiles, analog)
    return list(kept.values())[:number]
