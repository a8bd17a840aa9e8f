"""Boosted trees and support vectors on MapLight's features: the predictor of the shipped ADMET endpoints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from rich.progress import track
from scipy.stats import skew
from torch import Tensor

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Dataset, Task
from molgen.data.splits import scaffold_folds
from molgen.errors import ConfigError, DataError, check_seed
from molgen.learn.saved import Saved
from molgen.predictors.attribution import Attribution, masked, share_out
from molgen.predictors.base import Prediction, Predictor, as_molecules, saved_endpoints
from molgen.predictors.endpoint_model import BoostedEndpoint, difficulty
from molgen.predictors.features import NAMES, feature_matrix, feature_rows
from molgen.predictors.packing import pack_bytes, unpack_bytes
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.training_set import TrainingSet
from molgen.predictors.trees import Booster, Trees
from molgen.predictors.trust import Blend, Intervals, Logistic, domain_threshold

Array = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass
class Boosted(Predictor):
    """Gradient-boosted trees blended with a support vector machine, one pair an endpoint.

    The recipe of MapLight (Notwell and Wood, arXiv:2310.00174) with LightGBM; the machine adds what trees miss on small
    sets. Cross-validation over scaffolds decides how they are blended and calibrates probabilities and intervals; the
    shipped models are then fitted to all molecules. Both learn from bounds as well (see `molgen.predictors.bounds`).

    Attributes
    ----------
    trees, machine
        How the two models are fitted.
    folds
        Of the inner cross-validation.
    """

    FORMAT = 1

    trees: Trees = field(default_factory=Trees)
    machine: SupportVectors = field(default_factory=SupportVectors)
    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise ConfigError(f"folds={self.folds}: must be 2 or more, for they calibrate the predictor")
        check_seed("predictor", self.seed)

    def fit(self, dataset: Dataset) -> None:
        """See `Predictor.fit`."""
        molecules = as_molecules(dataset.molecules)
        x = feature_matrix(molecules)
        self.endpoints = dataset.ranged()
        self.training = TrainingSet.build(dataset, x)
        steps = track(range(len(self.endpoints)), "fitting", disable=len(self.endpoints) == 1)
        self.models = []
        values, relations = dataset.values_and_relations()
        for j in steps:
            try:
                self.models.append(self._fit_endpoint(molecules, x, values[:, j], relations[:, j], self.endpoints[j].task))
            except DataError as error:
                raise DataError(f"{self.endpoints[j].name}: {error}; or leave it out: data.labels=[...]") from error

    def _fit_endpoint(
        self, molecules: Molecules, x: Features, values: Array, relations: NDArray[np.int8], task: Task
    ) -> BoostedEndpoint:
        """Fit to measured values and bounds [n]; what was measured decides on blend, calibration and domain."""
        rows = np.flatnonzero(~np.isnan(values))
        x, y, relations = x[rows], values[rows], relations[rows]
        measured = relations == 0
        logarithmic = task == "regression" and bool(y.min() >= 0 and skew(y[measured]) > 1.5)
        if logarithmic:
            y = np.log1p(y)
        coordinates = self.training.coordinates(rows)
        kernel = self.machine.kernel(coordinates, coordinates)
        trees, machine, similarity = self._held_out(molecules.take(rows.tolist()), x, y, relations, kernel, rows, task)
        platt, intervals = None, None
        if task == "classification":
            first, second = Logistic.fit(trees, y), Logistic.fit(machine, y)
            pair = first.log_odds(trees), second.log_odds(machine)
            blend = Blend.fit(*pair, loss=lambda log_odds: np.logaddexp(0, np.where(y > 0, -log_odds, log_odds)).mean())
            platt = (first, second, Logistic.fit(blend(*pair), y))
        else:
            blend = Blend.fit(trees, machine, loss=lambda score: np.abs(y[measured] - score).mean())
            intervals = Intervals.fit(y[measured] - blend(trees, machine), difficulty(trees, machine, similarity))
        weights = np.zeros(len(values))
        weights[rows], intercept = self.machine.fit(kernel, y, task, relations)
        booster = self.trees.fit(x, y, task, self.seed, relations)
        threshold = domain_threshold(similarity)
        return BoostedEndpoint(task, logarithmic, booster, weights, intercept, blend, platt, intervals, threshold)

    def _held_out(
        self,
        molecules: Molecules,
        x: Features,
        y: Array,
        relations: NDArray[np.int8],
        kernel: Features,
        rows: NDArray[np.integer],
        task: Task,
    ) -> tuple[Array, Array, Array]:
        """Scores of the trees and of the machine for scaffolds held out of them, and similarities to the rest.

        Each is [m] for the m molecules that were measured, to which similarities are as well.

        Raises
        ------
        DataError
            The measured molecules of a fold don't tell values apart.
        """
        trees, machine, similarity = np.empty((3, len(y)))
        measured = relations == 0
        for train, test in scaffold_folds(molecules, self.folds, self.seed, y):
            known = train[measured[train]]
            if len(np.unique(y[known])) < 2:
                found = np.unique(y[measured], return_counts=True)[1]
                raise DataError(
                    f"{measured.sum()} labels, of which the rarer value has {found.min(initial=len(y))}: too few to calibrate on"
                )
            trees[test] = self.trees.fit(x[train], y[train], task, self.seed, relations[train]).score(x[test])
            weights, intercept = self.machine.fit(kernel[np.ix_(train, train)], y[train], task, relations[train])
            machine[test] = kernel[np.ix_(test, train)] @ weights + intercept
            similarity[test] = self.training.similarity(rows[test], rows[known])
        return trees[measured], machine[measured], similarity[measured]

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
        if len(valid):
            x = features[valid]
            scores, similarity = self.training.compare(
                x, self.machine, np.stack([self.models[j].weights for j in chosen]), chosen
            )
            for k, j in enumerate(chosen):
                results[:4, valid, k] = self.models[j].predict(x, scores[:, k], similarity[:, k])
            results[4, valid] = similarity
        inside = results[4] >= np.array([self.models[j].threshold for j in chosen])
        return Prediction.of(asked, [self.endpoints[j] for j in chosen], results, inside)

    def attribute(self, mol: Chem.Mol, endpoint: str, target: str | None = None, neighbours: int = 4) -> Attribution:
        """See `Predictor.attribute`: SHAP values of the trees' features and occlusion of the machine, on the blended scale."""
        (j,) = self.positions([endpoint])
        model = self.models[j]
        x = feature_rows([mol, *masked(mol)])
        x = np.where(np.isnan(x[:, :1]), x[:1], x)  # an atom that can't be masked gets no share
        trees = share_out(model.booster.contributions(x[:1])[0], x[0], x[1:])
        scores = self.training.compare(x, self.machine, model.weights[None], [j])[0][:, 0]
        machine = scores[0] - scores[1:]
        if model.platt:
            trees, machine = model.platt[0].slope * trees, model.platt[1].slope * machine
        method = "SHAP values of the trees' features, and the machine's score without each atom"
        return Attribution(model.blend(trees, machine), method, self.training.neighbours(x[0], j, neighbours))

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
        return tensors, about

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        plain = saved.settings("settings", cls, ("trees", "machine"))
        trees, machine = saved.made("settings.trees", Trees), saved.made("settings.machine", SupportVectors)
        predictor = cls(trees, machine, **plain)
        predictor.endpoints = saved_endpoints(saved)
        predictor.training = TrainingSet.from_saved(saved, len(predictor.endpoints))
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
            intervals = Intervals(coefficients.astype(float), errors.astype(float))
        else:
            parts = [saved.made(f"{key}.platt.{i}", Logistic) for i in range(3)]
            platt = (parts[0], parts[1], parts[2])
        booster = Booster.from_bytes(
            unpack_bytes(torch.from_numpy(saved.array(f"{endpoint.name}.trees", None, kinds="u"))), len(NAMES)
        )
        blend = Blend(saved.value(f"{key}.blend", float))
        logarithmic, intercept = saved.value(f"{key}.logarithmic", bool), saved.value(f"{key}.intercept", float)
        threshold = saved.value(f"{key}.threshold", float)
        return BoostedEndpoint(endpoint.task, logarithmic, booster, weights, intercept, blend, platt, intervals, threshold)
