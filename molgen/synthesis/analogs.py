"""The makeable molecules that are nearest to a given one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product as every_combination

from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import TanimotoSimilarity

from molgen.errors import check_between
from molgen.synthesis.chemist import Chemist
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import Route, leaves

MORGAN = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
LIKE = 8  # blocks that stand for a reactant which can't be bought
SAME = 3  # blocks that are the reactant, with other leaving groups or stereo
TRIED = 40  # sets of reactants per disconnection
KEPT = 8  # analogs of a molecule that are built upon
DEEPER = 8  # disconnections whose reactants are made in turn
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


class Analogs:
    """Finds the makeable molecules nearest to a given one.

    The molecule is disconnected; reactants that can't be bought are made in turn, or the most similar blocks that undergo the
    same reaction stand for them; reactions are then run forwards. At last blocks are exchanged as long as it helps.

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
        self._known: dict[tuple[str, int], list[Analog]] = {}
        self._left = 0

    def __call__(self, smiles: str, number: int = 10) -> list[Analog]:
        """At most `number` analogs of a canonical SMILES, the nearest first, no two of them the same molecule."""
        self._known.clear()
        self._left = self.effort
        found: list[Analog] = []
        for depth in range(1, self.steps + 1):
            found = _best([*found, *self._analogs(smiles, depth)], max(number, KEPT))
            if self._left <= 0 or (found and found[0].route.smiles == smiles):
                break
        if found and found[0].route.smiles != smiles:
            self._left = max(self._left, self.effort // 4)
            refined = [self._refined(analog, smiles) for analog in found[:REFINED]]
            found = _best([*found, *refined], number)
        return found[:number]

    def _analogs(self, smiles: str, depth: int) -> list[Analog]:
        """Analogs by routes of at most `depth` consecutive reactions."""
        if (smiles, depth) in self._known:
            return self._known[smiles, depth]
        like = self._similarity_to(smiles)
        found: list[Analog] = []
        for rank, (reaction, reactants) in enumerate(self._disconnections(smiles)):
            if self._left <= 0:
                break
            deeper = depth - 1 if rank < DEEPER else 0
            options = [self._options(role, text, deeper) for role, text in zip(reaction.roles, reactants, strict=True)]
            for _, chosen in _likeliest(options):
                if sum(route.steps for route in chosen) < self.steps:
                    self._left -= 1
                    route = self.chemist.made(reaction, chosen, smiles)
                    if route is not None:
                        found.append(Analog(like(route.smiles), route))
        self._known[smiles, depth] = _best(found, KEPT)
        return self._known[smiles, depth]

    def _disconnections(self, smiles: str) -> list[tuple[Reaction, tuple[str, ...]]]:
        """Disconnections, those first whose reactants have the fewest atoms that no block has."""

        def missing(entry: tuple[Reaction, tuple[str, ...]]) -> float:
            reaction, reactants = entry
            return sum(
                self.chemist.mol(text).GetNumHeavyAtoms() * (1 - self._bought(role, text)[0][0])
                for role, text in zip(reaction.roles, reactants, strict=True)
            )

        found = self.chemist.disconnections(smiles)
        self._left -= len(found)
        return sorted(found, key=missing)

    def _bought(self, role: Role, smiles: str) -> list[tuple[float, Route]]:
        """Blocks for a reactant, and how similar they are; (0, ...) if no block fits the role."""
        if same := self.chemist.bought(role, smiles):
            return [(1.0, route) for route in same[:SAME]]
        like = self._similarity_to(smiles)
        return [(like(route.smiles), route) for route in self.chemist.like(role, smiles, LIKE)] or [(0.0, Route(smiles))]

    def _options(self, role: Role, smiles: str, depth: int) -> list[tuple[float, Route]]:
        """What may stand for a reactant."""
        found = [each for each in self._bought(role, smiles) if each[1].block is not None]
        if depth > 0 and not (found and found[0][0] == 1):
            made = self._analogs(smiles, depth)
            found += [(each.similarity, each.route) for each in made if role.fits(self.chemist.mol(each.route.smiles))]
        return sorted(found, key=lambda each: -each[0])

    def _similarity_to(self, smiles: str) -> Callable[[str], float]:
        wanted = MORGAN.GetFingerprint(self.chemist.mol(smiles))
        return lambda other: TanimotoSimilarity(wanted, MORGAN.GetFingerprint(self.chemist.mol(other)))

    def _refined(self, analog: Analog, smiles: str) -> Analog:
        """An analog whose blocks were exchanged for similar ones, one at a time, as long as that brought it nearer."""
        like = self._similarity_to(smiles)
        best, before = analog, -1.0
        while best.similarity > before and not self._left <= 0:
            before = best.similarity
            for path, role, block in list(leaves(best.route)):
                for other in self.chemist.like(role, block.smiles, NEIGHBOURS):
                    if self._left <= 0:
                        break
                    self._left -= len(path)
                    route = self.chemist.exchanged(best.route, path, other)
                    if route is not None and (similarity := like(route.smiles)) > best.similarity:
                        best = Analog(similarity, route)
        return best


def _likeliest(options: Sequence[Sequence[tuple[float, Route]]]) -> list[tuple[float, tuple[Route, ...]]]:
    """Sets of reactants, those first that are most like what they stand for."""
    found = []
    for chosen in every_combination(*options):
        likeness = 1.0
        for similarity, _ in chosen:
            likeness *= similarity
        found.append((likeness, tuple(route for _, route in chosen)))
    return sorted(found, key=lambda each: -each[0])[:TRIED]


def _best(found: Iterable[Analog], number: int) -> list[Analog]:
    """The nearest, each molecule once, by the fewest steps."""
    kept: dict[str, Analog] = {}
    for analog in sorted(found, key=lambda each: (-each.similarity, each.route.steps, len(each.route.blocks))):
        kept.setdefault(analog.route.smiles, analog)
    return list(kept.values())[:number]
