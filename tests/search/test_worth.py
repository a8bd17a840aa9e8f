import numpy as np
import pytest
from rdkit import Chem
from sklearn.linear_model import Ridge

from molgen.chem.crossover import Part
from molgen.search.bayesian.contributions import RIDGE, TEMPERATURE, Worth
from molgen.search.bayesian.models.features import describe, stack

SMILES = ["CCO", "CCN", "CCCO", "OCCO", "c1ccccc1O", "CC(C)O", "CCCCN", "NCCN", "Oc1ccc(O)cc1", "CC(=O)O"]
SCORES = [0.3, 0.1, 0.32, 0.7, 0.5, 0.2, 0.15, 0.2, 0.9, 0.6]
NOTHING = Part((), ())


@pytest.fixture(scope="module")
def worth() -> Worth:
    return Worth.learnt(stack([describe(Chem.MolFromSmiles(text)) for text in SMILES]), SCORES, 0.5)


@pytest.mark.parametrize("smiles", ["OCCCO", "Nc1ccc(O)cc1", "CCCCC"])
def test_a_whole_molecule_is_worth_what_ridge_regression_says(worth: Worth, smiles: str) -> None:
    fragments = stack([describe(Chem.MolFromSmiles(text)) for text in [*SMILES, smiles]]).families[0].toarray()
    ridge = Ridge(alpha=RIDGE, fit_intercept=False).fit(fragments[:-1], SCORES - np.mean(SCORES))
    expected = ridge.predict(fragments[-1:])[0] / (TEMPERATURE * 0.5)
    everything = Part(tuple(range(Chem.MolFromSmiles(smiles).GetNumAtoms())), ())
    assert worth.of(smiles, "C")([everything], [NOTHING]).item() == pytest.approx(expected, abs=1e-4)


def test_a_second_occurrence_is_worth_what_it_adds(worth: Worth) -> None:
    """Two of a kind aren't worth twice as much as one, whichever parent they come from."""
    ring, hydroxyl = Part((1, 2, 3, 4, 5, 6), ()), Part((0,), ())
    odds = worth.of("Oc1ccccc1", "Oc1ccccc1")([hydroxyl, ring], [ring, hydroxyl, NOTHING])
    assert odds.shape == (2, 3)
    assert odds[0, 0] == pytest.approx(odds[1, 1])
    assert odds[0, 2] > 0
    assert odds[0, 1] != pytest.approx(2 * odds[0, 2])


def test_parts_of_different_molecules_are_worth_what_they_are_in_either(worth: Worth) -> None:
    """A hydroxyl counts as a second one beside another molecule's, and parts that share nothing add up."""
    end, ring = Part((2,), ()), Part((1, 2, 3, 4, 5, 6), ())
    alone = worth.of("CCO", "Oc1ccccc1")([end], [NOTHING]).item()
    ringed = worth.of("CCO", "Oc1ccccc1")([NOTHING], [ring]).item()
    assert worth.of("CCO", "Oc1ccccc1")([end], [ring]).item() == pytest.approx(alone + ringed, abs=1e-4)
    assert worth.of("Oc1ccccc1", "CCO")([ring], [end]).item() == pytest.approx(alone + ringed, abs=1e-4)
