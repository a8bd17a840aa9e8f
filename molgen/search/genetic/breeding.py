"""Offspring of remembered molecules by crossover and mutation."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from molgen.chem.crossover import LogOdds, Parent, crossover
from molgen.chem.edits import editable, mutate
from molgen.errors import check_between
from molgen.search.memory import Memory
from molgen.search.strategy import Proposal


@dataclass(frozen=True)
class Breeder:
    """Picks parents by rank and edits their graphs.

    Attributes
    ----------
    crossover_rate
        Share of offspring with two parents; the others are mutants of one.
    mutation_rate
        Share of crossover offspring that are mutated as well.
    top, sharpness
        Parents are drawn by rank from the best `top`; see `Memory.draw`.
    """

    crossover_rate: float = 0.5
    mutation_rate: float = 0.3
    top: int = 100
    sharpness: float = 0.01

    def __post_init__(self) -> None:
        check_between("search.breeder", 0, 1, crossover_rate=self.crossover_rate, mutation_rate=self.mutation_rate)
        check_between("search.breeder", 1, top=self.top)
        check_between("search.breeder", 0, sharpness=self.sharpness)

    def offspring(self, n: int, memory: Memory, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` new molecules."""
        found: dict[str, Proposal] = {}
        for _ in range(10 * n):
            if len(found) == n:
                break
            child = self._child(memory, rng)
            if child is not None and child.smiles not in memory.rewards:
                found.setdefault(child.smiles, child)
        return list(found.values())

    def _child(self, memory: Memory, rng: np.random.Generator) -> Proposal | None:
        parents = memory.draw(2, rng, self.sharpness, self.top)
        child, operator, origin = breed(parents, self.crossover_rate, self.mutation_rate, rng)
        return Proposal(Chem.MolToSmiles(child), operator, tuple(origin)) if child else None


def breed(
    parents: Sequence[str],
    crossover_rate: float,
    mutation_rate: float,
    rng: np.random.Generator,
    log_odds: Callable[[str, str], LogOdds] | None = None,
) -> tuple[Chem.Mol | None, str, Sequence[str]]:
    """Make one offspring molecule, by crossover or mutation.

    Parameters
    ----------
    parents
        SMILES of one or two molecules.
    crossover_rate
        Probability of a crossover if there are two parents; otherwise the first one is mutated.
    mutation_rate
        Probability that a crossover offspring is mutated as well.
    log_odds
        See `cross`.

    Returns
    -------
    Mol | None
        None if no attempt gave a molecule.
    str
        The operator: `crossover`, `crossover+mutation` or `mutation`.
    Sequence
        SMILES of the parents that were used.
    """
    if len(parents) == 2 and rng.random() < crossover_rate:
        child = cross(parents[0], parents[1], rng, log_odds)
        if child and rng.random() < mutation_rate:
            return mutate(editable(child), rng), "crossover+mutation", parents
        return child, "crossover", parents
    return mutate(_parent(parents[0]).graph, rng), "mutation", parents[:1]


def cross(a: str, b: str, rng: np.random.Generator, log_odds: Callable[[str, str], LogOdds] | None = None) -> Chem.Mol | None:
    """Cross two molecules; None if no cut gave a molecule.

    Parameters
    ----------
    a, b
        SMILES of the parents.
    log_odds
        Given both SMILES, returns the log odds by which `crossover` joins their subgraphs; None joins any with equal odds.
    """
    return crossover(_parent(a), _parent(b), rng, log_odds(a, b) if log_odds else None)


@functools.lru_cache(1000)
def _parent(smiles: str) -> Parent:
    """The molecule prepared for editing, cached because it often has many offspring in a row."""
    return Parent(Chem.MolFromSmiles(smiles))
