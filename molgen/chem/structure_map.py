"""Molecules as points of a plane on which similar ones lie together; later ones find their place without moving the others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.spatial import KDTree
from sklearn.decomposition import KernelPCA
from sklearn.manifold import TSNE, trustworthiness
from threadpoolctl import threadpool_limits

from molgen.chem.similarity import bit_matrix, tanimoto_matrix

Array = NDArray[np.float64]

FEW = 30  # molecules below which distances are kept as they are, as well as a plane can
STEPS = 500  # of gradient descent
NEIGHBOURS = 10  # that a place is made of, and that a map is judged by
NEAR = 5  # of these count that lie as near to the most similar one, in typical distances of neighbours
POWER = 4  # of the similarity, as weight
BLOCK = 1000  # molecules that are placed at a time


def on_plane(mols: Sequence[Chem.Mol]) -> Array:
    """Places [n, 2] of molecules from Tanimoto similarities of ECFP4: by t-SNE, of fewer than `FEW` by classical scaling.

    t-SNE begins with the kernel PCA of the similarities, so that the result depends on the molecules alone.

    Sources: van der Maaten and Hinton, J. Mach. Learn. Res. 9, 2579 (2008); Kobak and Berens, Nat. Commun. 10, 5416 (2019);
    Torgerson, Psychometrika 17, 401 (1952).
    """
    bits = bit_matrix(mols)
    similar = tanimoto_matrix(bits, bits).astype(float)
    distances = (1 - similar).clip(0)
    np.fill_diagonal(distances, 0)
    if len(mols) < FEW:
        return _scaled(distances)
    with threadpool_limits(1):  # sums of several threads differ from run to run
        began = KernelPCA(2, kernel="precomputed", eigen_solver="dense" if len(mols) < 200 else "arpack", random_state=0)
        first = began.fit_transform(similar)
        first = 1e-4 * first / max(first[:, 0].std(), 1e-12)
        perplexity = min(30.0, (len(mols) - 1) / 4)
        tsne = TSNE(metric="precomputed", init=first.astype(np.float32), random_state=0, max_iter=STEPS, perplexity=perplexity)
        return np.asarray(tsne.fit_transform(distances), float)


def _scaled(distances: Array) -> Array:
    """Classical scaling of distances [n, n] to a plane [n, 2]."""
    n = len(distances)
    if n < 3:
        return np.column_stack([distances[0], np.zeros(n)]) if n else np.zeros((0, 2))
    centring = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-centring @ distances**2 @ centring / 2)
    return np.asarray(vectors[:, [-1, -2]] * np.sqrt(values[[-1, -2]].clip(0)))


@dataclass(frozen=True)
class StructureMap:
    """A plane with the molecules that it was laid out with.

    Attributes
    ----------
    anchors
        Their fingerprints [m, bits].
    places
        Where they lie [m, 2]; the larger side of the map is from 0 to 1.
    """

    anchors: NDArray[np.uint8]
    places: Array

    @classmethod
    def of(cls, mols: Sequence[Chem.Mol]) -> "StructureMap":
        """Lay out molecules, of which there is one at least."""
        places = on_plane(mols)
        places = places - places.min(0)
        return cls(bit_matrix(mols), places / max(places.max(), 1e-12))

    def place(self, mols: Sequence[Chem.Mol]) -> tuple[Array, Array]:
        """Where molecules lie [n, 2], and their Tanimoto similarity [n] to the most similar molecule of the layout.

        A molecule lies amid those of the `NEIGHBOURS` most similar ones that are together on the map, and in the place of one
        with the same fingerprint.
        """
        if not mols:
            return np.zeros((0, 2)), np.zeros(0)
        parts = [self._placed(mols[start : start + BLOCK]) for start in range(0, len(mols), BLOCK)]
        return np.concatenate([places for places, _ in parts]), np.concatenate([similar for _, similar in parts])

    def _placed(self, mols: Sequence[Chem.Mol]) -> tuple[Array, Array]:
        similar = tanimoto_matrix(bit_matrix(mols), self.anchors)
        near = np.argsort(-similar, axis=1, kind="stable")[:, :NEIGHBOURS]
        close = np.take_along_axis(similar, near, axis=1).astype(float)
        offsets = self.places[near] - self.places[near[:, :1]]
        weights = close**POWER * (np.linalg.norm(offsets, axis=2) <= NEAR * self._typical_distance())
        weights[close[:, 0] > 1 - 1e-6, 1:] = 0
        weights[:, 0] = np.maximum(weights[:, 0], 1e-12)  # what has nothing in common with any
        shift = (offsets * weights[:, :, None]).sum(1) / weights.sum(1, keepdims=True)
        return self.places[near[:, 0]] + shift, close[:, 0]

    def _typical_distance(self) -> float:
        if len(self.places) < 2:
            return 0.0
        return float(np.median(KDTree(self.places).query(self.places, 2)[0][:, 1]))


@dataclass(frozen=True)
class Faithfulness:
    """How far neighbours on a map are neighbours in structure.

    Attributes
    ----------
    trustworthiness
        Of the `NEIGHBOURS` nearest on the map: 1 if they are the most similar ones, about 0.5 if places mean nothing
        (Venna and Kaski, Neural Networks 14, 2001).
    nearest, random
        Median Tanimoto similarity of a molecule to its nearest one on the map, and to any other.
    """

    trustworthiness: float
    nearest: float
    random: float

    @classmethod
    def of(cls, mols: Sequence[Chem.Mol], places: Array) -> "Faithfulness | None":
        """Compare places [n, 2] with structures; None for too few molecules to tell."""
        if len(mols) < 3 * NEIGHBOURS:
            return None
        bits = bit_matrix(mols)
        similar = tanimoto_matrix(bits, bits).astype(float)
        distances = (1 - similar).clip(0)
        np.fill_diagonal(distances, 0)
        trusted = trustworthiness(distances, places, n_neighbors=NEIGHBOURS, metric="precomputed")
        nearest = _nearest_others(places)
        others = similar[~np.eye(len(mols), dtype=bool)]
        return cls(float(trusted), float(np.median(similar[np.arange(len(mols)), nearest])), float(np.median(others)))


def _nearest_others(places: Array) -> NDArray[np.int64]:
    """Of each point the index [n] of the nearest other one."""
    found = KDTree(places).query(places, 2)[1]
    own = np.arange(len(places))
    return np.where(found[:, 0] == own, found[:, 1], found[:, 0])
