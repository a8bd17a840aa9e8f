"""Many offspring at once, described for a surrogate; made in any process."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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

JOBS = 2  # that a generation is split into, for as many processes


class Candidate(NamedTuple):
    """A molecule, where it comes from, and what a choice needs to know of it."""

    smiles: str
    operator: str
    parents: tuple[str, ...]
    features: Described
    scaffold: str
    rarity: float


@dataclass(frozen=True)
class Operators:
    """How offspring are made.

    Attributes
    ----------
    graft_rate
        Share of offspring whose second parent is a molecule of the prior, which brings what no scored molecule has.
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
class OffspringJob:
    """The breeding of some offspring, which a process of its own can do.

    Attributes
    ----------
    parents
        SMILES, the best first.
    library
        SMILES to graft from.
    size, seed
        Offspring to breed, and of the random numbers.
    contributions
        Tells which subgraphs of two parents to join; None: any.
    """

    parents: Sequence[str]
    library: Sequence[str]
    size: int
    seed: int
    operators: Operators
    constraints: Constraints
    reference: ReferenceChemistry
    contributions: FragmentContributions | None = None

    def run(self) -> list[Candidate]:
        """At most `size` distinct offspring that satisfy the constraints."""
        rng = np.random.default_rng(self.seed)
        odds = 1 / (self.operators.sharpness * len(self.parents) + np.arange(1, len(self.parents) + 1))
        odds /= odds.sum()
        found: dict[str, Candidate] = {}
        for pair in rng.choice(len(self.parents), (4 * self.size, 2), p=odds).tolist():
            if len(found) == self.size:
                break
            mol, operator, origin = self._make([self.parents[i] for i in dict.fromkeys(pair)], rng)
            if mol is None or not self.constraints(mol):
                continue
            smiles = Chem.MolToSmiles(mol)
            if smiles not in found:
                found[smiles] = describe_candidate(smiles, mol, operator, tuple(origin), self.reference)
        return list(found.values())

    def _make(self, parents: list[str], rng: np.random.Generator) -> tuple[Chem.Mol | None, str, Sequence[str]]:
        if self.library and rng.random() < self.operators.graft_rate:
            other = self.library[int(rng.integers(len(self.library)))]
            return cross(parents[0], other, rng, self.contributions), "graft", parents[:1]
        return breed(parents, self.operators.crossover_rate, self.operators.mutation_rate, rng, self.contributions)


def describe_candidate(
    smiles: str, mol: Chem.Mol, operator: str, parents: tuple[str, ...], reference: ReferenceChemistry
) -> Candidate:
    """What a choice needs to know of a molecule."""
    return Candidate(smiles, operator, parents, describe(mol), murcko(mol), reference.rarity(mol))


def describe_all(smiles: Iterable[str], constraints: Constraints, reference: ReferenceChemistry) -> list[Candidate]:
    """What a choice needs to know of those that satisfy the constraints."""
    mols = [(text, Chem.MolFromSmiles(text)) for text in smiles]
    return [describe_candidate(text, mol, "", (), reference) for text, mol in mols if constraints(mol)]


def in_parallel(function: Callable[[Any], list[Candidate]], jobs: Sequence[Any]) -> Iterator[list[Candidate]]:
    """What `function` makes of every job, in as many processes as are worth having."""
    processes = min(JOBS, processors())
    for result in isolated(function, jobs, processes, tries=3) if processes > 1 else map(function, jobs):
        if isinstance(result, Exception):
            raise result
        yield result


def diverse(ranked: Iterable[Candidate], n: int, per_scaffold: int) -> list[Candidate]:
    """The first `n` of `ranked` of which no more than `per_scaffold` share a scaffold; 0 for any number."""
    counts: dict[str, int] = {}
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) == n:
            break
        counts[candidate.scaffold] = counts.get(candidate.scaffold, 0) + 1
        if not per_scaffold or counts[candidate.scaffold] <= per_scaffold:
            chosen.append(candidate)
    return chosen
