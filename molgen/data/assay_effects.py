"""By how much assays differ, learnt beside what molecules are like.

A measured value is taken for f(molecule) + offset(assay) + noise(assay). The true value f is a Gaussian process on ECFP4 with an
effect of each molecule's own, so that both a molecule measured in two assays and similar molecules tell how the assays differ,
each for as much as it is worth. Offsets are random effects (Laird and Ware, Biometrics 38, 963, 1982): those of small assays are
drawn towards the others', and where nothing tells an offset from chemistry its standard error stays large.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve, cholesky
from scipy.optimize import minimize

from molgen.chem.similarity import Bits, tanimoto_matrix

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

USUAL = np.log([1.0, 0.05, 0.1, 0.05])  # variances, of values with variance 1: see `Variances`
LOOSE, CLOSE = 2.0, 1.0  # standard deviations of their logarithms, and of those of assays' noises around the usual noise
LIMITS = (np.log(1e-4), np.log(1e2))
JITTER = 1e-6
FOR_VARIANCES, FOR_OFFSETS = 600, 2500  # values that are enough
STEPS = 40


@dataclass(frozen=True, eq=False)
class AssayValues:
    """Values of molecules by assays.

    Attributes
    ----------
    values : float64 [n]
    errors : float64 [n]
        What is known of their standard deviations; 0 where nothing is.
    assays : intp [n]
        Numbers of the assays, from 0.
    molecules : intp [n]
        Positions among the m rows of
    bits : uint8 [m, b]
        the fingerprints of the molecules.
    """

    values: Array
    errors: Array
    assays: Ints
    molecules: Ints
    bits: Bits

    def take(self, rows: Ints) -> "AssayValues":
        """The values at `rows`."""
        known, molecules = np.unique(self.molecules[rows], return_inverse=True)
        return AssayValues(self.values[rows], self.errors[rows], self.assays[rows], molecules, self.bits[known])

    def some(self, number: int) -> Ints:
        """The rows of so many values that tell most: of every assay in turn, first of molecules that several assays measured."""
        if len(self.values) <= number:
            return np.arange(len(self.values))
        pairs = np.unique(np.stack([self.molecules, self.assays]), axis=1)
        several = np.bincount(pairs[0], minlength=len(self.bits)) > 1
        drawn = np.random.default_rng(0).permutation(len(self.bits))
        order = np.lexsort((drawn[self.molecules], ~several[self.molecules], self.assays))
        first = np.searchsorted(self.assays[order], self.assays[order])  # where each assay begins
        turn = np.full(len(self.bits), len(order))
        np.minimum.at(turn, self.molecules[order], np.arange(len(order)) - first)
        ranked = np.lexsort((drawn[self.molecules], turn[self.molecules]))
        return np.sort(ranked[:number])


@dataclass(frozen=True, eq=False)
class AssayEffects:
    """Offsets and noises of `a` assays.

    Attributes
    ----------
    offsets : float64 [a]
        By how much an assay's values are above those of the reference; 0 for itself.
    offset_errors : float64 [a]
        Standard errors of the offsets.
    noises : float64 [a]
        Standard deviation of a value around the molecule's true one, in its assay, besides the errors that are known.
    """

    offsets: Array
    offset_errors: Array
    noises: Array


@dataclass(frozen=True, eq=False)
class Variances:
    """Of values whose variance is 1: along fragments, of each molecule by itself, of offsets, and of each assay's noise [a]."""

    fragments: float
    molecule: float
    offset: float
    noise: Array

    @classmethod
    def of(cls, theta: Array) -> "Variances":
        """From logarithms: the first three, the usual noise, and what each assay's adds to it."""
        fragments, molecule, offset = np.exp(theta[:3]).tolist()
        return cls(fragments, molecule, offset, np.exp(theta[3] + theta[4:]))


