import pickle

import numpy as np
import pytest
from rdkit import Chem, rdBase

from molgen.chem.molecules import Molecules, randomize
from tests.conftest import ASPIRIN


def test_order_is_kept_and_invalid_ones_say_why() -> None:
    molecules = Molecules(["OCC", "not a molecule", "c1ccccc1O", "", "C(C)(C)(C)(C)C", "CC("])
    assert molecules.canonical == ("CCO", None, "Oc1ccccc1", None, None, None)
    assert molecules.problem[0] is None
    assert "syntax" in molecules.problem[1]
    assert "empty" in molecules.problem[3]
    assert "valence" in molecules.problem[4]
    assert "syntax" in molecules.problem[5]


@pytest.mark.parametrize("text", ["C\ud800", "SUÞ\U000d32fb±핆rUbné", "CCO é"])
def test_what_is_not_ascii_is_refused_wherever_rdkit_writes_its_messages(text: str) -> None:
    try:
        rdBase.LogToPythonLogger()
        assert "ASCII" in (Molecules([text]).problem[0] or "")
    finally:
        rdBase.LogToCppStreams()


@pytest.mark.parametrize("value", [None, 3, float("nan"), b"CCO", ["CCO"]])
def test_what_is_not_text_is_an_invalid_molecule(value: object) -> None:
    assert Molecules([value]).canonical == (None,)  # type: ignore[list-item]


def test_map_gives_nan_for_invalid_molecules_and_for_failures() -> None:
    def atoms_except_of_benzene(mol: Chem.Mol) -> int:
        if mol.GetNumAtoms() == 6:
            raise ValueError
        return mol.GetNumAtoms()

    values = Molecules(["CCO", "x", "c1ccccc1"]).map(atoms_except_of_benzene)
    assert values.dtype == np.float64
    np.testing.assert_equal(values, [3, np.nan, np.nan])


def test_pickling_keeps_the_batch() -> None:
    molecules = pickle.loads(pickle.dumps(Molecules(["CCO", "x"])))
    assert molecules.canonical == ("CCO", None)


def test_fingerprints_are_computed_once() -> None:
    molecules = Molecules(["CCO", "x"])
    first = molecules.fingerprint("ECFP4")
    assert first[1] is None
    assert molecules.fingerprint("ECFP4") is first


def test_randomized_smiles_are_other_spellings_of_the_same_molecule() -> None:
    rng = np.random.default_rng(0)
    spellings = {randomize(ASPIRIN, rng) for _ in range(30)}
    assert len(spellings) > 10
    assert {Chem.CanonSmiles(text) for text in spellings} == {Chem.CanonSmiles(ASPIRIN)}
