"""The goals of a new campaign on its form: what they are changed to, what they are shown over, and settings by hand."""

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from fastapi.testclient import TestClient
from rdkit.Chem import QED, Descriptors

from molgen.app.draft import Draft
from molgen.app.form_fields import FieldError
from molgen.app.objective_draft import goal_rows
from molgen.app.reference_sets import SETS, reference_molecules, reference_values
from molgen.app.settings_form import fields_of
from molgen.app.transform_chart import HEIGHT, draw_transform
from molgen.app.workspace import Workspace
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.scorer import Term, scorer_of
from molgen.scoring.transforms import Linear

FORM = {"objective": "drug_like", "goal_of": "drug_like", "strategy": "genetic", "name": "x"}


def terms(folder: Path, **fields: str) -> dict[str, Any]:
    found: dict[str, Any] = Draft(FORM | fields).settings(Workspace(folder))["scoring"]["terms"]
    return found


def test_goals_are_weighed_reshaped_added_and_left_out(tmp_path: Path) -> None:
    plain = {"qed": "qed", "synthesis": {"sa_score": {}, "transform": {"linear": {"low": 6, "high": 2.5}}}}
    untouched = {"goal.weight.qed": "1", "goal.shape.qed": "identity", "goal.was.qed": "identity", "goal.low.synthesis": "6"}
    assert terms(tmp_path) == terms(tmp_path, **untouched) == plain  # what isn't changed stays as it is written
    assert terms(tmp_path, **{"goal.weight.qed": "2.5"})["qed"] == {"qed": {}, "weight": 2.5}
    shaped = {"goal.shape.synthesis": "linear", "goal.was.synthesis": "linear"}
    changed = terms(tmp_path, **shaped, **{"goal.low.synthesis": "5", "goal.high.synthesis": "2.5"})
    assert changed["synthesis"]["transform"] == {"linear": {"low": 5.0, "high": 2.5}}
    assert terms(tmp_path, left_out="qed") == {"synthesis": plain["synthesis"]}
    added = terms(tmp_path, added="descriptor tpsa\nproperty herg\ndescriptor tpsa")
    assert list(added) == ["qed", "synthesis", "tpsa", "herg", "tpsa_2"]
    assert added["herg"] == {"property": "herg"}  # whose own desirability is known
    values = np.concatenate(list(reference_values(Descriptor("tpsa")).values()))
    quartiles, window = np.quantile(values, (0.25, 0.75)), added["tpsa"]["transform"]["double_sigmoid"]
    assert window["high"] - window["low"] == pytest.approx(np.diff(quartiles)[0], rel=0.01)


def test_a_shape_begins_with_numbers_of_its_own(tmp_path: Path) -> None:
    old = {"goal.was.synthesis": "linear", "goal.low.synthesis": "6", "goal.high.synthesis": "2.5"}
    begun = terms(tmp_path, **old, **{"goal.shape.synthesis": "sigmoid"})["synthesis"]["transform"]["sigmoid"]
    assert 1 < begun["low"] < begun["high"] < 5  # not those of the line, which falls
    later = {"goal.was.synthesis": "sigmoid", "goal.shape.synthesis": "sigmoid", "goal.low.synthesis": "2"}
    assert terms(tmp_path, **later)["synthesis"]["transform"]["sigmoid"] == {"low": 2.0, "high": begun["high"]}


