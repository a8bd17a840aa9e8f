"""What a campaign's page has besides its table: charts, sheets of pictures, contributions of atoms, other goals."""

import re
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.runs.reweighing import objectives_before
from molgen.runs.settings import read_config
from molgen.runs.store import RunStore
from tests.app.conftest import Make, commit


def more(folder: Path) -> None:
    store = RunStore(folder)
    commit(store, [f"C{'C' * n}O" for n in range(2, 12)], [n / 20 for n in range(10)])
    store.close()


def test_terms_and_diversity_are_drawn_while_a_campaign_runs(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a b")
    assert "once ten molecules" in client.get("/campaign/charts/runs/a b").text
    more(folder)
    page = client.get("/campaign/charts/runs/a b").text
    assert re.findall(r'src="([^"?]*)', page) == [f"/campaign/chart/{each}/runs/a%20b" for each in ("terms", "diversity")]
    picture = client.get("/campaign/chart/diversity/runs/a b")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert "scaffolds" in picture.text
    assert client.get("/campaign/chart/front/runs/a b").status_code == 422  # of one term there is none
    assert client.get("/campaign/chart/../runs/a b").status_code in (404, 422)


def test_pictures_are_a_sheet_of_what_is_selected(client: TestClient, make_run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    more(make_run("runs/small"))
    answer = client.post("/campaign/export/runs/small", data={"format": "pdf", "selected": "2 3"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    monkeypatch.setattr("molgen.app.picture_sheet.LINES", 2)  # eight to a page
    pages = client.post("/campaign/export/runs/small", data={"format": "pdf"}).content
    assert [len(re.findall(rb"/Type\s*/Page\b", each)) for each in (answer.content, pages)] == [1, 3]
    monkeypatch.setattr("molgen.app.picture_sheet.MOST", 5)
    refused = client.post("/campaign/export/runs/small", data={"format": "pdf"})
    assert (refused.status_code, "room for 5 molecules, and these are 17" in refused.text) == (422, True)


def test_atoms_contribute_to_what_is_predicted(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/small")
    assert "What the atoms contribute" not in client.get("/campaign/molecule/2/runs/small").text  # nothing is predicted
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["scoring"]["terms"]["tpsa"] = {"property": "herg"}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    assert '/campaign/contributions/2/tpsa/runs/small"' in client.get("/campaign/molecule/2/runs/small").text
    page = client.get("/campaign/contributions/3/tpsa/runs/small").text  # phenol
    shares = [float(text.replace("\N{MINUS SIGN}", "-")) for text in re.findall(r"<td>([+\N{MINUS SIGN}][\d.]+)", page)]
    assert sum(shares[:-1]) == pytest.approx(shares[-1], abs=0.02 * len(shares))  # base and parts make the sum
    assert client.get("/campaign/contributions/3/nothing/runs/small").status_code == 422


def test_other_goals_are_a_new_stage(client: TestClient, make_run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run("runs/small")
    begun: list[Path] = []
    monkeypatch.setattr("molgen.app.jobs.Jobs.go_on", lambda _, path: begun.append(path))
    page = client.get("/campaigns/runs/small").text
    assert "Change its goals or budget, and go on" in page
    text = yaml.safe_dump(read_config(folder)["scoring"], sort_keys=False)
    fields = {"objective": "own", "scoring": text, "fixed": "1"}
    panel = client.post("/new/goals", data=fields).text
    assert "Leave out" not in panel
    goal_of = re.findall(r'name="goal_of" value="([^"]*)"', panel)[0]
    shape = {"goal.shape.tpsa": "linear", "goal.was.tpsa": "linear", "goal.low.tpsa": "0", "goal.high.tpsa": "50"}
    wrong = client.post("/campaign/goals/runs/small", data=fields | shape | {"goal_of": goal_of, "goal.weight.tpsa": "0"})
    assert (wrong.status_code, begun) == (422, [])
    assert client.post("/campaign/goals/runs/small", data={}).status_code == 422  # and not the goals that forms begin with
    done = client.post("/campaign/goals/runs/small", data=fields | shape | {"goal_of": goal_of})
    assert (done.status_code, begun) == (303, [folder]), done.text
    assert read_config(folder)["scoring"]["terms"]["tpsa"]["transform"]["linear"]["high"] == 50
    assert objectives_before(folder)[0]["until_call"] == 7
    assert "Call 7: tpsa: Linear(low=0" in client.get("/campaign/facts/runs/small").text


def test_a_finished_campaign_is_weighed_anew_and_goes_on_with_more_calls(
    client: TestClient, make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run("runs/small")
    for name in ("top.csv", "report.html"):
        (folder / name).write_text("")
    begun: list[Path] = []
    monkeypatch.setattr("molgen.app.jobs.Jobs._begin", lambda _, path, command: begun.append(path))
    page = client.get("/campaigns/runs/small").text
    assert '<span class="state finished">' in page
    assert "Change its goals or budget, and go on" in page
    text = yaml.safe_dump(read_config(folder)["scoring"], sort_keys=False)
    fields = {"objective": "own", "scoring": text, "fixed": "1"}
    for wrong, said in (
        ({"budget": "10"}, "nothing has changed"),
        ({"budget": "5"}, "7 calls have been spent"),
        ({"budget": "many"}, "is no number"),
    ):
        refused = client.post("/campaign/goals/runs/small", data=fields | wrong)
        assert (refused.status_code, said in refused.text, begun) == (422, True, [])
    assert client.post("/campaign/goals/runs/small", data=fields | {"budget": "1,200"}).status_code == 303
    assert (read_config(folder)["campaign"]["budget"], begun) == (1200, [folder])
    facts = client.get("/campaign/facts/runs/small").text
    assert "Call 7: budget: 10 \N{RIGHTWARDS ARROW} 1,200" in facts
    assert '<span class="state stopped">' in facts  # had it been killed: and it can be resumed


def test_a_new_campaign_begins_like_another(client: TestClient, make_run: Make) -> None:
    make_run("runs/small")
    page = client.get("/new?like=runs/small").text
    assert 'name="budget" inputmode="numeric" value="10"' in page
    assert "descriptor: tpsa" in page
    assert client.get("/new?like=../etc").status_code == 422
