"""Models trained without one fold of scaffolds each: together an ensemble, apart what calibrates it."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor, nn

from molgen.chem.molecules import Molecules
from molgen.chem.physicochemical import PHYSICOCHEMICAL, physicochemical
from molgen.chem.similarity import bit_matrix, nearest_neighbours, tanimoto_matrix
from molgen.data.dataset import Dataset, Endpoint
from molgen.data.splits import scaffold_folds
from molgen.errors import ConfigError, DataError
from molgen.learn.saved import Saved
from molgen.predictors.base import Prediction, Predictor, as_molecules, saved_endpoints
from molgen.predictors.class_sets import with_class_sets
from molgen.predictors.domain import NO_PREDICTION, DescriptorDomain, joined_reasons, unlike
from molgen.predictors.packing import pack_columns, pack_lines
from molgen.predictors.precision import sample_weights_of_each
from molgen.predictors.trust import LOCAL, Z90, Intervals, Logistic, domain_threshold, probability, saved_places

Array = NDArray[np.float64]


class FoldEnsemble(Predictor):
    """A predictor of several torch networks with one output an endpoint: log-odds of classes, standardised numbers.

    What each network says of the fold that it has not seen calibrates probabilities and intervals.

    Attributes
    ----------
    LEARNS_FROM_BOUNDS
        Whether `_train` takes bounds; else only measured values reach it.
    """

    FORMAT = 1
    LEARNS_FROM_BOUNDS: ClassVar[bool] = False

    members: int
    seed: int

    @abstractmethod
    def _train(
        self,
        molecules: Molecules,
        values: Array,
        relations: NDArray[np.int8],
        counting: Array,
        train: NDArray[np.int64],
        test: NDArray[np.int64],
        member: int,
    ) -> Any:
        """A new model, trained on some rows and stopped by others.

        Parameters
        ----------
        values
            Standardised labels [n, t], nan where missing.
        relations
            Which of the values are bounds, [n, t] (see `bounds.counts`); none are where the class doesn't learn from bounds.
        counting
            How much each value counts, [n, t] (see `sample_weights`).
        """

    @abstractmethod
    def _new(self) -> Any:
        """A model that is not trained, for `self.endpoints`."""

    @abstractmethod
    def _module(self, model: Any) -> nn.Module:
        """The network of a model."""

    @abstractmethod
    def _scores(self, model: Any, molecules: Molecules) -> Array:
        """Outputs [n, t] for valid molecules."""

    @abstractmethod
    def _settings(self) -> dict[str, Any]:
        """What the constructor takes, as JSON can hold it."""

    def fit(self, dataset: Dataset) -> None:
        """See `Predictor.fit`."""
        values, relations = dataset.values_and_relations()
        if not self.LEARNS_FROM_BOUNDS:
            values, relations = dataset.labels, np.zeros_like(relations)
        counting = sample_weights_of_each(values, dataset.errors)
        rows = np.flatnonzero(~np.isnan(values).all(axis=1))
        dataset, values, relations = dataset.take(rows), values[rows], relations[rows]
        self.endpoints = dataset.ranged()
        molecules = as_molecules(dataset.molecules)
        numbers = np.array([endpoint.task == "regression" for endpoint in self.endpoints])
        self.mean = np.where(numbers, np.nanmean(dataset.labels, axis=0), 0.0)
        self.std = np.where(numbers, np.nanstd(dataset.labels, axis=0), 1.0)
        measured, bits = np.asarray((~np.isnan(dataset.labels)).any(axis=1)), bit_matrix(molecules.mols)
        held_out, likeness = np.empty_like(values), np.empty(len(dataset))
        self.models = []
        for k, (train, test) in enumerate(scaffold_folds(molecules, self.members, self.seed)):
            known = train[measured[train]]
            if not len(known):
                raise DataError(f"{measured.sum()} measured molecules are too few to calibrate on: the others are bounds")
            self.models.append(self._train(molecules, (values - self.mean) / self.std, relations, counting[rows], train, test, k))
            held_out[test] = self._scores(self.models[-1], molecules.take(test.tolist()))
            likeness[test] = nearest_neighbours(bits[test], bits[known])[0]
        self.labels, self.bits = dataset.labels[measured], bits[measured]  # domain and calibration are of what was measured
        self.smiles = [text for text in molecules.take(np.flatnonzero(measured).tolist()).canonical if text is not None]
        self.descriptors = physicochemical([molecules.mols[i] for i in np.flatnonzero(measured)])
        self.domains = self._domains()
        held_out, likeness = held_out[measured], likeness[measured]
        self.threshold = domain_threshold(likeness)
        self.calibrations = [
            self._calibrate(j, dataset.calibrating(j)[measured], held_out[:, j], likeness) for j in range(len(self.endpoints))
        ]
        self.endpoints = tuple(self._with_sets(j, held_out[:, j]) for j in range(len(self.endpoints)))

    def _with_sets(self, j: int, score: Array) -> Endpoint:
        """An endpoint, of classes with what can't be ruled out."""
        calibration, y = self.calibrations[j], self.labels[:, j]
        if not isinstance(calibration, Logistic):
            return self.endpoints[j]
        known = ~np.isnan(y)
        return with_class_sets(self.endpoints[j], probability(calibration.log_odds(score[known])), y[known])

    def _calibrate(self, j: int, values: Array, score: Array, likeness: Array) -> Logistic | Intervals:
        rows = ~np.isnan(values)
        y = values[rows]
        if self.endpoints[j].task == "classification":
            return Logistic.fit(score[rows], y)
        places = np.stack([likeness[rows], score[rows]], axis=1)
        return Intervals.fit(y - self.mean[j] - self.std[j] * score[rows], 1 - likeness[rows, None], places)

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        """See `Predictor.predict`."""
        if target is not None:
            raise ConfigError(f"target={target}: this predictor takes no protein")
        chosen = self.positions(endpoints)
        asked = as_molecules(molecules)
        valid = np.array([i for i, mol in enumerate(asked.mols) if mol is not None], dtype=int)
        results = np.full((5, len(asked), len(chosen)), np.nan)
        outside = np.full((len(asked), len(chosen)), NO_PREDICTION, object)
        if len(valid):
            part = asked.take(valid.tolist())
            scores = np.mean([self._scores(model, part) for model in self.models], axis=0)
            likeness = nearest_neighbours(bit_matrix(part.mols), self.bits)[0].astype(float)
            descriptors = physicochemical(part.mols)
            for k, j in enumerate(chosen):
                results[:4, valid, k] = self._finish(j, scores[:, j], likeness)
                results[4, valid, k] = likeness
                domain, mean = self.domains[j], self.endpoints[j].clip(results[0, valid, k])
                outside[valid, k] = joined_reasons(unlike(likeness, self.threshold), domain.reasons(descriptors, mean))
                if self.endpoints[j].task == "regression":
                    results[1:4, valid[domain.beyond_all(descriptors, mean)], k] = np.nan
        return Prediction.of(asked, [self.endpoints[j] for j in chosen], results, outside)

    def _domains(self) -> list[DescriptorDomain]:
        """Between which descriptors and values each endpoint was measured."""
        known = [np.flatnonzero(~np.isnan(values)) for values in self.labels.T]
        return [DescriptorDomain.fit(self.descriptors[rows], self.labels[rows, j]) for j, rows in enumerate(known)]

    def _finish(self, j: int, score: Array, likeness: Array) -> tuple[Array, Array, Array, Array]:
        """Mean, standard deviation and limits, each [n]."""
        calibration = self.calibrations[j]
        if isinstance(calibration, Logistic):
            mean = probability(calibration.log_odds(score))
            return mean, np.sqrt(mean * (1 - mean)), mean, mean
        half = calibration.half_width(1 - likeness[:, None], np.stack([likeness, score], axis=1))
        mean = self.mean[j] + self.std[j] * score
        return mean, half / Z90, mean - half, mean + half

    def measured(self, endpoint: str, target: str | None = None) -> tuple[list[str], Array]:
        """See `Predictor.measured`."""
        (j,) = self.positions([endpoint])
        rows = np.flatnonzero(~np.isnan(self.labels[:, j]))
        return [self.smiles[i] for i in rows], self.labels[rows, j]

    def nearest_measured(self, mol: Chem.Mol, endpoint: str, target: str | None, number: int) -> list[tuple[str, float, float]]:
        """See `Predictor.nearest_measured`."""
        (j,) = self.positions([endpoint])
        rows = np.flatnonzero(~np.isnan(self.labels[:, j]))
        similarity = tanimoto_matrix(bit_matrix([mol]), self.bits[rows])[0]
        best = np.argsort(-similarity, kind="stable")[:number]
        return [(self.smiles[rows[i]], float(self.labels[rows[i], j]), float(similarity[i])) for i in best]

    def to_saved(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `Savable.to_saved`."""
        self.check_fitted()
        tensors: dict[str, Tensor] = {"smiles": pack_lines(self.smiles), "labels": pack_columns(self.labels)}
        tensors["descriptors"] = pack_columns(self.descriptors)
        for k, model in enumerate(self.models):
            tensors |= {f"network.{k}.{name}": value for name, value in self._module(model).state_dict().items()}
        plain: list[Any] = []
        for j, calibration in enumerate(self.calibrations):
            if isinstance(calibration, Intervals):
                arrays: dict[str, NDArray[Any]] = {"difficulty": calibration.coefficients, "errors": calibration.scores}
                arrays |= {"places": calibration.places.values} if calibration.places else {}
                tensors |= {f"{name}.{j}": torch.from_numpy(array) for name, array in arrays.items()}
            plain.append(asdict(calibration) if isinstance(calibration, Logistic) else None)
        about = {
            "settings": self._settings(),
            "endpoints": [asdict(endpoint) for endpoint in self.endpoints],
            "scale": [self.mean.tolist(), self.std.tolist()],
            "calibrations": plain,
            "threshold": self.threshold,
        }
        local = any(isinstance(calibration, Intervals) and calibration.places for calibration in self.calibrations)
        about |= {"intervals": LOCAL} if local else {}
        return tensors, about

    @classmethod
    @abstractmethod
    def _from_settings(cls, saved: Saved) -> Self:
        """What `_settings` describes."""

    @classmethod
    def from_saved(cls, saved: Saved) -> Self:
        """See `Savable.from_saved`."""
        predictor = cls._from_settings(saved)
        predictor.endpoints = saved_endpoints(saved)
        count = len(predictor.endpoints)
        predictor.smiles = saved.lines("smiles")
        predictor.labels = saved.columns("labels", len(predictor.smiles), count, np.float64)
        mean, std = saved.value("scale", tuple[list[float], list[float]])
        if {len(mean), len(std)} != {count} or min(std) <= 0:
            raise saved.error(f"in its card, scale must hold {count} means and as many deviations above 0")
        predictor.mean, predictor.std = np.array(mean), np.array(std)
        predictor.threshold = saved.value("threshold", float)
        predictor.models = [predictor._saved_model(saved, f"network.{k}.") for k in range(predictor.members)]
        if len(saved.value("calibrations", list[Any])) != count:
            raise saved.error("its card has another number of calibrations than of endpoints")
        predictor.calibrations = [predictor._saved_calibration(saved, j) for j in range(count)]
        molecules = _all_valid(saved, predictor.smiles)
        predictor.bits = bit_matrix(molecules.mols)
        predictor.descriptors = _saved_descriptors(saved, molecules)
        predictor.domains = predictor._domains()
        if not np.isfinite(predictor._scores(predictor.models[0], molecules.take([0]))).all():
            raise saved.error("its networks make no numbers of the first molecule that they learnt from")
        return predictor

    @abstractmethod
    def _saved_model(self, saved: Saved, prefix: str) -> Any:
        """The model whose weights have names that begin with `prefix`."""

    def _saved_calibration(self, saved: Saved, j: int) -> Logistic | Intervals:
        if self.endpoints[j].task == "classification":
            return saved.made(f"calibrations.{j}", Logistic)
        coefficients, errors = (saved.array(f"{name}.{j}", size) for name, size in (("difficulty", 2), ("errors", None)))
        return Intervals(coefficients, errors, saved_places(saved, f"places.{j}", len(errors)))


def _saved_descriptors(saved: Saved, molecules: Molecules) -> Array:
    """Those of the molecules learnt from; a file from before they were kept has none."""
    if "descriptors" not in saved.tensors:
        return physicochemical(molecules.mols)
    return saved.columns("descriptors", len(molecules), len(PHYSICOCHEMICAL), np.float64)


def _all_valid(saved: Saved, smiles: Sequence[str]) -> Molecules:
    molecules = Molecules(smiles)
    if (row := next((i for i, mol in enumerate(molecules.mols) if mol is None), None)) is not None:
        raise saved.error(f"its molecule {row + 1}, {smiles[row][:60]!r}, is none")
    return molecules
