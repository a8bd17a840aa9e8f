"""What the pages say of a folder of campaigns."""

import html
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from fastapi.testclient import TestClient
from rdkit import Chem

from molgen.app.overview import strategy_of
from molgen.app.workspace import Workspace
from molgen.errors import ConfigError
from molgen.folders import writing
from molgen.project.project import Project
from molgen.runs.settings import design_config
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from molgen.search.strategy import KNOWN, Proposal
from tests.app.conftest import Make, commit


def test_an_empty_folder_says_what_to_do_first(client: TestClient) -> None:
    page = client.get("/").text
    assert "Nothing designed here yet" in page
    assert 'href="/new"' in page


def test_the_first_page_shows_each_campaign_with_its_best_designs(client: TestClient, make_run: Make) -> None:
    make_run("runs/small", "Small molecules")
    page = client.get("/").text
    assert "Small molecules" in page
    assert page.index("0.900") < page.index("0.800") < page.index("0.700")  # not the lead's 1.000
    assert "1.000" not in page
    assert "0.600" in page  # the mean of the six that there are
    assert "stopped" in page


def test_what_cannot_be_read_is_a_line(client: TestClient, make_run: Make, tmp_path: Path) -> None:
    make_run("runs/good")
    (tmp_path / "runs/bad").mkdir()
    (tmp_path / "runs/bad/config.yaml").write_text("campaign: {\nscoring: x\nsearch: y\n")
    (make_run("runs/garbled") / "campaign.sqlite").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "screens/s").mkdir(parents=True)
    (tmp_path / "screens/s/screen.yaml").write_text("- 1\n")
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep/sweep.yaml").write_text("jobs: 1\n")
    answer = client.get("/")
    assert answer.status_code == 200
    for name in ("runs/bad/config.yaml", "runs/garbled/campaign.sqlite", "screens/s/screen.yaml", "sweep/sweep.yaml"):
        assert f"{name}: damaged" in answer.text
    assert "/campaigns/runs/good" in answer.text
    assert client.get("/campaigns/runs/garbled").status_code == 422
    assert "garbled/campaign.sqlite: damaged" in client.get("/campaign/facts/runs/garbled").text  # of a page that is open


