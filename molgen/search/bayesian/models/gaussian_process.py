"""Gaussian processes on molecular fragments."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky, solve_triangular

from molgen.errors import check_between
from molgen.processes import processors
from molgen.search.bayesian.models.base import SurrogateModel, Values, integer_valued
from molgen.search.bayesian.models.features import Features
from molgen.search.bayesian.models.kernels import KERNELS, diagonals, kernels, usual_sizes, weighted
from molgen.search.strategy import State

BOUNDS = (1e-4, 1e3)  # of a kernel's weight
NOISE = (1e-4, 1.0)
INTEGER_NOISE = 0.01  # largest noise of integers, which are exact: a molecule that alone has some feature isn't an error
NOISY = 0.05  # noise above which values count as noisy rather than not quite explained
UNSEEN = 0.1  # standard deviation of a value that is the same for every molecule so far
LOG_INITIAL = np.log([*[1.0] * KERNELS, 0.01])
STEPS = 12


@dataclass
class _Column:
    """Training data of one process: the molecules with a known value, and these values, standardised."""

    rows: NDArray[np.intp]
    values: NDArray[np.float64]
    mean: float
    scale: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "_Column":
        rows = np.flatnonzero(np.isfinite(values))
        known = values[rows] if len(rows) else np.zeros(1)
        mean, scale = float(known.mean()), float(known.std())
        scale = scale if scale > 1e-9 else UNSEEN
        return cls(rows, (values[rows] - mean) / scale, mean, scale)


@dataclass
class _Process:
    """One fitted process: kernel weights, training data, and noise."""

    column: _Column
    weights: NDArray[np.float64]
    noise: float
    cholesky_factor: NDArray[np.float32]
    coefficients: NDArray[np.float64]

    @classmethod
    def fitted(cls, parts: NDArray[np.float32], column: _Column, theta: list[float], noise_most: float) -> "_Process":
        weights, noise = _hyperparameters(np.array(theta), noise_most)
        cholesky_factor = _cholesky_factor(weighted(weights, parts)[np.ix_(column.rows, column.rows)].astype(float), noise)
        coefficients = cho_solve((cholesky_factor, True), column.values, check_finite=False)
        return cls(column, weights, noise, cholesky_factor.astype(np.float32), coefficients)

    def predict(self, parts: NDArray[np.float32], own: NDArray[np.float32]) -> tuple[Values, Values]:
        """Means [n] and deviations [n]; `own` holds the kernels [kernels, n] of molecules with themselves."""
        near = weighted(self.weights, parts)[:, self.column.rows]
        explained = solve_triangular(self.cholesky_factor, near.T, lower=True, check_finite=False)
        variance = self.weights @ own + 1 - np.square(explained).sum(0)
        mean = near @ self.coefficients * self.column.scale + self.column.mean
        return mean, np.sqrt(np.maximum(variance, 1e-6)) * self.column.scale


class GaussianProcess(SurrogateModel):
    """One process per value, with a Tanimoto and a linear kernel per family of fragments and two kernels of composition.

    Linear kernels let the additive effects of fragments be extrapolated beyond the known molecules; the others describe their
    neighbourhoods (Tripp et al., arXiv 2306.14809). Most linear kernels act on shares: the count of a fragment, divided by the
    number of fragments in the molecule plus that of a typical one. The Tanimoto similarity s to a molecule of typical size is
    nearly linear in them, because s / (1 + s) is exactly linear. Additive values (logP, atoms) are linear in the fragment counts
    of the first family themselves. The kernels' weights and the noise maximise the marginal likelihood.

    Parameters
    ----------
    sample
        Number of molecules used to choose the weights.
    growth
        The weights are chosen at the first fit, and again whenever the number of fits has grown by this factor.
    """

    def __init__(self, sample: int = 400, growth: float = 1.5) -> None:
        check_between("search.model", 1, sample=sample, growth=growth)
        self.sample = sample
        self.growth = growth
        self.log_hyperparameters: list[list[float]] = []
        self.fits, self.fitted_at = 0, 0

    def fit(self, x: Features, y: Values, rng: np.random.Generator) -> None:
        """See `SurrogateModel.fit`."""
        parts = kernels(x, x, usual_sizes(x))
        if [len(row) for row in self.log_hyperparameters] != [len(LOG_INITIAL)] * y.shape[1]:
            self.log_hyperparameters, self.fits, self.fitted_at = [LOG_INITIAL.tolist()] * y.shape[1], 0, 0
        self.fits += 1
        again = self.fits >= self.growth * self.fitted_at
        if again:
            self.fitted_at = self.fits
        self.x, noise_most = x, np.where(integer_valued(y), INTEGER_NOISE, NOISE[1]).tolist()
        columns = [_Column.of(values) for values in y.T]
        for i, column in enumerate(columns):
            some = rng.permutation(len(column.rows))[: self.sample]
            if again and len(some) and np.ptp(column.values[some]):
                part = parts[:, column.rows[some]][:, :, column.rows[some]].astype(float)
                self.log_hyperparameters[i] = _most_likely(
                    part, column.values[some], np.array(self.log_hyperparameters[i]), noise_most[i]
                )
        with ThreadPoolExecutor(processors()) as threads:
            self.processes = list(threads.map(partial(_Process.fitted, parts), columns, self.log_hyperparameters, noise_most))

    def predict(self, x: Features) -> tuple[Values, Values]:
        """See `SurrogateModel.predict`."""
        usual = usual_sizes(self.x)
        parts, own = kernels(x, self.x, usual), diagonals(x, usual)
        with ThreadPoolExecutor(processors()) as threads:
            predicted = list(threads.map(lambda process: process.predict(parts, own), self.processes))
        return np.stack([mean for mean, _ in predicted], 1), np.stack([deviation for _, deviation in predicted], 1)

    @property
    def noisy(self) -> bool:
        """See `SurrogateModel.noisy`."""
        return any(process.noise > NOISY for process in self.processes)

    def state_dict(self) -> State:
        """See `SurrogateModel.state_dict`."""
        return {"log_hyperparameters": self.log_hyperparameters, "fits": self.fits, "fitted_at": self.fitted_at}

    def load_state_dict(self, state: State) -> None:
        """See `SurrogateModel.load_state_dict`."""
        self.log_hyperparameters = [list(row) for row in state["log_hyperparameters"]]
        self.fits, self.fitted_at = state["fits"], state["fitted_at"]


def _cholesky_factor(covariance: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """The Cholesky factor of a covariance plus noise, which is raised where rounding leaves no factor."""
    try:
        return cholesky(covariance + noise * np.eye(len(covariance)), lower=True, check_finite=False)
    except LinAlgError:
        return _cholesky_factor(covariance, 10 * noise)


def _hyperparameters(theta: NDArray[np.float64], noise_most: float) -> tuple[NDArray[np.float64], float]:
    """The kernels' weights and the noise from the log hyperparameters `theta`."""
    return np.exp(theta[:-1]).clip(*BOUNDS), float(np.exp(theta[-1]).clip(NOISE[0], noise_most))


