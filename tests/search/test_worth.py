import numpy as np
import pytest
from rdkit import Chem
from sklearn.linear_model import Ridge

from molgen.chem.crossover import Part
from molgen.search.surrogates.features import describe, stack
from molgen.search.worth import RIDGE, TEMPERATURE, Worth

SMILES = ["CCO", "CCN", "CCCO", "OCCO", "c1ccccc1O", "CC(C)O", "CCCCN", "NCCN", "Oc1ccc(O)cc1", "CC(=O)O"]
SCORES = [0.3, 0.1, 0.32, 0.7, 0.5, 0.2, 0.15, 0.2, 0.9, 0.6]


@pytest.fixture(scope="module")
def worth() -> Worth:
    return Worth.learnt(stack([describe(Chem.MolFromSmiles(text)) for text in SMILES]), SCORES, 0.5)


@pytest.mark.parametrize("smiles", ["OCCCO", "Nc1ccc(O)cc1", "CCCCC"])
def test_a_whole_molecule_is_worth_what_ridge_regression_says(worth: Worth, smiles: str) -> None:
    fragments = stack([describe(Chem.MolFromSmiles(text)) for text in [*SMILES, smiles]]).families[0].toarray()
    ridge = Ridge(alpha=RIDGE, fit_intercept=False).fit(fragments[:-1], SCORES - np.mean(SCORES))
    expected = ridge.predict(fragments[-1:])[0] / (TEMPERATURE * 0.5)
    everything = Part(tuple(range(Chem.MolFromSmiles(smiles).GetNumAtoms())), ())
    assert worth.of(smiles, "C")(everything, Part((), ())) == pytest.approx(expected, abs=1e-4)


def test_a_second_occurrence_is_worth_what_it_adds(worth: Worth) -> None:
    """Two of a kind aren't worth twice as much as one, whichever parent they come from."""
    ring = Part((1, 2, 3, 4, 5, 6), ())
    odds = worth.of("Oc1ccccc1", "Oc1ccccc1")
    hydroxyl, nothing = Part((0,), ()), Part((), ())
    assert odds(hydroxyl, ring) == pytest.approx(odds(ring, hydroxyl))
    assert odds(hydroxyl, nothing) > 0
    assert odds(hydroxyl, hydroxyl) != pytest.approx(2 * odds(hydroxyl, nothing))
