"""Models blended as `predictor=boosted` blends its two, for any number of them, with folds that no weight has seen."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.fine_tuning import fine_tuned
from molgen.data.dataset import Task
from molgen.predictors.fold_models import Labelled, Recipe, Without
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees
from molgen.predictors.trust import Blend, Logistic
from scripts.describing_network import DescribingNetwork, Graphs

Array = NDArray[np.float64]
Matrix = NDArray[np.float32]
Scores = dict[Without, Array]  # what a model without some folds says of the molecules [n] in them; nan for the others
Fit = Callable[[Matrix, Array, Matrix, Task], Array]
FOLDS = 5
ALL: Without = frozenset()
WITHOUT: list[Without] = [frozenset(some) for k in (1, 2) for some in itertools.combinations(range(FOLDS), k)]


def pair_of_today(data: Labelled, trees: Trees) -> tuple[Scores, Scores]:
    """What the trees and the machine of `predictor=boosted` say."""
    recipe, found = Recipe(trees, SupportVectors(), 0), (Scores(), Scores())
    for without in WITHOUT:
        models = recipe.fit(data, without, None, lambda _: None, logarithmic=data.logarithmic(ALL))
        for scores, part in zip(found, models.scores[:2], strict=True):
            scores[without] = part
    return found


def scores_of(data: Labelled, x: Matrix, fit: Fit) -> Scores:
    """What models on `x` [n, f] say."""
    found, y = Scores(), learnt(data)
    for without in WITHOUT:
        inside = data.inside(without)
        found[without] = np.full(len(y), np.nan)
        found[without][~inside] = fit(x[inside], y[inside], x[~inside], data.task)
    return found


def scores_of_tuned(data: Labelled, graphs: Graphs, network: DescribingNetwork) -> Scores:
    """What fine-tuned networks say, each trained without one fold.

    A fold's weight is then chosen by networks that have seen that fold, but not the ones that they are asked about; so
    only a third of the networks need training.
    """
    found, y, ones = Scores(), learnt(data), np.full((FOLDS, len(data.y)), np.nan)
    for k in range(FOLDS):
        train, asked = np.flatnonzero(data.fold != k), np.flatnonzero(data.fold == k)
        ones[k, asked] = fine_tuned(network, graphs, train, y[train], asked, data.task, k)
    for without in WITHOUT:
        found[without] = np.nansum(ones[list(without)], axis=0)
    return found


def learnt(data: Labelled) -> Array:
    """The labels [n], or their logarithms where these are learnt."""
    return np.log1p(data.y) if data.logarithmic(ALL) else data.y


def blended(data: Labelled, k: int, members: Sequence[Scores]) -> tuple[NDArray[np.bool_], Array, list[float]]:
    """Which molecules are in the fold `k`, their blended scores, and the weights of what was blended before each member.

    The first member is blended with the second, the blend with the third, as `BoostedEndpoint.calibrated` does with two.
    """
    outer, asked = frozenset({k}), data.fold == k
    y = learnt(data)[~asked]
    pairs = []
    for scores in members:
        inner = np.empty(len(asked))
        for j in set(range(FOLDS)) - {k}:
            inner[data.fold == j] = scores[outer | {j}][data.fold == j]
        pairs.append((inner[~asked], scores[outer][asked]))
    blend, weights = calibrated(pairs[0], y, data.task), []
    for pair in pairs[1:]:
        other = calibrated(pair, y, data.task)
        weight = Blend.fit(blend[0], other[0], lambda score: loss(score, y, data.task))
        weights.append(weight.weight)
        blend = calibrated((weight(blend[0], other[0]), weight(blend[1], other[1])), y, data.task)
    return asked, np.expm1(blend[1]) if data.logarithmic(ALL) else blend[1], weights


def calibrated(pair: tuple[Array, Array], y: Array, task: Task) -> tuple[Array, Array]:
    """Scores on inner folds and on the outer one; of classes as log-odds by Platt's method."""
    if task == "regression":
        return pair
    platt = Logistic.fit(pair[0], y)
    return platt.log_odds(pair[0]), platt.log_odds(pair[1])


def loss(score: Array, y: Array, task: Task) -> float:
    """What a weight is chosen by."""
    return float(np.logaddexp(0, np.where(y > 0, -score, score)).mean() if task == "classification" else np.abs(y - score).mean())
