import copy

import numpy as np
import pytest
from rdkit import Chem

from molgen.chem import descriptors
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import ConfigError, DataError
from molgen.predictors.boosted import Boosted
from molgen.predictors.features import NAMES, WORTH_PROCESSES, Scaling, feature_matrix, featurize
from molgen.predictors.trees import Trees
from tests.conftest import ASPIRIN, UNUSUAL


def test_descriptors_equal_those_that_rdkit_computes_one_by_one(samples: list[str]) -> None:
    one_by_one = dict(Chem.Descriptors.descList)
    for smiles in (*samples[:10], *UNUSUAL[:40]):
        mol = Chem.MolFromSmiles(smiles)
        expected = np.array([one_by_one[name](Chem.MolFromSmiles(smiles)) for name in descriptors.NAMES], np.float32)
        expected[~np.isfinite(expected)] = np.nan
        np.testing.assert_allclose(descriptors.rdkit_descriptors(mol), expected, rtol=1e-4, atol=1e-5)


def test_nothing_that_rdkit_remembers_of_a_molecule_is_told_of_another() -> None:
    mol = Chem.RWMol(Chem.MolFromSmiles(ASPIRIN))
    descriptors.rdkit_descriptors(mol)
    mol.GetAtomWithIdx(0).SetAtomicNum(9)
    Chem.SanitizeMol(mol)
    found, wanted = map(descriptors.rdkit_descriptors, (mol, Chem.MolFromSmiles(Chem.MolToSmiles(mol))))
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_features_are_the_same_from_processes_and_without_salts(samples: list[str]) -> None:
    many = (samples * 2)[: WORTH_PROCESSES + 1]
    parallel = feature_matrix(Molecules(many))
    np.testing.assert_array_equal(parallel[:5], np.stack([featurize(Chem.MolFromSmiles(text)) for text in samples[:5]]))
    salt = feature_matrix(Molecules([f"{ASPIRIN}.[Na+].[Cl-]"]).standardized(STANDARD))
    np.testing.assert_array_equal(salt[0], featurize(Chem.MolFromSmiles(ASPIRIN)))
    assert np.isnan(feature_matrix(Molecules(["x("]))).all()
    assert parallel.shape[1] == len(NAMES)


def test_packed_features_keep_which_bits_are_set(samples: list[str]) -> None:
    x = feature_matrix(Molecules(samples[:60]))
    scaling = Scaling.fit(x)
    absent = scaling.pack(np.zeros((1, x.shape[1]), np.float32))
    counts = slice(0, 2048)
    np.testing.assert_array_equal(scaling.pack(x)[:, counts] > absent[:, counts], x[:, counts] > 0)


def test_it_learns_and_its_intervals_cover_what_they_say(boosted: Boosted, measured: Dataset) -> None:
    test = measured.take(range(150, 200))
    found = boosted.predict(test.molecules)
    y = test.labels[:, 0]
    baseline = np.abs(y - np.median(measured.labels[:150, 0])).mean()
    assert np.abs(y - found.mean[:, 0]).mean() < 0.6 * baseline
    covered = ((found.low[:, 0] <= y) & (y <= found.high[:, 0])).mean()
    assert 0.76 <= covered <= 1  # 90 % within three standard errors of fifty
    known = ~np.isnan(test.labels[:, 1])
    assert ((found.mean[known, 1] > 0.5) == test.labels[known, 1]).mean() > 0.7


def test_training_molecules_are_their_own_nearest_neighbours(boosted: Boosted, measured: Dataset) -> None:
    found = boosted.predict(measured.molecules.take(range(10)), endpoints=["logp"])
    np.testing.assert_allclose(found.similarity, 1)
    smiles, value, similarity = boosted.attribute(found.molecules.mols[3], "logp").neighbours[0]
    assert smiles == measured.molecules.smiles[3]
    assert value == pytest.approx(measured.labels[3, 0], abs=1e-5)
    assert similarity == pytest.approx(1)


def test_what_resembles_nothing_is_outside_the_domain(boosted: Boosted) -> None:
    found = boosted.predict(["[Xe]", "C" * 60, "O=S(=O)=O"])
    assert not found.in_domain.any()


def test_atoms_that_raise_logp_are_told_from_those_that_lower_it(boosted: Boosted) -> None:
    """Crippen's logP rises with an alkyl chain and falls with a charged or hydroxyl end."""
    mol = Chem.MolFromSmiles("CCCCCCc1ccc(C(=O)NCCO)cc1")
    atoms = boosted.attribute(mol, "logp").atoms
    chain, polar = list(range(5)), [10, 11, 12, 13, 14]
    assert atoms[chain].mean() > atoms[[i for i in polar if mol.GetAtomWithIdx(i).GetSymbol() in "NO"]].mean()


def test_the_same_seed_gives_the_same_model(measured: Dataset) -> None:
    means = []
    for seed in (0, 0, 1):
        predictor = Boosted(Trees(n_estimators=5), folds=2, seed=seed)
        predictor.fit(measured.take(range(60)))
        means.append(predictor.predict(measured.molecules.take(range(60, 80))).mean)
    np.testing.assert_array_equal(means[0], means[1])
    assert (means[0] != means[2]).any()


def test_rare_classes_are_spread_over_the_folds_that_calibrate(samples: list[str]) -> None:
    """Three actives of sixty, all on one scaffold: every fold trains on two at least; of one active none can."""
    actives = ["Cc1ccc2ncccc2c1", "CCc1ccc2ncccc2c1", "CCCc1ccc2ncccc2c1"]
    molecules = Molecules([*actives, *samples[:57]])
    for number in (3, 1):
        labels = np.zeros((60, 1))
        labels[:number] = 1
        predictor, dataset = Boosted(Trees(n_estimators=5)), Dataset(molecules, labels, (Endpoint("hit", "classification"),))
        if number == 3:
            predictor.fit(dataset)
            assert not np.isnan(predictor.predict(molecules).mean).any()
        else:
            with pytest.raises(DataError, match=r"hit: 60 labels, of which the rarer value has 1: too few.*leave it out"):
                predictor.fit(dataset)


@pytest.mark.parametrize("folds", [0, 1])
def test_calibration_takes_two_folds(folds: int) -> None:
    with pytest.raises(ConfigError, match=f"folds={folds}: must be 2 or more"):
        Boosted(folds=folds)


def test_single_molecules_get_the_same_answers_from_the_sparse_layout(boosted: Boosted, measured: Dataset) -> None:
    """The kernel is in single precision in both: scores agree to what is printed; similarities are the same numbers."""
    prepared = copy.deepcopy(boosted)
    prepared.prepare_for_few()
    asked = [*measured.molecules.smiles[145:155], "[Xe]", "x("]
    dense, sparse = boosted.predict(asked), prepared.predict(asked)
    assert prepared.training.sparse is not None
    np.testing.assert_allclose(sparse.mean, dense.mean, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(sparse.std, dense.std, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(sparse.similarity, dense.similarity)
    x = prepared.training.coordinates(np.arange(20))
    squares = prepared.training.sparse.squared_distances(prepared.training.packed[:20])[:, :20]
    exact = ((x[:, None].astype(float) - x[None]) ** 2).sum(2)
    np.testing.assert_allclose(squares, exact, atol=1e-4)
