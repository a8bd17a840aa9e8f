"""What a predictor remembers of the molecules it learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molgen.chem import descriptors
from molgen.chem.physicochemical import PHYSICOCHEMICAL
from molgen.chem.similarity import tanimoto_matrix
from molgen.data.dataset import Dataset
from molgen.learn.saved import Saved
from molgen.predictors.domain import DescriptorDomain
from molgen.predictors.features import BLOCKS, FIRST_DESCRIPTOR, NAMES, NEUTRAL, Scaling
from molgen.predictors.packing import pack_columns, pack_lines
from molgen.predictors.sparse_training import SparseTraining
from molgen.predictors.support_vectors import SupportVectors

Array = NDArray[np.float64]
Features = NDArray[np.float32]
Rows = NDArray[np.integer]

BLOCK = 2048
FEW = 16  # molecules, up to which the sparse layout is faster
ECFP = slice(*BLOCKS["ECFP4"])
DESCRIPTORS = [FIRST_DESCRIPTOR + descriptors.NAMES.index(name) for name in PHYSICOCHEMICAL]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Molecules with their labels and, a byte each, their features.

    Attributes
    ----------
    smiles : list of str, [m]
    labels : float32 [m, t]
        nan where nothing was measured.
    packed : int8 [m, f]
        See `Scaling.pack`.
    relations : int8 [m, t]
    bounds : float32 [m, t]
        Of what was measured up to a bound, as in `Dataset`.
    sparse
        A second layout, where molecules are asked about one by one; see `with_sparse`.
    """

    smiles: list[str]
    labels: Features
    packed: NDArray[np.int8]
    scaling: Scaling
    relations: NDArray[np.int8]
    bounds: Features
    sparse: SparseTraining | None = None

    @classmethod
    def build(cls, dataset: Dataset, x: Features) -> "TrainingSet":
        """From a data set and its features [m, f]."""
        scaling = Scaling.fit(x)
        labels, bounds = dataset.labels.astype(np.float32), dataset.bounds.astype(np.float32)
        return cls(list(dataset.molecules.smiles), labels, scaling.pack(x), scaling, dataset.relations, bounds)

    def __len__(self) -> int:
        return len(self.smiles)

    def coordinates(self, rows: Rows) -> Features:
        """Coordinates of `rows` for a kernel."""
        return self.scaling.blocks(self.packed[rows])

    def with_sparse(self) -> "TrainingSet":
        """The same, ready for single molecules."""
        return replace(self, sparse=SparseTraining(self.packed, self.scaling))

    def compare(self, x: Features, machine: SupportVectors, weights: Array, endpoints: Sequence[int]) -> tuple[Array, Array]:
        """Kernel scores [n, t] and similarities to each endpoint's nearest training molecule [n, t].

        Parameters
        ----------
        x
            Features [n, f].
        weights
            Of the training molecules, [t, m].
        """
        if self.sparse is not None and len(x) <= FEW:
            return self._compare_few(self.sparse, x, machine, weights, endpoints)
        scores = np.zeros((len(x), len(endpoints)))
        similarity = np.full((len(x), len(endpoints)), -1.0)
        measured = ~np.isnan(self.labels[:, list(endpoints)])
        relevant = np.flatnonzero(measured.any(1) | weights.any(0))  # a support vector may be a bound
        for start in range(0, len(x), BLOCK):
            packed = self.scaling.pack(x[start : start + BLOCK])
            part, bits = self.scaling.blocks(packed), self._bits(packed)
            here = slice(start, start + BLOCK)
            for first in range(0, len(relevant), BLOCK):
                rows = relevant[first : first + BLOCK]
                if weights[:, rows].any():
                    scores[here] += machine.kernel(part, self.coordinates(rows)) @ weights[:, rows].T
                block = tanimoto_matrix(bits, self._bits(self.packed[rows]))
                for k in range(len(endpoints)):
                    if measured[rows, k].any():
                        np.maximum(similarity[here, k], block[:, measured[rows, k]].max(1), out=similarity[here, k])
        return scores, similarity

    def _compare_few(
        self, sparse: SparseTraining, x: Features, machine: SupportVectors, weights: Array, endpoints: Sequence[int]
    ) -> tuple[Array, Array]:
        packed = self.scaling.pack(x)
        scores = machine.kernel_of(sparse.squared_distances(packed)) @ weights.T
        similarities = sparse.similarities(packed)
        measured = ~np.isnan(self.labels[:, list(endpoints)])
        nearest = [similarities[:, measured[:, k]].max(1, initial=-1.0) for k in range(len(endpoints))]
        return scores, np.stack(nearest, axis=1).astype(float)

    def neighbours(self, x: Features, endpoint: int, number: int) -> list[tuple[str, float, float]]:
        """The nearest training molecules of one molecule with features [f]: SMILES, measured value, similarity."""
        rows = np.flatnonzero(~np.isnan(self.labels[:, endpoint]))
        similarity = tanimoto_matrix(self._bits(self.scaling.pack(x[None])), self._bits(self.packed[rows]))[0]
        best = np.argsort(-similarity, kind="stable")[:number]
        return [(self.smiles[rows[i]], float(self.labels[rows[i], endpoint]), float(similarity[i])) for i in best]

    @cached_property
    def domains(self) -> list[DescriptorDomain]:
        """Between which descriptors and values each endpoint was measured."""
        known, found = self.scaling.unpack(self.packed[:, DESCRIPTORS], DESCRIPTORS), []
        for values in self.labels.T.astype(float):
            rows = np.flatnonzero(~np.isnan(values))
            found.append(DescriptorDomain.fit(known[rows], values[rows]))
        return found

    def described(self, x: Features) -> tuple[Array, Array]:
        """Descriptors of molecules with features [n, f]: as coarse as those of the training molecules, and as they are."""
        shown = x[:, DESCRIPTORS].astype(float)
        coarse = self.scaling.unpack(self.scaling.rounded(x[:, DESCRIPTORS], DESCRIPTORS), DESCRIPTORS)
        return np.where(np.isnan(shown), np.nan, coarse), shown

    def _bits(self, packed: NDArray[np.int8]) -> NDArray[np.uint8]:
        """ECFP4 as bits, from packed counts."""
        absent = self.scaling.pack(np.zeros((1, packed.shape[1]), np.float32))
        return (packed[:, ECFP] > absent[:, ECFP]).astype(np.uint8)

    def tensors(self) -> dict[str, Tensor]:
        """What `from_saved` reads; bounds only where there are any."""
        bounds = {"training.relations": pack_columns(self.relations), "training.bounds": pack_columns(self.bounds)}
        return (bounds if self.relations.any() else {}) | {
            "training.smiles": pack_lines(self.smiles),
            "training.labels": pack_columns(self.labels),
            "training.features": pack_columns(self.packed),
            "training.mean": torch.from_numpy(self.scaling.mean),
            "training.std": torch.from_numpy(self.scaling.std),
        }

    @classmethod
    def from_saved(cls, saved: Saved, endpoints: int) -> "TrainingSet":
        """What `tensors` gave, of a model with so many endpoints."""
        smiles = saved.lines("training.smiles")
        n = len(smiles)
        labels = saved.columns("training.labels", n, endpoints, np.float32)
        mean = saved.array("training.mean", None)
        if len(mean) not in (NEUTRAL, len(NAMES)):
            raise saved.error(f"it learnt from {len(mean):,} features, of which this version knows {len(NAMES):,}")
        packed = saved.columns("training.features", n, len(mean), np.int8)
        relations, bounds = np.zeros(labels.shape, np.int8), np.full(labels.shape, np.nan, np.float32)
        if "training.relations" in saved.tensors:
            relations = saved.columns("training.relations", n, endpoints, np.int8)
            bounds = saved.columns("training.bounds", n, endpoints, np.float32)
        scaling = Scaling(mean, saved.array("training.std", len(mean)))
        if scaling.std.min() <= 0:
            raise saved.error("its tensor 'training.std' must hold numbers above 0")
        return cls(smiles, labels, packed, scaling, relations, bounds)
