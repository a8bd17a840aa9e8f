"""What an endpoint's process learns besides its values: weights of kernels, errors of assays, how assays go together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky
from scipy.optimize import minimize

from molgen.project.models.base import Values
from molgen.search.bayesian.models.kernels import KERNELS

WEIGHT, SLOPE, ROUGHNESS, NOISE, TOGETHER = 0.1, 0.25, 0.02, 0.02, 0.75  # what is usual, on the scale of an assay's values
LEAST, MOST = 1e-4, 1e3  # of a weight
LEAST_ERROR, MOST_ERROR = 1e-4, 1.0  # of variances
PRIOR = 0.05  # precision of the logarithms around what is usual
STEPS = 15


@dataclass(frozen=True)
class Hyperparameters:
    """Of a process with values on the scale of each assay.

    Attributes
    ----------
    weights : float64 [KERNELS]
        Of the kernels on fragments; that of the constant one is 1.
    slope
        Variance of the slope along what a predictor says.
    roughness
        Variance of what no fragment explains, yet a repeated measurement would give again: an activity cliff.
    noise : float64 [assays]
        Variance of a measurement.
    together : float64 [assays]
        Correlation of an assay's true values with the first one's; 1 for itself.
    """

    weights: Values
    slope: float
    roughness: float
    noise: Values
    together: Values

    @classmethod
    def usual(cls, assays: int) -> "Hyperparameters":
        """What is taken for granted without a measurement."""
        return cls.of(usual(assays), assays)

    @classmethod
    def of(cls, theta: Values, assays: int) -> "Hyperparameters":
        """From what `most_likely` found."""
        positive = np.exp(theta[: KERNELS + 2 + assays])
        together = np.concatenate([[1.0], np.tanh(theta[KERNELS + 2 + assays :])])
        slope, roughness = float(positive[KERNELS]), float(positive[KERNELS + 1])
        return cls(positive[:KERNELS], slope, roughness, positive[KERNELS + 2 :], together)

    def shared(self, assays: NDArray[np.intp]) -> Values:
        """How much of the covariance of their molecules measurements [m] in these assays have [m, m]."""
        own = self.together[assays]
        return np.where(assays[:, None] == assays, 1.0, own[:, None] * own)


def usual(assays: int) -> Values:
    """Logarithms of what is usual, and the inverse hyperbolic tangent of correlations."""
    logs = np.log([*[WEIGHT] * KERNELS, SLOPE, ROUGHNESS, *[NOISE] * assays])
    return np.concatenate([logs, np.full(assays - 1, np.arctanh(TOGETHER))])


def most_likely(
    parts: NDArray[np.float32],
    along: Values,
    same: NDArray[np.bool_],
    assays: NDArray[np.intp],
    z: Values,
    errors: Values,
    start: Values,
) -> Values:
    """Hyperparameters that maximise the marginal likelihood of `z` [m], not far from the usual ones.

    Parameters
    ----------
    parts : float32 [KERNELS, m, m]
        Kernels of the molecules that were measured.
    along : float64 [m]
        What a predictor says of them, on its scale; zeros where there is none.
    same : bool [m, m]
        Whether two are of one molecule.
    assays : intp [m]
    errors : float64 [m]
        Variances of what stands for bounds; nan for a measurement: then its assay's noise counts.
    """
    number = (len(start) - KERNELS - 1) // 2
    centre, stiffness = usual(number), np.full(len(start), PRIOR)
    flat, line, measured = parts.reshape(KERNELS, -1), np.outer(along, along), np.isnan(errors)
    others = assays[:, None] != assays
    members = np.arange(number)[:, None] == assays  # [assays, m]

    def loss(theta: Values) -> tuple[float, Values]:
        """The negative logarithm of the posterior density, and its gradient."""
        guess = Hyperparameters.of(theta, number)
        of_molecules = (guess.weights.astype(np.float32) @ flat).reshape(len(z), -1) + 1.0
        of_molecules += guess.slope * line + guess.roughness * same
        shared = guess.shared(assays)
        try:
            factor = cholesky(shared * of_molecules + np.diag(np.where(measured, guess.noise[assays], errors)), lower=True)
        except LinAlgError:
            return 1e10, np.zeros_like(theta)
        solved = cho_solve((factor, True), z, check_finite=False)
        inner = (cho_solve((factor, True), np.eye(len(z)), check_finite=False) - np.outer(solved, solved)) / 2
        outer = inner * shared
        along_weights = guess.weights * (flat @ outer.astype(np.float32).ravel())
        along_noise = guess.noise * (members @ (inner.diagonal() * measured))
        pull = inner * of_molecules * others
        along_together = 2 * (members @ (pull @ guess.together[assays])) * (1 - guess.together**2)
        steps = [along_weights, [guess.slope * (outer * line).sum()], [guess.roughness * (outer * same).sum()], along_noise]
        gradient = np.concatenate([*steps, along_together[1:]]) + 2 * stiffness * (theta - centre)
        value = z @ solved / 2 + np.log(factor.diagonal()).sum() + (stiffness * np.square(theta - centre)).sum()
        return value, gradient

    limits = [(LEAST, MOST)] * (KERNELS + 1) + [(LEAST_ERROR, MOST_ERROR)] * (1 + number)
    bounds = [*np.log(limits).tolist(), *[(-3.0, 3.0)] * (number - 1)]
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x
