"""LightGBM's trees as an operator of ONNX."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError
from molgen.predictors.trees import Booster

DEFAULT_LEFT, ZERO_MISSING, NAN_MISSING = 2, 4, 8  # bits of LightGBM's decision_type
ZERO = np.float32(1e-35)
NEEDED = ("split_feature", "threshold", "decision_type", "left_child", "right_child")


def tree_attributes(boosters: Sequence[Booster]) -> dict[str, Any]:
    """Attributes of a `TreeEnsembleRegressor` (ai.onnx.ml 3) that gives the sum of each booster's trees, [n, boosters]."""
    parts: list[dict[str, NDArray[Any]]] = []
    for target, booster in enumerate(boosters):
        for entries in _trees_of(booster):
            parts.append(_tree(entries, len(parts), target))
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    modes = np.where(columns.pop("leaf"), "LEAF", "BRANCH_LEQ").tolist()
    lists = {key: column.tolist() for key, column in columns.items()}
    return lists | {"nodes_modes": modes, "n_targets": len(boosters), "post_transform": "NONE", "aggregate_function": "SUM"}


def _trees_of(booster: Booster) -> list[dict[str, str]]:
    """The entries of each tree in LightGBM's text, which holds every digit."""
    _, *blocks = booster.booster.model_to_string().partition("end of trees")[0].split("\nTree=")
    return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]


def _tree(entries: dict[str, str], number: int, target: int) -> dict[str, NDArray[Any]]:
    """The nodes of a tree, then its leaves.

    Raises
    ------
    ConfigError
        The tree takes zeros for missing values, for which ONNX has no operator.
    """
    values = np.array(entries["leaf_value"].split(), float)
    leaves, inner = len(values), len(values) - 1
    split, threshold, kind, left, right = (
        np.array(entries[key].split() if inner else [], float if key == "threshold" else int) for key in NEEDED
    )
    if (kind & ZERO_MISSING).any():
        raise ConfigError("its trees take zeros for missing values, which ONNX doesn't know: train it with molgen train")
    # What is missing goes the node's own way, or, where no value was missing in training, the way of 0.
    missing_left = np.where(kind & NAN_MISSING, kind & DEFAULT_LEFT, threshold >= 0).astype(bool)
    none, padding = np.zeros(leaves, int), np.zeros(leaves)
    return {
        "nodes_treeids": np.full(inner + leaves, number),
        "nodes_nodeids": np.arange(inner + leaves),
        "nodes_featureids": np.concatenate([split, none]),
        "nodes_values": np.concatenate([split_points(threshold), padding]),
        "nodes_truenodeids": np.concatenate([_place(left, inner), none]),
        "nodes_falsenodeids": np.concatenate([_place(right, inner), none]),
        "nodes_missing_value_tracks_true": np.concatenate([missing_left.astype(int), none]),
        "leaf": np.arange(inner + leaves) >= inner,
        "target_treeids": np.full(leaves, number),
        "target_nodeids": inner + np.arange(leaves),
        "target_ids": np.full(leaves, target),
        "target_weights": values,
    }


def _place(child: NDArray[np.int64], inner: int) -> NDArray[np.int64]:
    """Where a child stands: LightGBM counts leaves as -1, -2, ..."""
    return np.where(child >= 0, child, inner + ~child)


def split_points(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Numbers that part float32 features as LightGBM's thresholds do: the largest float32 not above each.

    LightGBM takes features up to 1e-35 for 0.
    """
    bounds = np.finfo(np.float32)
    nearest = np.clip(threshold, bounds.min, bounds.max).astype(np.float32)
    with np.errstate(over="ignore"):  # below the lowest number lies -inf, which no feature is
        below = np.where(nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)
    around_zero = np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, np.float32(-1)))
    return np.where(np.abs(threshold) <= ZERO.astype(float), around_zero, below)
