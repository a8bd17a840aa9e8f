"""Routes to a given molecule."""

from collections.abc import Iterable, Sequence
from itertools import islice
from itertools import product as every_combination

from molgen.errors import check_between
from molgen.synthesis.chemist import Chemist
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import Route

KEPT = 8  # routes to a molecule that are built upon
SAME = 2  # blocks that are the same reactant
TRIED = 12  # sets of routes to the reactants of one reaction


class Planner:
    """Finds routes to a molecule from blocks of a stock, the shortest first, then the cheapest.

    The molecule is disconnected by one reaction, then by two and more in a row, until routes are found; every route is run
    forwards before it counts.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    steps
        Most reactions of a route.
    effort
        Reactions that are tried, forwards or backwards, before the search ends with what it has.
    """

    def __init__(self, chemist: Chemist, steps: int = 4, effort: int = 20_000) -> None:
        check_between("route", 1, steps=steps, effort=effort)
        self.chemist, self.steps, self.effort = chemist, steps, effort
        self._known: dict[tuple[str, int], list[Route]] = {}
        self._left = 0

    def __call__(self, smiles: str, number: int = 5) -> list[Route]:
        """At most `number` routes to a canonical SMILES; none if no route was found."""
        self._known.clear()
        self._left = self.effort
        found: list[Route] = []
        for depth in range(1, self.steps + 1):
            found = self._routes(smiles, depth)
            if self._left <= 0 or len(found) >= number:
                break
        return found[:number]

    def _routes(self, smiles: str, depth: int) -> list[Route]:
        """Routes of at most `depth` consecutive reactions."""
        if (smiles, depth) in self._known:
            return self._known[smiles, depth]
        found: list[Route] = list(self._routes(smiles, depth - 1)) if depth > 1 else []
        disconnections = self.chemist.disconnections(smiles)
        self._left -= len(disconnections)
        for reaction, reactants in sorted(disconnections, key=self._size_left):
            if self._left <= 0:
                break
            options = [self._options(role, text, depth - 1) for role, text in zip(reaction.roles, reactants, strict=True)]
            for chosen in islice(every_combination(*options), TRIED):
                if sum(route.steps for route in chosen) < self.steps:
                    self._left -= 1
                    route = self.chemist.made(reaction, chosen, smiles)
                    if route is not None and route.smiles == smiles:
                        found.append(route)
        self._known[smiles, depth] = _best(found)
        return self._known[smiles, depth]

    def _options(self, role: Role, smiles: str, depth: int) -> list[Route]:
        """Blocks that are a reactant, or else routes to it."""
        bought = self.chemist.bought(role, smiles)[:SAME]
        return bought or (self._routes(smiles, depth) if depth else [])

    def _size_left(self, entry: tuple[Reaction, Sequence[str]]) -> int:
        """Atoms of the largest reactant that can't be bought."""
        reaction, reactants = entry
        sizes = [
            self.chemist.mol(text).GetNumHeavyAtoms()
            for role, text in zip(reaction.roles, reactants, strict=True)
            if not self.chemist.bought(role, text)
        ]
        return max(sizes, default=0)


def _best(found: Iterable[Route]) -> list[Route]:
    """The shortest routes, then the cheapest; each once."""
    ranked = sorted(found, key=lambda route: (route.steps, not route.price >= 0, route.price, len(str(route))))
    return list({str(route): route for route in ranked}.values())[:KEPT]