def test_goals_of_another_objective_do_not_count(tmp_path: Path) -> None:
    fields = {"objective": "pmo/qed", "goal.weight.qed": "3", "added": "descriptor tpsa", "left_out": "qed"}
    assert terms(tmp_path, **fields) == terms(tmp_path, objective="pmo/qed")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"goal.weight.qed": "heavy"}, "'heavy' is no number"),
        ({"goal.weight.qed": "-1"}, "qed: its weight must be 0 or more"),
        ({"goal.weight.qed": "0", "goal.weight.synthesis": "0"}, "at least one term with a weight above 0"),
        ({"left_out": "qed\nsynthesis"}, "no goal is left"),
        ({"added": "command rm"}, "'command rm' can't be added here"),
        ({"goal.shape.qed": "os.system", "goal.was.qed": "identity"}, "no transform 'os.system'"),
        (
            {"goal.shape.synthesis": "linear", "goal.was.synthesis": "linear", "goal.low.synthesis": "2.5"},
            "two different numbers",
        ),
        ({"objective": "own", "goal_of": "own", "scoring": "terms: {qed: qed, qed: qed}"}, "not YAML"),
        ({"objective": "own", "scoring": ""}, "write one into the settings"),
    ],
)
def test_what_is_no_goal_is_said_beside_the_goals(client: TestClient, fields: dict[str, str], said: str) -> None:
    page = html.unescape(client.post("/new/check", data=FORM | fields).text)
    field = "objective" if "objective" in fields else "goal"
    assert said in re.findall(rf'id="problem-{field}"[^>]*>([^<]*)', page)[0]


def test_known_molecules_are_measured_as_rdkit_does() -> None:
    assert {name: len(molecules) for name, molecules in reference_molecules().items()} == dict.fromkeys(SETS, 500)
    for name, molecules in reference_molecules().items():
        expected = [Descriptors.MolWt(mol) for mol in molecules.mols]
        assert reference_values(Descriptor("molecular_weight"))[name].tolist() == expected
    zinc, fda = ([QED.qed(mol) for mol in reference_molecules()[name].mols[:200]] for name in SETS)
    assert np.median(zinc) > np.median(fda)  # Bickerton et al. 2012: approved drugs are less drug-like than libraries


def test_the_chart_has_the_transform_and_its_mean_in_words() -> None:
    values = {"zinc250k": np.array([0.0, 50.0, 100.0, 100.0])}
    chart = draw_transform(Term(Descriptor("tpsa"), Linear(0, 100)), values, "Å²")
    assert chart.said == ["ZINC: median 75 Å², desirability 0.62 on average"]
    ups = [float(point.split(",")[1]) for point in chart.curve.split()]
    assert max(ups) == pytest.approx(HEIGHT - 1)
    assert min(ups) == pytest.approx(2)
    assert ups == sorted(ups, reverse=True)


def test_a_goal_that_takes_long_is_drawn_without_molecules(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "endpoint")
    term = "{http_endpoint: {url: 'http://127.0.0.1:9/'}, transform: {linear: {low: 0, high: 1}}}"
    (tmp_path / "ours.yaml").write_text(f"terms:\n  our_model: {term}\n")
    page = client.post("/new/goal-chart", data={"objective": "ours.yaml", "of": "our_model"}).text
    assert "polyline" in page
    assert "polygon" not in page
    assert "Takes too long" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"budget": "77", "seed": "5", "strategy": "surrogate", "lead": "CCO\nCCN", "similarity": "0.6", "forbid": "[F]"},
        {"strategy": "routes", "stock": "real_blocks", "steps": "2", "price_limit": "50", "without": "Suzuki coupling"},
        {"similarity": "0", "lead": "CCOc1ccccc1"},
        {"strategy": "surrogate", "windows.tpsa.low": "20.5", "windows.tpsa.high": "90", "goal.weight.qed": "2"},
        {"added": "descriptor logp", "left_out": "synthesis", "objective": "drug_like"},
    ],
)
def test_settings_by_hand_come_back_into_the_form(tmp_path: Path, fields: dict[str, str]) -> None:
    workspace, draft = Workspace(tmp_path), Draft(FORM | fields)
    config = draft.settings(workspace)
    found, beyond = fields_of(config, Draft({"name": "x"}), workspace)  # from nothing
    assert beyond == []
    assert Draft(found).settings(workspace) | {"campaign": 0} == config | {"campaign": 0}
    config["search"]["seed"], config["cluster"] = 99, {"_target_": "molgen.cluster.pool.Pool"}
    assert {"search.seed", "cluster._target_"} <= set(fields_of(config, draft, workspace)[1])


