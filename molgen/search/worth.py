"""What the parts of molecules are worth to a score, together."""

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.linalg import solve

from molgen.chem.crossover import Part
from molgen.search.surrogates.features import LEVELS, SIZE, STRIDE, Features, centred

RIDGE = 5.0  # fragments that differ between two molecules of which one tells little of the other
TEMPERATURE = 0.05  # by which much is more likely than little


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
        weights = fragments.T @ solve((fragments @ fragments.T).toarray() + RIDGE * np.eye(len(errors)), errors, assume_a="pos")
        columns = (np.arange(SIZE)[:, None] + STRIDE * np.arange(LEVELS)) % SIZE
        added = np.cumsum(weights[columns], 1) / (TEMPERATURE * unit)
        return cls(np.pad(added, ((0, 0), (1, 0))).astype(np.float32))

    @functools.cached_property
    def _rows(self) -> list[list[float]]:
        rows: list[list[float]] = self.table.tolist()
        return rows

    def of(self, a: str, b: str) -> Callable[[Part, Part], float]:
        """Log odds of a part of `a` and one of `b` to be joined."""
        some, others = _fragments(a), _fragments(b)

        def log_odds(left: Part, right: Part) -> float:
            counts = Counter([each for i in left.atoms for each in some[i]] + [each for i in right.atoms for each in others[i]])
            return sum(self._rows[each][min(count, LEVELS)] for each, count in counts.items())

        return log_odds


@functools.lru_cache(1000)
def _fragments(smiles: str) -> list[list[int]]:
    return centred(Chem.MolFromSmiles(smiles))
