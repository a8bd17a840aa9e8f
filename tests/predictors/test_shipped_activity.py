"""The shipped predictor of activities: old drugs, what its card says, and how the script makes it."""

import json
from pathlib import Path

import click
import numpy as np
import pytest
from rdkit.Chem.Scaffolds import MurckoScaffold

from molgen import Molecules, load_predictor
from molgen.config import compose_group
from molgen.data.dataset import Dataset, Endpoint
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.base import Prediction, as_molecules
from molgen.predictors.boosted import Boosted
from molgen.scoring.components.property import Property
from scripts import train_activity
from scripts.bundles import joined

ROOT = Path(__file__).parents[2]
ENDPOINTS = ["thrombin", "factor_xa", "bace1", "pi3k_alpha", "dopamine_d4", "ppar_gamma"]
DRUGS = {
    "argatroban": "CC1CCN(C(C1)C(=O)O)C(=O)C(CCCN=C(N)N)NS(=O)(=O)c1cccc2CC(C)CNc12",
    "apixaban": "COc1ccc(cc1)-n1nc(C(N)=O)c2CCN(C(=O)c12)c1ccc(cc1)N1CCCCC1=O",
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "verubecestat": "CN1C(=N)N[C@](C)(CS1(=O)=O)c1cc(NC(=O)c2ccc(F)cn2)ccc1F",
    "haloperidol": "O=C(CCCN1CCC(O)(CC1)c1ccc(Cl)cc1)c1ccc(F)cc1",
    "rosiglitazone": "CN(CCOc1ccc(CC2SC(=O)NC2=O)cc1)c1ccccn1",
    "pictilisib": "CS(=O)(=O)N1CCN(CC1)Cc1cc2nc(nc(N3CCOCC3)c2s1)-c1cccc2[nH]ncc12",
}


@pytest.fixture(scope="module")
def found() -> Prediction:
    return load_predictor("activity").predict(list(DRUGS.values()))


def _value(found: Prediction, drug: str, endpoint: str) -> float:
    return float(found.mean[list(DRUGS).index(drug), ENDPOINTS.index(endpoint)])


def test_endpoints_are_named_by_their_targets_in_one_unit() -> None:
    endpoints = load_predictor("activity").endpoints
    assert [endpoint.name for endpoint in endpoints] == ENDPOINTS
    assert {(endpoint.task, endpoint.unit, endpoint.poor, endpoint.good) for endpoint in endpoints} == {
        ("regression", "-log10(mol/L)", 6.0, 8.0)
    }


@pytest.mark.parametrize(
    ("drug", "endpoint", "least"),
    [
        ("argatroban", "thrombin", 7.0),
        ("apixaban", "factor_xa", 9.0),
        ("pictilisib", "pi3k_alpha", 7.5),
        ("haloperidol", "dopamine_d4", 7.0),
        ("rosiglitazone", "ppar_gamma", 6.0),
    ],
)
def test_a_drug_is_more_active_at_its_target_than_aspirin(found: Prediction, drug: str, endpoint: str, least: float) -> None:
    """Argatroban, haloperidol and rosiglitazone themselves weren't learnt from at these targets, but molecules like them."""
    assert least < _value(found, drug, endpoint) < 11
    assert _value(found, drug, endpoint) > _value(found, "aspirin", endpoint) + 1
    here = ENDPOINTS.index(endpoint)
    assert found.in_endpoint_domain[list(DRUGS).index(drug), here]
    assert not found.in_endpoint_domain[list(DRUGS).index("aspirin"), here]


def test_a_drug_of_a_kind_that_was_not_learnt_from_is_flagged(found: Prediction) -> None:
    """Verubecestat (13 nM at BACE-1) is an iminothiadiazinane dioxide, of which MoleculeNet's set has none."""
    assert not found.in_endpoint_domain[list(DRUGS).index("verubecestat"), ENDPOINTS.index("bace1")]


def test_apixaban_spares_thrombin(found: Prediction) -> None:
    """Pinto et al., J. Med. Chem. 50, 5339 (2007): Ki 0.08 nM at factor Xa, 3.1 uM at thrombin."""
    assert _value(found, "apixaban", "factor_xa") > 8.5
    assert _value(found, "apixaban", "thrombin") < 6.5


def test_an_endpoint_is_a_term_with_a_desirability_of_its_own() -> None:
    term = Property("factor_xa", "activity")
    values = term(Molecules([DRUGS["aspirin"], DRUGS["apixaban"]]))
    transform = term.desirability()
    assert transform is not None
    low, high = transform(values)
    assert low < 0.2 < 0.8 < high


