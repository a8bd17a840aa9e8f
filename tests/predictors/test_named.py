"""Several predictors in one table; units, published ranges and percentiles."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import percentileofscore

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.catalog import PublicSet
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import ConfigError
from molgen.predictors.base import Prediction
from molgen.predictors.boosted import Boosted
from molgen.predictors.described import described_table
from molgen.predictors.named import NamedPredictors
from molgen.predictors.percentiles import of_approved_drugs, percentiles
from molgen.predictors.ranges import range_of, sources
from molgen.predictors.trees import Trees

ASKED = ["CCO", "c1ccccc1O", "not a molecule", "CC(=O)Oc1ccccc1C(=O)O"]


def fitted(measured: Dataset, endpoint: Endpoint, shift: float = 0.0, column: int = 0) -> Boosted:
    """Boosted trees of one endpoint on sixty molecules."""
    part = measured.measured(column).take(range(60))
    predictor = Boosted(Trees(n_estimators=5), folds=2)
    predictor.fit(Dataset(part.molecules, part.labels + shift, (endpoint,)))
    return predictor


@pytest.fixture(scope="module")
def potent(measured: Dataset) -> Boosted:
    return fitted(measured, Endpoint("pIC50", unit="-log10(mol/L)"))


@pytest.fixture(scope="module")
def weaker(measured: Dataset) -> Boosted:
    return fitted(measured, Endpoint("pKi", unit="-log M"), -1.5)


def test_two_of_one_unit_have_a_difference_with_its_error(potent: Boosted, weaker: Boosted) -> None:
    both = NamedPredictors({"thrombin": potent, "fxa": weaker})
    found, first, second = both.predict(ASKED), potent.predict(ASKED), weaker.predict(ASKED)
    assert [endpoint.name for endpoint in found.endpoints] == ["thrombin", "fxa", "thrombin_minus_fxa"]
    assert found.endpoints[2].unit == "log units"
    np.testing.assert_array_equal(found.mean[:, :1], first.mean)
    np.testing.assert_allclose(found.mean[:, 2], first.mean[:, 0] - second.mean[:, 0])
    std = np.sqrt(first.std[:, 0] ** 2 + second.std[:, 0] ** 2)
    np.testing.assert_allclose(found.std[:, 2], std)
    np.testing.assert_allclose(found.high[:, 2] - found.low[:, 2], 2 * 1.6449 * std)
    assert found.in_endpoint_domain[:, 2].tolist() == (first.in_domain & second.in_domain).tolist()
    assert found.problem[2].startswith("invalid")  # type: ignore[union-attr]
    assert np.isnan(found.mean[2]).all()
    assert "1 is a factor of 10" in both.notes[0]
    chosen = both.predict(ASKED, endpoints=["thrombin_minus_fxa"])
    np.testing.assert_array_equal(chosen.mean[:, 0], found.mean[:, 2])
    with pytest.raises(ConfigError, match="did you mean 'thrombin'"):
        both.predict(ASKED, endpoints=["trombin"])
    with pytest.raises(ConfigError, match="none of these predictors takes a protein"):
        both.predict(ASKED, target="ABL1")


def test_the_interval_of_a_difference_keeps_to_those_of_both(potent: Boosted) -> None:
    """Skewed ones, as values above 0 have: 3000 between 300 and 31,000 nM, less 0 to 1 nM, can't be far below 0."""
    limits = {3000.0: (300.0, 31_000.0), 0.5: (0.0, 1.0)}

    def says(value: float) -> Boosted:
        told = copy.copy(potent)
        told.endpoints = (Endpoint("Ki", unit="nM"),)
        results = np.array([value, 9000.0, *limits[value], 1.0])[:, None, None]
        told.predict = lambda asked, target=None: Prediction.of(asked, told.endpoints, results, np.full((1, 1), "", object))  # type: ignore[assignment,method-assign,misc]
        return told

    found = NamedPredictors({"weak": says(3000.0), "strong": says(0.5)}).predict(["CCO"])
    assert (found.low[0, 2], found.mean[0, 2], found.high[0, 2]) == pytest.approx((299.5, 2999.5, 30_999.5), abs=0.1)


@pytest.mark.parametrize(
    ("endpoint", "column", "why"),
    [
        (Endpoint("solubility", unit="log mol/L"), 0, "-log10(mol/L) and log mol/L are different units"),
        (Endpoint("score"), 0, "no unit is known of other"),
        (Endpoint("polar", "classification"), 1, "probabilities of classes can't be subtracted"),
    ],
)
def test_others_have_none_and_it_is_said_why(
    potent: Boosted, measured: Dataset, endpoint: Endpoint, column: int, why: str
) -> None:
    both = NamedPredictors({"potent": potent, "other": fitted(measured, endpoint, column=column)})
    assert [found.name for found in both.endpoints] == ["potent", "other"]
    assert both.notes == [note for note in both.notes if why in note]
    assert len(both.notes) == 1