def assay_effects(measured: AssayValues, assays: int, reference: int) -> AssayEffects:
    """Learn by how much each of so many assays differs from the one with the number `reference`.

    The variances are those with the highest marginal likelihood, under weak priors, of at most `FOR_VARIANCES` of the values;
    offsets are learnt from at most `FOR_OFFSETS`.
    """
    scale = float(measured.values.std()) or 1.0
    standard = AssayValues(
        (measured.values - measured.values.mean()) / scale,
        measured.errors / scale,
        measured.assays,
        measured.molecules,
        measured.bits,
    )
    learnt = _most_likely(standard.take(standard.some(FOR_VARIANCES)), assays)
    offsets, covariance = offsets_given(standard.take(standard.some(FOR_OFFSETS)), learnt)
    own, other = covariance.diagonal(), covariance[reference]
    variance = np.maximum(own + own[reference] - 2 * other, 0)
    return AssayEffects((offsets - offsets[reference]) * scale, np.sqrt(variance) * scale, np.sqrt(learnt.noise) * scale)


def offsets_given(known: AssayValues, learnt: Variances) -> tuple[Array, Array]:
    """Means [a] and covariance [a, a] of the offsets, given values of variance 1 and mean 0, and the variances."""
    members = np.eye(len(learnt.noise))[known.assays]  # [n, a]
    factor = cholesky(_covariance(known, learnt, _similarity(known)), lower=True)
    solved = cho_solve((factor, True), np.column_stack([known.values, members]))
    mean = learnt.offset * members.T @ solved[:, 0]
    return mean, learnt.offset * np.eye(members.shape[1]) - learnt.offset**2 * members.T @ solved[:, 1:]


def _similarity(known: AssayValues) -> Array:
    """Of the molecules of each pair of values [n, n]."""
    between = tanimoto_matrix(known.bits, known.bits).astype(float)
    return between[np.ix_(known.molecules, known.molecules)]


def _covariance(known: AssayValues, learnt: Variances, similarity: Array) -> Array:
    """Of values [n, n]; what all of them have in common has the variance 1."""
    found = 1 + learnt.fragments * similarity
    found += learnt.molecule * (known.molecules[:, None] == known.molecules)
    found += learnt.offset * (known.assays[:, None] == known.assays)
    return found + np.diag(learnt.noise[known.assays] + known.errors**2 + JITTER)


def _most_likely(known: AssayValues, assays: int) -> Variances:
    start = np.concatenate([USUAL, np.zeros(assays)])
    bounds = [LIMITS] * len(USUAL) + [(-4.0, 4.0)] * assays
    loss = negative_log_posterior(known, assays)
    return Variances.of(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x)


def negative_log_posterior(known: AssayValues, assays: int) -> Callable[[Array], tuple[float, Array]]:
    """A function of logarithms of variances (see `Variances.of`) that returns its value and its gradient."""
    similarity = _similarity(known)
    same_molecule = known.molecules[:, None] == known.molecules
    same_assay = known.assays[:, None] == known.assays
    centre = np.concatenate([USUAL, np.zeros(assays)])
    spread = np.concatenate([np.full(len(USUAL), LOOSE), np.full(assays, CLOSE)])

    def loss(theta: Array) -> tuple[float, Array]:
        guess = Variances.of(theta)
        off = (theta - centre) / spread
        try:
            factor = cholesky(_covariance(known, guess, similarity), lower=True)
        except LinAlgError:
            return 1e10, np.zeros_like(theta)
        solved = cho_solve((factor, True), known.values)
        inner = (cho_solve((factor, True), np.eye(len(solved))) - np.outer(solved, solved)) / 2
        noise = np.bincount(known.assays, inner.diagonal() * guess.noise[known.assays], assays)
        parts = [
            guess.fragments * (inner * similarity).sum(),
            guess.molecule * inner[same_molecule].sum(),
            guess.offset * inner[same_assay].sum(),
            noise.sum(),
        ]
        value = known.values @ solved / 2 + np.log(factor.diagonal()).sum() + np.square(off).sum() / 2
        return float(value), np.concatenate([parts, noise]) + off / spread

    return loss
