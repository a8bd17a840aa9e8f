"""Trees and machines fitted to an endpoint without some of its folds: the parts that calibrated predictors are made of.

A predictor is calibrated on what models without one more fold each say of that fold. In cross-validation, the model without the
folds i and j calibrates both the predictor without fold i (on fold j) and the one without fold j (on fold i), and a predictor
without fold i calibrates the one of all molecules: with five folds 16 models are fitted in place of 36.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew

from molgen.chem.similarity import nearest_neighbours
from molgen.data.dataset import CALIBRATING, Task
from molgen.predictors.endpoint_model import BoostedEndpoint
from molgen.predictors.features import BLOCKS, Scaling
from molgen.predictors.precision import sample_weights
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Booster, Trees
from molgen.processes import processors
from molgen.progress import progress

Array = NDArray[np.float64]
Features = NDArray[np.float32]
Bools = NDArray[np.bool_]
Without = frozenset[int]
Asked = tuple[int, Without, bool]  # an endpoint, the folds left out, whether logarithms are learnt
ECFP = slice(*BLOCKS["ECFP4"])


@dataclass(frozen=True, eq=False)
class Labelled:
    """What one endpoint is learnt from: the n molecules of a data set that have a value or a bound.

    Attributes
    ----------
    features : float32 [m, f]
        Of all molecules of the data set.
    rows : int [n]
        Positions of the n among the m molecules.
    y : float64 [n]
        Measured values, and bounds where `relations` (int8 [n], see `bounds.counts`) aren't 0.
    errors : float64 [n]
        Standard deviations of the values, nan where they aren't known.
    fold : int [n]
        The number of each molecule's fold.
    judged : float64 [n] or None
        Values that predictions are calibrated on, nan where there are none; None for the measured ones.
    """

    name: str
    task: Task
    features: Features
    rows: NDArray[np.int64]
    y: Array
    relations: NDArray[np.int8]
    errors: Array
    fold: NDArray[np.int64]
    judged: Array | None = None

    @property
    def measured(self) -> Bools:
        """Which values aren't bounds, [n]."""
        return np.asarray(self.relations == 0)

    def inside(self, without: Without) -> Bools:
        """Which molecules are in none of the folds `without`, [n]."""
        return ~np.isin(self.fold, list(without))

    def varies(self, without: Without) -> bool:
        """Whether two values or more were measured outside the folds `without`."""
        return len(np.unique(self.y[self.inside(without) & self.measured])) > 1

    def logarithmic(self, without: Without) -> bool:
        """Whether log(1 + value) is learnt, since the values aren't negative and have a long tail."""
        y, measured = (part[self.inside(without)] for part in (self.y, self.measured))
        return self.task == "regression" and bool(y.min() >= 0 and skew(y[measured]) > 1.5)


@dataclass(frozen=True, eq=False)
class FoldModels:
    """Trees and a machine fitted without some folds.

    Attributes
    ----------
    weights, intercept
        The machine's; weights of the molecules that it was fitted to.
    scores : float64 [3, n]
        What the trees and the machine say of the molecules that are left out, and their similarity to the nearest of the measured
        ones that are not; nan for the other molecules.
    """

    booster: Booster
    weights: Array
    intercept: float
    scores: Array


