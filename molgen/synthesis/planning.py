"""Routes to a given molecule."""

import heapq
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from itertools import product as every_combination

from molgen.errors import check_between
from molgen.synthesis.chemist import ALL, Chemist
from molgen.synthesis.clock import OutOfTimeError
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.steps import provides, way
from molgen.synthesis.stock import cheapest_first

SAME = 6  # blocks that are the same reactant
TRIED = 24  # sets of blocks for one reaction
LONGER = 2  # steps that further routes may have more than the shortest
STATES = 20  # unfinished plans that are looked at, per molecule that is disconnected
PER_STEP = 7  # atoms by which a step makes a molecule larger; a molecule of few atoms takes one, too
DOUBTFUL = 0.2  # steps that a group which often lowers the yield counts as
DETOURS = {  # steps that a reaction of a class counts as, beside itself: most of these leave the molecule as large as it was
    "functional group interconversion": 0.5,
    "oxidation": 0.5,
    "reduction": 0.5,
    "protection": 1.0,
    "deprotection": 0.5,
}
FAVOUR = 0.1  # steps that the reactions which chemists use most count as less (Brown, Boström, J. Med. Chem. 59, 4443, 2016)
FAVOURED = {
    "amide coupling",
    "amide coupling with an aniline",
    "sulfonamide from an amine",
    "sulfonamide from an aniline",
    "Suzuki coupling",
    "Sonogashira coupling",
    "Buchwald-Hartwig amination",
    "nucleophilic substitution of a heteroaryl halide by an amine",
    "nucleophilic substitution of an activated aryl fluoride by an amine",
    "N-alkylation of a secondary amine",
    "N-alkylation of an azole",
    "reductive amination of an aldehyde",
    "Williamson ether synthesis with a phenol",
    "Boc deprotection",
    "Boc protection",
    "ester hydrolysis",
    "nitro reduction",
}


@dataclass(frozen=True)
class Disconnection:
    """A reaction that gives a molecule.

    Attributes
    ----------
    reaction, reactants
        SMILES in the reaction's order, with the leaving groups that it names first.
    missing
        Those that can't be bought.
    own, cost
        What the reaction counts as, and the whole route as far as can be told from here; in steps.
    """

    reaction: Reaction
    reactants: tuple[str, ...]
    missing: tuple[str, ...]
    own: float
    cost: float


@dataclass
class _Expanded:
    """What is known of how to make a molecule: all candidates with at most `missing` reactants that can't be bought."""

    missing: int
    candidates: list[Disconnection]


@dataclass(frozen=True, order=True)
class _Plan:
    """A route that may be unfinished: by which reactions molecules are made, and those that are still to be disconnected."""

    cost: float
    number: int
    made: dict[str, Disconnection] = field(compare=False)
    open: tuple[str, ...] = field(compare=False)


