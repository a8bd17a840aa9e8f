"""Goals that are about something: offered, added with what was said of them, and kept by the form and the settings alike."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app import reference_sets
from molgen.app.draft import Draft
from molgen.app.goal_offers import goal_offers
from molgen.app.objective_draft import goal_rows
from molgen.app.settings_form import fields_of
from molgen.app.workspace import Workspace
from molgen.predictors.shipped import PROPERTIES, load_predictor
from molgen.scoring.scorer import scorer_of
from tests.app.test_predict_page import mine, trained

__all__ = ["mine", "trained"]  # fixtures
FORM = {"objective": "drug_like", "goal_of": "drug_like", "strategy": "genetic", "name": "x"}
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def added(folder: Path, *lines: str) -> dict[str, Any]:
    """The terms that these lines add, in the settings; the form comes back from these."""
    workspace = Workspace(folder)
    config = Draft(FORM | {"added": "\n".join(lines)}).settings(workspace)
    found, beyond = fields_of(config, Draft({"name": "x"}), workspace)  # from the settings alone
    assert beyond == []
    assert Draft(found).settings(workspace)["scoring"] == config["scoring"]
    return {name: term for name, term in config["scoring"]["terms"].items() if name not in ("qed", "synthesis")}


@pytest.mark.parametrize(
    ("line", "name", "term"),
    [
        (f"similarity {ASPIRIN}", "similarity", {"similarity": {"target": ASPIRIN}}),
        ("scaffold c1ccncc1", "scaffold", {"scaffold": {"target": "c1ccncc1"}}),
        (f"similarity {ASPIRIN[:-1]}[O-].[Na+]", "similarity", {"similarity": {"target": ASPIRIN}}),  # campaigns score no salts
        (f"shape {ASPIRIN}.Cl", "shape", {"shape": {"reference": ASPIRIN}}),
        (f"shape {ASPIRIN}", "shape", {"shape": {"reference": ASPIRIN}}),
        ("substructure present [F,Cl]", "substructure", {"substructure": {"smarts": "[F,Cl]"}}),
        ("substructure absent [N+](=O)[O-]", "substructure", {"substructure": {"wanted": "absent", "smarts": "[N+](=O)[O-]"}}),
    ],
)
def test_a_goal_is_about_what_was_said(tmp_path: Path, line: str, name: str, term: dict[str, Any]) -> None:
    assert added(tmp_path, line) == {name: term}


def test_goals_of_one_kind_have_names_of_their_own_and_say_what_they_are_about(tmp_path: Path) -> None:
    terms = added(tmp_path, f"similarity {ASPIRIN}", "similarity CCO", "substructure absent [F,Cl]")
    assert list(terms) == ["similarity", "similarity_2", "substructure"]
    rows = {row.name: row for row in goal_rows(scorer_of({"terms": terms}))}
    assert [(row.given, row.is_molecule) for row in rows.values()] == [(ASPIRIN, True), ("CCO", True), ("[F,Cl]", False)]
    assert rows["substructure"].about == "substructure absent"


def test_a_predictor_of_the_folder_is_offered_with_each_of_its_endpoints(tmp_path: Path, mine: Path) -> None:
    found = {each.text: each.called for each in goal_offers(Workspace(tmp_path)) if each.group == "Predicted by yours"}
    assert found == {"own train/mine logp": "logp (train/mine)", "own train/mine polar": "polar (train/mine)"}
    terms = added(tmp_path, *found)
    assert terms["logp"] == {"property": {"endpoint": "logp", "predictor": str(mine)}}  # which says what is good
    assert set(terms["polar"]["transform"]) == {"sigmoid"}


@pytest.mark.parametrize(
    ("line", "called", "group", "shape", "ends"),
    [
        ("property activity thrombin", "pKi at thrombin", "Predicted activity", "sigmoid", (6, 8)),
        ("property toxicity sr_p53", "activates p53", "Predicted toxicity", "reverse_sigmoid", (0.1, 0.5)),
        ("property herg", "blocks the hERG", "Predicted", "reverse_sigmoid", (0.2, 0.8)),
    ],
)
def test_every_endpoint_of_what_ships_is_a_goal_that_says_what_is_good(
    tmp_path: Path, line: str, called: str, group: str, shape: str, ends: tuple[float, float]
) -> None:
    offers = [each for each in goal_offers(Workspace(tmp_path)) if each.text.startswith("property ")]
    assert len({each.text for each in offers}) == sum(len(load_predictor(name).endpoints) for name in PROPERTIES)
    assert [(each.called.startswith(called), each.group) for each in offers if each.text == line] == [(True, group)]
    (term,) = goal_rows(scorer_of({"terms": added(tmp_path, line)}))
    assert term.shape == shape
    assert tuple(slider.value for slider in term.sliders) == ends


def test_a_structure_of_the_folder_is_docked_into_around_a_ligand(tmp_path: Path) -> None:
    for name in ("site.pdb", "ready.pdbqt", "ligand.sdf", "notes.txt"):
        (tmp_path / name).write_text("")
    workspace = Workspace(tmp_path)
    offers = {each.text: each for each in goal_offers(workspace) if each.group == "Docked"}
    assert {"docking docking/parp1", "receptor site.pdb", "receptor ready.pdbqt"} <= set(offers)
    assert set(offers["docking docking/parp1"].node["docking"]) == {"receptor", "center", "size"}
    for said, ligand in (("ligand.sdf", str(tmp_path / "ligand.sdf")), ("STI/A:401", "STI/A:401"), ("../x.sdf", "../x.sdf")):
        node = offers["receptor site.pdb"].written(said, workspace)
        assert node == {"docking": {"receptor": str(tmp_path / "site.pdb"), "ligand": ligand}}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"add": "similarity", "what": "not a molecule"}, "the target 'not a molecule' is not a molecule"),
        ({"add": "similarity", "what": " "}, "similarity to a molecule: say which"),
        ({"add": "substructure present", "what": "C("}, "'C(' is not a SMARTS pattern"),
        ({"add": "affinity", "what": "ABL9"}, "no such target, did you mean 'ABL2'?"),
        ({"add": "novelty", "what": "none.csv"}, "none.csv"),
        ({"add": "command rm"}, "can't be added here"),
    ],
)
def test_what_cannot_be_added_is_said_and_the_form_stays(client: TestClient, fields: dict[str, str], said: str) -> None:
    page = client.post(
        "/new/goals", data=FORM | {"do": "add", "added": "descriptor tpsa", "goal.weight.qed": "heavy"} | fields
    ).text
    assert said in html.unescape(re.findall(r'id="problem-add"[^>]*>([^<]*)', page)[0])
    assert re.findall(r'name="added" hidden>([^<]*)', page) == ["descriptor tpsa"]
    assert f'<input id="what" name="what" value="{html.escape(fields.get("what", "").strip())}"' in page
    good = client.post("/new/goals", data=FORM | {"do": "add", "add": "similarity", "what": ASPIRIN}).text
    assert 'data-goal="similarity"' in good
    assert '<input id="what" name="what" value=""' in good  # ready for another


def test_settings_by_hand_with_such_goals_are_shown_with_sliders(client: TestClient) -> None:
    page = html.unescape(client.post("/new/check", data=FORM | {"added": f"similarity {ASPIRIN}"}).text)
    text = page.partition('aria-label="Settings as YAML"')[2].partition(">")[2].partition("</textarea>")[0]
    by_hand = client.post("/new/check", data=FORM | {"edited": "1", "yaml": text.replace(ASPIRIN, "OCC")}).text
    told = json.loads(html.unescape(re.findall(r'data-fill="([^"]*)"', by_hand)[0]))
    assert told["beyond"] == []
    assert yaml.safe_load(told["fields"]["scoring"])["terms"]["similarity"] == {"similarity": {"target": "OCC"}}
    page = client.post("/new/goals", data={key: value for key, value in told["fields"].items() if value}).text
    assert 'data-goal="similarity"' in page
    assert "<code>OCC</code>" in page


def test_what_is_predicted_is_drawn_over_fewer_molecules(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_sets, "FEW", 7)
    component = scorer_of({"terms": added(tmp_path, "own train/mine logp")}).terms["logp"].component
    assert {name: len(values) for name, values in reference_sets.reference_values(component).items()} == {
        "zinc250k": 7,
        "fda_approved": 7,
    }


def test_an_objective_that_cannot_be_read_is_said_beside_it(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("terms: [1, 2\nterms:\n")
    page = html.unescape(client.post("/new/check", data=FORM | {"objective": "broken.yaml"}).text)
    assert re.findall(r'id="problem-objective"[^>]*>([^<]*)', page)[0].startswith("broken.yaml: not a YAML file")


def test_names_of_endpoints_that_a_form_cannot_hold_are_not_offered(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd/predictor.safetensors").write_bytes(b"")
    card = {"endpoints": [{"name": "a\nb"}, 3, {"name": ""}, {"name": "good one"}]}
    (tmp_path / "odd/predictor.json").write_text(json.dumps(card))
    assert [each.text for each in goal_offers(Workspace(tmp_path)) if each.group == "Predicted by yours"] == ["own odd good one"]
