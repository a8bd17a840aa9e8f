"""Gradient-boosted trees (LightGBM) on molecular features."""

import lzma
import re
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from molgen.data.dataset import Task
from molgen.errors import CheckpointError, ConfigError, check_above, check_between
from molgen.predictors.bounds import counts

Array = NDArray[np.float64]
PLAIN = range(0, 16, 2)  # kinds of decision: by a number, however missing ones are treated
OBJECTIVES = {"l1": "regression_l1", "l2": "regression"}
ONE_VALUE = {"num_class=1", "num_tree_per_iteration=1"}
SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)  # where LightGBM would look for trees; without, it goes by their names
LONGEST = 1 << 28  # bytes of a text of trees
# For every call: a call without changes the number for all threads of the process, and LightGBM then writes beyond what it has
# allotted to the threads of a fit that runs beside it. Several fits at once are faster than several threads for each, too.
THREADS = {"num_threads": 1}


@dataclass(frozen=True)
class Trees:
    """How trees are grown; the settings are those of LightGBM's scikit-learn interface.

    Attributes
    ----------
    n_estimators
        Number of trees, at least 1.
    learning_rate
        The factor on each tree's output, above 0 and at most 1.
    num_leaves
        Leaves per tree, at most.
    min_child_samples
        Molecules per leaf, at least; a tenth of the molecules where there are few.
    colsample_bytree
        The share of features that each tree is grown on, above 0 and at most 1.
    subsample
        The share of molecules that each tree is grown on, above 0 and at most 1.
    reg_lambda
        The L2 penalty on the values of leaves, 0 or more.
    objective
        The loss for numbers: `l1` (median) or `l2` (mean). Classes have the logistic loss.

    Raises
    ------
    ConfigError
        A setting is out of its range, or there is no such objective.
    """

    n_estimators: int = 300
    learning_rate: float = 0.06
    num_leaves: int = 31
    min_child_samples: int = 10
    colsample_bytree: float = 0.1
    subsample: float = 0.8
    reg_lambda: float = 1.0
    objective: str = "l1"

    def __post_init__(self) -> None:
        where = "predictor.trees"
        check_between(where, 1, 100_000, n_estimators=self.n_estimators)
        check_between(where, 1, min_child_samples=self.min_child_samples)
        check_between(where, 2, 131_072, num_leaves=self.num_leaves)
        check_above(where, 1, learning_rate=self.learning_rate)
        check_above(where, 1, colsample_bytree=self.colsample_bytree, subsample=self.subsample)
        check_between(where, 0, reg_lambda=self.reg_lambda)
        if self.objective not in OBJECTIVES:
            raise ConfigError(f"{where}.objective: must be one of {', '.join(OBJECTIVES)}, not {self.objective}")

    def fit(
        self,
        x: NDArray[np.float32],
        y: Array,
        task: Task,
        seed: int,
        relations: NDArray[np.int8] | None = None,
        sample_weights: Array | None = None,
    ) -> "Booster":
        """Grow trees on features [n, f] and labels [n], bounds where `relations` [n] (see `bounds.counts`) aren't 0."""
        settings = {
            "objective": "binary" if task == "classification" else OBJECTIVES[self.objective],
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": min(self.min_child_samples, max(1, len(y) // 10)),
            "feature_fraction": self.colsample_bytree,
            "bagging_fraction": self.subsample,
            "bagging_freq": 1,
            "lambda_l2": self.reg_lambda,
            "max_bin": 63,
            "seed": seed % 2**31,  # LightGBM takes no larger one
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
            **THREADS,
        }
        if relations is None or not relations.any():
            return Booster(lightgbm.train(settings, lightgbm.Dataset(x, y, weight=sample_weights), self.n_estimators))
        given = np.ones(len(y), np.float32) if sample_weights is None else sample_weights.astype(np.float32)
        return Booster(self._with_bounds(settings, x, y, relations, given))

    def _with_bounds(
        self,
        settings: dict[str, Any],
        x: NDArray[np.float32],
        y: Array,
        relations: NDArray[np.int8],
        given: NDArray[np.float32],
    ) -> Any:
        """Trees each of which is grown on what was measured and the bounds that the trees before it violate."""
        data = lightgbm.Dataset(x, y, params=settings).construct()
        data.set_field("weight", given)
        booster, bounded, weights = lightgbm.Booster(settings, data), np.flatnonzero(relations), given.copy()
        scores = np.zeros(len(bounded))
        for number in range(self.n_estimators):
            if booster.update():
                break
            grown = booster.predict(x[bounded], raw_score=True, start_iteration=number, num_iteration=1, **THREADS)
            scores += np.asarray(grown)
            weights[bounded] = given[bounded] * counts(scores, y[bounded], relations[bounded])
            data.set_field("weight", weights)
        return booster