def test_projects_screens_and_sweeps_have_a_line_each(client: TestClient, make_run: Make, tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("goals:\n  potency: {measured: pIC50, at_least: 8}\n")
    project, _ = Project.new(tmp_path / "thrombin", tmp_path / "goals.yaml")
    project.record_proposed(["CCO", "CCN"])
    (tmp_path / "thrombin/project.html").write_text("the project")
    make_run("sweep/000-0")
    make_run("sweep/001-1")
    jobs = {"000-0": ["seed=0"], "001-1": ["seed=1"]}
    (tmp_path / "sweep/sweep.yaml").write_text(yaml.safe_dump({"settings": ["seed=0,1"], "keys": ["seed"], "jobs": jobs}))
    for name in ("top.csv", "report.html"):
        (tmp_path / "sweep/000-0" / name).touch()
    (tmp_path / "screen").mkdir()
    (tmp_path / "screen/screen.yaml").write_text("library: /data/vendor.smi\n")
    page = client.get("/").text
    assert "1 round, 0 measurements, 2 pending" in page
    assert "1 of 2 campaigns finished, over seed" in page
    assert ">of vendor.smi</span>" in page
    assert '<span class="state stopped">' in page
    (tmp_path / "screen/scores.csv").touch()
    (tmp_path / "screen/hits.csv").write_text("smiles,score\nCCF,0.5\n")
    page = client.get("/").text
    assert '<span class="state finished">' in page
    assert "/molecule.svg?smiles=CCF" in page
    assert client.get("/report/project/thrombin").text == "the project"
    assert client.get("/report/sweep/sweep").status_code == 422  # not compared yet
    assert "/campaigns/sweep/001-1" in page


def test_other_settings_of_that_name_are_no_campaign(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/config.yaml").write_text("search: everything\n")
    assert "Nothing designed here yet" in client.get("/").text


def test_a_campaign_that_is_being_written_is_running_and_grows(client: TestClient, make_run: Make, tmp_path: Path) -> None:
    folder = make_run("runs/live")
    assert client.get("/campaign/scores/runs/live?after=6").json()["calls"] == [7]
    with writing(folder):
        store = RunStore(folder)
        commit(store, ["CCCN"], [0.95])
        assert "running" in client.get("/campaign/facts/runs/live").text
        assert client.get("/campaign/scores/runs/live?after=7").json() == {
            "learnt": "", "calls": [8], "score": [0.95], "best": [0.95], "top10": [None],
        }  # fmt: skip
        first = client.get("/campaign/best/runs/live").text
        assert first.index("0.950") < first.index("0.900")
        key = first.partition('data-key="')[2].partition('"')[0]
        assert client.get(f"/campaign/best/runs/live?seen={key}").status_code == 204
        store.close()
    assert "stopped" in client.get("/campaign/facts/runs/live").text


def test_the_chart_has_what_was_known_as_a_point_and_not_as_the_best(client: TestClient, make_run: Make) -> None:
    store = RunStore(make_run("runs/c"))
    commit(store, ["CN", "CO", "CF", "CCl"], [0.1, 0.2, 0.95, 0.6])
    store.close()
    chart = client.get("/campaign/scores/runs/c").json()
    assert chart["score"][:3] == [1.0, 0.9, 0.3]  # the lead first
    assert chart["best"] == [None, *[0.9] * 8, 0.95, 0.95]
    assert chart["top10"][:9] == [None] * 9  # of fewer than ten it would fall
    assert chart["top10"][9] == pytest.approx((0.9 + 0.3 + 0.8 + 0.4 + 0.5 + 0.7 + 0.1 + 0.2 + 0.95) / 10)  # as in the report
    assert chart["top10"][10] == pytest.approx((0.9 + 0.3 + 0.8 + 0.4 + 0.5 + 0.7 + 0.1 + 0.2 + 0.95 + 0.6) / 10)


def rows(client: TestClient, asked: str) -> list[str]:
    answer = client.get(f"/campaign/molecules/runs/t?{asked}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return [row[found["columns"].index("smiles")] for row in found["rows"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("sort=score&down=1&count=2", ["CCCC", "CCO"]),
        ("sort=score&down=0&count=2", ["c1ccccc1O", "c1ccncc1"]),
        ("sort=id&down=0&first=1&count=2", ["CCO", "c1ccccc1O"]),
        ("contains=c1ccncc1", ["Cc1ccncc1", "c1ccncc1"]),
        ("contains=C1=CC=NC=C1", ["Cc1ccncc1", "c1ccncc1"]),  # pyridine, as Kekulé would write it
        ("contains=[OX2H]&sort=id&down=0", ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O"]),
        ("where.score=>=0.8", ["CCCC", "CCO", "CC(=O)Oc1ccccc1C(=O)O"]),
        ("where.tpsa=35..75", ["Cc1ccncc1", "CCN", "c1ccncc1"]),
        ("where.tpsa=..35", ["c1ccccc1O"]),
        ("where.smiles=ccn", ["Cc1ccncc1", "CCN", "c1ccncc1"]),
        (f"where.operator={KNOWN}", ["CCCC"]),
        ("similar=Cc1ccncc1.Cl&where.similarity_to_query==1", ["Cc1ccncc1"]),  # as a run has it, without its salt
        ("similar=Cc1ccncc1&sort=similarity_to_query&down=1&count=2", ["Cc1ccncc1", "c1ccncc1"]),
    ],
)
def test_the_table_is_sorted_filtered_and_searched(client: TestClient, make_run: Make, asked: str, expected: list[str]) -> None:
    make_run("runs/t")
    assert rows(client, asked.replace("=>", "=%3E").replace("==", "=%3D")) == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("contains=C(", "'C(' is not a SMARTS pattern"),
        ("similar=C(", "'C(' is no molecule"),
        ("where.score=much", "'much' is no condition; write >0.5, <3, =1 or 0.2..0.8"),
        ("first=x", "first: Input should be a valid integer"),
        ("sort=scor", "no column 'scor', did you mean 'score'?"),
    ],
)
def test_what_the_table_cannot_do_it_says(client: TestClient, make_run: Make, asked: str, said: str) -> None:
    make_run("runs/t")
    answer = client.get(f"/campaign/molecules/runs/t?{asked}", headers={"Accept": "*/*"})
    assert answer.status_code == 422
    assert said in answer.text
    if asked == "first=x":
        assert "<h1>" in client.get(f"/campaign/molecules/runs/t?{asked}").text  # a page for a browser


