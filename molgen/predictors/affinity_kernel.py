"""Affinities by Gaussian process regression: a pair is as like another as their drugs and their targets are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from molgen.chem.similarity import Bits, tanimoto_matrix
from molgen.data.affinity import Pairs
from molgen.errors import ConfigError, check_above, check_between, nearest

FINGERPRINTS = ("ECFP4 counts", "ECFP2 counts", "atom pairs")

TARGETS = ("sequence", "identity", "constant")


def default_weights() -> dict[str, dict[str, float]]:
    """Found on Davis' and KIBA's training folds."""
    return {
        "ECFP4 counts": {"sequence": 1.5, "identity": 0.15, "constant": 0.1},
        "ECFP2 counts": {"sequence": 0.15},
        "atom pairs": {"sequence": 0.15},
        "identity": {"sequence": 0.3, "constant": 0.1},
        "constant": {"sequence": 0.1},
    }


@dataclass
class AffinityKernel:
    """The covariance of two pairs is a sum of products: a kernel of their drugs times a kernel of their targets.

    Drugs are compared by Tanimoto similarities, by being the same one (`identity`), or not at all (`constant`); targets
    by their sequences' likeness to the power of `sharpness`, by name, or not at all. The system is solved by conjugate
    gradients, whose products never build the matrix of all pairs (Pahikkala et al., Brief. Bioinform. 16, 325, 2015).

    Attributes
    ----------
    weights
        Of the products: kernel of drugs to kernel of targets to variance.
    noise
        Variance of the measurements, in units of the affinities' variance.
    sharpness
        The exponent of the sequences' likeness, above 0.
    iterations
        Of conjugate gradients, at most.
    """

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=default_weights)
    noise: float = 0.07
    sharpness: float = 0.6
    iterations: int = 300

    def __post_init__(self) -> None:
        where = "predictor.kernel"
        for name, products in self.weights.items():
            _check_known(name, (*FINGERPRINTS, "identity", "constant"), f"{where}.weights")
            for kind, weight in products.items():
                _check_known(kind, TARGETS, f"{where}.weights.{name}")
                check_between(f"{where}.weights.{name}", 0, **{kind: weight})
        check_above(where, noise=self.noise, sharpness=self.sharpness)
        check_between(where, 1, iterations=self.iterations)

    def fit(self, pairs: Pairs, bits: Mapping[str, Bits], likeness: NDArray[np.float32]) -> None:
        """Solve for the training pairs.

        Parameters
        ----------
        bits
            Fingerprints of all drugs, [n, bits] for each of `FINGERPRINTS`.
        likeness
            Of all targets, [m, m].
        """
        n, m = len(pairs.drugs), len(pairs.targets)
        self.mean, self.std = float(pairs.affinity.mean()), float(pairs.affinity.std()) or 1.0
        y = torch.from_numpy((pairs.affinity - self.mean) / self.std).float()
        rows, columns = torch.from_numpy(pairs.drug), torch.from_numpy(pairs.target)
        left = {name: torch.from_numpy(tanimoto_matrix(bits[name], bits[name])) for name in FINGERPRINTS if name in self.weights}
        right = {name: self._target_side(name, torch.from_numpy(likeness), torch.eye(m)) for name in self.weights}

        def covariance(values: Tensor) -> Tensor:
            dual = torch.zeros(n, m)
            dual[rows, columns] = values
            total = self.noise * values
            for name, product in right.items():
                part = dual @ product
                if name == "constant":
                    part = part.sum(0, keepdim=True).expand(n, m)
                elif name != "identity":
                    part = left[name] @ part
                total = total + part[rows, columns]
            return total

        self.dual = torch.zeros(n, m)
        self.dual[rows, columns] = _conjugate_gradients(covariance, y, self.iterations)

    def _target_side(self, name: str, likeness: Tensor, same: Tensor) -> Tensor:
        """Weighted sum of the kernels of targets that go with the kernel of drugs `name`; `same` is 1 for equal names."""
        kernels = {"sequence": likeness**self.sharpness, "identity": same, "constant": torch.ones_like(likeness)}
        return sum((weight * kernels[kind] for kind, weight in self.weights[name].items()), torch.zeros_like(likeness))

    def encode(self, likeness: NDArray[np.float32], same: NDArray[np.float32]) -> dict[str, Tensor]:
        """What predictions for one target need: weights [n] of the training drugs, for each kernel of drugs.

        Parameters
        ----------
        likeness, same
            Of the target to the training targets, [m]; `same` is 1 for the target itself.
        """
        row = torch.from_numpy(likeness), torch.from_numpy(same)
        return {name: self.dual @ self._target_side(name, *row) for name in self.weights}

    def predict(
        self, target: Mapping[str, Tensor], similarity: Mapping[str, NDArray[np.float32]], drug: NDArray[np.int64]
    ) -> NDArray:
        """Affinities [k].

        Parameters
        ----------
        target
            Of `encode`.
        similarity
            Of the molecules to the training drugs, [k, n] for each fingerprint.
        drug
            Which training drug a molecule is, [k]; -1 for none.
        """
        total = np.zeros(len(drug))
        for name, weights in target.items():
            if name == "constant":
                total += float(weights.sum())
            elif name == "identity":
                total += np.where(drug >= 0, weights.numpy()[drug], 0)
            else:
                total += similarity[name] @ weights.numpy()
        return self.mean + self.std * total


def _check_known(name: str, known: Sequence[str], where: str) -> None:
    if name not in known:
        raise ConfigError(f"{where}: no kernel '{name}'{nearest(name, known)}; known: {', '.join(known)}")


def _conjugate_gradients(product: "object", y: Tensor, iterations: int) -> Tensor:
    """Solve `product`(x) = y for a symmetric positive definite product, to a ten-thousandth of the norm or `iterations`."""
    x, residual = torch.zeros_like(y), y.clone()
    direction, square = residual.clone(), residual @ residual
    for _ in range(iterations):
        image = product(direction)  # type: ignore[operator]
        step = square / (direction @ image)
        x += step * direction
        residual -= step * image
        before, square = square, residual @ residual
        if square < 1e-8 * (y @ y):
            break
        direction = residual + square / before * direction
    return x
