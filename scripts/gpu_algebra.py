"""A fit and a prediction of the Bayesian search's Gaussian process: by molgen, and the same in PyTorch on its device."""

import numpy as np
import torch

from molgen.search.bayesian.models.features import FAMILIES, Features
from molgen.search.bayesian.models.gaussian_process import GaussianProcess
from molgen.search.bayesian.models.kernels import TYPICAL_SIZE, WIDTHS, diagonals, usual_sizes

BLOCK = 1000  # rows of a covariance that are made at a time


def by_molgen(model: GaussianProcess, x: Features, y: np.ndarray, candidates: Features) -> list[np.ndarray]:
    """Means and deviations [m] by molgen."""
    model.fit(x, y, np.random.default_rng(0))
    return [found[:, 0] for found in model.predict(candidates)]


def by_torch(model: GaussianProcess, x: Features, y: np.ndarray, candidates: Features) -> list[np.ndarray]:
    """The same by PyTorch on its device, with the weights and the noise of a model."""
    process, usual = model.processes[0], usual_sizes(x)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    mean, scale = float(y.mean()), float(y.std())
    covariance = covariances(x, x, process.weights, usual, device)
    covariance.diagonal().add_(process.noise)
    factor = torch.linalg.cholesky(covariance, out=covariance)
    target = torch.from_numpy((y - mean) / scale).to(device)
    near = covariances(candidates, x, process.weights, usual, device)
    means = near @ torch.cholesky_solve(target, factor)
    explained = torch.linalg.solve_triangular(factor, near.T, upper=False).square().sum(0)
    own = torch.from_numpy(process.weights @ diagonals(candidates, usual) + 1).to(device)
    deviations = (own - explained).clamp_min(1e-6).sqrt()
    return [(means[:, 0] * scale + mean).cpu().numpy(), (deviations * scale).cpu().numpy()]


def covariances(a: Features, b: Features, weights: np.ndarray, usual: np.ndarray, device: torch.device) -> torch.Tensor:
    """The weighted sum of `molgen.search.bayesian.models.kernels.kernels`, and 1: float64 [n, m]."""
    families = len(FAMILIES)
    exact = torch.float16 if device.type == "cuda" else torch.float32  # of counts up to 2,048
    left, right = ([torch.from_numpy(f.toarray().astype(np.float32)).to(device, exact) for f in each.families] for each in (a, b))
    sizes = [torch.from_numpy(each.sizes).to(device) for each in (a, b)]
    share = [2 * torch.from_numpy(usual).to(device).sqrt() / (each + torch.from_numpy(usual).to(device)) for each in sizes]
    atoms = [torch.from_numpy(each.composition).to(device) for each in (a, b)]
    found = torch.ones(len(a.composition), len(b.composition), dtype=torch.float64, device=device)
    for start in range(0, len(found), BLOCK):
        rows = slice(start, start + BLOCK)
        for i in range(families):
            shared = (left[i][rows] @ right[i].T).float()
            found[rows] += weights[i] * shared / (sizes[0][i, rows, None] + sizes[1][i] - shared).clamp_min(1)
            found[rows] += weights[families + i] * shared * share[0][i, rows, None] * share[1][i]
            if i == 0:
                found[rows] += weights[2 * families] * shared / TYPICAL_SIZE
        squares = torch.cdist(atoms[0][rows], atoms[1], compute_mode="donot_use_mm_for_euclid_dist").square()
        for weight, width in zip(weights[2 * families + 1 :], WIDTHS, strict=True):
            found[rows] += weight * torch.exp(-squares / (2 * width**2))
    return found
