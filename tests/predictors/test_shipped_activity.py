"""The shipped predictor of activities: old drugs, and what its card says."""

import json
from pathlib import Path

import pytest

from molgen import Molecules, load_predictor
from molgen.config import compose_group
from molgen.data.dataset import Endpoint
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.base import Prediction
from molgen.scoring.components.property import Property
from scripts.held_out_figures import line_of
from scripts.train_activity import ACTIVITY
from scripts.wanted import Wanted

ROOT = Path(__file__).parents[2]
ENDPOINTS = [
    "thrombin",
    "factor_xa",
    "bace1",
    "pi3k_alpha",
    "dopamine_d4",
    "ppar_gamma",
    "serotonin_5ht1a",
    "opioid_mu",
    "dopamine_d3",
]
DRUGS = {
    "argatroban": "CC1CCN(C(C1)C(=O)O)C(=O)C(CCCN=C(N)N)NS(=O)(=O)c1cccc2CC(C)CNc12",
    "apixaban": "COc1ccc(cc1)-n1nc(C(N)=O)c2CCN(C(=O)c12)c1ccc(cc1)N1CCCCC1=O",
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "verubecestat": "CN1C(=N)N[C@](C)(CS1(=O)=O)c1cc(NC(=O)c2ccc(F)cn2)ccc1F",
    "haloperidol": "O=C(CCCN1CCC(O)(CC1)c1ccc(Cl)cc1)c1ccc(F)cc1",
    "rosiglitazone": "CN(CCOc1ccc(CC2SC(=O)NC2=O)cc1)c1ccccn1",
    "pictilisib": "CS(=O)(=O)N1CCN(CC1)Cc1cc2nc(nc(N3CCOCC3)c2s1)-c1cccc2[nH]ncc12",
    "buspirone": "O=C1CC2(CCCC2)CC(=O)N1CCCCN1CCN(CC1)c1ncccn1",
    "morphine": "CN1CC[C@]23c4c5ccc(O)c4O[C@H]2[C@@H](O)C=C[C@H]3[C@H]1C5",
    "cariprazine": "CN(C)C(=O)N[C@H]1CC[C@H](CCN2CCN(CC2)c2cccc(Cl)c2Cl)CC1",
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
        ("buspirone", "serotonin_5ht1a", 7.0),
        ("morphine", "opioid_mu", 7.0),
        ("cariprazine", "dopamine_d3", 7.5),
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
    assert set(card["data"]) == {row["data"] for row in figures} == {wanted.data for wanted in ACTIVITY.wanted}
    lines = (ROOT / "docs" / "benchmarks" / "activity.md").read_text().splitlines()
    for row in figures:
        (line,) = [line for line in lines if line.startswith(f"| {row['endpoint']} |")]
        assert line == line_of(row)


@pytest.mark.parametrize("wanted", ACTIVITY.wanted, ids=lambda wanted: wanted.endpoints[0].name)
def test_values_of_data_in_nanomolar_are_shifted_to_molar(wanted: Wanted) -> None:
    """1 nM is 0 in the one unit and 9 in the other."""
    (label,) = compose_group("data", wanted.data).labels
    in_nano = isinstance(label, Endpoint) and label.unit == "-log10(nM)"
    assert wanted.shift == (9.0 if in_nano else 0.0)