def test_the_form_is_told_what_the_settings_say(client: TestClient) -> None:
    page = html.unescape(client.post("/new/check", data=FORM).text)
    text = page.partition('aria-label="Settings as YAML"')[2].partition(">")[2].partition("</textarea>")[0]
    by_hand = FORM | {"edited": "1", "yaml": text.replace("budget: 500", "budget: 40").replace("low: 6", "low: 5")}
    found = re.search(r'data-fill="([^"]*)"', client.post("/new/check", data=by_hand).text)
    assert found is not None
    told = json.loads(html.unescape(found[1]))
    assert told["beyond"] == []
    assert told["fields"]["budget"] == "40"
    assert yaml.safe_load(told["fields"]["scoring"])["terms"]["synthesis"]["transform"]["linear"]["low"] == 5
    assert "data-fill" not in client.post("/new/check", data=by_hand | {"yaml": "a: ["}).text


def test_the_price_is_that_of_calls_and_of_time(client: TestClient) -> None:
    page = client.post("/new/check", data=FORM | {"budget": "1,200", "price_call": "0.5"}).text
    assert "Its calls cost 600.00 at most." in page
    wrong = client.post("/new/check", data=FORM | {"price_hour": "-1"}).text
    assert "a price is 0 or more, not -1" in wrong


def test_rows_have_what_can_be_slid() -> None:
    scorer = scorer_of({"terms": {"size": {"descriptor": "molecular_weight", "transform": {"step": {"high": 400}}}}})
    [row] = goal_rows(scorer)
    assert [(each.name, each.value) for each in row.sliders] == [("high", 400.0)]  # an open side has no number
    assert row.sliders[0].low < 200 < 400 < row.sliders[0].high
    assert "identity" not in row.shapes  # of a weight in Da nothing is left of it


def test_an_error_of_a_field_names_it() -> None:
    with pytest.raises(FieldError) as raised:
        Draft({"goal.low.a.b": "x"}).number("goal.low.a.b", float)
    assert raised.value.field == "goal"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"steps": "0"}, "steps", "must be at least 1, not 0"),
        ({"without": "alchemy"}, "without", "no reaction or class of reactions is 'alchemy'"),
        ({"price_limit": "-1"}, "price_limit", "must be above 0"),
        ({"reactions": "goals.yaml"}, "reactions", "unknown key 'potency'"),
        ({"reactions": "../x.yaml"}, "reactions", "no such file in this folder"),
        ({"stock": "goals.yaml"}, "stock", "goals.yaml"),
        ({"stock": "names.csv"}, "stock", "no valid SMILES"),
        ({"stock": "blocks.csv", "price_limit": "50"}, "price_limit", "blocks.csv has no prices"),
        ({"price_limit": "50"}, "price_limit", "common_blocks has no prices"),
        ({"stock": "priced.csv", "price_limit": "50"}, "", ""),
        ({"stock": "blocks.csv", "strategy": "surrogate", "steps": "0"}, "", ""),  # which doesn't ask for them
    ],
)
def test_what_cannot_be_a_stock_is_said_before_anything_begins(
    client: TestClient, tmp_path: Path, fields: dict[str, str], field: str, said: str
) -> None:
    (tmp_path / "goals.yaml").write_text("goals:\n  potency: {measured: pIC50}\n")
    (tmp_path / "blocks.csv").write_text("smiles,id\nCCN,a\nOC(=O)c1ccccc1,b\n")
    (tmp_path / "priced.csv").write_text("smiles,id,price\nCCN,a,5\nOC(=O)c1ccccc1,b,7\n")
    (tmp_path / "names.csv").write_text("smiles\nbenzoic acid\nethylamine\n")
    page = html.unescape(client.post("/new/check", data=FORM | {"strategy": "routes"} | fields).text)
    found = dict(re.findall(r'id="problem-([\w]+)"[^>]*>([^<]+)<', page))
    assert list(found) == ([field] if field else [])
    assert said in found.get(field, "")
