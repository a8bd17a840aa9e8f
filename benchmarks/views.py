"""Molecules as descriptors or embeddings, and what simple models learn from either, for `benchmarks.pretrained`."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel
from sklearn.linear_model import LogisticRegression, RidgeCV

from molgen.data.dataset import Dataset, Task
from molgen.learn.checkpoint import load_tensors
from molgen.predictors.features import FIRST_DESCRIPTOR, feature_matrix
from molgen.predictors.support_vectors import SupportVectors
from scripts.describing_network import DescribingNetwork, Graphs, embeddings

Array = NDArray[np.float64]
Matrix = NDArray[np.float32]
REACH = 2.0  # of coordinates: the machine's kernel then sees as much variance as in the four blocks of its own features


@dataclass(frozen=True, eq=False)
class Views:
    """Molecules as each kind of model sees them, [n, ...]."""

    graphs: Graphs
    features: Matrix
    embeddings: Matrix
    untrained: Matrix

    @classmethod
    def of(cls, dataset: Dataset, networks: Sequence[DescribingNetwork]) -> "Views":
        """By a trained and an untrained network."""
        graphs = Graphs.of(dataset.molecules.mols)
        return cls(graphs, feature_matrix(dataset.molecules), *(embeddings(network, graphs) for network in networks))

    @property
    def descriptors(self) -> Matrix:
        """RDKit's descriptors, as signed logarithms."""
        values = np.nan_to_num(self.features[:, FIRST_DESCRIPTOR:], posinf=0, neginf=0)
        return np.sign(values) * np.log1p(np.abs(values))


def read_networks(path: Path) -> tuple[DescribingNetwork, DescribingNetwork]:
    """The network in a file, and one of its shape with random weights."""
    tensors, card = load_tensors(path)
    torch.manual_seed(0)
    trained, untrained = DescribingNetwork(**card["shape"]), DescribingNetwork(**card["shape"])
    trained.load_state_dict(tensors)
    return trained.eval(), untrained.eval()


def standardised(x: Matrix, asked: Matrix) -> tuple[Matrix, Matrix]:
    """Columns with the mean 0 and the deviation 1 where they vary among the first, cut at five deviations."""
    mean, std = x.mean(0), x.std(0)
    varying = std > 1e-6
    first, second = (np.clip((part[:, varying] - mean[varying]) / std[varying], -5, 5) for part in (x, asked))
    scale = np.float32(REACH / np.sqrt(varying.sum()))
    return first * scale, second * scale


def by_machine(x: Matrix, y: Array, asked: Matrix, task: Task) -> Array:
    """Scores of a support vector machine with the predictor's settings."""
    known, wanted = standardised(x, asked)
    machine = SupportVectors()
    weights, intercept = machine.fit(known, y, task)
    return machine.score(wanted, known, weights) + intercept


def by_line(x: Matrix, y: Array, asked: Matrix, task: Task) -> Array:
    """Scores of a ridge regression, its penalty by leave-one-out, or of a logistic regression."""
    known, wanted = standardised(x, asked)
    if task == "classification":
        return LogisticRegression(C=1.0, class_weight="balanced", max_iter=500).fit(known, y).decision_function(wanted)
    return RidgeCV(np.logspace(-3, 3, 13)).fit(known, y).predict(wanted)


def by_process(x: Matrix, y: Array, asked: Matrix) -> Array:
    """Means of a Gaussian process with a radial and a linear kernel."""
    known, wanted = standardised(x, asked)
    kernel = ConstantKernel(1.0) * RBF(2.0) + ConstantKernel(0.1) * DotProduct(0.0, "fixed") + WhiteKernel(0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianProcessRegressor(kernel, normalize_y=True).fit(known, y).predict(wanted)