def test_one_molecule_says_what_it_comes_from_and_what_came_of_it(client: TestClient, make_run: Make) -> None:
    make_run("runs/m")
    aspirin = client.get("/campaign/molecule/4/runs/m").text
    assert "CC(=O)Oc1ccccc1C(=O)O" in aspirin
    assert "80" in aspirin and "Å²" in aspirin  # its tpsa, with the unit  # noqa: PT018
    assert 'data-molecule="1"' in aspirin  # the lead
    assert "6 molecules, the best 4 shown" in client.get("/campaign/molecule/1/runs/m").text
    assert client.get("/campaign/molecule/99/runs/m").status_code == 422


def test_a_molecule_that_was_proposed_with_a_route_shows_it(client: TestClient, make_run: Make) -> None:
    store = RunStore(make_run("runs/r"))
    blocks = [{"smiles": "CCO", "id": "B1"}, {"smiles": "CBr", "id": "B2"}]
    route = json.dumps({"smiles": "CCOC", "reaction": "Williamson ether synthesis", "conditions": "NaH", "reactants": blocks})
    scores = Scores(["CCOC"], np.array([0.5]), [None], ("tpsa",), np.array([[50.0]]), np.array([[0.5]]))
    store.commit([Proposal("CCOC", "routes", (), None, route)], scores, {})
    store.close()
    assert "/campaign/route/8/runs/r" in client.get("/campaign/molecule/8/runs/r").text
    picture = client.get("/campaign/route/8/runs/r")
    assert picture.headers["content-type"] == "image/svg+xml"
    for text in ("B1", "B2", "Williamson ether", "NaH"):
        assert text in picture.text
    assert client.get("/campaign/route/2/runs/r").status_code == 422
    exported = client.post("/campaign/export/runs/r", content="format=csv&selected=8").text
    assert "Williamson ether synthesis" in exported


def test_a_selection_is_exported_and_otherwise_what_is_shown(client: TestClient, make_run: Make) -> None:
    make_run("runs/e")
    chosen = client.post("/campaign/export/runs/e", content="format=csv&selected=4+2&sort=score&down=1")
    assert "e.csv" in chosen.headers["content-disposition"]
    table = pd.read_csv(io.BytesIO(chosen.content))
    assert table["smiles"].tolist() == ["CCO", "CC(=O)Oc1ccccc1C(=O)O"]
    assert json.loads(table["parents"][0]) == ["CCCC"]
    shown = client.post("/campaign/export/runs/e", content="format=sdf&contains=c1ccncc1&selected=")
    mols = Chem.ForwardSDMolSupplier(io.BytesIO(shown.content))
    assert [(Chem.MolToSmiles(mol), mol.GetProp("score")) for mol in mols] == [("Cc1ccncc1", "0.7"), ("c1ccncc1", "0.4")]
    sheet = client.post("/campaign/export/runs/e", content="format=xlsx&selected=")
    assert len(pd.read_excel(io.BytesIO(sheet.content))) == 7
    assert client.post("/campaign/export/runs/e", content="format=exe").status_code == 422
    kept = client.post("/campaign/export/runs/e", content="format=csv&selected=4+2&contains=c1ccncc1&where.score=%3E0.85")
    assert len(pd.read_csv(io.BytesIO(kept.content))) == 2  # what is selected, whatever is shown by now


