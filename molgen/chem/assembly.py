"""Molecules written piece by piece: each piece fills the open slot of an earlier one, so every text is a molecule.

`OPEN` leaves a slot for later, and a closing bonds the current slot to one that was left: so rings that are no piece are
written. Slots that are left for good get a hydrogen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from rdkit import Chem

from molgen.chem.pieces import Link, PieceGraph, entered

FREE = "*"
OPEN = "open"
CLOSINGS = tuple(f"close {k}" for k in range(6))
FIRST = 10
_ORDERS = {"": 1, "-": 1, "/": 1, "\\": 1, "=": 2, "#": 3}
_CAPS = {1: "[H]", 2: "C", 3: "C"}
_SLOT = re.compile(r"\(([-=#/\\]?)\[?(\d*)\*\]?\)|([-=#/\\]?)\[?(\d*)\*\]?")


@dataclass(frozen=True)
class Piece:
    """A piece: parts of its SMILES between slots, the slots' numbers, and the bond orders of its entry (0 if none) and slots."""

    name: str
    text: tuple[str, ...]
    numbers: tuple[int, ...]
    entry: int
    slots: tuple[int, ...]

    @property
    def shape(self) -> str:
        """Bond orders of entry and slots, such as `1:12`."""
        return f"{self.entry}:{''.join(map(str, self.slots))}"


@lru_cache(maxsize=100_000)
def piece_named(name: str) -> Piece:
    """The piece `name`, written so that no slot comes first."""
    mol = Chem.MolFromSmiles(name)
    dummies = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]
    written = Chem.MolToSmiles(mol, rootedAtAtom=dummies[0].GetNeighbors()[0].GetIdx() if dummies else -1)
    text, orders, at = [], {}, 0
    for found in _SLOT.finditer(written):
        bond, number = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
        orders[int(number or 0)] = _ORDERS[bond]
        text.append(written[at : found.start()] + bond)
        at = found.end()
    numbers = tuple(orders)
    return Piece(name, (*text, written[at:]), numbers, orders.pop(0, 0), tuple(orders[k] for k in sorted(orders)))


@dataclass(frozen=True)
class Slot:
    """A slot to fill: the piece it belongs to, its number there, its bond order, and its piece's distance from the first."""

    piece: int
    number: int
    order: int
    depth: int


@dataclass
class Assembly:
    """A molecule under construction.

    Attributes
    ----------
    stack
        Slots to fill, the next one last.
    left
        Slots left by `OPEN`.
    rings
        For each piece, the ring-closure numbers by slot.
    """

    pieces: list[Piece] = field(default_factory=list)
    rings: list[dict[int, int]] = field(default_factory=list)
    stack: list[Slot] = field(default_factory=list)
    left: list[Slot] = field(default_factory=list)
    bonds: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left to fill."""
        return bool(self.pieces) and not self.stack

    def closable(self) -> list[Slot]:
        """Slots that the next one can be bonded to, the most recent first."""
        return [slot for slot in reversed(self.left) if self.stack and slot.order == self.stack[-1].order]

    def add(self, name: str) -> None:
        """Fill the next slot with the piece `name`, or leave it, or bond it to one that was left."""
        if name == OPEN:
            self.left.append(self.stack.pop())
        elif name in CLOSINGS:
            other = self.closable()[CLOSINGS.index(name)]
            self.left.remove(other)
            here = self.stack.pop()
            if here.piece != other.piece and not set(self.rings[here.piece].values()) & set(self.rings[other.piece].values()):
                self._bond(here, other)
        else:
            self._attach(piece_named(name))

    def _bond(self, *slots: Slot) -> None:
        for slot in slots:
            self.rings[slot.piece][slot.number] = FIRST + self.bonds
        self.bonds += 1

    def _attach(self, piece: Piece) -> None:
        index, depth = len(self.pieces), 0
        self.pieces.append(piece)
        self.rings.append({})
        if piece.entry:
            here = self.stack.pop()
            depth = here.depth + 1
            self._bond(here, Slot(index, 0, piece.entry, depth))
        self.stack += [Slot(index, k + 1, order, depth) for k, order in reversed(list(enumerate(piece.slots)))]

    def smiles(self) -> str:
        """The molecule, not canonical; empty slots get hydrogens, or carbons if their bonds are double or triple."""
        parts, following = [], FIRST + self.bonds
        for piece, rings in zip(self.pieces, self.rings, strict=True):
            text = piece.text[0]
            for number, after in zip(piece.numbers, piece.text[1:], strict=True):
                if number not in rings:
                    parts.append(f"{_CAPS[piece.slots[number - 1]]}{_ring(following)}")
                    text += _ring(following)
                    following += 1
                else:
                    text += _ring(rings[number])
                text += after
            parts.append(text)
        return ".".join(parts)


def _ring(number: int) -> str:
    return f"%{number}" if number < 100 else f"%({number})"


def random_root(graph: PieceGraph, rng: np.random.Generator) -> int:
    """A piece drawn at random, large ones more often."""
    sizes = np.array([len(piece) for piece in graph.pieces], dtype=float)
    return int(rng.choice(len(sizes), p=sizes / sizes.sum()))


def pieces_of(graph: PieceGraph, root: int, entry: int | None = None) -> list[str]:
    """Names from which an `Assembly` writes `graph`, beginning at its piece `root`; `FREE` stands for open slots.

    With the slot `entry` of the root it is written as a branch that fills a slot of another molecule.
    """
    names, placed = [graph.pieces[root]], {root}
    slots: Sequence[int] = range(len(graph.links[root]))
    if entry is not None:
        names[0], slots = entered(graph.pieces[root], entry)
    left: list[tuple[Link, int]] = []
    stack = [(root, k) for k in reversed(slots)]
    while stack:
        here = stack.pop()
        other = graph.links[here[0]][here[1]]
        order = piece_named(graph.pieces[here[0]]).slots[here[1]]
        if other is None:
            names.append(FREE)
        elif (other, order) in left:
            names.append(CLOSINGS[[link for link, kind in reversed(left) if kind == order].index(other)])
            left.remove((other, order))
        elif other[0] in placed:
            names.append(OPEN)
            left.append((here, order))
        else:
            name, rest = entered(graph.pieces[other[0]], other[1])
            names.append(name)
            placed.add(other[0])
            stack += [(other[0], k) for k in reversed(rest)]
    return names
