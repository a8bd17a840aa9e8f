"""What a molecule can be made from, step by step backwards, the most promising molecule first."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from molgen.synthesis.chemist import Chemist
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role

STEP = 1.0  # what a reaction costs, in atoms
UNLIKE = 0.4  # share of a reactant's atoms that is taken as lost if another block stands for it, before one is looked for
HOPED = 0.012  # times the square of its atoms: what is taken as lost of a reactant that hasn't been disconnected yet
DISCONNECTING = 20  # reactions that take as long as to disconnect a molecule by all of them
NEVER = float("inf")


@dataclass(eq=False)
class Node:
    """A molecule, and what it can be made from.

    Attributes
    ----------
    smiles, atoms
        Canonical, and its number of heavy atoms.
    steps
        Disconnections; None if it hasn't been disconnected.
    variants
        Molecules much like it; of the molecule that is looked for only.
    made
        The atoms that the best of these is expected to lose.
    exact
        How many reactions make exactly this molecule from blocks, as far as is known; infinite if too many.
    """

    smiles: str
    atoms: int
    steps: "list[ReactionStep] | None" = None
    made: float = NEVER
    exact: float = NEVER
    variants: "list[Variant]" = field(default_factory=list)
    parents: "dict[Node, None]" = field(default_factory=dict)
    parts: "dict[Role, Precursor]" = field(default_factory=dict)


@dataclass(eq=False)
class Precursor:
    """A molecule as a reactant.

    Attributes
    ----------
    role, node
        As what, and which.
    unlike
        The atoms that are lost by the block most like it: 0 if it can be bought.
    looked
        Whether this has been looked up.
    """

    role: Role
    node: Node
    unlike: float
    looked: bool

    @property
    def bought(self) -> bool:
        """Whether a block is it."""
        return self.unlike == 0

    @property
    def cost(self) -> float:
        """The atoms that are expected to be lost, as far as is known."""
        return min(self.unlike, _to_make(self.node))


@dataclass(frozen=True, eq=False)
class ReactionStep:
    """A reaction that gives a molecule, with its reactants."""

    reaction: Reaction
    parts: tuple[Precursor, ...]

    @property
    def cost(self) -> float:
        """The atoms that are expected to be lost."""
        return STEP + sum(part.cost for part in self.parts)

    @property
    def exact(self) -> float:
        """How many reactions it takes from blocks."""
        return 1 + sum(0 if part.bought else part.node.exact for part in self.parts)


@dataclass(frozen=True, eq=False)
class Variant:
    """A molecule that may stand for the one that is looked for, and the atoms that are lost by it."""

    node: Node
    lost: float

    @property
    def cost(self) -> float:
        """The atoms that are expected to be lost."""
        return self.lost + _to_make(self.node)


def _to_make(node: Node) -> float:
    return HOPED * node.atoms**2 + STEP if node.steps is None else node.made


class Disconnections:
    """The graph of all disconnections of a molecule that have been worked out, without detours that begin with it.

    Parameters
    ----------
    chemist
        The reactions and the stock.
    smiles
        The molecule, canonical.
    depth
        Most consecutive reactions.
    likeness
        How similar the block is, 0 to 1, that may stand for a molecule in a role.
    variants
        Molecules that may stand for it, with their similarity.
    """

    def __init__(
        self,
        chemist: Chemist,
        smiles: str,
        depth: int,
        likeness: Callable[[Role, str], float],
        variants: Iterable[tuple[str, float]] = (),
    ) -> None:
        self.chemist, self.depth, self.likeness = chemist, depth, likeness
        self._nodes: dict[str, Node] = {}
        self.root = self._node(smiles)
        self.root.variants = [Variant(self._node(each), self.root.atoms * (1 - similarity)) for each, similarity in variants]

    def _node(self, smiles: str) -> Node:
        if smiles not in self._nodes:
            self._nodes[smiles] = Node(smiles, self.chemist.mol(smiles).GetNumHeavyAtoms())
        return self._nodes[smiles]

    def _part(self, role: Role, smiles: str) -> Precursor:
        node = self._node(smiles)
        if role not in node.parts:
            bought = bool(self.chemist.bought(role, smiles))
            node.parts[role] = Precursor(role, node, 0.0 if bought else UNLIKE * node.atoms, bought)
        return node.parts[role]

    def expand(self) -> int:
        """Look up a block for the most promising reactant, or disconnect it; returns the effort, 0 if nothing is left."""
        found = self._most_promising()
        if found is None:
            return 0
        if isinstance(found, Precursor) and not found.looked:
            self._look(found)
            return 1
        node = found.node if isinstance(found, Precursor) else found
        node.steps = []
        for reaction, reactants in self.chemist.disconnections(node.smiles):
            if self.root.smiles in reactants:
                continue
            parts = tuple(self._part(role, text) for role, text in zip(reaction.roles, reactants, strict=True))
            for each in parts:
                each.node.parents[node] = None
            node.steps.append(ReactionStep(reaction, parts))
        self._update(node)
        return DISCONNECTING

    def _look(self, part: Precursor) -> None:
        """Look up a block for a reactant."""
        part.looked, part.unlike = True, part.node.atoms * max(1 - self.likeness(part.role, part.node.smiles), 0.01)
        for parent in part.node.parents:
            self._update(parent)

    def cheapest(self, node: Node, number: int) -> list[ReactionStep]:
        """The disconnections that are expected to lose the fewest atoms, once blocks have been looked up for their reactants."""
        found = sorted(node.steps or (), key=lambda each: each.cost)[: 2 * number]
        for step in found:
            for part in step.parts:
                if not part.looked:
                    self._look(part)
        return sorted(found, key=lambda each: each.cost)[:number]

    def remove(self, node: Node, step: ReactionStep) -> None:
        """Forget a disconnection that turned out not to work."""
        assert node.steps is not None
        node.steps.remove(step)
        self._update(node)

    def _update(self, node: Node) -> None:
        """Work out anew what it costs to make a molecule, and all that is made from it."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            before = node.made, node.exact
            node.made = min((step.cost for step in node.steps or ()), default=NEVER)
            exact = min((step.exact for step in node.steps or ()), default=NEVER)
            node.exact = exact if exact <= self.depth else NEVER
            if (node.made, node.exact) != before:
                waiting.extend(node.parents)

    def _most_promising(self) -> Node | Precursor | None:
        """What is not known yet of the cheapest way to the whole molecule."""
        if self.root.steps is None:
            return self.root
        order = count()
        heap: list[tuple[float, int, float, int, Precursor | Variant]] = []
        seen: dict[Node, int] = {}

        def reach(node: Node, beside: float, depth: int) -> None:
            if seen.get(node, self.depth) <= depth:
                return
            seen[node] = depth
            for step in node.steps or ():
                total = beside + step.cost
                for part in step.parts:
                    if not part.bought:
                        heapq.heappush(heap, (total, next(order), total - part.cost, depth + 1, part))

        reach(self.root, 0.0, 0)
        for variant in self.root.variants:
            heapq.heappush(heap, (variant.cost, next(order), variant.lost, 0, variant))
        while heap:
            _, _, beside, depth, found = heapq.heappop(heap)
            if isinstance(found, Precursor) and not found.looked:
                return found
            if found.node.steps is None and depth < self.depth:
                return found.node
            reach(found.node, beside, depth)
        return None
