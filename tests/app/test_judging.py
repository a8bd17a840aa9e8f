"""Stars, rejections, preferences and comparisons on a campaign's page, as a browser asks for them."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app.lineage import lineage
from molgen.runs.export import LAST, REPORT
from molgen.runs.judging import JudgedRun
from molgen.runs.relearning import learn_from_judgements
from molgen.runs.store import RunStore
from molgen.runs.watching import RunReader
from molgen.scoring.scores import Scores
from tests.app.conftest import Make, commit

URL = "/campaign/judge/runs/a"
NEW = ("/campaign/judged/runs/a", "/campaign/effect/runs/a", "/beside/campaign/runs/a?of=2,3", "/new?liked=runs/a")


def say(client: TestClient, action: str, calls: str = "", **more: Any) -> Any:
    return client.post(URL, data={"action": action, "calls": calls, **more})


def test_what_is_said_is_kept_with_who_and_shown(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    answer = say(client, "star", "2", who="Anna").json()
    assert answer == {"verdicts": {"2": "star"}, "said": "Starred.", "together": "1 star"}
    assert say(client, "star", "2").json()["said"] == "Said before; nothing is new."
    assert say(client, "reject", "3 4", reason="phenol", who="Bob").json()["verdicts"] == {"3": "reject", "4": "reject"}
    say(client, "prefer", "2 5 6")
    found = JudgedRun(folder).judgements.standing
    assert [(f.kind, f.given, f.over_given, f.reason, f.who) for f in found[:2]] == [
        ("star", "CCO", "", "", "Anna"), ("reject", "c1ccccc1O", "", "phenol", "Bob"),
    ]  # fmt: skip
    assert [(f.given, f.over_given) for f in found[3:]] == [("CCO", "c1ccncc1"), ("CCO", "CCN")]
    page = client.get("/campaigns/runs/a").text
    assert "1 star, 2 rejections, 2 preferences." in page
    assert "phenol" in page
    best = client.get("/campaign/best/runs/a").text
    assert 'data-call="2"' in best
    assert 'data-call="3"' not in best
    assert "Starred by Anna" in client.get("/campaign/molecule/2/runs/a").text
    assert say(client, "withdraw", "2").json()["verdicts"] == {"2": ""}
    assert say(client, "withdraw", fact=str(found[3].number)).json()["together"] == "2 rejections, 1 preference"


def test_the_table_shows_filters_and_exports_what_is_judged(client: TestClient, make_run: Make) -> None:
    make_run("runs/a")
    say(client, "star", "2 5")
    say(client, "reject", "3", reason="no")
    found = client.get("/campaign/molecules/runs/a?where.judged=star&sort=id&down=0").json()
    assert [row[found["columns"].index("id")] for row in found["rows"]] == [2, 5]
    found = client.get("/campaign/molecules/runs/a?sort=judged&down=1").json()
    assert [row[found["columns"].index("judged")] for row in found["rows"]][:4] == ["star", "star", "reject", None]
    exported = client.post("/campaign/export/runs/a", data={"format": "csv", "where.judged": "reject"}).text
    assert len(exported.splitlines()) == 2
    assert "reject" in exported


@pytest.mark.parametrize(
    ("action", "calls", "more", "message"),
    [
        ("reject", "2", {}, "say why"),
        ("reject", "2", {"reason": " "}, "say why"),
        ("star", "99", {}, "no molecule of call 99"),
        ("star", "", {}, "no molecule is named"),
        ("prefer", "2", {}, "another molecule"),
        ("prefer", "2 2", {}, "preferred to itself"),
        ("adore", "2", {}, "is no judgement"),
        ("withdraw", "2", {}, "nothing to withdraw"),
        ("star", "2", {"who": "x" * 501}, "at most 500"),
        ("star", " ".join(map(str, range(300))), {}, "at most 200"),
    ],
)
def test_what_makes_no_sense_says_so(
    client: TestClient, make_run: Make, action: str, calls: str, more: Any, message: str
) -> None:
    folder = make_run("runs/a")
    answer = client.post(URL, data={"action": action, "calls": calls, **more}, headers={"Accept": "*/*"})
    assert answer.status_code == 422
    assert message in answer.text
    assert JudgedRun(folder).judgements.facts == ()


def test_other_pages_cannot_judge_and_the_new_pages_keep_the_rules(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    say(client, "star", "2")
    for origin in ("http://evil.example", "null", ""):
        for path in (URL, "/campaign/learn/runs/a"):
            assert client.post(path, data={"action": "star", "calls": "3"}, headers={"Origin": origin}).status_code == 403
    assert len(JudgedRun(folder).judgements.facts) == 1
    for path in NEW:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert not re.search(r" style=| onclick=|<style", answer.text)
    picture = client.get("/aligned/0/campaign/runs/a?of=2,3")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in picture.headers["content-security-policy"]


def test_reasons_and_names_are_text(client: TestClient, make_run: Make) -> None:
    make_run("runs/a")
    evil = '"><script>alert(1)</script>'
    say(client, "reject", "2", reason=evil, who=evil)
    for path in ("/campaigns/runs/a", *NEW, "/campaign/molecule/2/runs/a"):
        assert "<script>alert" not in client.get(path).text


def test_two_tabs_at_once_keep_every_fact_once(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    with ThreadPoolExecutor(6) as tabs:
        answers = list(tabs.map(lambda i: say(client, "star", str(2 + i % 3)).status_code, range(24)))
    assert set(answers) == {200}
    assert len(JudgedRun(folder).judgements.facts) == 3
    page = client.get("/campaigns/runs/a").text
    assert 'data-stamp="7 stopped 3"' in page  # by which other pages see that something was said


def test_what_would_change_follows_the_weight(client: TestClient, make_run: Make) -> None:
    """With the weights w and 1 of a geometric mean the new score is (score * liked^w)^(1 / (1 + w))."""
    make_run("runs/a")
    assert "Would rise" not in client.get("/campaign/judged/runs/a").text
    say(client, "star", "3")  # phenol, the last
    say(client, "reject", "4", reason="x")  # aspirin, the second
    scores = {}
    for weight in (0.1, 3.0):
        page = client.get(f"/campaign/effect/runs/a?weight={weight}").text
        rise = page.partition("Would rise")[2].partition("Would fall")[0]
        told = re.search(
            r'data-molecule="3".*?(\d+) .*?</span> (\d+)</b>.*?score 0.300 → ([\d.]+).*?liked ([\d.]+) ±', rise, re.DOTALL
        )
        if weight == 3.0:
            assert told is not None
        if told is not None:
            assert int(told[2]) < int(told[1])
            scores[weight] = float(told[3])
            assert float(told[3]) == pytest.approx((0.3 * float(told[4]) ** weight) ** (1 / (1 + weight)), abs=0.006)
    assert 3.0 in scores
    assert client.get("/campaign/effect/runs/a?weight=many").status_code == 422


def test_a_stopped_campaign_learns_and_goes_on(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    assert client.post("/campaign/learn/runs/a", data={"weight": "1"}).status_code == 422  # nobody has judged
    say(client, "star", "2")
    assert client.post("/campaign/learn/runs/a", data={"weight": "0"}).status_code == 422
    answer = client.post("/campaign/learn/runs/a", data={"weight": "0.5"})
    assert answer.headers["location"] == "/campaigns/runs/a"
    term = yaml.safe_load((folder / "config.yaml").read_text())["scoring"]["terms"]["liked"]
    assert term == {"liked": {"preferences": str(folder)}, "weight": 0.5}


def test_a_campaign_that_has_ended_learns_with_more_calls(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    say(client, "star", "2")
    assert 'name="budget"' not in client.get("/campaign/judged/runs/a").text
    for name in (LAST, REPORT):
        (folder / name).write_text("")  # it has ended
    page = client.get("/campaign/judged/runs/a").text
    assert "Resume and learn" in page
    assert re.search(r'name="budget" value="10"', page)  # of which 7 were spent
    refused = client.post("/campaign/learn/runs/a", data={"weight": "1", "budget": "7"})
    assert refused.status_code == 422
    assert "give it more in all" in html.unescape(refused.text)
    assert "liked" not in yaml.safe_load((folder / "config.yaml").read_text())["scoring"]["terms"]
    answer = client.post("/campaign/learn/runs/a", data={"weight": "0.5", "budget": "12"})
    assert answer.headers["location"] == "/campaigns/runs/a"
    config = yaml.safe_load((folder / "config.yaml").read_text())
    assert config["campaign"]["budget"] == 12
    assert config["scoring"]["terms"]["liked"]["weight"] == 0.5


def test_what_is_shown_is_another_once_all_is_scored_anew(client: TestClient, make_run: Make) -> None:
    """Also where the same molecules stay in the same places."""
    folder = make_run("runs/a")
    page = client.get("/campaigns/runs/a").text
    stamp, key = (re.findall(rf'{name}="([^"]*)"', page)[0] for name in ("data-stamp", "data-key"))
    assert client.get(f"/campaign/best/runs/a?seen={key}").status_code == 204
    store = RunStore(folder)
    table = store.to_pandas()
    half = table["score"].to_numpy() / 2
    raw, scaled = table[["tpsa"]].to_numpy(), table[["tpsa_scaled"]].to_numpy()
    store.rescore(Scores(table["smiles"].tolist(), half, [None] * len(table), ("tpsa",), raw, scaled), {"/objective": "other"})
    store.close()
    again = client.get(f"/campaign/best/runs/a?seen={key}")
    assert again.status_code == 200
    assert "0.450" in again.text
    assert re.findall(r'data-stamp="([^"]*)"', client.get("/campaigns/runs/a").text)[0] != stamp


def test_a_term_that_is_yet_to_be_measured_has_its_column(client: TestClient, make_run: Make) -> None:
    """The page is loaded again as soon as a campaign is to learn, before its scores are."""
    folder = make_run("runs/a")
    say(client, "star", "2")
    learn_from_judgements(folder)
    page = client.get("/campaigns/runs/a").text
    assert 'data-column="liked"' in page
    assert "Would" in page or "No molecule among the best" in page
    assert client.get("/campaign/molecules/runs/a").json()["total"] == 7


def test_the_form_learns_from_another_campaign(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/a")
    assert "Learn from what you said of" not in client.get("/new").text
    say(client, "star", "2")
    assert '<option value="runs/a" selected>' in client.get("/new?liked=runs/a").text
    form = {"objective": "drug_like", "strategy": "genetic", "budget": "10", "liked": "runs/a", "liked_weight": "0.3"}
    checked = client.post("/new/check", data=form).text
    assert f"preferences: {folder}" in checked
    assert "weight: 0.3" in checked
    assert "no campaign of this name" in client.post("/new/check", data=form | {"liked": "../x"}).text
    assert "above 0" in client.post("/new/check", data=form | {"liked_weight": "-1"}).text
    assert "liked" in client.post("/new/preview", data=form).text


def test_molecules_are_compared_with_their_values_and_origins(client: TestClient, make_run: Make) -> None:
    make_run("runs/a")
    say(client, "prefer", "4 3")
    page = client.get("/beside/campaign/runs/a?of=3,4,7").text
    assert page.count("data-prefer=") == 3
    assert "Call 4 over call 3" in page
    assert re.search(r'class="most">.*?<b>80</b>', page, re.DOTALL)  # the highest of the three
    assert "call 1</figcaption>" in page  # the lead, of which all were made
    for wrong in ("3", "3,3", "1,2,3,4,5,6,7", "", "3,99"):
        assert client.get(f"/beside/campaign/runs/a?of={wrong}").status_code == 422
    assert client.get("/aligned/9/campaign/runs/a?of=3,4").status_code == 422


def test_a_lineage_goes_back_to_the_beginning_and_through_no_circle(make_run: Make) -> None:
    folder: Path = make_run("runs/a")
    store = RunStore(folder)
    commit(store, ["CCCO"], [0.2], ["CCO", "CCBr"])
    commit(store, ["CCCCO"], [0.3], ["CCCO", "CCCCO"])
    store.close()
    reader = RunReader(folder)
    reader.refresh()
    found = lineage(reader.molecules, "CCCCO")
    assert [[each["smiles"] for each in generation] for generation in found] == [["CCCO"], ["CCO", "CCBr"], ["CCCC"]]
    assert found[1][1] == {"smiles": "CCBr", "call": None, "score": None}
    assert lineage(reader.molecules, "CCCC") == []
