"""Errors of measurement for a benchmark's scores: every molecule has its own, and keeps it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDS = "gaussian", "outliers", "growing"
SHARE, SIZE = 1 / 20, 0.5  # of values that are wrong, and by how much


@dataclass(frozen=True)
class Noise:
    """Errors that depend on a molecule, its score and a seed, and on nothing else.

    Attributes
    ----------
    sigma
        Standard deviation.
    kind
        `gaussian`: the same deviation for all. `outliers`: besides, one value in twenty is wrong by 0.5, up or down. `growing`:
        the deviation is proportional to the score, and sigma at a score of 0.5.
    seed
        Of the random numbers.
    """

    sigma: float
    kind: str = "gaussian"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no noise {self.kind}; known: {', '.join(KINDS)}")

    def __call__(self, smiles: Sequence[str], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Errors [n] of the scores [n] of SMILES [n]."""
        return np.array([self._error(text, score) for text, score in zip(smiles, scores, strict=True)], float)

    def _error(self, text: str, score: float) -> float:
        rng = np.random.default_rng([self.seed, zlib.crc32(text.encode())])
        error = rng.normal(0, self.sigma)
        if self.kind == "growing":
            return float(2 * score * error)
        if self.kind == "outliers" and rng.random() < SHARE:
            return float(error + rng.choice([-SIZE, SIZE]))
        return float(error)