class Planner:
    """Finds routes to a molecule from blocks of a stock.

    The molecule is disconnected, then what can't be bought, the plan first that promises the shortest route (as Retro* does:
    Chen et al., ICML 2020); every route is run forwards before it counts.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    steps
        Most reactions of a route.
    effort
        Molecules that are disconnected at most; 100 take half a second to two seconds, and of large molecules far more.

    Attributes
    ----------
    stopped
        Whether the last search ended with what it had since the time was over; see `Chemist.clock`.
    """

    def __init__(self, chemist: Chemist, steps: int = 4, effort: int = 300) -> None:
        check_between("route", 1, steps=steps, effort=effort)
        self.chemist, self.steps, self.effort = chemist, steps, effort
        self._expanded: dict[str, _Expanded] = {}
        self._left = 0
        self.stopped = False

    def __call__(self, smiles: str, number: int = 5) -> list[SynthesisRoute]:
        """At most `number` routes to a canonical SMILES, the shortest first, then the cheapest; none if no route was found.

        No two of them disconnect the same bonds in the same order. A molecule that leaves stereocentres open may be made as any
        isomer. What can be bought is a route of no steps.
        """
        self._expanded.clear()
        self._left = self.effort
        self.stopped = False
        found: list[tuple[float, SynthesisRoute]] = []
        try:
            found += [(0.0, route) for route in self.chemist.sold(smiles)[:1]]
            self._search(smiles, number, found)
        except OutOfTimeError:
            self.stopped = True
        return [route for _, route in found[:number]]

    def _search(self, smiles: str, number: int, found: list[tuple[float, SynthesisRoute]]) -> None:
        """Add routes, with what their plans cost, until there are `number`."""
        ways = set()
        for plan in self._plans(smiles) if len(found) < number else ():
            if found and plan.cost > found[0][1].steps + LONGER:
                break
            route = min(self._built(plan, smiles), key=_price, default=None)
            if route is not None and route.steps <= self.steps and (bonds := way(route)) not in ways:
                ways.add(bonds)
                found.append((plan.cost, route))
                found.sort(key=lambda each: (each[1].steps, *_price(each[1]), each[0]))
            if len(found) >= number:
                break

    def suggestions(self, smiles: str) -> list[Disconnection]:
        """What can be done to a molecule in one step back, the most promising first."""
        self._expanded.clear()
        return [each for each in self._candidates(smiles, ALL) if self.chemist.gives(each.reaction, each.reactants, smiles)]

    def _candidates(self, smiles: str, missing: int) -> list[Disconnection]:
        """Suggestions of which it isn't known yet whether they give the molecule; see `Chemist.candidates`."""
        found = []
        for reaction, reactants in self.chemist.candidates(smiles, missing):
            pairs = zip(reaction.roles, reactants, strict=True)
            texts = tuple(text for role, text in pairs if not self.chemist.bought(role, text))
            own = 1 + DETOURS.get(reaction.kind, 0.0) - FAVOUR * (reaction.name in FAVOURED)
            own += DOUBTFUL * len(self.chemist.doubts(reaction, reactants))
            found.append(Disconnection(reaction, reactants, texts, own, own + sum(map(self._remaining, texts))))
        return sorted(found, key=lambda each: (each.cost, each.reaction.name, each.reactants))

    def _expand(self, smiles: str, missing: int) -> list[Disconnection]:
        """Candidates with at most `missing` reactants that can't be bought, as long as the effort allows."""
        known = self._expanded.get(smiles)
        if known is None or known.missing < missing:
            if self._left <= 0:
                return []
            self._left -= 1
            known = self._expanded[smiles] = _Expanded(missing, self._candidates(smiles, missing))
        return known.candidates

    def _remaining(self, smiles: str) -> float:
        """Steps to a molecule that can't be bought, as far as is known."""
        known = self._expanded.get(smiles)
        guess = self.chemist.mol(smiles).GetNumHeavyAtoms() / PER_STEP
        if known is None:
            return max(1.0, guess)
        others = max(known.missing + 2.0, guess) if known.missing < ALL else math.inf
        return min((each.cost for each in known.candidates), default=others)

    def _plans(self, target: str) -> Iterator[_Plan]:
        """Finished plans."""
        numbers = count()
        waiting = [_Plan(self._remaining(target), next(numbers), {}, (target,))]
        for _ in range(STATES * self.effort):
            if not waiting:
                return
            self.chemist.clock.check()
            plan = heapq.heappop(waiting)
            if not self._works(plan):
                continue
            if not plan.open:
                yield plan
                continue
            cost = self._cost(plan.made, plan.open)
            if cost > plan.cost + 1e-9:  # more is known by now
                if cost < math.inf:
                    heapq.heappush(waiting, _Plan(cost, plan.number, plan.made, plan.open))
                continue
            smiles = max(plan.open, key=lambda text: self.chemist.mol(text).GetNumHeavyAtoms())
            rest = tuple(text for text in plan.open if text != smiles)
            missing = min(self.steps - len(plan.made) - len(plan.open), ALL)
            for each in self._expand(smiles, missing):
                made = {**plan.made, smiles: each}
                opened = tuple(dict.fromkeys((*rest, *(text for text in each.missing if text not in made))))
                cost = self._cost(made, opened)
                if cost < math.inf and len(made) + len(opened) <= self.steps and not _goes_round(made, smiles):
                    heapq.heappush(waiting, _Plan(cost, next(numbers), made, opened))

    def _works(self, plan: _Plan) -> bool:
        """Whether the last reaction of a plan gives what it should; if not, it is forgotten."""
        if not plan.made:
            return True
        smiles, each = next(reversed(plan.made.items()))
        if each not in self._expanded[smiles].candidates:
            return False
        if self.chemist.gives(each.reaction, each.reactants, smiles):
            return True
        self._expanded[smiles].candidates.remove(each)
        return False

    def _cost(self, made: Mapping[str, Disconnection], opened: tuple[str, ...]) -> float:
        return sum(each.own for each in made.values()) + sum(map(self._remaining, opened))

    def _built(self, plan: _Plan, smiles: str) -> list[SynthesisRoute]:
        """Routes by a finished plan, run forwards, with one choice of blocks or another."""
        entry = plan.made[smiles]
        options = [self._options(plan, role, text) for role, text in zip(entry.reaction.roles, entry.reactants, strict=True)]
        found = []
        for chosen in islice(every_combination(*options), TRIED):
            route = self.chemist.made(entry.reaction, chosen, smiles)
            if route is not None and provides(self.chemist.mol(route.smiles), self.chemist.mol(smiles)):
                found.append(route)
        return found

    def _options(self, plan: _Plan, role: Role, smiles: str) -> list[SynthesisRoute]:
        """Blocks that are a reactant, or else routes to it."""
        return self.chemist.bought(role, smiles)[:SAME] or self._built(plan, smiles)


def _goes_round(made: Mapping[str, Disconnection], smiles: str) -> bool:
    """Whether a molecule is needed to make itself."""
    needed, seen = list(made[smiles].reactants), set()
    while needed:
        text = needed.pop()
        if text == smiles:
            return True
        if text in made and text not in seen:
            seen.add(text)
            needed += made[text].reactants
    return False


def _price(route: SynthesisRoute) -> tuple[bool, float]:
    return cheapest_first(route.price)
