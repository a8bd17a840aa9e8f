"""The shipped predictor of toxicity: what old compounds do in the assays of Tox21, and what its card says."""

import json
from pathlib import Path

import numpy as np
import pytest

from molgen import Molecules, load_predictor
from molgen.learn.checkpoint import load_tensors
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.base import Prediction
from molgen.predictors.class_sets import class_sets
from molgen.scoring.components.property import Property
from scripts.held_out_figures import line_of
from scripts.train_toxicity import ASSAYS, TOXICITY

ROOT = Path(__file__).parents[2]
COMPOUNDS = {
    "glucose": "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O",
    "ethinylestradiol": "C#C[C@]1(O)CC[C@H]2[C@@H]3CCc4cc(O)ccc4[C@H]3CC[C@@]21C",
    "stanolone": "C[C@]12CC[C@H]3[C@@H](CC[C@H]4CC(=O)CC[C@]34C)[C@@H]1CC[C@@H]2O",
    "letrozole": "N#Cc1ccc(cc1)C(c1ccc(C#N)cc1)n1cncn1",
    "beta-naphthoflavone": "O=c1cc(oc2ccc3ccccc3c12)-c1ccccc1",
    "FCCP": "N#CC(C#N)=NNc1ccc(OC(F)(F)F)cc1",
    "rosiglitazone": "CN(CCOc1ccc(CC2SC(=O)NC2=O)cc1)c1ccccn1",
    "camptothecin": "CC[C@@]1(O)C(=O)OCc2c1cc1n(c2=O)Cc2cc3ccccc3nc2-1",
}


@pytest.fixture(scope="module")
def found() -> Prediction:
    return load_predictor("toxicity").predict(list(COMPOUNDS.values()))


def _probability(found: Prediction, compound: str, endpoint: str) -> float:
    names = [each.name for each in found.endpoints]
    return float(found.mean[list(COMPOUNDS).index(compound), names.index(endpoint)])


def test_endpoints_are_the_assays_of_tox21() -> None:
    endpoints = load_predictor("toxicity").endpoints
    assert [endpoint.column for endpoint in endpoints] == list(ASSAYS)
    assert {(endpoint.task, endpoint.poor, endpoint.good) for endpoint in endpoints} == {("classification", 0.5, 0.1)}


@pytest.mark.parametrize(
    ("compound", "endpoint"),
    [
        ("ethinylestradiol", "nr_er"),
        ("ethinylestradiol", "nr_er_lbd"),
        ("stanolone", "nr_ar"),
        ("stanolone", "nr_ar_lbd"),
        ("letrozole", "nr_aromatase"),
        ("beta-naphthoflavone", "nr_ahr"),
        ("FCCP", "sr_mmp"),
        ("rosiglitazone", "nr_ppar_gamma"),
        ("camptothecin", "sr_p53"),
    ],
)
def test_a_textbook_ligand_or_poison_is_told_from_glucose(found: Prediction, compound: str, endpoint: str) -> None:
    assert _probability(found, compound, endpoint) > 0.3
    assert _probability(found, "glucose", endpoint) < 0.1


def test_glucose_is_inactive_in_every_assay(found: Prediction) -> None:
    row = list(COMPOUNDS).index("glucose")
    sets = [(class_sets(endpoint, found.mean[:, j]) or [])[row] for j, endpoint in enumerate(found.endpoints)]
    assert "1" not in sets
    assert sets.count("0") > 6


def test_an_assay_is_a_term_that_wants_a_low_probability() -> None:
    term = Property("nr_er", "toxicity")
    values = term(Molecules([COMPOUNDS["glucose"], COMPOUNDS["ethinylestradiol"]]))
    transform = term.desirability()
    assert transform is not None
    harmless, hormone = transform(values)
    assert harmless > 0.8 > 0.3 > hormone


def test_metals_and_inorganic_compounds_were_not_learnt_from() -> None:
    training = load_predictor("toxicity").measured("nr_ar")[0]
    assert not [text for text in training if any(metal in text for metal in ("Hg", "Sn", "Zn", "Cu", "Cd", "Pt"))]


def test_the_card_the_page_and_the_results_agree() -> None:
    card = load_tensors(WEIGHTS / "toxicity.safetensors")[1]
    measured = json.loads((ROOT / "benchmarks" / "results" / "toxicity.json").read_text())
    assert card["held_out"] == measured["figures"]
    assert card["curation"] == measured["curation"]
    assert set(card["data"]) == {wanted.data for wanted in TOXICITY.wanted}
    lines = (ROOT / "docs" / "benchmarks" / "toxicity.md").read_text().splitlines()
    for row in measured["figures"]:
        (line,) = [line for line in lines if line.startswith(f"| {row['endpoint']} |")]
        assert line == line_of(row)
        assert row["auroc"] > 0.65  # or it would say too little to ship
        np.testing.assert_allclose([row["sets_with_0"], row["sets_with_1"]], 0.9, atol=0.06)
