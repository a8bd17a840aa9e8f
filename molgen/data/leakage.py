"""What a training set gives away of a test set."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from molgen.chem.similarity import bit_matrix, nearest_neighbours
from molgen.chem.standardize import identity
from molgen.data.dataset import Dataset

SAME = 0.9  # Tanimoto similarity from which two molecules count as variants of each other


@dataclass(frozen=True)
class Leakage:
    """What a training set gives away of a test set.

    Attributes
    ----------
    identical
        Test molecules that are in the training set.
    same_skeleton
        Those that agree with one but for stereochemistry, isotopes and charge.
    similar
        The share with a training molecule at a Tanimoto similarity (ECFP4) of 0.9 or more.
    median_similarity
        Median similarity of test molecules to their nearest training molecule.
    shift
        Kolmogorov-Smirnov distance of the labels, and its p-value, by endpoint.
    """

    identical: int
    same_skeleton: int
    similar: float
    median_similarity: float
    shift: dict[str, tuple[float, float]]

    def lines(self) -> Iterator[str]:
        """The report for reading."""
        yield (
            f"test in training: {self.identical} identical, {self.same_skeleton} of the same skeleton, {self.similar:.1%} "
            f"at a similarity of {SAME} or more; median similarity to the nearest {self.median_similarity:.2f}"
        )
        for name, (distance, p) in self.shift.items():
            yield f"{name}: labels differ by {distance:.2f} (Kolmogorov-Smirnov, p = {p:.2g})"


def leakage(train: Dataset, test: Dataset) -> Leakage:
    """Compare the two parts of a data set."""
    known = [identity(mol) for mol in train.molecules.mols]
    asked = [identity(mol) for mol in test.molecules.mols]
    skeletons = {key[:14] for key in known}
    similarity, _ = nearest_neighbours(bit_matrix(test.molecules.mols), bit_matrix(train.molecules.mols))
    shift = {}
    for j, endpoint in enumerate(train.endpoints):
        parts = [part[~np.isnan(part)] for part in (train.labels[:, j], test.labels[:, j])]
        if all(len(part) for part in parts):
            found = stats.ks_2samp(*parts)
            shift[endpoint.name] = (round(float(found.statistic), 4), float(found.pvalue))
    return Leakage(
        identical=len(set(known) & set(asked)),
        same_skeleton=sum(key[:14] in skeletons for key in asked),
        similar=float((similarity >= SAME).mean()),
        median_similarity=float(np.median(similarity)),
        shift=shift,
    )