@dataclass(frozen=True, eq=False)
class Subset:
    """What one predictor learns from: the `rows` of a data set that are in none of the folds `without`."""

    without: Without
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How trees and machines are fitted."""

    trees: Trees
    machine: SupportVectors
    seed: int

    def fit(
        self, data: Labelled, without: Without, scaling: Scaling | None, doing: Callable[[str], None], *, logarithmic: bool
    ) -> FoldModels:
        """Fit to the molecules outside the folds `without`, and ask about those inside.

        Parameters
        ----------
        scaling
            Of the features for the machine; by default that of the molecules that it is fitted to.
        doing
            Is told what is being fitted.
        logarithmic
            Whether log(1 + value) is learnt.
        """
        inside = data.inside(without)
        x, y, relations = data.features[data.rows[inside]], data.y[inside], data.relations[inside]
        errors = data.errors[inside] / (1 + y if logarithmic else 1)
        y = np.log1p(y) if logarithmic else y
        counting = sample_weights(y, errors)
        doing(f"trees for {_said(data, without)}")
        booster = self.trees.fit(x, y, data.task, self.seed, relations, counting)
        doing(f"support vectors for {_said(data, without)}")
        scaling = scaling or Scaling.fit(x)
        coordinates, known = scaling.blocks(scaling.pack(x)), _bits(x[relations == 0])
        del x  # much memory, of long sets
        weights, intercept = self.machine.fit(coordinates, y, data.task, relations, self.seed, counting)
        scores = np.full((3, len(inside)), np.nan)
        if not inside.all():
            asked = data.features[data.rows[~inside]]
            scores[0, ~inside] = booster.score(asked)
            scores[1, ~inside] = self.machine.score(scaling.blocks(scaling.pack(asked)), coordinates, weights) + intercept
            scores[2, ~inside] = nearest_neighbours(_bits(asked), known)[0]
        return FoldModels(booster, weights, intercept, scores)


def fit_together(
    recipe: Recipe, labelled: Sequence[Labelled], parts: Sequence[Subset], scalings: Sequence[Scaling], what: str
) -> list[list[BoostedEndpoint]]:
    """Calibrated models of each part's predictor, of each endpoint; what several of them need is fitted once.

    Parameters
    ----------
    labelled
        The endpoints.
    parts
        What each predictor learns from.
    scalings
        Of the features of each part.
    what
        The name of the work, for its progress.
    """
    known = {part.without: scaling for part, scaling in zip(parts, scalings, strict=True)}
    asked: dict[Asked, None] = {}  # without doubles, in order
    for e, data in enumerate(labelled):
        for without in known:
            logarithmic = data.logarithmic(without)
            asked |= dict.fromkeys((e, more, logarithmic) for more in [without, *_one_more(data, without)])
    found: dict[Asked, FoldModels] = {}
    with progress(what, "models", len(asked)) as advance, ThreadPoolExecutor(processors()) as threads:

        def fit(key: Asked) -> FoldModels:
            e, without, logarithmic = key
            return recipe.fit(labelled[e], without, known.get(without), advance.doing, logarithmic=logarithmic)

        order = sorted(asked, key=lambda key: len(key[1]))  # the longest first, so that none is left for the end
        futures = {threads.submit(fit, key): key for key in order}
        try:
            for future in as_completed(futures):
                found[futures[future]] = future.result()
                advance()
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return [[_calibrated(e, data, part, found) for e, data in enumerate(labelled)] for part in parts]


def _one_more(data: Labelled, without: Without) -> list[Without]:
    return [without | {k} for k in np.unique(data.fold[data.inside(without)]).tolist()]


def _calibrated(e: int, data: Labelled, part: Subset, found: dict[Asked, FoldModels]) -> BoostedEndpoint:
    logarithmic, inside = data.logarithmic(part.without), data.inside(part.without)
    scores = np.empty((3, len(inside)))
    for more in _one_more(data, part.without):
        here = inside & ~data.inside(more)
        scores[:, here] = found[e, more, logarithmic].scores[:, here]
    models, y = found[e, part.without, logarithmic], data.y
    measured = inside & data.measured
    if data.judged is not None and (own := inside & ~np.isnan(data.judged)).sum() >= CALIBRATING:
        measured, y = own, data.judged
    y = np.log1p(np.maximum(y[measured], 0)) if logarithmic else y[measured]
    weights = np.zeros(len(part.rows))
    weights[np.searchsorted(part.rows, data.rows[inside])] = models.weights
    return BoostedEndpoint.calibrated(
        data.task, models.booster, weights, models.intercept, y, scores[:, measured], logarithmic=logarithmic
    )


def _bits(x: Features) -> NDArray[np.uint8]:
    return np.asarray(x[:, ECFP] > 0).astype(np.uint8)


def _said(data: Labelled, without: Without) -> str:
    if not without:
        return f"{data.name}, all folds"
    numbers = " and ".join(str(fold + 1) for fold in sorted(without))
    return f"{data.name}, without fold{'s' * (len(without) > 1)} {numbers}"
