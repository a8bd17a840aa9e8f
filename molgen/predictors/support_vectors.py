"""Support vector machines with a radial kernel on molecular features."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC, SVR

from molgen.data.dataset import Task
from molgen.errors import check_above, check_between

Array = NDArray[np.float64]


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

    def fit(self, kernel: NDArray[np.float32], y: Array, task: Task) -> tuple[Array, float]:
        """Weights [n] of the training molecules, 0 for all but the support vectors, and the intercept.

        Parameters
        ----------
        kernel
            Kernel matrix [n, n] of the training molecules.
        """
        scale = 1.0 if task == "classification" else float(y.std()) or 1.0
        if task == "classification":
            machine = SVC(C=self.C, kernel="precomputed", class_weight="balanced").fit(kernel, y)
        else:
            machine = SVR(C=self.C, kernel="precomputed", epsilon=self.epsilon).fit(kernel, y / scale)
        weights = np.zeros(len(y))
        weights[machine.support_] = scale * machine.dual_coef_[0]
        return weights, scale * float(machine.intercept_[0])