def test_a_term_that_is_named_similarity_keeps_its_values(client: TestClient, make_run: Make, tmp_path: Path) -> None:
    (tmp_path / "runs/s").mkdir(parents=True)
    (tmp_path / "runs/s/config.yaml").write_bytes((make_run("runs/other") / "config.yaml").read_bytes())
    store = RunStore(tmp_path / "runs/s")
    scores = Scores(["CCO", "CCN"], np.array([0.2, 0.3]), [None] * 2, ("similarity",), np.array([[0.2], [0.3]]), np.ones((2, 1)))
    store.commit([Proposal("CCO", "mutation"), Proposal("CCN", "mutation")], scores, {})
    store.close()
    found = client.get("/campaign/molecules/runs/s?similar=CCO&sort=similarity_to_query&down=1").json()
    values = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    assert [(row["similarity"], row["smiles"]) for row in values] == [(0.2, "CCO"), (0.3, "CCN")]
    assert values[0]["similarity_to_query"] == 1
    assert values[1]["similarity_to_query"] < 1


def test_a_run_in_the_place_of_another_is_read_anew(client: TestClient, make_run: Make) -> None:
    old, new = make_run("runs/old"), make_run("runs/new")
    store = RunStore(old)
    commit(store, ["CCCN"], [0.95])
    store.close()
    assert client.get("/campaign/molecules/runs/old").json()["all"] == 8
    for name in ("campaign.sqlite", "config.yaml"):  # in files of the same numbers, as file systems give them again
        (old / name).write_bytes((new / name).read_bytes())
    assert client.get("/campaign/molecules/runs/old").json()["all"] == 7


def test_a_molecule_is_drawn_once_and_kept(client: TestClient) -> None:
    picture = client.get("/molecule.svg", params={"smiles": "c1ccncc1"})
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "immutable" in picture.headers["cache-control"]
    assert picture.text.startswith("<svg")
    assert client.get("/molecule.svg", params={"smiles": "C("}).status_code == 422
    assert client.get("/molecule.svg", params={"smiles": "C" * 2000}).status_code == 422


