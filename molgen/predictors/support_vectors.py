"""Support vector machines with a radial kernel on molecular features."""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC, SVR

from molgen.data.dataset import Task
from molgen.errors import check_above, check_between
from molgen.predictors.bounds import counts

Array = NDArray[np.float64]
Features = NDArray[np.float32]
ROUNDS = 20  # of fits to other bounds, at most
MOST = 14_000  # molecules of one machine, whose kernel matrix then takes 1.6 GB
BLOCK = 2048
ONE_MATRIX = threading.Lock()  # at a time, for the sake of memory


@dataclass(frozen=True)
class SupportVectors:
    """How the machine is fitted; the settings are those of scikit-learn's SVC and SVR.

    More than 14,000 molecules are dealt out to several machines. Of numbers, each learns what those before it leave, and their
    sum is taken; of classes, their mean (as of kernel ridge regressions in Zhang et al., J. Mach. Learn. Res. 16, 3299, 2015).

    Attributes
    ----------
    C
        The penalty on training errors, above 0.
    gamma
        Above 0: the kernel is exp(-gamma |a - b|^2), of scaled features whose blocks each have unit variance or less.
    epsilon
        For numbers: errors below this many standard deviations of the labels cost nothing, 0 or more.

    Raises
    ------
    ConfigError
        A setting is out of its range.
    """

    C: float = 3.0
    gamma: float = 0.2
    epsilon: float = 0.1

    def __post_init__(self) -> None:
        check_above("predictor.machine", C=self.C, gamma=self.gamma)
        check_between("predictor.machine", 0, epsilon=self.epsilon)

    def kernel(self, a: Features, b: Features) -> Features:
        """Kernel matrix [n, m] of scaled features [n, f] and [m, f]."""
        squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None]
        squares -= 2 * (a @ b.T)
        return self.kernel_of(squares)

    def kernel_of(self, squares: Features) -> Features:
        """Kernel matrix [n, m] of squared distances [n, m], in their place."""
        return np.exp(-self.gamma * np.maximum(squares, 0, out=squares), out=squares)

    def score(self, asked: Features, x: Features, weights: Array) -> Array:
        """Scores [n] without the intercept, of scaled features [n, f], by the weights [m] of molecules with features [m, f]."""
        scores = np.zeros(len(asked))
        used = np.flatnonzero(weights)
        for start in range(0, len(used), BLOCK):
            rows = used[start : start + BLOCK]
            scores += self.kernel(asked, x[rows]) @ weights[rows]
        return scores

    def fit(
        self,
        x: Features,
        y: Array,
        task: Task,
        relations: NDArray[np.int8] | None = None,
        seed: int = 0,
        sample_weights: Array | None = None,
    ) -> tuple[Array, float]:
        """Weights [n] of the training molecules, 0 for all but the support vectors, and the intercept.

        Parameters
        ----------
        x
            Scaled features [n, f] of the training molecules.
        y
            Labels [n]; bounds where `relations` [n] (see `bounds.counts`) aren't 0.
        seed
            Deals the molecules out where there are too many for one machine.
        sample_weights
            How much each label counts [n]; None for all alike.
        """
        relations = np.zeros(len(y), np.int8) if relations is None else relations
        numbers = task == "regression"
        scale = float(y[relations == 0].std()) or 1.0 if numbers else 1.0
        weights, intercepts = np.zeros(len(y)), list[float]()
        parts = _parts(y, relations, task, seed)
        for rows in parts:
            labels = y[rows] / scale
            if numbers and intercepts:
                labels -= self.score(x[rows], x, weights)
            with ONE_MATRIX:
                kernel = self._square(x if len(parts) == 1 else x[rows])
                given = np.ones(len(rows)) if sample_weights is None else sample_weights[rows]
                weights[rows], intercept = self._fit(kernel, labels, task, relations[rows], given)
            intercepts.append(intercept)
        weights *= scale if numbers else 1 / len(parts)
        return weights, scale * float(np.mean(intercepts))

    def _square(self, x: Features) -> Array:
        """Kernel matrix [n, n] in the precision that scikit-learn takes without a copy."""
        kernel = np.empty((len(x), len(x)))
        for start in range(0, len(x), BLOCK):
            kernel[start : start + BLOCK] = self.kernel(x[start : start + BLOCK], x)
        return kernel

    def _fit(self, kernel: Array, y: Array, task: Task, relations: NDArray[np.int8], given: Array) -> tuple[Array, float]:
        """Weights [n] and intercept of one machine."""
        if task == "classification":
            machine = SVC(C=self.C, kernel="precomputed", class_weight="balanced").fit(kernel, y)
            return self._solution(machine, np.arange(len(y)), len(y))
        rows = np.flatnonzero(relations == 0)
        for _ in range(ROUNDS):  # until the bounds that it violates are those that it was fitted to
            part = kernel if len(rows) == len(y) else kernel[np.ix_(rows, rows)]
            machine = SVR(C=self.C, kernel="precomputed", epsilon=self.epsilon).fit(part, y[rows], given[rows])
            weights, intercept = self._solution(machine, rows, len(y))
            if not relations.any():
                break
            before, rows = rows, np.flatnonzero(counts(kernel @ weights + intercept, y, relations))
            if np.array_equal(before, rows):
                break
        return weights, intercept

    def _solution(self, machine: SVC | SVR, rows: NDArray[np.int64], molecules: int) -> tuple[Array, float]:
        """Weights of all molecules and the intercept of a machine that was fitted to `rows` of them."""
        weights = np.zeros(molecules)
        weights[rows[machine.support_]] = machine.dual_coef_[0]
        return weights, float(machine.intercept_[0])


def _parts(y: Array, relations: NDArray[np.int8], task: Task, seed: int) -> list[NDArray[np.int64]]:
    """Rows of each machine: as few parts as can be, with labels and bounds spread evenly and both classes in each."""
    measured = y[relations == 0]
    rarest = np.unique(measured, return_counts=True)[1].min() if task == "classification" else len(measured)
    number = min(-(-len(y) // MOST), int(rarest))
    if number == 1:
        return [np.arange(len(y))]
    order = np.lexsort((np.random.default_rng(seed).permutation(len(y)), y, relations))
    return [np.sort(order[first::number]) for first in range(number)]
