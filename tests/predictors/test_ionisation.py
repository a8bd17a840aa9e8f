"""How molecules are charged in water, beside textbook pKa and the equation of Henderson and Hasselbalch."""

import json
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molgen.data.dataset import Dataset
from molgen.errors import CheckpointError
from molgen.predictors.boosted import Boosted
from molgen.predictors.features import NAMES, NEUTRAL, feature_matrix, feature_rows
from molgen.predictors.ionisation import NAMES as OWN
from molgen.predictors.ionisation import ionisation
from molgen.predictors.trees import Trees


def of(smiles: str, logp: float = 0.0) -> dict[str, float]:
    return dict(zip(OWN, ionisation(Chem.MolFromSmiles(smiles), logp).tolist(), strict=True))


@pytest.mark.parametrize(("smiles", "pka"), [("CC(=O)O", 4.76), ("OC(=O)c1ccccc1", 4.20), ("Oc1ccccc1", 9.99)])
def test_acids(smiles: str, pka: float) -> None:
    found = of(smiles, logp=1.0)
    known = found["strongest acid"]
    assert known == pytest.approx(pka, abs=0.3)  # CRC Handbook
    for ph in (2, 6.5, 7.4):
        neutral = 1 / (1 + 10 ** (ph - known))
        assert found[f"negative charge at pH {ph}"] == pytest.approx(1 - neutral, abs=1e-4)
        assert found[f"charge at pH {ph}"] == pytest.approx(neutral - 1, abs=1e-4)
        assert found[f"neutral share at pH {ph}"] == pytest.approx(np.log10(neutral), abs=1e-3)
        assert found[f"logD at pH {ph}"] == pytest.approx(1 + np.log10(neutral), abs=1e-3)
    assert found["strongest base"] == 0
    assert found["positive charge at pH 2"] == 0


@pytest.mark.parametrize(("smiles", "pka"), [("CCN", 10.7), ("c1ccncc1", 5.23), ("c1ccc(CN)cc1", 9.3)])
def test_bases(smiles: str, pka: float) -> None:
    found = of(smiles)
    assert found["strongest base"] == pytest.approx(pka, abs=0.3)
    charged = 1 / (1 + 10 ** (7.4 - found["strongest base"]))
    assert found["charge at pH 7.4"] == found["positive charge at pH 7.4"] == pytest.approx(charged, abs=1e-4)
    assert found["strongest acid"] == 14


def test_charges_of_both_signs() -> None:
    glycine = of("NCC(=O)O")
    assert glycine["charge at pH 6.5"] == pytest.approx(0, abs=0.01)
    assert glycine["positive charge at pH 6.5"] == pytest.approx(1, abs=0.01)
    assert glycine["neutral share at pH 6.5"] == -6  # a zwitterion, of which hardly any has lost both charges


def test_charges_that_stay() -> None:
    choline = of("C[N+](C)(C)CCO", logp=-1.0)
    assert choline["charge at pH 2"] == choline["charge at pH 9"] == 1
    assert choline["logD at pH 7.4"] == -5
    nitro = of("C[N+](=O)[O-]", logp=0.5)
    assert nitro["charge at pH 7.4"] == 0
    assert nitro["logD at pH 7.4"] == 0.5


def test_the_same_however_it_is_drawn() -> None:
    for first, second in (("CC(=O)[O-]", "CC(=O)O"), ("CC[NH3+]", "CCN"), ("[NH3+]CC(=O)[O-]", "NCC(=O)O")):
        assert of(first) == of(second)


def test_molecules_without_a_pka_keep_their_other_features(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(mol: Chem.Mol) -> None:
        raise ValueError("no pKa")

    monkeypatch.setattr("molgen.predictors.ionisation.Compound.of", refused)
    (row,) = feature_rows([Chem.MolFromSmiles("CCO")])
    assert np.isnan(row[NEUTRAL:]).all()
    assert not np.isnan(row[:NEUTRAL]).all()


def test_predictors_from_before_are_read(measured: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, asked = tmp_path / "before.safetensors", list(measured.molecules.smiles[80:85])
    with monkeypatch.context() as before:
        before.setattr("molgen.predictors.boosted.feature_matrix", lambda molecules: feature_matrix(molecules)[:, :NEUTRAL])
        old = Boosted(Trees(n_estimators=10), folds=3)
        old.fit(measured.take(range(80)))
        expected = old.predict(asked).mean
        old.save(path, {})
    assert "ionisation" not in json.loads(path.with_suffix(".json").read_text())
    read = Boosted.load(path)
    np.testing.assert_allclose(read.predict(asked).mean, expected, rtol=1e-6)
    mol = Chem.MolFromSmiles(measured.molecules.smiles[0])
    assert 0 < read.nearest_measured(mol, "logp", None, 1)[0][2] <= 1
    assert read.training.scaling.size == NEUTRAL < len(NAMES)


def test_other_pka_values_are_refused(boosted: Boosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.safetensors"
    boosted.save(path, {})
    monkeypatch.setattr("molgen.predictors.boosted.VERSION", "pka-9-other")
    with pytest.raises(CheckpointError, match="train it again"):
        Boosted.load(path)