def _most_likely(
    parts: NDArray[np.float64], z: NDArray[np.float64], start: NDArray[np.float64], noise_most: float
) -> list[float]:
    """Logarithms of the weights and of the noise that maximise the marginal likelihood of `z`, near the usual ones."""
    k, target, eye = torch.from_numpy(parts), torch.from_numpy(z), torch.eye(len(z), dtype=torch.float64)
    theta = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.LBFGS([theta], max_iter=STEPS, line_search_fn="strong_wolfe")
    found, least = start, np.inf

    def loss() -> torch.Tensor:
        nonlocal found, least
        optimizer.zero_grad()
        weights, noise = theta[:-1].exp().clamp(*BOUNDS), theta[-1].exp().clamp(NOISE[0], noise_most)
        factor = torch.linalg.cholesky(torch.tensordot(weights, k, 1) + 1 + noise * eye)
        fit = target @ torch.cholesky_solve(target[:, None], factor)[:, 0] / 2
        value = fit + factor.diagonal().log().sum() + 0.05 * (theta - torch.from_numpy(LOG_INITIAL)).square().sum()
        if value.item() < least:
            found, least = theta.detach().numpy().copy(), value.item()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    with contextlib.suppress(RuntimeError):  # torch raises it if a matrix has no Cholesky factor
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    return found.tolist()
