"""The domain of descriptors and values: what is flagged, and the words that say why."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from molgen.chem.physicochemical import PHYSICOCHEMICAL, physicochemical
from molgen.data.dataset import Dataset
from molgen.errors import ConfigError
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.domain import NO_PREDICTION, DescriptorDomain, joined_reasons, unlike
from molgen.predictors.features import feature_matrix
from molgen.predictors.reading import Statistic
from molgen.serve.predicting import predicted_molecules

NAMES = list(PHYSICOCHEMICAL)
LONG = "C" * 60


def test_descriptors_are_those_of_textbooks() -> None:
    """Aspirin, as PubChem and its label have it; a salt of a metal has no Gasteiger charges."""
    [aspirin, salt] = physicochemical([Chem.MolFromSmiles(text) for text in ("CC(=O)Oc1ccccc1C(=O)O", "Cl[Pt]Cl")])
    said = dict(zip(NAMES, aspirin, strict=True))
    assert said["MolWt"] == pytest.approx(180.16, abs=0.01)
    assert said["TPSA"] == pytest.approx(63.6, abs=0.05)
    assert (said["NumHDonors"], said["RingCount"], said["NumAromaticRings"]) == (1, 1, 1)
    assert said["FractionCSP3"] == pytest.approx(1 / 9)
    assert np.isnan(salt[NAMES.index("MaxPartialCharge")])
    assert np.isnan(physicochemical([None])).all()


def test_limits_are_those_worked_out_by_hand() -> None:
    """Of 0, 1, ..., 100 the middle nine tenths end at 5 and 95; the 100th of 101 excursions, 0.98 of 102, is 5."""
    known = np.zeros((101, len(NAMES)))
    known[:, 1] = np.arange(101)
    domain = DescriptorDomain.fit(known, np.arange(101.0))
    std = np.arange(101).std()
    assert (domain.low[1], domain.high[1]) == (pytest.approx(5), pytest.approx(95))
    assert domain.limit == pytest.approx(5 / std)
    asked = np.zeros((4, len(NAMES)))
    asked[:, 1] = 99, 99.9, 100.5, -3
    told = domain.reasons(asked, np.array([50.0, 50, 50, 101]))
    assert told[:2].tolist() == ["", ""]
    assert told[2] == "logP 100, above all 101 molecules learnt from"
    assert told[3] == "logP -3, below all 101 molecules learnt from; predicted 101, above all 101 values learnt from"


def test_between_the_limit_and_the_farthest_molecule_errors_are_known() -> None:
    known = np.zeros((101, len(NAMES)))
    known[:, 1] = [*range(100), 150]
    domain, asked = DescriptorDomain.fit(known, np.arange(101.0)), np.zeros((4, len(NAMES)))
    asked[:, 1] = 50, 120, 151, 50
    mean = np.array([50.0, 50, 50, 101])
    assert (domain.reasons(asked, mean) != "").tolist() == [False, True, True, True]
    assert domain.reasons(asked, mean)[1] == "logP 120, above 100 of 101 molecules learnt from"
    assert domain.beyond_all(asked, mean).tolist() == [False, False, True, True]


def test_a_descriptor_without_a_value_flags_nothing_and_a_constant_one_flags_what_differs() -> None:
    known = np.zeros((50, len(NAMES)))
    known[:, 0] = np.linspace(100, 200, 50)
    known[::7, 9] = np.nan
    asked = np.zeros((2, len(NAMES)))
    asked[:, 0], asked[0, 9], asked[1, 2] = 150, np.nan, 80
    told = DescriptorDomain.fit(known, np.zeros(50)).reasons(asked, np.zeros(2))
    assert told.tolist() == ["", "TPSA 80, above all 50 molecules learnt from"]


@pytest.mark.parametrize("number", [30, 100, 1000])
def test_of_fresh_molecules_of_the_same_kind_few_are_flagged(number: int) -> None:
    """Correlated, skewed descriptors: about 2 % beyond the limit that 98 % keep to, more where few molecules set it."""
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(len(NAMES), len(NAMES)))
    shares = []
    for _ in range(20):
        drawn = np.exp(0.3 * rng.normal(size=(number + 500, len(NAMES))) @ mixing)
        told = DescriptorDomain.fit(drawn[:number], np.zeros(number)).reasons(drawn[number:], np.zeros(500))
        shares.append((told != "").mean())
    assert 0.01 < np.mean(shares) < (0.12 if number == 30 else 0.04)


def test_what_lies_beyond_all_has_no_interval_and_a_reason(boosted: Boosted, measured: Dataset) -> None:
    found = boosted.predict([LONG, measured.molecules.smiles[0], "no molecule"], endpoints=["logp"])
    [told, inside, none] = found.outside[:, 0]
    assert f"logP {Crippen.MolLogP(Chem.MolFromSmiles(LONG)):.3g}, above all 150" in told
    assert "molecular weight 844, above all 150" in told
    assert (inside, none) == ("", NO_PREDICTION)
    assert np.isfinite(found.mean[0, 0])
    for values in (found.std, found.low, found.high):
        assert np.isnan(values[0, 0])
        assert np.isfinite(values[1, 0])
    table = found.to_pandas()
    assert table["logp_outside"].tolist()[0] == told
    assert table["logp_outside"].isna().tolist() == [False, True, True]
    value = predicted_molecules(found)[0].values["logp"]
    assert (value.low, value.std, value.in_domain, value.outside) == (None, None, False, told)


def test_training_molecules_are_nearly_all_inside(boosted: Boosted, measured: Dataset) -> None:
    known = measured.molecules.take(range(150))
    assert boosted.predict(known, endpoints=["logp"]).in_domain.mean() >= 0.97
    known = as_molecules(known)
    exact = physicochemical(known.mols)
    coarse, shown = boosted.training.described(feature_matrix(known))
    np.testing.assert_allclose(shown, exact, rtol=1e-5, atol=1e-5)
    assert (np.abs(coarse - exact) <= 0.02 * (1 + np.abs(exact)) + 0.02 * exact.std(0)).all()


def test_an_error_that_nobody_knows_is_a_reason_and_no_number(boosted: Boosted, measured: Dataset) -> None:
    found = boosted.predict([LONG, measured.molecules.smiles[0]], endpoints=["logp"])
    lower, mean, strict = Statistic("lower", "keep"), Statistic("mean", "keep"), Statistic("mean", "fail")
    assert np.isnan(lower(found)).tolist() == [True, False]
    assert str(lower.reasons(found)[0]).startswith("no error is known outside the domain: ")
    assert np.isfinite(mean(found)).all()
    assert mean.reasons(found) == [None, None]
    assert str(strict.reasons(found)[0]).startswith("outside the domain: ")
    assert lower.reasons(found)[1] is strict.reasons(found)[1] is None
    with pytest.raises(ConfigError):
        Statistic("median", "keep")


def test_reasons_are_joined_and_a_missing_prediction_is_the_only_one() -> None:
    one, other = np.array(["a", "", "a", NO_PREDICTION], object), np.array(["b", "", "a", "b"], object)
    assert joined_reasons(one, other).tolist() == ["a; b", "", "a", NO_PREDICTION]
    assert unlike(np.array([0.299, 0.3, np.nan]), 0.3).tolist() == [
        "the most similar molecule learnt from is 0.29 similar, below 0.30",
        "",
        NO_PREDICTION,
    ]