def test_predictors_of_several_endpoints_have_their_names_before(boosted: Boosted, potent: Boosted) -> None:
    both = NamedPredictors({"a": boosted, "b": boosted, "c": potent})
    names = [endpoint.name for endpoint in both.endpoints]
    assert names == ["a_logp", "a_polar", "b_logp", "b_polar", "c", "a_logp_minus_b_logp"]
    np.testing.assert_allclose(both.predict(ASKED).mean[[0, 1, 3], 5], 0)
    assert both.columns_of("b") == ["b_logp", "b_polar"]


def test_columns_that_would_collide_are_refused(potent: Boosted) -> None:
    for names in (["a", "a_std"], ["a", "a_percentile"], ["smiles", "b"], ["a", "b", "a_minus_b"]):
        with pytest.raises(ConfigError, match="predictor: "):
            NamedPredictors(dict.fromkeys(names, potent))


def prediction(endpoint: Endpoint, values: list[float]) -> Prediction:
    column = np.array(values)[:, None]
    molecules = Molecules(["C"] * len(values), STANDARD)
    return Prediction(molecules, (endpoint,), column, column, column, column, column, np.full(column.shape, "", object))


def test_ranges_are_those_of_the_papers_and_only_in_their_unit() -> None:
    """Yee 1997: below 1e-6 cm/s poorly absorbed, 1e-6 to 1e-5 moderately, above well."""
    caco2 = Endpoint("caco2_wang", unit="log cm/s")
    table = described_table(prediction(caco2, [np.log10(0.9e-6), np.log10(5e-6), np.log10(2e-5), np.nan]))
    assert table["caco2_wang_range"].tolist()[:3] == ["poor", "fair", "good"]
    assert table["caco2_wang_range"].isna().tolist() == [False, False, False, True]
    assert table["caco2_wang_unit"].unique().tolist() == ["log cm/s"]
    assert "Yee" in sources([caco2])[0]
    assert range_of(replace(caco2, unit="cm/s")) is None
    assert "mine_range" not in described_table(prediction(Endpoint("mine", unit="log cm/s"), [1.0]))


def test_a_unit_with_a_minus_is_written_as_spreadsheets_leave_it() -> None:
    table = described_table(prediction(Endpoint("pIC50", unit="-log10(mol/L)"), [6.0]))
    assert table["pIC50_unit"].tolist() == ["neg log10(mol/L)"]
    assert "x_unit" not in described_table(prediction(Endpoint("x"), [6.0]))


def test_percentiles_are_those_of_scipy() -> None:
    drugs = np.random.default_rng(0).normal(size=500).round(1)
    values = np.array([-5.0, 0.1, 0.15, 5.0, np.nan])
    expected = [percentileofscore(drugs, value, kind="mean") for value in values[:4]]
    np.testing.assert_allclose(percentiles(values, np.append(drugs, np.nan))[:4], expected)
    assert np.isnan(percentiles(values, drugs)[4])
    assert np.isnan(percentiles(values, drugs[:99])).all()


def test_what_is_predicted_for_drugs_is_worked_out_once(
    potent: Boosted, tmp_path: Path, samples: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("molgen.predictors.percentiles.pooch.os_cache", lambda _: tmp_path / "cache")
    potent.save(tmp_path / "potent.safetensors")
    drugs = PublicSet(name="drugs", file="drugs.csv", url="http://nowhere", sha256="0", about="")
    monkeypatch.setattr(PublicSet, "smiles", lambda _: [*samples[:120], samples[0], "not a molecule"])
    first = of_approved_drugs(potent, tmp_path / "potent.safetensors", drugs, "1")
    np.testing.assert_array_equal(first[:120], potent.predict(samples[:120]).mean)
    assert first.shape == (121, 1)
    monkeypatch.setattr(PublicSet, "smiles", lambda _: pytest.fail("computed again"))
    np.testing.assert_array_equal(of_approved_drugs(potent, tmp_path / "potent.safetensors", drugs, "1"), first)
    (kept,) = (tmp_path / "cache" / "drugs").iterdir()
    kept.write_bytes(b"damaged")
    monkeypatch.setattr(PublicSet, "smiles", lambda _: samples[:120])
    assert len(of_approved_drugs(potent, tmp_path / "potent.safetensors", drugs, "1")) == 121  # the molecules are still there
