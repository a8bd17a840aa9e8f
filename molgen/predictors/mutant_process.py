"""By how much a mutant's affinities differ from the wild type's: Gaussian process regression over changes and drugs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular

from molgen.predictors.kinase_places import counterparts, region
from molgen.predictors.protein_forms import ProteinForm, ResidueChange

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]

# Volume in cubic Angstrom (Zamyatnin, Prog. Biophys. Mol. Biol. 24, 107, 1972), hydropathy (Kyte and Doolittle, J. Mol. Biol.
# 157, 105, 1982) and charge at pH 7 of residues.
RESIDUES = {
    "A": (88.6, 1.8, 0), "C": (108.5, 2.5, 0), "D": (111.1, -3.5, -1), "E": (138.4, -3.5, -1), "F": (189.9, 2.8, 0),
    "G": (60.1, -0.4, 0), "H": (153.2, -3.2, 0), "I": (166.7, 4.5, 0), "K": (168.6, -3.9, 1), "L": (166.7, 3.8, 0),
    "M": (162.9, 1.9, 0), "N": (114.1, -3.5, 0), "P": (112.7, -1.6, 0), "Q": (143.8, -3.5, 0), "R": (173.4, -4.5, 1),
    "S": (89.0, -0.8, 0), "T": (116.1, -0.7, 0), "V": (140.0, 4.2, 0), "W": (227.8, -0.9, 0), "Y": (193.6, -1.3, 0),
}  # fmt: skip
SCALE = np.array([80.0, 6.0, 2.0])  # by which changes of these must differ to be unlike


@dataclass(frozen=True)
class ChangeWeights:
    """Variances of what a change does to the affinity of a drug, by what it has in common with other changes.

    Attributes
    ----------
    any, region, protein_region, place
        In common with every change, with those in the same region of a kinase, of that region in the same protein, and of the
        same residue, or that of another kinase which it is aligned with.
    residues
        Share of these that changes have in common only as far as the substitutions themselves are alike.
    protein, form
        In common with all forms of the same protein (the error of the wild type's values among it), and the form's own.
    """

    any: float = 0.15
    region: float = 0.2
    protein_region: float = 0.2
    place: float = 0.4
    residues: float = 0.5
    protein: float = 0.1
    form: float = 0.05


@dataclass
class MutantProcess:
    """The difference of a form's affinities from those of its wild type: a sum over the form's changes.

    The covariance of two differences is that of their changes times the likeness of their drugs times `constant` + `binding` w
    w', where w is by how much each wild type binds its drug more strongly than `floor`: what isn't bound has little to lose.

    Attributes
    ----------
    weights
        The covariance of changes.
    constant, binding
        The covariance of differences of drugs that the wild type doesn't bind, and its growth with their affinity.
    noise
        Variance of a measured difference.
    floor
        The affinity that stands for no binding, in the unit of the affinities.
    """

    weights: ChangeWeights = ChangeWeights()
    constant: float = 0.1
    binding: float = 0.1
    noise: float = 0.1
    floor: float = 5.0

    def fit(
        self, forms: Sequence[ProteinForm], form: Numbers, drug: Numbers, wild: Array, difference: Array, likeness: Array
    ) -> None:
        """Solve for measured differences.

        Parameters
        ----------
        forms
            [f], distinct.
        form, drug
            Of which form and drug each difference is, [p].
        wild, difference
            The wild type's affinity, and the form's less that, [p].
        likeness
            Of the drugs, [n, n].
        """
        self.forms, self.form, self.drug, self.wild = list(forms), form, drug, wild
        covariance = self.covariance(likeness)
        covariance[np.diag_indices_from(covariance)] += self.noise
        self.lower = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
        self.solved = cho_solve((self.lower, True), difference, check_finite=False)

    def covariance(self, likeness: Array) -> Array:
        """Of the differences learnt from, without noise, [p, p]."""
        forms = form_covariance(self.forms, self.forms, self.weights)
        found = likeness[np.ix_(self.drug, self.drug)]
        found *= self._bound(self.wild, self.wild)
        found *= forms[np.ix_(self.form, self.form)]
        return found

    def predict(self, form: ProteinForm, wild: Array, likeness: Array, among: Array) -> tuple[Array, Array]:
        """The differences to expect of a form, [q], and their covariance without noise, [q, q].

        Parameters
        ----------
        wild
            The wild type's affinities for the drugs, [q].
        likeness, among
            Of the drugs to those learnt from, [q, n], and to one another, [q, q].
        """
        [to_learnt], [[own]] = form_covariance([form], self.forms, self.weights), form_covariance([form], [form], self.weights)
        cross = likeness[:, self.drug] * self._bound(wild, self.wild) * to_learnt[self.form]
        half = solve_triangular(self.lower, cross.T, lower=True, check_finite=False)
        return cross @ self.solved, own * among * self._bound(wild, wild) - half.T @ half

    def _bound(self, one: Array, other: Array) -> Array:
        one, other = (np.maximum(values - self.floor, 0) for values in (one, other))
        return self.constant + self.binding * np.outer(one, other)


def form_covariance(some: Sequence[ProteinForm], others: Sequence[ProteinForm], weights: ChangeWeights) -> Array:
    """Covariance of the forms of proteins, [f, g]: that of each change of one with each of the other, summed."""
    found = np.empty((len(some), len(others)))
    for i, one in enumerate(some):
        for j, other in enumerate(others):
            same = one.protein == other.protein
            total = sum(_alike(a, one, b, other, weights) for a in one.changes for b in other.changes)
            found[i, j] = total + weights.protein * same + weights.form * (one == other)
    return found


def _alike(a: ResidueChange, one: ProteinForm, b: ResidueChange, other: ProteinForm, weights: ChangeWeights) -> float:
    same = one.protein == other.protein
    first, second = counterparts(one.protein).get(a.place), counterparts(other.protein).get(b.place)
    total = weights.any
    if _region(a, first) == _region(b, second):
        total += weights.region + weights.protein_region * same
    if a.place and ((same and a.place == b.place) or (first is not None and first == second)):
        total += weights.place
    return total * (1 - weights.residues + weights.residues * _residues_alike(a, b))


def _region(change: ResidueChange, place: int | None) -> str:
    return region(place) if change.place else change.after


def _residues_alike(a: ResidueChange, b: ResidueChange) -> float:
    """How alike what two changes do to a residue is: 1 the same, towards 0 unlike, and of kinds that can't be compared."""
    if a.after in RESIDUES and b.after in RESIDUES:
        moves = [np.subtract(RESIDUES[change.after], RESIDUES[change.before[0][1]]) for change in (a, b)]
        return float(np.exp(-0.5 * (((moves[0] - moves[1]) / SCALE) ** 2).sum()))
    return float(a.after == b.after)
