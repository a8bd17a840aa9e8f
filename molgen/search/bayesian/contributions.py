"""Contributions of molecular fragments to a score."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.linalg import cho_factor, cho_solve

from molgen.chem.crossover import Subgraph
from molgen.search.bayesian.models.features import LEVELS, SIZE, STRIDE, Features, centred

RIDGE = 5.0  # number of differing fragments beyond which one molecule says little about another
TEMPERATURE = 0.1  # how strongly large contributions are preferred to small ones, in units of the score scale


@dataclass(frozen=True)
class FragmentContributions:
    """A linear model of a score on ECFP4 fragments (Free and Wilson, J. Med. Chem. 7, 395, 1964), by ridge regression.

    It serves candidates that don't exist yet: it ignores fragments that span the joint of two subgraphs and knows those within.

    Attributes
    ----------
    table
        Contribution of 0, 1, ... occurrences of a fragment to the log odds of a molecule [SIZE, LEVELS + 1].
    """

    table: NDArray[np.float32]

    @classmethod
    def fit(cls, x: Features, scores: Sequence[float], score_scale: float) -> "FragmentContributions":
        """Fit contributions to molecules [n] and their scores [n], in units of `score_scale`."""
        fragments = x.families[0]
        errors = np.array(scores) - np.mean(scores)
        shared = fragments @ x.transposed[0]
        factor = cho_factor(shared + RIDGE * np.eye(len(errors)), overwrite_a=True, check_finite=False)
        weights = fragments.T @ cho_solve(factor, errors, check_finite=False)
        columns = (np.arange(SIZE)[:, None] + STRIDE * np.arange(LEVELS)) % SIZE
        added = np.cumsum(weights[columns], 1) / (TEMPERATURE * score_scale)
        return cls(np.pad(added, ((0, 0), (1, 0))).astype(np.float32))

    def log_odds(self, a: str, b: str) -> Callable[[Sequence[Subgraph], Sequence[Subgraph]], NDArray[np.float32]]:
        """Prepare the crossover of two molecules.

        Parameters
        ----------
        a, b
            SMILES of the parents.

        Returns
        -------
        Callable
            Maps subgraphs of `a` [n] and of `b` [m] to the log odds of joining each with each [n, m].
        """
        (some, within), (others, inside) = _fragments(a), _fragments(b)
        fragments, places = np.unique(np.concatenate([some, others]), return_inverse=True)

        def counted(subgraphs: Sequence[Subgraph], atoms: NDArray[np.float32], places: NDArray[np.intp]) -> NDArray[np.int64]:
            chosen = np.zeros((len(subgraphs), len(atoms)), np.float32)
            for row, subgraph in zip(chosen, subgraphs, strict=True):
                row[list(subgraph.atoms)] = 1
            counts = np.zeros((len(subgraphs), len(fragments)), np.int64)
            counts[:, places] = chosen @ atoms
            return counts

        def of_pairs(lefts: Sequence[Subgraph], rights: Sequence[Subgraph]) -> NDArray[np.float32]:
            left, right = counted(lefts, within, places[: len(some)]), counted(rights, inside, places[len(some) :])
            values: NDArray[np.float32] = self.table[fragments, np.minimum(left[:, None] + right, LEVELS)].sum(-1)
            return values

        return of_pairs


@functools.lru_cache(1000)
def _fragments(smiles: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Fragments of a molecule [k], and the number of times each atom is the centre of each fragment [atoms, k]."""
    found = centred(Chem.MolFromSmiles(smiles))
    fragments, places = np.unique([fragment for each in found for fragment in each], return_inverse=True)
    counts = np.zeros((len(found), len(fragments)), np.float32)
    np.add.at(counts, (np.repeat(np.arange(len(found)), [len(each) for each in found]), places), 1)
    return fragments, counts
