"""Values of several assays, brought to those of one (`data.assay`)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from molgen.chem.molecules import Molecules
from molgen.data.assay import Assay
from molgen.data.dataset import CALIBRATING, Dataset, Endpoint
from molgen.errors import ConfigError, DataError
from molgen.predictors.base import Prediction, Predictor, as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.evaluation import cross_validate
from molgen.predictors.trees import Trees
from tests.data.assays import MOLECULES, curated

NUMBER = 2 * CALIBRATING + 4
OFFSET, NOISE = 2.0, {"north": 0.05, "south": 0.3}


def two_assays(shared: int = 6) -> pd.DataFrame:
    """Twelve molecules by the north, the others and some again by the south, which reads 2 more."""
    molecules, assays = [*range(20), *range(shared)], ["north"] * 12 + ["south"] * (8 + shared)
    true = np.array([5 + Crippen.MolLogP(Chem.MolFromSmiles(MOLECULES[i])) / 2 for i in molecules])
    noise = np.random.default_rng(0).standard_normal(len(molecules)) * [NOISE[name] for name in assays]
    values = true + noise + OFFSET * np.array([name == "south" for name in assays])
    return pd.DataFrame({"smiles": [MOLECULES[i] for i in molecules], "pIC50": values.round(4).astype(str), "lab": assays})


def test_the_offset_is_taken_off_and_told() -> None:
    frame = two_assays()
    dataset, report, said = curated(frame, labels=["pIC50"], assay="lab", reference="north")
    north, south = report.assays
    assert (north["name"], north["measured"], north["offset"], north["offset_error"]) == ("north", 12, 0, 0)
    assert (south["measured"], south["molecules"], south["shared_molecules"], south["linked"]) == (14, 14, 6, True)
    assert abs(south["offset"] - OFFSET) < 2.5 * south["offset_error"] < 1
    assert "assay north: predictions are about it (12 values of 12 molecules" in said
    assert f"6 of them also in north; offset {south['offset']:+.2f} ± {south['offset_error']:.2f}, taken off" in said
    assert not report.warnings or "in common" not in said
    assert dataset.endpoints[0].about == "as assay north measures it"
    raw = frame["pIC50"].astype(float).to_numpy()
    np.testing.assert_allclose(dataset.labels[12:, 0], raw[12:20] - south["offset"], atol=1e-4)
    np.testing.assert_allclose(dataset.errors[6:12, 0], north["noise"], atol=1e-4)
    np.testing.assert_allclose(dataset.errors[12:, 0], np.hypot(south["noise"], south["offset_error"]), atol=1e-4)
    weights = 1 / np.array([north["noise"] ** 2, south["noise"] ** 2 + south["offset_error"] ** 2])
    mean = np.stack([raw[:6], raw[20:] - south["offset"]], axis=1) @ weights / weights.sum()
    np.testing.assert_allclose(dataset.labels[:6, 0], mean, atol=1e-3)
    np.testing.assert_allclose(dataset.errors[:6, 0], weights.sum() ** -0.5, atol=1e-3)


def test_predictions_are_about_the_assay_with_the_most_values_unless_another_is_named() -> None:
    frame = two_assays()
    assert curated(frame, assay="lab")[1].assays[0]["name"] == "south"
    north, south = (curated(frame, assay="lab", reference=name) for name in ("north", "south"))
    assert north[1].assays[1]["offset"] == pytest.approx(-south[1].assays[1]["offset"], abs=1e-3)
    shift = south[0].labels - north[0].labels
    np.testing.assert_allclose(shift[6:], north[1].assays[1]["offset"], atol=1e-3)


def test_what_is_judged_is_what_the_reference_measured() -> None:
    frame = two_assays()
    dataset, _, _ = curated(frame, labels=["pIC50"], assay="lab", reference="north")
    own = dataset.to_judge().labels[:, 0]
    np.testing.assert_allclose(own[:12], frame["pIC50"].astype(float)[:12])
    assert np.isnan(own[12:]).all()
    np.testing.assert_array_equal(dataset.take([13, 2]).to_judge().labels[:, 0], [np.nan, own[2]])
    plain, _, _ = curated(frame, labels=["pIC50"])
    assert plain.to_judge() is plain


def test_bounds_move_with_their_assay_and_known_errors_add_up() -> None:
    frame = two_assays()
    frame.loc[19, "pIC50"] = "<9"
    dataset, report, _ = curated(
        frame.assign(sd="0.4"), labels=["pIC50"], assay="lab", reference="north", censored="bound", error="sd"
    )
    assert dataset.relations[19, 0] == -1
    assert dataset.bounds[19, 0] == pytest.approx(9 - report.assays[1]["offset"], abs=1e-3)
    assert dataset.errors[7, 0] == pytest.approx(np.hypot(0.4, report.assays[0]["noise"]), abs=1e-3)


def test_it_warns_where_nothing_links_assays() -> None:
    _, report, _ = curated(two_assays(shared=0), assay="lab")
    (told,) = [line for line in report.warnings if "in common" in line]
    assert not report.assays[1]["linked"]
    assert report.assays[1]["shared_scaffolds"]
    assert "has no molecule in common with north: its offset" in told
    chains = pd.DataFrame({"smiles": ["C" * n for n in range(2, 26)], "y": np.arange(24) / 10, "lab": ["a"] * 12 + ["b"] * 12})
    _, report, said = curated(chains, assay="lab")
    assert "neither a molecule nor a scaffold in common with a" in said
    assert "can't be told from what its molecules are like" in said


def test_assays_may_be_linked_by_a_third() -> None:
    frame = pd.DataFrame({"smiles": [MOLECULES[i] for i in [*range(12), *range(8, 16), *range(14, 20)]], "y": np.arange(26) / 5})
    _, report, said = curated(frame.assign(lab=["a"] * 12 + ["b"] * 8 + ["c"] * 6), assay="lab")
    assert [(one["name"], one["shared_molecules"], one["linked"]) for one in report.assays[1:]] == [
        ("b", 4, True),
        ("c", 0, True),
    ]
    assert "in common" not in said


def test_rows_without_an_assay_are_one_of_their_own() -> None:
    frame = two_assays()
    _, report, _ = curated(frame.assign(lab=frame["lab"].replace("south", "")), assay="lab", reference="north")
    assert report.assays[1]["name"] == "unnamed"


def test_one_assay_changes_nothing_but_is_told() -> None:
    frame = two_assays()
    dataset, report, said = curated(frame.assign(lab="here"), assay="lab")
    assert "'lab' names one assay, here: there is nothing to bring together" in said
    assert report.assays == []
    np.testing.assert_array_equal(dataset.labels, curated(frame, labels=["pIC50"])[0].labels)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"assay": "laboratory"}, "data.assay=laboratory: no such column.*found: pIC50, lab"),
        (
            {"assay": "lab", "labels": ["pIC50"], "reference": "nort"},
            "no assay with measured values in 'lab', did you mean 'north'",
        ),
        ({"assay": "pIC50", "labels": ["pIC50"]}, "data.assay=pIC50: is one of data.labels"),
        ({"assay": "row", "labels": ["pIC50"]}, "no assay there has values of two molecules"),
        ({"assay": "lab", "labels": ["pIC50", "row"]}, r"data.assay=lab belongs to one label, not to pIC50, row"),
        ({"assay": "lab", "labels": ["active"]}, "active holds classes, which have no offset"),
    ],
)
def test_what_it_cannot_be(settings: dict, says: str) -> None:
    frame = two_assays()
    frame = frame.assign(row=[str(i) for i in range(len(frame))], active=["yes", "no"] * (len(frame) // 2))
    with pytest.raises((ConfigError, DataError), match=says):
        curated(frame, **settings)


def test_a_reference_needs_a_column() -> None:
    with pytest.raises(ConfigError, match=r"name the column of assays, too: data\.assay=COLUMN"):
        Assay(reference="north")


def test_a_table_that_names_assays_is_not_silently_pooled() -> None:
    frame = two_assays().rename(columns={"lab": "Assay ChEMBL ID"})
    said = curated(frame, labels=["pIC50"])[2]
    assert "warning: 'Assay ChEMBL ID' names 2 assays, learnt as if they were one; data.assay='Assay ChEMBL ID' learns" in said
    assert "learnt as if" not in curated(frame, labels=["pIC50"], assay="Assay ChEMBL ID")[2]


@pytest.fixture(scope="module")
def noisy(samples: list[str]) -> Dataset:
    """LogP, measured exactly but for every other molecule that the reference measured, too, with errors of two units."""
    molecules = Molecules(samples[:NUMBER])
    logp = molecules.map(Crippen.MolLogP)
    own = np.where(np.arange(NUMBER) % 2, np.nan, logp + 2 * np.random.default_rng(5).standard_normal(NUMBER))
    endpoints = (Endpoint("logp"),)
    return Dataset(molecules, logp[:, None], endpoints, judged=Dataset(molecules, own[:, None], endpoints))


def test_predictors_are_calibrated_on_what_judges_them(noisy: Dataset, samples: list[str]) -> None:
    """90 % of errors of 2 lie within 6.6; logP itself is known better by far."""
    predictor = Boosted(Trees(n_estimators=4), folds=2)
    predictor.fit(noisy)
    assert predictor.models[0].intervals is not None
    assert len(predictor.models[0].intervals.scores) == NUMBER / 2
    found = predictor.predict(samples[NUMBER : NUMBER + 40])
    assert np.nanmedian(found.high - found.low) > 4.5


def test_few_values_of_the_reference_dont_calibrate(noisy: Dataset) -> None:
    few = noisy.take(range(2 * CALIBRATING - 4))
    np.testing.assert_array_equal(few.calibrating(0), few.labels[:, 0])
    np.testing.assert_array_equal(noisy.calibrating(0), noisy.to_judge().labels[:, 0])


class Mean(Predictor):
    """Predicts the mean of what it learnt from."""

    def fit(self, dataset: Dataset) -> None:
        self.endpoints, self.mean = dataset.endpoints, float(dataset.labels.mean())

    def predict(
        self, molecules: Molecules | Sequence[str], target: str | None = None, endpoints: Sequence[str] = ()
    ) -> Prediction:
        asked = as_molecules(molecules)
        return Prediction.of(asked, self.endpoints, np.full((5, len(asked), 1), self.mean), np.full((len(asked), 1), "", object))

    def to_saved(self) -> Any:
        raise NotImplementedError

    @classmethod
    def from_saved(cls, saved: Any) -> Any:
        raise NotImplementedError


def test_cross_validation_judges_by_the_reference_alone(noisy: Dataset) -> None:
    """Every other molecule, by the value of the reference, against the mean of all that was learnt from."""
    figures, tables, _ = cross_validate(Mean(), noisy, 2, None, 0, print)
    rows = pd.concat(tables)
    np.testing.assert_allclose(np.sort(rows["value"]), np.sort(noisy.to_judge().labels[::2, 0]))
    errors = [np.abs(part["value"] - part["guess_mean"]).mean() for _, part in rows.groupby("part")]
    assert figures["logp"]["mae"] == pytest.approx(np.mean(errors))
