"""Crossover of molecular graphs."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.edits import BONDS, MAX_ATOMS, chain_bond, editable, finish, hydrogens_of

TRIALS = 8  # subgraphs per parent, of which all pairs are compared

Bond = tuple[int, int]


class Subgraph(NamedTuple):
    """One side of a cut: its atoms, and the bonds that are cut, by index."""

    atoms: tuple[int, ...]
    cuts: tuple[Bond, ...]


LogOdds = Callable[[Sequence[Subgraph], Sequence[Subgraph]], NDArray[np.floating[Any]]]


class Parent:
    """A molecule prepared for repeated editing and cutting.

    Attributes
    ----------
    graph
        Its editable form; atoms keep their indices.
    """

    def __init__(self, mol: Chem.Mol) -> None:
        self.graph = editable(mol)
        Chem.FastFindRings(self.graph)
        self._sides: dict[tuple[Bond, ...], list[Subgraph]] = {}

    @cached_property
    def _chains(self) -> list[Bond]:
        return list(self.graph.GetSubstructMatches(chain_bond()))

    @cached_property
    def _rings(self) -> list[list[Bond]]:
        """The single bonds of every ring."""
        rings = [map(self.graph.GetBondWithIdx, ring) for ring in self.graph.GetRingInfo().BondRings()]
        return [[(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in ring if b.GetBondType() == BONDS[1]] for ring in rings]

    def subgraph(self, in_ring: bool, rng: np.random.Generator) -> Subgraph | None:
        """One side of a random cut through one single bond outside rings, or through two of a ring; None if there is none."""
        if in_ring:
            bonds = self._rings[int(rng.integers(len(self._rings)))] if self._rings else []
            cuts = tuple(bonds[i] for i in rng.choice(len(bonds), 2, replace=False)) if len(bonds) > 1 else ()
        else:
            cuts = (self._chains[int(rng.integers(len(self._chains)))],) if self._chains else ()
        sides = self._split(cuts) if cuts else []
        return sides[int(rng.integers(2))] if sides else None

    def _split(self, cuts: tuple[Bond, ...]) -> list[Subgraph]:
        """The two sides of a cut; none if it makes more or fewer."""
        if cuts not in self._sides:
            first = self._connected(self._every & -self._every, cuts)
            rest = self._every & ~first
            across = all((first >> begin & 1) != (first >> end & 1) for begin, end in cuts)  # not so in some mixtures
            whole = rest and across and self._connected(rest & -rest, cuts) == rest
            self._sides[cuts] = [Subgraph(_members(side), cuts) for side in (first, rest)] if whole else []
        return self._sides[cuts]

    @cached_property
    def _every(self) -> int:
        """All atoms as a set of bits."""
        return (1 << self.graph.GetNumAtoms()) - 1

    @cached_property
    def _neighbours(self) -> list[int]:
        """The neighbours of every atom, as sets of bits."""
        found = [0] * self.graph.GetNumAtoms()
        for bond in map(self.graph.GetBondWithIdx, range(self.graph.GetNumBonds())):
            begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
            found[begin] |= 1 << end
            found[end] |= 1 << begin
        return found

    def _connected(self, some: int, cuts: tuple[Bond, ...]) -> int:
        """`some` atoms and those that are connected with them once bonds are cut, as sets of bits."""
        neighbours = self._neighbours.copy()
        for begin, end in cuts:
            neighbours[begin] &= ~(1 << end)
            neighbours[end] &= ~(1 << begin)
        found = new = some
        while new:
            lowest = new & -new
            further = neighbours[lowest.bit_length() - 1] & ~found
            found |= further
            new = new ^ lowest | further
        return found

    def detached(self, subgraph: Subgraph) -> tuple[Chem.RWMol, list[int]]:
        """The graph of a subgraph, and its atoms at the cuts."""
        kept = subgraph.atoms
        graph = Chem.RWMol(self.graph)
        graph.BeginBatchEdit()
        for atom in set(range(graph.GetNumAtoms())).difference(kept):
            graph.RemoveAtom(atom)
        graph.CommitBatchEdit()
        return graph, [kept.index(begin if begin in kept else end) for begin, end in subgraph.cuts]


def _members(bits: int) -> tuple[int, ...]:
    """The elements of a set of bits, the lowest first."""
    return tuple(i for i in range(bits.bit_length()) if bits >> i & 1)


def crossover(
    a: Parent, b: Parent, rng: np.random.Generator, log_odds: LogOdds | None = None, attempts: int = 10
) -> Chem.Mol | None:
    """Cross two molecules; None if no cut gave a molecule.

    The offspring joins one subgraph of each parent, cut at a bond outside rings or, half the time, through two bonds of a ring.

    Parameters
    ----------
    a, b
        The parents.
    rng
        Source of randomness.
    log_odds
        Maps subgraphs of `a` [n] and `b` [m] to the log odds of joining them [n, m]; a pair of `TRIALS` each is drawn with these
        odds. None joins any.
    attempts
        Most cuts to try.
    """
    for _ in range(attempts):
        in_ring = rng.random() < 0.5
        sides = [[parent.subgraph(in_ring, rng) for _ in range(TRIALS if log_odds else 1)] for parent in (a, b)]
        lefts, rights = [[subgraph for subgraph in side if subgraph] for side in sides]
        if not lefts or not rights:
            continue
        chances = log_odds(lefts, rights) + rng.gumbel(size=(len(lefts), len(rights))) if log_odds else np.zeros((1, 1))
        row, column = np.unravel_index(chances.argmax(), chances.shape)
        left, right = lefts[row], rights[column]
        if len(left.atoms) + len(right.atoms) > MAX_ATOMS:
            continue
        if child := _join(*a.detached(left), *b.detached(right), rng):
            return child
    return None


def linked(a: Chem.Mol, b: Chem.Mol, rng: np.random.Generator) -> Chem.Mol | None:
    """Both molecules joined by a bond in place of a hydrogen each; None if they are too large or have no hydrogen."""
    graphs = editable(a), editable(b)
    sites = [[i for i, count in enumerate(hydrogens_of(graph)) if count] for graph in graphs]
    if not all(sites):
        return None
    left, right = [[int(rng.choice(those))] for those in sites]
    small = sum(graph.GetNumAtoms() for graph in graphs) <= MAX_ATOMS
    return _join(graphs[0], left, graphs[1], right, rng) if small else None


def _join(
    left: Chem.RWMol, left_open: list[int], right: Chem.Mol, right_open: list[int], rng: np.random.Generator
) -> Chem.Mol | None:
    """Bond the open atoms of both, of which there are equally many; `left` is changed."""
    targets = [i + left.GetNumAtoms() for i in right_open]
    left.InsertMol(right)
    if rng.random() < 0.5:
        targets.reverse()
    for begin, end in set(zip(left_open, targets, strict=True)):
        left.AddBond(begin, end, BONDS[1])
    return finish(left)