def test_the_form_says_what_is_wrong_beside_the_field(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("terms:\n  qed: qed\n")
    assert "mine.yaml" in client.get("/new").text

    def problems(**fields: str) -> dict[str, str]:
        page = html.unescape(client.post("/new/check", data=fields).text)
        parts = page.split('<p class="problem" id="problem-')[1:]
        found = {part.partition('"')[0]: part.partition(">")[2].partition("<")[0] for part in parts}
        return {field: text for field, text in found.items() if text}

    assert problems(objective="mine.yaml", budget="50") == {}
    assert "write a whole number" in problems(budget="many")["budget"]
    assert "must be at least 1" in problems(budget="0")["budget"]
    assert problems(budget="1,500") == {}
    several = {"name": "../x", "budget": "ten", "forbid": "[C", "lead": "C1CC", "windows.tpsa.low": "x", "strategy": "genetic"}
    assert problems(**several).keys() == {"name", "budget", "forbid", "lead", "windows", "strategy"}  # and not one after another
    assert "'1,5' is no number" in problems(budget="1,5")["budget"]
    assert "must be between 0 and 4294967295, not -1" in problems(seed="-1")["seed"]
    assert "'inf' is no number" in problems(**{"windows.logp.low": "inf"})["windows"]
    assert "is no molecule" in problems(lead="c1ccccc")["lead"]
    assert "not a SMARTS pattern" in problems(forbid="[C")["forbid"]
    assert "nothing is between 5 and 3" in problems(**{"windows.logp.low": "5", "windows.logp.high": "3"})["windows"]
    assert "genetic keeps to no constraints" in problems(strategy="genetic", forbid="F")["strategy"]
    assert "a similarity of 0" in problems(strategy="genetic", lead="CCO")["strategy"]
    assert problems(strategy="genetic", lead="CCO", similarity="0") == {}
    assert "no objective" in problems(objective="../../etc/passwd.yaml")["objective"]
    assert "exists already" in (problems(name="x"), (tmp_path / "runs/x/y").mkdir(parents=True), problems(name="x"))[2]["name"]
    assert "can't be a folder's name" in problems(name="../x")["name"]
    assert "line 2" in problems(edited="1", yaml="a: 1\n  b: 2")["yaml"]
    assert "scoring" in problems(edited="1", yaml="campaign: {}")["yaml"]
    text = html.unescape(client.post("/new/check", data={"budget": "50"}).text.partition("<textarea")[2])
    text = text.partition(">")[2].partition("</textarea>")[0]
    assert problems(edited="1", yaml=text) == {}
    assert "duplicate key" in problems(edited="1", yaml=text.replace("budget: 50", "budget: 50\n  budget: 7"))["yaml"]
    assert "unknown key 'sead', did you mean 'seed'?" in problems(edited="1", yaml=f"{text}\nsead: 3")["yaml"]
    assert "must be at least 1" in problems(edited="1", yaml=text.replace("budget: 50", "budget: 0"))["yaml"]
    forbidden = text.replace("molgen.runs.run.Campaign", "os.system")
    assert "'os.system' can't be named in a file" in problems(edited="1", yaml=forbidden)["yaml"]


def test_known_drugs_and_the_lead_are_scored_before_anything_is_spent(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.post("/new/preview", data={"objective": "pmo/qed", "lead": "CCO"}).text
    assert page.index("Paracetamol") < page.index("Lead 1")  # QED of RDKit: 0.595 and 0.407
    assert "0.595" in page
    assert "0.407" in page
    parent, salt = (
        client.post("/new/preview", data={"objective": "pmo/qed", "lead": lead})
        .text.partition("<b>Lead 1</b>")[2]
        .partition("</li>")[0]
        for lead in ("NCCc1ccccc1", "NCCc1ccccc1.Cl")
    )
    assert salt == parent != ""  # as a campaign scores it
    assert "salt stripped: " in client.post("/new/check", data={"lead": "CCN.Cl"}).text
    monkeypatch.setenv("MOLGEN_TRUST", "endpoint")
    term = "{http_endpoint: {url: 'http://127.0.0.1:9/'}, transform: {linear: {low: 0, high: 1}}}"
    (tmp_path / "ours.yaml").write_text(f"terms:\n  our_model: {term}\n")
    assert "Not tried: our model" in client.post("/new/preview", data={"objective": "ours.yaml"}).text


def test_what_cannot_begin_leaves_the_form_as_it_was(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, where a folder should be")
    answer = client.post("/new", data={"objective": "pmo/qed", "strategy": "genetic", "similarity": "0", "lead": "CCOCC"})
    assert answer.status_code == 422
    assert "can't be created" in html.unescape(answer.text)
    assert ">CCOCC</textarea>" in answer.text


def test_a_folder_that_is_a_run_is_refused(make_run: Make) -> None:
    folder = make_run("runs/own")
    with pytest.raises(ConfigError, match=f"is a campaign; name the folder that it is in: molgen app {folder.parent}"):
        Workspace(folder)


def test_another_host_needs_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    from molgen.serve.access import needed_token

    monkeypatch.delenv("MOLGEN_TOKEN", raising=False)
    with pytest.raises(ConfigError, match=r"app\.host=0\.0\.0\.0: others could use it; set the variable MOLGEN_TOKEN"):
        needed_token("0.0.0.0", "app.host")


@pytest.mark.parametrize("name", ["surrogate", "routes", "genetic", "genetic_policy", "policy"])
def test_a_campaign_is_called_by_its_strategy(name: str) -> None:
    assert strategy_of(design_config([f"search={name}"])["search"]) == name