def test_the_card_the_page_and_the_results_agree() -> None:
    card = load_tensors(WEIGHTS / "activity.safetensors")[1]
    figures = json.loads((ROOT / "benchmarks" / "results" / "activity.json").read_text())["figures"]
    assert card["held_out"] == figures
    assert set(card["data"]) == {row["data"] for row in figures} == {wanted.data for wanted in train_activity.WANTED}
    lines = (ROOT / "docs" / "benchmarks" / "activity.md").read_text().splitlines()
    for row in figures:
        (line,) = [line for line in lines if line.startswith(f"| {row['endpoint']} |")]
        assert line == train_activity.line_of(row)


@pytest.mark.parametrize("wanted", train_activity.WANTED, ids=lambda wanted: wanted.endpoint.name)
def test_values_of_data_in_nanomolar_are_shifted_to_molar(wanted: train_activity.Wanted) -> None:
    """1 nM is 0 in the one unit and 9 in the other."""
    (label,) = compose_group("data", wanted.data).labels
    in_nano = isinstance(label, Endpoint) and label.unit == "-log10(nM)"
    assert wanted.shift == (9.0 if in_nano else 0.0)


def _small() -> Boosted:
    predictor: Boosted = compose_group("predictor", "boosted", ["predictor.trees.n_estimators=5"])
    return predictor


@pytest.fixture(scope="module")
def parts(samples: list[str]) -> list[tuple[Dataset, Boosted]]:
    """Two endpoints of the same molecules, of which the second has fewer values."""
    molecules, rng = as_molecules(samples[:60]), np.random.default_rng(0)
    labels = np.where(np.arange(60)[:, None] < [[60, 45]], rng.normal(6, 1, (60, 2)), np.nan)
    tables = [Dataset(molecules, labels[:, [j]], (Endpoint(name),)) for j, name in enumerate(("a", "b"))]
    found = []
    for table in tables:
        predictor = _small()
        predictor.fit(table)
        found.append((table, predictor))
    return found


def test_predictors_of_one_endpoint_each_are_joined(parts: list[tuple[Dataset, Boosted]], samples: list[str]) -> None:
    """Each endpoint has what its own predictor says, and molecules of the others don't count as measured."""
    whole, asked = joined([part for _, part in parts]), samples[60:70]
    both = whole.predict(asked)
    for j, (_, part) in enumerate(parts):
        alone = part.predict(asked)
        for values, expected in [(both.mean, alone.mean), (both.low, alone.low), (both.high, alone.high)]:
            np.testing.assert_allclose(values[:, j], expected[:, 0], equal_nan=True)
    assert [len(whole.measured(name)[0]) for name in ("a", "b")] == [60, 45]


def test_predictors_of_other_molecules_are_not_joined(parts: list[tuple[Dataset, Boosted]]) -> None:
    other = _small()
    other.fit(parts[0][0].take(range(50)))
    with pytest.raises(click.ClickException, match="can't be joined"):
        joined([parts[0][1], other])


def test_a_killed_training_goes_on_after_what_is_done(
    parts: list[tuple[Dataset, Boosted]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, predictor = parts[0]
    asked = []

    def train(table: Dataset) -> tuple[Boosted, dict[str, float]]:
        asked.append(table)
        return predictor, {"mae": 0.5}

    monkeypatch.setattr(train_activity, "FOLDER", tmp_path)
    monkeypatch.setattr(train_activity, "train", train)
    monkeypatch.setattr(train_activity, "compose_group", lambda *_: _small())
    assert train_activity.trained(table)[1] == train_activity.trained(table)[1] == {"mae": 0.5}
    assert len(asked) == 1
    train_activity.trained(Dataset(table.molecules, table.labels + 1, table.endpoints))
    assert len(asked) == 2


def test_molecules_of_a_scaffold_are_in_one_fold(parts: list[tuple[Dataset, Boosted]]) -> None:
    table = parts[1][0]
    fold, known = train_activity.folds_of(table), ~np.isnan(table.labels[:, 0])
    scaffolds: dict[str, set[int]] = {}
    for mol, k in zip(np.array(table.molecules.mols, object)[known], fold[known].tolist(), strict=True):
        scaffolds.setdefault(MurckoScaffold.MurckoScaffoldSmiles(mol=mol), set()).add(k)
    assert set(fold.tolist()) == set(range(5))
    assert all(len(numbers) == 1 for numbers in scaffolds.values())
