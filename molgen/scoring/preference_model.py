"""A Gaussian process that learns from judgements how well chemists like molecules."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import log_ndtr, ndtr, owens_t

from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.scoring.judgements import PREFER, REJECT, Judgements

Values = NDArray[np.float64]
KINDS = ("ECFP4 counts", "atom pairs")  # fingerprints whose similarities make the covariance, in equal parts
SCALES = np.geomspace(0.5, 8.0, 9)  # prior standard deviations of the liking that are compared
USUAL, SPREAD = 2.0, 0.6  # median of the scale before anything is known, and the deviation of its logarithm
STEPS, ENOUGH = 100, 1e-9  # of Newton's method at most, and the gain from which on it has converged
JITTER = 1e-8
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Liking:
    """What is known of how molecules [n] are liked.

    Attributes
    ----------
    mean, std : float64 [n]
        Of the chance that a molecule is starred rather than rejected; the deviation says how far that may be off. 0.5 where
        nothing is known.
    low, high : float64 [n]
        Nine tenths of what that chance may be lie between.
    similarity : float64 [n]
        Tanimoto similarity (ECFP4, counts) to the most similar molecule that was judged; 0 where none was.
    """

    mean: Values
    std: Values
    low: Values
    high: Values
    similarity: Values


class PreferenceProcess:
    """A latent liking f of molecules, with a Gaussian process on fingerprints as its prior.

    A preference of a over b has the likelihood Phi((f(a) - f(b)) / sqrt(2)) (Chu and Ghahramani, ICML 2005). A star says that f
    is above that of a typical molecule, which is 0, a rejection that it is below: ordinal labels Phi(f) and Phi(-f) (Chu and
    Ghahramani, JMLR 6, 1019, 2005), so that nothing is assumed of molecules that nobody judged. Every judgement is thus a
    row of a linear map of f that is positive up to noise, and Laplace's approximation is that of binary classification
    (Rasmussen and Williams, algorithms 3.1 and 3.2) on these rows. The scale of f maximises the marginal likelihood times a
    log-normal prior.

    Parameters
    ----------
    judgements
        Those that stand; there may be none.

    Attributes
    ----------
    scale
        Prior standard deviation of f, where the noise of a judgement is 1.
    """

    def __init__(self, judgements: Judgements) -> None:
        rows: dict[str, int] = {}
        for each in judgements.standing:
            for text in (each.smiles, each.over):
                rows.setdefault(text, len(rows)) if text else None
        self.smiles = list(rows)
        self.scale = USUAL
        design = np.zeros((len(judgements.standing), len(rows)))
        for row, each in zip(design, judgements.standing, strict=True):
            row[rows[each.smiles]] = -1.0 if each.kind == REJECT else np.sqrt(0.5) if each.kind == PREFER else 1.0
            if each.kind == PREFER:
                row[rows[each.over]] = -np.sqrt(0.5)
        self.design = design
        self._bits = [bit_matrix([Chem.MolFromSmiles(text) for text in self.smiles], kind) for kind in KINDS]
        if rows:
            self._fit(self._between(self._bits))

    def _fit(self, kernel: Values) -> None:
        across = self.design @ kernel @ self.design.T
        evidence = [_laplace(scale**2 * across)[0] - (np.log(scale / USUAL) / SPREAD) ** 2 / 2 for scale in SCALES]
        self.scale = float(SCALES[int(np.argmax(evidence))])
        _, self._slope, self._root, self._factor = _laplace(self.scale**2 * across)

    def _between(self, bits: Sequence[NDArray[np.uint8]]) -> Values:
        """Prior correlations [n, m] with the molecules that were judged."""
        parts = [tanimoto_matrix(a, b).astype(float) for a, b in zip(bits, self._bits, strict=True)]
        return np.mean(parts, axis=0)

    def latent(self, mols: Sequence[Chem.Mol]) -> tuple[Values, Values]:
        """Posterior means [n] and covariances [n, n] of f, for few molecules."""
        bits = [bit_matrix(mols, kind) for kind in KINDS]
        own = np.mean([tanimoto_matrix(each, each).astype(float) for each in bits], axis=0) * self.scale**2
        if not self.smiles:
            return np.zeros(len(mols)), own
        mean, explained = self._posterior(bits)
        return mean, own - explained.T @ explained

    def _posterior(self, bits: Sequence[NDArray[np.uint8]]) -> tuple[Values, Values]:
        """Means [n], and what the judgements explain [j, n], whose squares the variances are reduced by."""
        near = self.scale**2 * (self._between(bits) @ self.design.T)
        told = solve_triangular(self._factor, (near * self._root).T, lower=True, check_finite=False)
        return near @ self._slope, told

    def preferred(self, better: Chem.Mol, worse: Chem.Mol) -> float:
        """The chance that a chemist prefers one molecule to another."""
        mean, covariance = self.latent([better, worse])
        variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        return float(ndtr((mean[0] - mean[1]) / np.sqrt(2 + max(variance, 0.0))))

    def __call__(self, mols: Sequence[Chem.Mol | None]) -> Liking:
        """How molecules [n] are liked; nan for None."""
        known = np.array([mol is not None for mol in mols], bool)
        bits = [bit_matrix([mol for mol in mols if mol is not None], kind) for kind in KINDS]
        mean, variance, near = np.zeros(known.sum()), np.full(known.sum(), self.scale**2), np.zeros(known.sum())
        if self.smiles and known.any():
            mean, explained = self._posterior(bits)
            variance = np.maximum(variance - np.square(explained).sum(0), JITTER)
            near = tanimoto_matrix(bits[0], self._bits[0]).max(1).astype(float)
        found = np.full((5, len(mols)), np.nan)
        found[:, known] = [*_chance(mean, variance), near]
        return Liking(*found)


def _chance(mean: Values, variance: Values) -> tuple[Values, Values, Values, Values]:
    """Mean, deviation, and 5 % and 95 % quantiles of Phi(f), f being normal (Owen, Commun. Stat. B 9, 389, 1980)."""
    at = mean / np.sqrt(1 + variance)
    chance = ndtr(at)
    square = chance - 2 * owens_t(at, 1 / np.sqrt(1 + 2 * variance))
    deviation = np.sqrt(variance)
    std = np.sqrt(np.maximum(square - chance**2, 0.0))
    return chance, std, ndtr(mean - Z90 * deviation), ndtr(mean + Z90 * deviation)


def _laplace(covariance: Values) -> tuple[float, Values, Values, Values]:
    """The mode of g [j], given that all g are positive up to noise: prior covariance [j, j], likelihood Phi(g).

    Returns
    -------
    The logarithm of the marginal likelihood, the gradient of the log likelihood at the mode [j], the roots of its negative
    second derivatives [j], and the lower Cholesky factor of 1 + W^1/2 K W^1/2.
    """
    n = len(covariance)
    coefficients, g = np.zeros(n), np.zeros(n)
    value = float(log_ndtr(g).sum())
    for _ in range(STEPS):
        slope, weight = _derivatives(g)
        root = np.sqrt(weight)
        factor = cholesky(np.eye(n) + root[:, None] * covariance * root, lower=True, check_finite=False)
        b = weight * g + slope
        step = b - root * cho_solve((factor, True), root * (covariance @ b), check_finite=False) - coefficients
        size = 1.0
        while True:  # the objective is concave: a shorter step always gains
            tried = coefficients + size * step
            at = covariance @ tried
            new = float(log_ndtr(at).sum() - tried @ at / 2)
            if new >= value or size < 1e-6:
                break
            size /= 2
        gained, coefficients, g, value = new - value, tried, at, new
        if gained < ENOUGH:
            break
    slope, weight = _derivatives(g)
    root = np.sqrt(weight)
    factor = cholesky(np.eye(n) + root[:, None] * covariance * root, lower=True, check_finite=False)
    return value - float(np.log(np.diag(factor)).sum()), slope, root, factor


def _derivatives(g: Values) -> tuple[Values, Values]:
    """Of log Phi(g): the first, and the negative of the second."""
    ratio = np.exp(-(g**2) / 2 - log_ndtr(g)) / np.sqrt(2 * np.pi)
    return ratio, np.maximum(ratio * (ratio + g), 0.0)
