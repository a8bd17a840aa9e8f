"""Offspring of remembered molecules by crossover and mutation."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from molgen.chem.edits import crossover, editable, mutate
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

    def offspring(self, n: int, memory: Memory, rng: np.random.Generator) -> list[str]:
        """At most `n` new molecules."""
        found: dict[str, Proposal] = {}
        for _ in range(10 * n):
            if len(found) == n:
                break
            child = self._child(memory, rng)
            if child is not None and child not in memory.rewards:
                found.setdefault(child, child)
        return list(found.values())

    def _child(self, memory: Memory, rng: np.random.Generator) -> Proposal | None:
        parents = memory.draw(2, rng, self.sharpness, self.top)
        child, operator, origin = bred(parents, self.crossover_rate, self.mutation_rate, rng)
        return Proposal(Chem.MolToSmiles(child), operator, origin) if child else None


def bred(
    parents: Sequence[str], crossover_rate: float, mutation_rate: float, rng: np.random.Generator
) -> tuple[Chem.Mol | None, str, Sequence[str]]:
    """A child of one or two molecules, or None; the operator; and its parents."""
    mothers = [prepared(smiles) for smiles in parents]
    if len(parents) == 2 and rng.random() < crossover_rate:
        child = crossover(mothers[0], mothers[1], rng)
        if child and rng.random() < mutation_rate:
            return mutate(editable(child), rng), "crossover+mutation", parents
        return child, "crossover", parents
    return mutate(mothers[0], rng), "mutation", parents[:1]


@functools.lru_cache(1000)
def prepared(smiles: str) -> Chem.RWMol:
    """A parent, ready to be edited; many of its children are made one after another."""
    return editable(Chem.MolFromSmiles(smiles))
