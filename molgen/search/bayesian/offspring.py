"""Many offspring at once, described for a surrogate; made in any process."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rdkit import Chem

from molgen.chem.scaffolds import murcko
from molgen.errors import check_between
from molgen.processes import isolated, processors
from molgen.search.bayesian.contributions import Worth
from molgen.search.bayesian.models.features import Described, describe
from molgen.search.bayesian.plausibility import Familiar
from molgen.search.constraints import Constraints
from molgen.search.genetic.breeding import bred, crossed

BROODS = 2  # that a generation is split into, for as many processes


class Child(NamedTuple):
    """A molecule, where it comes from, and what a choice needs to know of it."""

    smiles: str
    operator: str
    parents: tuple[str, ...]
    features: Described
    scaffold: str
    strangeness: float


@dataclass(frozen=True)
class Operators:
    """How offspring are made.

    Attributes
    ----------
    graft_rate
        Share of offspring of which the second parent is a molecule of the prior, which brings what no scored molecule has.
    crossover_rate
        Share of the others that have two scored parents; the rest are mutants of one.
    mutation_rate
        Share of crossover offspring that are mutated as well.
    sharpness
        Parents are drawn by rank r of N with odds 1 / (sharpness N + r).
    """

    graft_rate: float = 0.25
    crossover_rate: float = 0.5
    mutation_rate: float = 0.3
    sharpness: float = 0.01

    def __post_init__(self) -> None:
        rates = {"graft_rate": self.graft_rate, "crossover_rate": self.crossover_rate, "mutation_rate": self.mutation_rate}
        check_between("search.operators", 0, 1, **rates)
        check_between("search.operators", 0, sharpness=self.sharpness)


@dataclass(frozen=True)
class Brood:
    """An order for offspring.

    Attributes
    ----------
    parents
        SMILES, the best first.
    library
        SMILES to graft from.
    size, seed
        Of the brood.
    worth
        Tells which parts of two parents to join; None: any.
    """

    parents: Sequence[str]
    library: Sequence[str]
    size: int
    seed: int
    operators: Operators
    constraints: Constraints
    familiar: Familiar
    worth: Worth | None = None

    def children(self) -> list[Child]:
        """At most `size` distinct ones that satisfy the constraints."""
        rng = np.random.default_rng(self.seed)
        odds = 1 / (self.operators.sharpness * len(self.parents) + np.arange(1, len(self.parents) + 1))
        odds /= odds.sum()
        found: dict[str, Child] = {}
        for pair in rng.choice(len(self.parents), (4 * self.size, 2), p=odds).tolist():
            if len(found) == self.size:
                break
            mol, operator, origin = self._make([self.parents[i] for i in dict.fromkeys(pair)], rng)
            if mol is None or not self.constraints(mol):
                continue
            smiles = Chem.MolToSmiles(mol)
            if smiles not in found:
                found[smiles] = describe_child(smiles, mol, operator, tuple(origin), self.familiar)
        return list(found.values())

    def _make(self, parents: list[str], rng: np.random.Generator) -> tuple[Chem.Mol | None, str, Sequence[str]]:
        if self.library and rng.random() < self.operators.graft_rate:
            other = self.library[int(rng.integers(len(self.library)))]
            return crossed(parents[0], other, rng, self.worth), "graft", parents[:1]
        return bred(parents, self.operators.crossover_rate, self.operators.mutation_rate, rng, self.worth)


def describe_child(smiles: str, mol: Chem.Mol, operator: str, parents: tuple[str, ...], familiar: Familiar) -> Child:
    """What a choice needs to know of a molecule."""
    return Child(smiles, operator, parents, describe(mol), murcko(mol), familiar.strangeness(mol))


def describe_all(smiles: Iterable[str], constraints: Constraints, familiar: Familiar) -> list[Child]:
    """What a choice needs to know of those that satisfy the constraints."""
    mols = [(text, Chem.MolFromSmiles(text)) for text in smiles]
    return [describe_child(text, mol, "", (), familiar) for text, mol in mols if constraints(mol)]


def side_by_side(function: Callable[[Any], list[Child]], orders: Sequence[Any]) -> Iterator[list[Child]]:
    """What `function` makes of every order, in as many processes as are worth having."""
    processes = min(BROODS, processors())
    for result in isolated(function, orders, processes, tries=3) if processes > 1 else map(function, orders):
        if isinstance(result, Exception):
            raise result
        yield result


def spread(ranked: Iterable[Child], n: int, per_scaffold: int) -> list[Child]:
    """The first `n` of `ranked` of which no more than `per_scaffold` share a scaffold; 0 for any number."""
    counts: dict[str, int] = {}
    chosen: list[Child] = []
    for child in ranked:
        if len(chosen) == n:
            break
        counts[child.scaffold] = counts.get(child.scaffold, 0) + 1
        if not per_scaffold or counts[child.scaffold] <= per_scaffold:
            chosen.append(child)
    return chosen
