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
            sides = Chem.GetMolFrags(self._without(cuts))
            self._sides[cuts] = [Subgraph(atoms, cuts) for atoms in sides] if len(sides) == 2 else []
        return self._sides[cuts]

    def _without(self, bonds: tuple[Bond, ...]) -> Chem.RWMol:
        copy = Chem.RWMol(self.graph)
        for bond in bonds:
            copy.RemoveBond(*bond)
        return copy

    def detached(self, subgraph: Subgraph) -> tuple[Chem.Mol, list[int]]:
        """The graph of a subgraph, and its atoms at the cuts."""
        origins: list[tuple[int, ...]] = []
        sides = Chem.GetMolFrags(self._without(subgraph.cuts), asMols=True, sanitizeFrags=False, fragsMolAtomMapping=origins)
        kept = subgraph.atoms
        return sides[origins.index(kept)], [kept.index(begin if begin in kept else end) for begin, end in subgraph.cuts]


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
        left, right = np.unravel_index(chances.argmax(), chances.shape)
        if child := _join(*a.detached(lefts[left]), *b.detached(rights[right]), rng):
            return child
    return None


def linked(a: Chem.Mol, b: Chem.Mol, rng: np.random.Generator) -> Chem.Mol | None:
    """Both molecules joined by a bond in place of a hydrogen each; None if they are too large or have no hydrogen."""
    graphs = editable(a), editable(b)
    sites = [[i for i, count in enumerate(hydrogens_of(graph)) if count] for graph in graphs]
    if not all(sites):
        return None
    left, right = [[int(rng.choice(those))] for those in sites]
    return _join(graphs[0], left, graphs[1], right, rng)


def _join(
    left: Chem.Mol, left_open: list[int], right: Chem.Mol, right_open: list[int], rng: np.random.Generator
) -> Chem.Mol | None:
    if left.GetNumAtoms() + right.GetNumAtoms() > MAX_ATOMS or len(left_open) != len(right_open):
        return None
    child = Chem.RWMol(Chem.CombineMols(left, right))
    offset = left.GetNumAtoms()
    targets = [i + offset for i in right_open]
    if rng.random() < 0.5:
        targets.reverse()
    pairs = set(zip(left_open, targets, strict=True))
    for begin, end in pairs:
        child.AddBond(begin, end, BONDS[1])
    return finish(child)
