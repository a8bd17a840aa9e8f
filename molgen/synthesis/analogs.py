"""The makeable molecules that are nearest to a given one."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product as every_combination

from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import ExplicitBitVect, TanimotoSimilarity

from molgen.errors import check_between
from molgen.synthesis.chemist import Chemist
from molgen.synthesis.disconnecting import Disconnections, Node, Precursor
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import SynthesisRoute, leaves
from molgen.synthesis.templates import REMEMBERED
from molgen.synthesis.variants import variants

MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
BACKWARDS = 0.4  # share of the effort that goes into disconnections
REFINING = 0.5  # share that goes into the exchange of blocks
TYPICAL = 32  # heavy atoms; larger molecules get less effort
VARIANTS, BUILT = 12, 4  # of the molecule, that are considered, and that are built
LIKE = 12  # blocks that stand for a reactant which can't be bought
SAME = 3  # blocks that are the reactant, with other leaving groups or stereo
FIRST, INNER = 40, 6  # disconnections of the molecule, and of a reactant, that are built upon
BUILDING, BUILDING_INNER = 0.2, 0.008  # share that goes into sets of reactants of the molecule, and of each reactant
MARGIN = 2  # atoms that analogs of a reactant may be expected to lose more than the block most like it
TRIED, TRIED_INNER = 40, 10  # the same per disconnection
KEPT = 8  # analogs of a molecule that are built upon
COMPLETING = 24  # blocks that are expected to bring an analog nearer
NEIGHBOURS = 24  # blocks that a block of an analog is exchanged for
REFINED = 5  # analogs whose blocks are exchanged


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
    route: SynthesisRoute


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
        Reactions that are tried, forwards or backwards, before the search ends with what it has: with 2,000, a second on average.
        Of molecules of more than `TYPICAL` atoms proportionally fewer are tried, as each takes longer.
    """

    def __init__(self, chemist: Chemist, steps: int = 4, effort: int = 2000) -> None:
        check_between("analogs", 1, steps=steps, effort=effort)
        self.chemist, self.steps, self.effort = chemist, steps, effort
        self.fingerprint = functools.lru_cache(REMEMBERED)(self._fingerprint)
        self._known: dict[tuple[Node, int], list[Analog]] = {}
        self._left = 0
        self._tries = 0, 0

    def __call__(self, smiles: str, number: int = 10) -> list[Analog]:
        """At most `number` analogs of a canonical SMILES, the nearest first, no two of them the same molecule.

        A molecule that can't be made but is a block itself is its own analog, by a route of no step.
        """
        self._known.clear()
        effort = self.effort * min(1.0, TYPICAL / max(self.chemist.mol(smiles).GetNumHeavyAtoms(), 1))
        self._tries = math.ceil(effort * BUILDING), math.ceil(effort * BUILDING_INNER)
        graph = Disconnections(self.chemist, smiles, self.steps, self._likeness, self._variants(smiles))
        exact = self._backwards(graph, int(effort * BACKWARDS))
        if exact is None:
            exact = next((route for route in self.chemist.sold(smiles) if route.smiles == smiles), None)
        if exact is not None and number == 1:
            return [Analog(1.0, exact)]
        found = self._analogs(graph, graph.root, self.steps)
        for variant in sorted(graph.root.variants, key=lambda each: each.cost)[:BUILT]:
            made = [analog.route for analog in self._analogs(graph, variant.node, self.steps)]
            found += [Analog(self.similarity(route.smiles, smiles), route) for route in made]
        if exact is not None:
            return _best([Analog(1.0, exact), *found], smiles, number)
        if found := _best(found, smiles, max(number, KEPT)):
            self._left = int(effort * REFINING)
            refined = [each for analog in found[:REFINED] for each in self._refined(analog, smiles)]
            found = _best([*found, *refined], smiles, number)
        return found

    def _backwards(self, graph: Disconnections, effort: int) -> SynthesisRoute | None:
        """Disconnect until a route to the molecule itself is found."""
        while effort > 0 and (spent := graph.expand()):
            effort -= spent
            while graph.root.exact <= self.steps:
                if (route := self._exact(graph, graph.root)) is not None:
                    return route
        return None

    def _exact(self, graph: Disconnections, node: Node) -> SynthesisRoute | None:
        """A route to a molecule itself from blocks; disconnections that fail on the way are removed."""
        while node.exact <= self.steps:
            assert node.steps is not None
            step = min(node.steps, key=lambda each: each.exact)
            options: list[list[SynthesisRoute]] = []
            for part in step.parts:
                if part.bought:
                    options.append(self.chemist.bought(part.role, part.node.smiles)[:SAME])
                else:
                    route = self._exact(graph, part.node)
                    options.append([] if route is None else [route])
            for chosen in every_combination(*options):
                made = self.chemist.made(step.reaction, chosen, node.smiles)
                if made is not None and made.smiles == node.smiles and made.steps <= self.steps:
                    return made
            if all(options):
                graph.remove(node, step)
        return None

    def _analogs(self, graph: Disconnections, node: Node, allowed: int) -> list[Analog]:
        """The best analogs of a molecule by routes of at most `allowed` reactions."""
        if (node, allowed) in self._known:
            return self._known[node, allowed]
        whole = node is graph.root
        plans: list[tuple[float, Reaction, tuple[SynthesisRoute, ...]]] = []
        for step in graph.cheapest(node, FIRST if whole else INNER):
            options = [self._options(graph, part, allowed - 1) for part in step.parts]
            for lost, chosen in _likeliest(options, TRIED if whole else TRIED_INNER):
                if sum(route.steps for route in chosen) < allowed:
                    plans.append((lost, step.reaction, chosen))
        found: list[Analog] = []
        for _, reaction, chosen in sorted(plans, key=lambda plan: plan[0])[: self._tries[0 if whole else 1]]:
            route = self.chemist.made(reaction, chosen, node.smiles)
            if route is not None:
                found.append(Analog(self.similarity(route.smiles, node.smiles), route))
        self._known[node, allowed] = _best(found, node.smiles, len(found) if whole else KEPT)
        return self._known[node, allowed]

    def _options(self, graph: Disconnections, part: Precursor, allowed: int) -> list[tuple[float, SynthesisRoute]]:
        """What may stand for a reactant, and the atoms that are lost by it, the fewest first."""
        smiles, atoms = part.node.smiles, part.node.atoms
        if part.bought:
            return [(0.0, route) for route in self.chemist.bought(part.role, smiles)[:SAME]]
        found = [(self.similarity(route.smiles, smiles), route) for route in self.chemist.like(part.role, smiles, LIKE)]
        if allowed > 0 and part.node.steps and part.node.made < part.unlike + MARGIN:
            found += [(each.similarity, each.route) for each in self._analogs(graph, part.node, allowed)]
        return sorted(((atoms * (1 - similarity), route) for similarity, route in found), key=lambda each: each[0])

    def _likeness(self, role: Role, smiles: str) -> float:
        return max((self.similarity(route.smiles, smiles) for route in self.chemist.like(role, smiles, LIKE)), default=0.0)

    def _variants(self, smiles: str) -> list[tuple[str, float]]:
        """The variants most like a molecule, with their similarities."""
        found = [(text, self.similarity(text, smiles)) for text in variants(self.chemist.mol(smiles))]
        return sorted(found, key=lambda each: -each[1])[:VARIANTS]

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
                others = self.chemist.completing(role, block.smiles, best.route.smiles, smiles, COMPLETING)
                for other in [*others, *self.chemist.like(role, block.smiles, NEIGHBOURS)]:
                    if self._left <= 0:
                        break
                    self._left -= len(path)
                    route = self.chemist.exchanged(best.route, path, other)
                    if route is not None and (similarity := self.similarity(route.smiles, smiles)) > best.similarity:
                        best = Analog(similarity, route)
                        found.append(best)
        return found


def _likeliest(
    options: Sequence[Sequence[tuple[float, SynthesisRoute]]], number: int
) -> list[tuple[float, tuple[SynthesisRoute, ...]]]:
    """Sets of reactants with the atoms that are lost by them, those first that lose the fewest."""
    most = number if len(options) < 3 else 6
    found = [
        (sum(lost for lost, _ in chosen), tuple(route for _, route in chosen))
        for chosen in every_combination(*(each[:most] for each in options))
    ]
    return sorted(found, key=lambda each: each[0])[:number]


def _best(found: Iterable[Analog], smiles: str, number: int) -> list[Analog]:
    """The nearest, each molecule once, by the fewest steps, and none that is made from itself."""

    def rank(analog: Analog) -> tuple[bool, float, int, int]:
        return analog.route.smiles != smiles, -analog.similarity, analog.route.steps, len(analog.route.blocks)

    kept: dict[str, Analog] = {}
    for analog in sorted(found, key=rank):
        if analog.route.block is not None or all(block.smiles != analog.route.smiles for block in analog.route.blocks):
            kept.setdefault(analog.route.smiles, analog)
    return list(kept.values())[:number]
