"""Similar molecules lie together on a map, later ones beside them, and how far that holds is measured."""

import numpy as np
import pytest
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molgen.chem.structure_map import FEW, Faithfulness, StructureMap, on_plane

CORES = ["c1ccc2[nH]ccc2c1", "C1CCN(CC1)S(=O)(=O)c1ccccc1", "O=C(O)c1ccncc1"]
TAILS = ["C", "CC", "CCC", "CCCC", "CO", "CCO", "OC", "OCC", "CN", "CCN", "F", "Cl", "CF", "C(C)C", "N", "CCCl"]
SERIES = [[Chem.MolFromSmiles(f"{core}{tail}") for tail in TAILS] for core in CORES]


def series_of_the_nearest(places: np.ndarray, others: np.ndarray) -> list[int]:
    """For each place the series of the nearest of the `others`, which are those of `SERIES` in order."""
    distances = np.linalg.norm(places[:, None] - others[None], axis=-1)
    distances[distances == 0] = np.inf
    return (distances.argmin(1) // len(TAILS)).tolist()


@pytest.mark.parametrize("each", [6, len(TAILS)])
def test_neighbours_are_of_one_series_and_a_layout_is_always_the_same(each: int) -> None:
    mols = [mol for series in SERIES for mol in series[:each]]
    assert (len(mols) < FEW) == (each == 6)  # by classical scaling, and by t-SNE
    places = on_plane(mols)
    np.testing.assert_array_equal(on_plane(mols), places)
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1) + 1e9 * np.eye(len(places))
    assert (distances.argmin(1) // each).tolist() == [i // each for i in range(len(mols))]


def test_later_molecules_lie_beside_their_like_and_nothing_moves() -> None:
    mols = [mol for series in SERIES for mol in series]
    space = StructureMap.of(mols)
    places, similar = space.place(mols)
    np.testing.assert_array_equal(places, space.places)
    np.testing.assert_allclose(similar, 1)
    assert space.places.min() == 0
    assert space.places.max() == 1
    later = [Chem.MolFromSmiles(f"{core}CCCCC") for core in CORES]
    places, similar = space.place(later)
    assert series_of_the_nearest(places, space.places) == [0, 1, 2]
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    prints = [morgan.GetFingerprint(mol) for mol in mols]
    likeness = [max(DataStructs.BulkTanimotoSimilarity(morgan.GetFingerprint(mol), prints)) for mol in later]
    np.testing.assert_allclose(similar, likeness, rtol=1e-5)
    alone, _ = space.place(later[1:2])  # whatever else comes
    np.testing.assert_allclose(alone, places[1:2])
    unlike, nothing = space.place([Chem.MolFromSmiles("[He]")])
    assert nothing[0] == 0
    assert np.isfinite(unlike).all()


def test_one_and_two_molecules_have_places() -> None:
    for smiles in (["CCO"], ["CCO", "c1ccccc1"], ["CCO", "CCO"]):
        assert np.isfinite(StructureMap.of([Chem.MolFromSmiles(text) for text in smiles]).places).all()
    assert StructureMap.of(SERIES[0]).place([])[0].shape == (0, 2)


def test_how_far_a_map_is_trusted_is_the_figure_of_venna_and_kaski() -> None:
    mols = [mol for series in SERIES for mol in series]
    places = on_plane(mols)
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    prints = [morgan.GetFingerprint(mol) for mol in mols]
    similar = np.array([DataStructs.BulkTanimotoSimilarity(each, prints) for each in prints])
    n, k = len(mols), 10
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, -1)
    lost = 0
    for i in range(n):
        near = np.argsort(apart[i])[1 : k + 1]
        by_structure = np.argsort(np.where(np.arange(n) == i, -1, 1 - similar[i]), kind="stable")
        rank = {j: place for place, j in enumerate(by_structure)}
        lost += sum(rank[j] - k for j in near if rank[j] > k)
    found = Faithfulness.of(mols, places)
    assert found is not None
    assert found.trustworthiness == pytest.approx(1 - 2 * lost / (n * k * (2 * n - 3 * k - 1)), abs=0.02)  # ties
    nearest = [similar[i, np.argsort(apart[i])[1]] for i in range(n)]
    assert found.nearest == pytest.approx(np.median(nearest), abs=1e-5)
    assert found.random == pytest.approx(np.median(similar[~np.eye(n, dtype=bool)]), abs=1e-5)
    by_chance = Faithfulness.of(mols, np.random.default_rng(0).random((n, 2)))
    assert by_chance is not None
    assert by_chance.trustworthiness < 0.7 < 0.9 < found.trustworthiness
    assert Faithfulness.of(mols[:20], places[:20]) is None