class Booster:
    """Grown trees."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self.booster = booster

    def score(self, x: NDArray[np.float32]) -> Array:
        """Values [n] of the trees: log-odds for classes."""
        return np.asarray(self.booster.predict(x, raw_score=True, **THREADS))

    def contributions(self, x: NDArray[np.float32]) -> Array:
        """SHAP values [n, f] of the features, exact for trees (Lundberg et al., Nat. Mach. Intell. 2, 56, 2020)."""
        return np.asarray(self.booster.predict(x, pred_contrib=True, **THREADS))[:, :-1]

    def to_bytes(self) -> bytes:
        """LightGBM's text format, compressed."""
        return lzma.compress(self.booster.model_to_string().encode(), preset=6)

    @classmethod
    def from_bytes(cls, content: bytes, features: int) -> "Booster":
        """What `to_bytes` gave for trees on `features` features.

        Raises
        ------
        CheckpointError
            It is no such text. LightGBM itself believes it, and would read beyond its own memory.
        """  # noqa: DOC501 (raised by another function, or caught here)
        try:
            machine = lzma.LZMADecompressor()
            text = machine.decompress(content, LONGEST).decode()
            if not machine.eof:
                raise EOFError("cut short, or endless")
        except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
            raise CheckpointError(f"its trees can't be unpacked ({error})") from error
        check_text(text, features)
        try:
            return cls(lightgbm.Booster(model_str=SIZES.sub("", text)))
        except lightgbm.basic.LightGBMError as error:
            raise CheckpointError(f"its trees can't be read ({error})") from error


def check_text(text: str, features: int) -> None:
    """Raise CheckpointError for a text of LightGBM in which a node leads nowhere, backwards, or by a feature that there isn't."""
    head, *trees = text.partition("end of trees")[0].split("\nTree=")
    if f"\nmax_feature_idx={features - 1}\n" not in head or not set(head.splitlines()) >= ONE_VALUE or not trees:
        raise CheckpointError(f"its trees aren't of one value of {features} features")
    if (sizes := SIZES.search(head)) is None or len(sizes[0].split()) != len(trees):
        raise CheckpointError("it has another number of trees than it says")
    for number, block in enumerate(trees):
        if block.partition("\n")[0] != str(number):
            raise CheckpointError(f"its tree {number} is missing")
        try:
            problem = _problem_of_tree(dict(line.split("=", 1) for line in block.splitlines() if "=" in line), features)
        except (KeyError, ValueError) as error:
            raise CheckpointError(f"its tree {number} lacks or has wrong numbers ({error})") from error
        if problem:
            raise CheckpointError(f"its tree {number} {problem}")


def _problem_of_tree(entries: dict[str, str], features: int) -> str:
    leaves = int(entries["num_leaves"])
    if entries["num_cat"] != "0" or entries.get("is_linear", "0") != "0":
        return "is of another kind than molgen grows"
    values = np.array(entries["leaf_value"].split(), float)
    if leaves < 1 or len(values) != leaves or not np.isfinite(values).all():
        return f"has {len(values)} finite leaves, and should have {leaves}"
    if leaves == 1:
        return ""
    splits, left, right = (np.array(entries[key].split(), int) for key in ("split_feature", "left_child", "right_child"))
    thresholds, kinds = (np.array(entries[key].split(), float) for key in ("threshold", "decision_type"))
    counts = {len(part) for part in (splits, left, right, thresholds, kinds)}
    counts |= {len(entries[key].split()) for key in ("split_gain", "internal_value", "internal_weight", "internal_count")}
    if counts != {leaves - 1} or {len(entries[key].split()) for key in ("leaf_weight", "leaf_count")} != {leaves}:
        return f"has not {leaves - 1} nodes"
    if splits.min() < 0 or splits.max() >= features or np.isnan(thresholds).any() or not np.isin(kinds, PLAIN).all():
        return "asks for what no feature tells"
    nodes = np.arange(leaves - 1)
    reached = np.concatenate([left, right])
    inner, outer = np.sort(reached[reached >= 0]), np.sort(~reached[reached < 0])
    if not np.array_equal(inner, nodes[1:]) or not np.array_equal(outer, np.arange(leaves)):
        return "has nodes that lead nowhere"
    return "" if all(((child < 0) | (child > nodes)).all() for child in (left, right)) else "leads in circles"
