"""Gradient-boosted trees (LightGBM) on molecular features."""

import lzma
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Task

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """How trees are grown; LightGBM's settings under its own meaning.

    Attributes
    ----------
    feature_fraction, row_fraction
        The share of features that a tree, and of rows that every tree, is grown on.
    loss
        For numbers: `l1` (median) or `l2` (mean). Classes have the logistic loss.
    """

    number: int = 300
    learning_rate: float = 0.06
    leaves: int = 31
    min_leaf: int = 10
    feature_fraction: float = 0.1
    row_fraction: float = 0.8
    l2: float = 1.0
    loss: str = "l1"

    def fit(self, x: NDArray[np.float32], y: Array, task: Task, seed: int) -> "Booster":
        """Grow trees on features [n, f] and labels [n]."""
        settings = {
            "objective": "binary" if task == "classification" else {"l1": "regression_l1", "l2": "regression"}[self.loss],
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": min(self.min_leaf, max(1, len(y) // 10)),
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.row_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "max_bin": 63,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }
        return Booster(lightgbm.train(settings, lightgbm.Dataset(x, y), self.number))


class Booster:
    """Grown trees."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self.booster = booster

    def score(self, x: NDArray[np.float32]) -> Array:
        """Values [n] of the trees: log-odds for classes."""
        return np.asarray(self.booster.predict(x, raw_score=True))

    def contributions(self, x: NDArray[np.float32]) -> Array:
        """SHAP values [n, f] of the features, exact for trees (Lundberg et al., Nat. Mach. Intell. 2, 56, 2020)."""
        return np.asarray(self.booster.predict(x, pred_contrib=True))[:, :-1]

    def to_bytes(self) -> bytes:
        """LightGBM's text format, compressed."""
        return lzma.compress(self.booster.model_to_string().encode(), preset=6)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Booster":
        """What `to_bytes` gave."""
        return cls(lightgbm.Booster(model_str=lzma.decompress(content).decode()))
