"""Boosted trees and support vectors on MapLight's features: the predictor of the shipped ADMET endpoints."""

import copy
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Dataset
from molgen.data.splits import scaffold_folds
from molgen.errors import ConfigError, DataError, check_seed
from molgen.learn.saved import Saved
from molgen.predictors.base import Array, Folds, Prediction, Predictor, as_molecules, saved_endpoints
from molgen.predictors.class_sets import with_class_sets
from molgen.predictors.domain import NO_PREDICTION, joined_reasons, unlike
from molgen.predictors.endpoint_model import BoostedEndpoint
from molgen.predictors.features import NEUTRAL, feature_matrix, feature_rows
from molgen.predictors.fold_models import Labelled, Recipe, Subset, fit_together
from molgen.predictors.packing import pack_bytes, unpack_bytes
from molgen.predictors.protonation import VERSION
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.training_set import TrainingSet
from molgen.predictors.trees import Booster, Trees
from molgen.predictors.trust import LOCAL, Blend, Intervals, Logistic, saved_places

Features = NDArray[np.float32]
FEWEST = 4  # folds that share models: what calibrates a predictor then learns from two thirds, at least, of what it learns from


@dataclass
class Boosted(Predictor):
    """Gradient-boosted trees blended with a support vector machine, one pair an endpoint.

    The recipe of MapLight (Notwell and Wood, arXiv:2310.00174) with LightGBM; the machine adds what trees miss on small
    sets. Cross-validation over scaffolds decides how they are blended and calibrates probabilities and intervals; the
    shipped models are then fitted to all molecules. Both learn from bounds as well (see `molgen.predictors.bounds`), and less
    from values with larger errors (see `sample_weights`).

    Attributes
    ----------
    trees, machine
        How the two models are fitted.
    folds
        Of the inner cross-validation.
    training, models
        What was learnt from, and a model of each endpoint; set by `fit`.
    """

    FORMAT = 1

    trees: Trees = field(default_factory=Trees)
    machine: SupportVectors = field(default_factory=SupportVectors)
    folds: int = 5
    seed: int = 0
    training: TrainingSet = field(init=False, repr=False, compare=False)
    models: list[BoostedEndpoint] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise ConfigError(f"folds={self.folds}: must be 2 or more, for they calibrate the predictor")
        check_seed("predictor", self.seed)

    def fit(self, dataset: Dataset) -> None:
        """See `Predictor.fit`."""
        molecules = as_molecules(dataset.molecules)
        labelled = self._labelled(dataset, feature_matrix(molecules))
        for data in labelled:
            try:
                self._draw_folds(data, molecules.take(data.rows.tolist()))
            except DataError as error:
                raise DataError(f"{data.name}: {error}; or leave it out: data.labels=[...]") from error
        self._learn(dataset, labelled, [self], [Subset(frozenset(), np.arange(len(dataset)))], "fitting")

    def _draw_folds(self, data: Labelled, molecules: Molecules) -> None:
        """Put the molecules of an endpoint into folds that calibrate.

        Raises
        ------
        DataError
            The measured molecules outside a fold don't tell values apart.
        """
        for k, (_, test) in enumerate(scaffold_folds(molecules, self.folds, self.seed, data.y)):
            data.fold[test] = k
        if not all(data.varies(frozenset({k})) for k in range(self.folds)):
            rarest = np.unique(data.y[data.measured], return_counts=True)[1].min(initial=len(data.y))
            raise DataError(f"{data.measured.sum()} labels, of which the rarer value has {rarest}: too few to calibrate on")

    def cross_fit(self, dataset: Dataset, folds: Folds) -> Iterator[Self]:
        """See `Predictor.cross_fit`; the models that calibrate one predictor serve the others too (see `fold_models`)."""
        labelled = self._labelled(dataset, feature_matrix(as_molecules(dataset.molecules)))
        fold = np.empty(len(dataset), np.int64)
        for k, (_, test) in enumerate(folds):
            fold[test] = k
        pairs = [frozenset(pair) for pair in itertools.combinations(range(len(folds)), 2)]
        for data in labelled:
            data.fold[:] = fold[data.rows]
        if len(folds) < max(self.folds, FEWEST) or not all(data.varies(pair) for data in labelled for pair in pairs):
            yield from super().cross_fit(dataset, folds)
            return
        parts = [Subset(frozenset({k}), np.sort(train)) for k, (train, _) in enumerate(folds)]
        predictors = [*(copy.deepcopy(self) for _ in folds), self]
        self._learn(dataset, labelled, predictors, [*parts, Subset(frozenset(), np.arange(len(dataset)))], "cross-validating")
        yield from predictors

    def _labelled(self, dataset: Dataset, x: Features) -> list[Labelled]:
        """What each endpoint is learnt from, its molecules not yet in folds."""
        values, relations = dataset.values_and_relations()
        found = []
        for j, endpoint in enumerate(dataset.endpoints):
            rows = np.flatnonzero(~np.isnan(values[:, j]))
            columns = values[rows, j], relations[rows, j], dataset.errors[rows, j], np.zeros(len(rows), np.int64)
            judged = dataset.calibrating(j)[rows] if dataset.judged else None
            found.append(Labelled(endpoint.name, endpoint.task, x, rows, *columns, judged))
        return found

    def _learn(
        self, dataset: Dataset, labelled: list[Labelled], predictors: Sequence["Boosted"], parts: list[Subset], what: str
    ) -> None:
        """Fit each of the predictors to its part of the data set."""
        for predictor, part in zip(predictors, parts, strict=True):
            known = dataset.take(part.rows)
            predictor.endpoints = known.ranged()
            predictor.training = TrainingSet.build(known, labelled[0].features[part.rows])
        scalings = [predictor.training.scaling for predictor in predictors]
        found = fit_together(Recipe(self.trees, self.machine, self.seed), labelled, parts, scalings, what)
        for predictor, models in zip(predictors, found, strict=True):
            predictor.models = models
            predictor.endpoints = tuple(
                endpoint if model.held_out is None else with_class_sets(endpoint, *model.held_out)
                for endpoint, model in zip(predictor.endpoints, models, strict=True)
            )

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """See `Predictor.predict`."""
        if target is not None:
            raise ConfigError(f"target={target}: this predictor takes no protein; load_predictor('affinity') does")
        chosen = self.positions(endpoints)
        asked = as_molecules(molecules)
        features = feature_matrix(asked)
        valid = np.flatnonzero(~np.isnan(features[:, 0]))
        results = np.full((5, len(asked), len(chosen)), np.nan)
        outside = np.full((len(asked), len(chosen)), NO_PREDICTION, object)
        if len(valid):
            x = features[valid, : self.training.scaling.size]
            scores, similarity = self.training.compare(
                x, self.machine, np.stack([self.models[j].weights for j in chosen]), chosen
            )
            coarse, shown = self.training.described(x)
            for k, j in enumerate(chosen):
                results[:4, valid, k] = self.models[j].predict(x, scores[:, k], similarity[:, k])
                domain, mean = self.training.domains[j], self.endpoints[j].clip(results[0, valid, k])
                alike = unlike(similarity[:, k], self.models[j].threshold)
                outside[valid, k] = joined_reasons(alike, domain.reasons(coarse, mean, shown))
                if self.endpoints[j].task == "regression":
                    results[1:4, valid[domain.beyond_all(coarse, mean)], k] = np.nan
            results[4, valid] = similarity
        return Prediction.of(asked, [self.endpoints[j] for j in chosen], results, outside)

    def prepare_for_few(self) -> None:
        """See `Predictor.prepare_for_few`."""
        self.check_fitted()
        self.training = self.training.with_sparse()

    def measured(self, endpoint: str, target: str | None = None) -> tuple[list[str], Array]:
        """See `Predictor.measured`."""
        (j,) = self.positions([endpoint])
        rows = np.flatnonzero(~np.isnan(self.training.labels[:, j]))
        return [self.training.smiles[i] for i in rows], self.training.labels[rows, j].astype(float)

    def nearest_measured(self, mol: Chem.Mol, endpoint: str, target: str | None, number: int) -> list[tuple[str, float, float]]:
        """See `Predictor.nearest_measured`."""
        (j,) = self.positions([endpoint])
        return self.training.neighbours(feature_rows([mol])[0, : self.training.scaling.size], j, number)

    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `Savable.to_saved`."""
        self.check_fitted()
        tensors = self.training.tensors()
        plain = []
        for name, model in zip([endpoint.name for endpoint in self.endpoints], self.models, strict=True):
            used = np.flatnonzero(model.weights)
            arrays: dict[str, NDArray[Any]] = {
                "support": used.astype(np.int32),
                "weights": model.weights[used].astype(np.float32),
            }
            if model.intervals:
                arrays |= {"difficulty": model.intervals.coefficients, "errors": model.intervals.scores.astype(np.float32)}
                arrays |= {"places": model.intervals.places.values} if model.intervals.places else {}
            tensors |= {f"{name}.{key}": torch.from_numpy(array) for key, array in arrays.items()}
            tensors[f"{name}.trees"] = pack_bytes(model.booster.to_bytes())
            plain.append(
                {
                    "logarithmic": model.logarithmic,
                    "intercept": model.intercept,
                    "blend": model.blend.weight,
                    "platt": [asdict(part) for part in model.platt] if model.platt else None,
                    "threshold": model.threshold,
                }
            )
        settings = {"trees": asdict(self.trees), "machine": asdict(self.machine), "folds": self.folds, "seed": self.seed}
        about = {
            "settings": settings,
            "endpoints": [asdict(endpoint) for endpoint in self.endpoints],
            "models": plain,
        }
        local = any(model.intervals and model.intervals.places for model in self.models)
        about |= {"intervals": LOCAL} if local else {}
        about |= {"ionisation": VERSION} if self.training.scaling.size > NEUTRAL else {}
        return tensors, about

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        plain = saved.settings("settings", cls, ("trees", "machine"))
        trees, machine = saved.made("settings.trees", Trees), saved.made("settings.machine", SupportVectors)
        predictor = cls(trees, machine, **plain)
        predictor.endpoints = saved_endpoints(saved)
        predictor.training = TrainingSet.from_saved(saved, len(predictor.endpoints))
        if predictor.training.scaling.size > NEUTRAL and (known := saved.value("ionisation", str)) != VERSION:
            raise saved.error(f"it learnt from pKa values by {known}, and this version has {VERSION}: train it again")
        if len(saved.value("models", list[dict[str, Any]])) != len(predictor.endpoints):
            raise saved.error("its card has another number of models than of endpoints")
        predictor.models = [predictor._saved_model(saved, j) for j in range(len(predictor.endpoints))]
        return predictor

    def _saved_model(self, saved: Saved, j: int) -> BoostedEndpoint:
        """The model of the endpoint `j`."""
        endpoint, key = self.endpoints[j], f"models.{j}"
        values = saved.array(f"{endpoint.name}.weights", None)
        weights = np.zeros(len(self.training))
        weights[saved.numbers(f"{endpoint.name}.support", len(values), len(weights))] = values
        platt, intervals = None, None
        if endpoint.task == "regression":
            coefficients, errors = (
                saved.array(f"{endpoint.name}.{part}", size) for part, size in (("difficulty", 3), ("errors", None))
            )
            places = saved_places(saved, f"{endpoint.name}.places", len(errors))
            intervals = Intervals(coefficients.astype(float), errors.astype(float), places)
        else:
            parts = [saved.made(f"{key}.platt.{i}", Logistic) for i in range(3)]
            platt = (parts[0], parts[1], parts[2])
        booster = Booster.from_bytes(
            unpack_bytes(torch.from_numpy(saved.array(f"{endpoint.name}.trees", None, kinds="u"))), self.training.scaling.size
        )
        blend = Blend(saved.value(f"{key}.blend", float))
        logarithmic, intercept = saved.value(f"{key}.logarithmic", bool), saved.value(f"{key}.intercept", float)
        threshold = saved.value(f"{key}.threshold", float)
        return BoostedEndpoint(endpoint.task, logarithmic, booster, weights, intercept, blend, platt, intervals, threshold)
