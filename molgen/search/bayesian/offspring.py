"""Offspring bred in bulk, in any process, with the features that a surrogate needs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from rdkit import Chem

from molgen.chem.scaffolds import murcko
from molgen.errors import check_between
from molgen.processes import isolated, processors
from molgen.search.bayesian.contributions import FragmentContributions
from molgen.search.bayesian.models.features import Described, describe
from molgen.search.bayesian.plausibility import ReferenceChemistry
from molgen.search.constraints import Constraints
from molgen.search.genetic.breeding import breed, cross

T = TypeVar("T")
JOBS = 2  # per generation, for as many processes


class Candidate(NamedTuple):
    """A molecule with its origin, its route (see `Proposal`) if it has one, and the features that a choice needs."""

    smiles: str
    operator: str
    parents: tuple[str, ...]
    features: Described
    scaffold: str
    rarity: float
    route: str = ""


class Child(NamedTuple):
    """What an operator made: a molecule, or None, with its operator, its parents and its route."""

    mol: Chem.Mol | None
    operator: str
    parents: Sequence[str]
    route: str = ""


@dataclass(frozen=True)
class Operators:
    """How offspring are made.

    Attributes
    ----------
    graft_rate
        Share of offspring whose second parent comes from the prior, which brings fragments that no scored molecule has.
    crossover_rate
        Share of the others with two scored parents; the rest are mutants of one.
    mutation_rate
        Share of crossover offspring that are mutated as well.
    sharpness
        The parent of rank r among N is drawn with odds 1 / (sharpness N + r).
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
class OffspringJob:
    """A batch of offspring to breed, possibly in a process of its own.

    Attributes
    ----------
    parents
        SMILES, the best first; of a `RouteJob` with their routes.
    library
        SMILES to graft from; of a `RouteJob` with their routes.
    size, seed
        Number of offspring to breed, and the seed of the random numbers.
    operators
        How offspring are made.
    constraints
        What offspring must satisfy.
    reference
        The chemistry by which their rarity is measured.
    contributions
        Decides which subgraphs of two parents to join; None joins any.
    """

    parents: Sequence[Any]
    library: Sequence[Any]
    size: int
    seed: int
    operators: Operators
    constraints: Constraints
    reference: ReferenceChemistry
    contributions: FragmentContributions | None = None

    def run(self) -> list[Candidate]:
        """Breed at most `size` distinct offspring that satisfy the constraints."""
        rng = np.random.default_rng(self.seed)
        odds = 1 / (self.operators.sharpness * len(self.parents) + np.arange(1, len(self.parents) + 1))
        odds /= odds.sum()
        found: dict[str, Candidate] = {}
        for pair in rng.choice(len(self.parents), (4 * self.size, 2), p=odds).tolist():
            if len(found) == self.size:
                break
            child = self._make([self.parents[i] for i in dict.fromkeys(pair)], rng)
            if child.mol is None or not self.constraints(child.mol):
                continue
            smiles = Chem.MolToSmiles(child.mol)
            if smiles not in found:
                described = describe_candidate(smiles, child.mol, child.operator, tuple(child.parents), self.reference)
                found[smiles] = described._replace(route=child.route)
        return list(found.values())

    def _make(self, parents: list[Any], rng: np.random.Generator) -> Child:
        log_odds = self.contributions.log_odds if self.contributions else None
        if self.library and rng.random() < self.operators.graft_rate:
            other = self.library[int(rng.integers(len(self.library)))]
            return Child(cross(parents[0], other, rng, log_odds), "graft", parents[:1])
        return Child(*breed(parents, self.operators.crossover_rate, self.operators.mutation_rate, rng, log_odds))


def describe_candidate(
    smiles: str, mol: Chem.Mol, operator: str, parents: tuple[str, ...], reference: ReferenceChemistry
) -> Candidate:
    """Describe a molecule for a choice."""
    return Candidate(smiles, operator, parents, describe(mol), murcko(mol), reference.rarity(mol))


def describe_all(smiles: Iterable[str], reference: ReferenceChemistry) -> list[Candidate]:
    """Describe molecules without parents."""
    return [describe_candidate(text, Chem.MolFromSmiles(text), "", (), reference) for text in smiles]


def in_parallel(function: Callable[[Any], T], jobs: Sequence[Any]) -> Iterator[T]:
    """Apply `function` to every job, in parallel where processors allow it."""
    processes = min(JOBS, processors())
    for result in isolated(function, jobs, processes, tries=3) if processes > 1 else map(function, jobs):
        if isinstance(result, Exception):
            raise result
        yield result


def diverse(ranked: Iterable[Candidate], n: int, per_scaffold: int) -> list[Candidate]:
    """The first `n` of `ranked`, no more than `per_scaffold` of them with the same scaffold; 0 sets no limit."""
    counts: dict[str, int] = {}
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) == n:
            break
        counts[candidate.scaffold] = counts.get(candidate.scaffold, 0) + 1
        if not per_scaffold or counts[candidate.scaffold] <= per_scaffold:
            chosen.append(candidate)
    return chosen
