"""Support vector machines with a radial kernel on molecular features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC, SVR

from molgen.data.dataset import Task
from molgen.errors import check_above, check_between
from molgen.predictors.bounds import counts

Array = NDArray[np.float64]
ROUNDS = 20  # of fits to other bounds, at most


@dataclass(frozen=True)
class SupportVectors:
    """How the machine is fitted; the settings are those of scikit-learn's SVC and SVR.

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

    def kernel(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
        """Kernel matrix [n, m] of scaled features [n, f] and [m, f]."""
        squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None]
        squares -= 2 * (a @ b.T)
        return np.exp(-self.gamma * np.maximum(squares, 0, out=squares), out=squares)

    def fit(
        self, kernel: NDArray[np.float32], y: Array, task: Task, relations: NDArray[np.int8] | None = None
    ) -> tuple[Array, float]:
        """Weights [n] of the training molecules, 0 for all but the support vectors, and the intercept.

        Parameters
        ----------
        kernel
            Kernel matrix [n, n] of the training molecules.
        y
            Labels [n]; bounds where `relations` [n] (see `bounds.counts`) aren't 0.
        """
        if task == "classification":
            machine = SVC(C=self.C, kernel="precomputed", class_weight="balanced").fit(kernel, y)
            return self._solution(machine, np.arange(len(y)), len(y), 1.0)
        relations = np.zeros(len(y), np.int8) if relations is None else relations
        rows = np.flatnonzero(relations == 0)
        scale = float(y[rows].std()) or 1.0
        for _ in range(ROUNDS):  # until the bounds that it violates are those that it was fitted to
            part = kernel if len(rows) == len(y) else kernel[np.ix_(rows, rows)]
            machine = SVR(C=self.C, kernel="precomputed", epsilon=self.epsilon).fit(part, y[rows] / scale)
            weights, intercept = self._solution(machine, rows, len(y), scale)
            if not relations.any():
                break
            before, rows = rows, np.flatnonzero(counts(kernel @ weights + intercept, y, relations))
            if np.array_equal(before, rows):
                break
        return weights, intercept

    def _solution(self, machine: SVC | SVR, rows: NDArray[np.int64], molecules: int, scale: float) -> tuple[Array, float]:
        """Weights of all molecules and the intercept of a machine that was fitted to `rows` of them."""
        weights = np.zeros(molecules)
        weights[rows[machine.support_]] = scale * machine.dual_coef_[0]
        return weights, scale * float(machine.intercept_[0])
