"""What the parts of molecules are worth to a score, together."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.linalg import solve

from molgen.chem.crossover import Part
from molgen.search.bayesian.models.features import LEVELS, SIZE, STRIDE, Features, centred

RIDGE = 5.0  # fragments that differ between two molecules of which one tells little of the other
TEMPERATURE = 0.1  # by which much is more likely than little


@dataclass(frozen=True)
class Worth:
    """A linear model of a score on ECFP4 fragments.

    It is for candidates that don't exist yet: what binds two parts isn't known to it, but all that lies within either is.

    Attributes
    ----------
    table
        What so many occurrences of a fragment add to the logarithm of a molecule's odds [SIZE, LEVELS + 1].
    """

    table: NDArray[np.float32]

    @classmethod
    def learnt(cls, x: Features, scores: Sequence[float], unit: float) -> "Worth":
        """From molecules [n] and their scores [n], of which `unit` is what counts as one."""
        fragments = x.families[0]
        errors = np.array(scores) - np.mean(scores)
        shared = fragments @ x.transposed[0]
        weights = fragments.T @ solve(shared + RIDGE * np.eye(len(errors)), errors, assume_a="pos")
        columns = (np.arange(SIZE)[:, None] + STRIDE * np.arange(LEVELS)) % SIZE
        added = np.cumsum(weights[columns], 1) / (TEMPERATURE * unit)
        return cls(np.pad(added, ((0, 0), (1, 0))).astype(np.float32))

    def of(self, a: str, b: str) -> Callable[[Sequence[Part], Sequence[Part]], NDArray[np.float32]]:
        """Log odds of parts of `a` [n] and parts of `b` [m] to be joined, each to each [n, m]."""
        (some, within), (others, inside) = _fragments(a), _fragments(b)
        fragments, places = np.unique(np.concatenate([some, others]), return_inverse=True)

        def counted(parts: Sequence[Part], atoms: NDArray[np.int64], places: NDArray[np.intp]) -> NDArray[np.int64]:
            counts = np.zeros((len(parts), len(fragments)), np.int64)
            counts[:, places] = [atoms[list(part.atoms)].sum(0) for part in parts]
            return counts

        def log_odds(lefts: Sequence[Part], rights: Sequence[Part]) -> NDArray[np.float32]:
            left, right = counted(lefts, within, places[: len(some)]), counted(rights, inside, places[len(some) :])
            values: NDArray[np.float32] = self.table[fragments, np.minimum(left[:, None] + right, LEVELS)].sum(-1)
            return values

        return log_odds


@functools.lru_cache(1000)
def _fragments(smiles: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The fragments of a molecule [k], and how many of each every atom is the middle of [atoms, k]."""
    found = centred(Chem.MolFromSmiles(smiles))
    fragments, places = np.unique([fragment for each in found for fragment in each], return_inverse=True)
    counts = np.zeros((len(found), len(fragments)), np.int64)
    np.add.at(counts, (np.repeat(np.arange(len(found)), [len(each) for each in found]), places), 1)
    return fragments, counts
