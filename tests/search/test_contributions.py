import numpy as np
import pytest
from rdkit import Chem
from sklearn.linear_model import Ridge

from molgen.chem.crossover import Subgraph
from molgen.search.bayesian.contributions import RIDGE, TEMPERATURE, FragmentContributions
from molgen.search.bayesian.models.features import describe, stack

SMILES = ["CCO", "CCN", "CCCO", "OCCO", "c1ccccc1O", "CC(C)O", "CCCCN", "NCCN", "Oc1ccc(O)cc1", "CC(=O)O"]
SCORES = [0.3, 0.1, 0.32, 0.7, 0.5, 0.2, 0.15, 0.2, 0.9, 0.6]
NOTHING = Subgraph((), ())


@pytest.fixture(scope="module")
def contributions() -> FragmentContributions:
    return FragmentContributions.fit(stack([describe(Chem.MolFromSmiles(text)) for text in SMILES]), SCORES, 0.5)


@pytest.mark.parametrize("smiles", ["OCCCO", "Nc1ccc(O)cc1", "CCCCC"])
def test_a_whole_molecule_contributes_what_ridge_regression_says(contributions: FragmentContributions, smiles: str) -> None:
    fragments = stack([describe(Chem.MolFromSmiles(text)) for text in [*SMILES, smiles]]).families[0].toarray()
    ridge = Ridge(alpha=RIDGE, fit_intercept=False).fit(fragments[:-1], SCORES - np.mean(SCORES))
    expected = ridge.predict(fragments[-1:])[0] / (TEMPERATURE * 0.5)
    everything = Subgraph(tuple(range(Chem.MolFromSmiles(smiles).GetNumAtoms())), ())
    assert contributions.log_odds(smiles, "C")([everything], [NOTHING]).item() == pytest.approx(expected, abs=1e-4)


def test_a_second_occurrence_contributes_what_it_adds(contributions: FragmentContributions) -> None:
    """Two of a kind don't contribute twice as much as one, whichever parent they come from."""
    ring, hydroxyl = Subgraph((1, 2, 3, 4, 5, 6), ()), Subgraph((0,), ())
    odds = contributions.log_odds("Oc1ccccc1", "Oc1ccccc1")([hydroxyl, ring], [ring, hydroxyl, NOTHING])
    assert odds.shape == (2, 3)
    assert odds[0, 0] == pytest.approx(odds[1, 1])
    assert odds[0, 2] > 0
    assert odds[0, 1] != pytest.approx(2 * odds[0, 2])


def test_subgraphs_of_different_molecules_contribute_what_they_do_in_either(contributions: FragmentContributions) -> None:
    """A hydroxyl counts as a second one beside another molecule's, and subgraphs that share nothing add up."""
    end, ring = Subgraph((2,), ()), Subgraph((1, 2, 3, 4, 5, 6), ())
    alone = contributions.log_odds("CCO", "Oc1ccccc1")([end], [NOTHING]).item()
    ringed = contributions.log_odds("CCO", "Oc1ccccc1")([NOTHING], [ring]).item()
    assert contributions.log_odds("CCO", "Oc1ccccc1")([end], [ring]).item() == pytest.approx(alone + ringed, abs=1e-4)
    assert contributions.log_odds("Oc1ccccc1", "CCO")([ring], [end]).item() == pytest.approx(alone + ringed, abs=1e-4)
