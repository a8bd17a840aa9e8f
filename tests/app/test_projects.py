"""The pages of projects: results that are sent, rounds that are proposed, and what is said of proposals."""

import html
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from molgen.app.uploads import UPLOADS, waiting
from molgen.folders import writing
from molgen.project.facts import Measurement, NotMade
from molgen.project.project import Project

GOALS = """goals:
  potency: {measured: pIC50, at_least: 8, weight: 2}
  herg: {measured: hERG pIC50, at_most: 5, hard: true}
"""
FIRST = b"""Compound ID,SMILES,IC50 (nM),hERG IC50 (uM),date,colour
T-1,CC(=O)Nc1ccc(O)cc1,1200,>30,2026-03-02,red
T-2,CCN(CC)CCOC(=O)c1ccc(N)cc1.Cl,>10000,12,2026-03-02,
T-3,Cc1ccccc1C(=O)NCC1CC1,not made,,,
T-4,nonsense,30,,,
"""


def until(client: TestClient, words: str) -> str:
    """What the page says of the search once it says `words`."""
    deadline = time.monotonic() + 600
    while words not in (page := client.get("/project/job/thrombin").text):
        assert time.monotonic() < deadline, page
        time.sleep(0.3)
    return page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without measurements."""
    (tmp_path / "goals.yaml").write_text(GOALS)
    Project.new(tmp_path / "thrombin", tmp_path / "goals.yaml")
    return tmp_path / "thrombin"


def send(client: TestClient, content: bytes = FIRST, name: str = "assay.csv") -> str:
    """The address of what a file says."""
    answer = client.post("/project/upload/thrombin", params={"file": name}, content=content)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def record(client: TestClient, page: str, url: str, **more: str) -> Any:
    """Press the button of a preview."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(url.replace("/preview/", "/record/"), data=fields | more)


def test_a_file_is_looked_at_before_anything_is_recorded(client: TestClient, folder: Path) -> None:
    url = send(client)
    page = html.unescape(client.get(url).text)
    assert Project.open(folder).facts() == []
    assert "row 4: left out, 'nonsense': not a SMILES" in page
    columns = dict(re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', page))
    assert columns == {
        "Compound ID": "identifier", "SMILES": "structure", "IC50 (nM)": "pIC50", "hERG IC50 (uM)": "hERG pIC50",
        "date": "date", "colour": "no goal asks for it, not taken",
    }  # fmt: skip
    assert "5.921" in page  # -log10(1200e-9)
    assert "Record 5 facts" in page
    answer = record(client, page, url)
    assert answer.headers["location"] == "/projects/thrombin?recorded=5"
    facts = Project.open(folder).facts()
    assert sorted(round(fact.value, 3) for fact in facts if isinstance(fact, Measurement)) == [4.523, 4.921, 5.0, 5.921]
    assert [fact.reason for fact in facts if isinstance(fact, NotMade)] == ["not made"]
    assert {fact.source.file for fact in facts} == {"assay.csv"}
    assert waiting(folder) == []
    page = client.get("/projects/thrombin?recorded=5").text
    assert "5 new facts recorded" in page
    assert "4.92" in page


def test_the_same_file_twice_adds_nothing(client: TestClient, folder: Path) -> None:
    url = send(client)
    record(client, client.get(url).text, url)
    for content in (FIRST, FIRST.replace(b"\n", b"\r\n")):
        again = send(client, content)
        page = client.get(again).text
        assert "Nothing in it is new" in page
        assert "Record " not in page
        assert record(client, page, again).status_code == 422
        assert client.post(again.replace("/preview/", "/discard/")).status_code == 303
    assert len(Project.open(folder).facts()) == 5
    assert waiting(folder) == []


def test_two_tabs_record_once(client: TestClient, folder: Path) -> None:
    url = send(client)
    page = client.get(url).text
    with ThreadPoolExecutor(4) as pool:
        answers = [each.status_code for each in pool.map(lambda _: record(client, page, url), range(4))]
    assert answers.count(303) == 1
    assert set(answers) <= {303, 422}
    assert len(Project.open(folder).facts()) == 5


def test_what_was_not_looked_at_is_not_recorded(client: TestClient, folder: Path, tmp_path: Path) -> None:
    url = send(client)
    page = client.get(url).text
    (tmp_path / "assay.csv").write_bytes(FIRST.replace(b"1200", b"1300"))
    Project.open(folder).observe(tmp_path / "assay.csv")  # in a terminal, meanwhile
    answer = record(client, page, url)
    assert answer.status_code == 422
    assert "Nothing was recorded: assay.csv: the project has changed" in answer.text
    assert len(Project.open(folder).facts()) == 5
    answer = record(client, answer.text, url)  # what is new by now
    assert answer.headers["location"] == "/projects/thrombin?recorded=1"
    assert record(client, page, url).status_code == 422
    url = send(client, FIRST.replace(b"1200", b"1400"), "other.csv")
    page = client.get(url).text
    assert record(client, page, url, mode="correct").status_code == 422  # not what was looked at
    assert len(Project.open(folder).facts()) == 6


def test_one_writes_at_a_time(client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Project, "patience", 0.2)
    url = send(client)
    page = client.get(url).text
    with writing(folder):  # molgen observe
        answer = record(client, page, url)
    assert answer.status_code == 422
    assert "is writing there; wait until it has ended" in html.unescape(answer.text)
    assert record(client, page, url).status_code == 303


def test_files_are_checked_before_they_are_kept(client: TestClient, folder: Path, tmp_path: Path) -> None:
    def refusal(name: str, content: bytes = b"a") -> str:
        answer = client.post("/project/upload/thrombin", params={"file": name}, content=content)
        assert answer.status_code == 422
        return html.unescape(answer.text)

    assert "results come as" in refusal("x.exe")
    assert "results come as" in refusal("")
    assert "unpack it" in refusal("x.csv.gz")
    assert "x.csv: is empty" in refusal("x.csv", b"")
    assert client.post("/project/upload/thrombin", params={"file": "x.csv"}, content=bytes(3_000_000)).status_code == 413
    assert client.post("/project/upload/nothing", params={"file": "x.csv"}, content=b"a").status_code == 422
    assert not (folder / UPLOADS).exists()
    send(client, name="../../..\\.x[*]\0'y.csv")
    assert [upload.name for upload in waiting(folder)] == ["x____'y.csv".replace("'", "_")]
    assert "no column of an endpoint of the project" in html.unescape(client.get(send(client, b"SMILES,a\nC,1\n")).text)
    assert "unreadable.xlsx:" in html.unescape(client.get(send(client, b"PK\3\4garbage", "unreadable.xlsx")).text)
    assert str(tmp_path) not in client.get(send(client, b"PK\3\4garbage", "unreadable.xlsx")).text
    assert client.get("/project/preview/../goals.yaml/thrombin").status_code in (404, 422)
    for key in ("0" * 16, "x", ".."):
        assert client.post(f"/project/record/{key}/thrombin").status_code in (404, 405, 422)


def test_links_are_not_followed(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / UPLOADS).symlink_to(tmp_path / "elsewhere")
    answer = client.post("/project/upload/thrombin", params={"file": "a.csv"}, content=FIRST)
    assert answer.status_code == 422
    assert "is a link" in answer.text
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (folder / UPLOADS).unlink()
    url = send(client)
    path = waiting(folder)[0].path
    path.unlink()
    path.symlink_to(tmp_path / "goals.yaml")
    assert client.get(url).status_code == 422
    (folder / "propose.log").symlink_to(tmp_path / "log")
    assert client.post("/project/propose/thrombin", data={"n": "3"}).status_code == 422
    assert not (tmp_path / "log").exists()


def test_other_pages_cannot_send_results(client: TestClient, folder: Path) -> None:
    for path in ("upload/thrombin?file=a.csv", "say/thrombin", "propose/thrombin", "stop/thrombin"):
        assert client.post(f"/project/{path}", content=FIRST, headers={"Origin": "http://elsewhere"}).status_code == 403
    assert not (folder / UPLOADS).exists()


def test_a_proposal_is_said_not_to_be_made_or_crossed_out(client: TestClient, folder: Path) -> None:
    Project.open(folder).record_proposed(["CCO", "CCN", "CCCl"])

    def say(**form: str) -> Any:
        return client.post("/project/say/thrombin", data=form)

    assert "say why" in say(kind="not made", id="thrombin-001-001").text
    assert say(kind="liked", id="thrombin-001-001", reason="x").status_code == 422
    answer = say(kind="not made", id="thrombin-001-001", reason="blocks, not available", who="Anna")
    assert answer.text == "thrombin-001-001 was recorded as not made."
    assert say(kind="crossed out", id="thrombin-001-002", reason="no").status_code == 200
    assert "isn't pending any more" in html.unescape(say(kind="not made", id="thrombin-001-001", reason="again").text)
    assert "isn't pending any more" in html.unescape(say(kind="not made", id="thrombin-009-001", reason="again").text)
    project = Project.open(folder)
    assert [(f.compound, f.reason, f.who) for f in project.not_made()] == [("CCO", "blocks, not available", "Anna")]
    assert [(f.compound, f.reason) for f in project.rejected()] == [("CCN", "no")]
    assert [fact.name for fact in project.pending()] == ["thrombin-001-003"]
    page = client.get("/projects/thrombin").text
    assert "3 compounds, 1 pending, 1 not made, 1 crossed out" in page
    assert "blocks, not available" in page


def test_the_form_of_a_round_says_what_is_wrong(client: TestClient, folder: Path, tmp_path: Path) -> None:
    def problems(**form: str) -> dict[str, str]:
        page = html.unescape(client.post("/project/propose/thrombin", data=form).text)
        return dict(re.findall(r'id="problem-(\w+)" role="alert">([^<]+)<', page))

    assert "write a whole number" in problems(n="many")["n"]
    assert "must be at least 1" in problems(n="0")["n"]
    assert problems(n="x", explore="2,5", seed="-").keys() == {"n", "explore", "seed"}
    assert "between 0 and 1" in problems(explore="3")["explore"]
    assert "no room for others" in problems(n="2", controls="2")["controls"]
    assert "name the file" in problems(**{"from": "library"})["library"]
    (tmp_path / "vendor.smi").write_text("CCO\n")
    assert "did you mean 'vendor.smi'" in problems(**{"from": "library", "library": "vender.smi"})["library"]
    assert "no such file" in problems(**{"from": "library", "library": "/etc/passwd"})["library"]
    assert "no such thing" in problems(**{"from": "elsewhere"})["from"]
    assert "column of prices" in problems(**{"from": "library", "library": "vendor.smi", "spend": "5"})["spend"]
    assert not (folder / "propose.log").exists()


def test_a_round_is_proposed_in_a_process_of_its_own(client: TestClient, folder: Path, tmp_path: Path) -> None:
    names = ["CCOc1ccccc1", "CCCc1ccccc1", "CCNc1ccncc1", "OCc1ccccc1", "CC(C)c1ccncc1"]
    (tmp_path / "our vendor, new.smi").write_text("\n".join(names))
    url = send(client)
    record(client, client.get(url).text, url)
    form = {"from": "library", "library": "our vendor, new.smi", "n": "3", "per_scaffold": ""}
    answer = client.post("/project/propose/thrombin", data=form)
    assert answer.status_code == 303
    page = until(client, "Round 1:")
    project = Project.open(folder)
    assert {fact.given for fact in project.propositions(1)} < set(names)
    page = client.get("/projects/thrombin").text
    assert page.count('class="card molecule proposal"') == 3
    assert "90 %: " in page
    assert 'value="our vendor, new.smi"' in page  # the next round's form begins with these settings
    table = client.get("/project/export/1/csv/thrombin")
    assert "thrombin-001-003" in table.text
    assert "thrombin-001.csv" in table.headers["content-disposition"]
    assert client.get("/project/export/1/sdf/thrombin").text.count("$$$$") == 3
    assert client.get("/project/export/1/exe/thrombin").status_code == 422
    assert client.get("/project/export/7/csv/thrombin").status_code == 422
    assert "Matched pairs" in client.get("/project/report/thrombin").text
    results = "id,IC50 (nM)\n" + "\n".join(f"{fact.name},{50 * (i + 1)}" for i, fact in enumerate(project.propositions(1)))
    url = send(client, results.encode(), "round 1.csv")
    record(client, client.get(url).text, url)
    page = client.get("/projects/thrombin").text
    assert "3 compounds, 3 measured" in page
    assert client.get("/project/chart/predictions/thrombin").headers["content-type"].startswith("image/svg")


def test_a_search_that_fails_says_why(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "known.smi").write_text("nonsense\n")
    client.post("/project/propose/thrombin", data={"from": "library", "library": "known.smi", "n": "3"})
    page = until(client, "ended without a round")
    assert "molgen: " in page
    with writing(folder / "searches"):
        assert "looking for the next round" in client.get("/project/job/thrombin").text
        answer = client.post("/project/propose/thrombin", data={"n": "3"})
    assert "a round is being proposed already" in answer.text
    assert "isn't running" in html.unescape(client.post("/project/stop/thrombin").text)


def test_a_search_is_stopped_with_nothing_proposed(client: TestClient, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "assay.csv").write_bytes(FIRST)
    Project.open(folder).observe(tmp_path / "assay.csv")
    client.post("/project/propose/thrombin", data={"budget": "100000", "n": "3"})
    until(client, "looking for the next round")
    assert client.post("/project/stop/thrombin").status_code == 303
    until(client, "with the same settings goes on with it")
    assert Project.open(folder).rounds() == 0
    assert 'value="100000"' in client.get("/projects/thrombin").text


def test_a_project_is_made_of_goals_that_are_checked(client: TestClient, tmp_path: Path) -> None:
    def problems(**form: str) -> dict[str, str]:
        page = html.unescape(client.post("/new-project/check", data=form).text)
        found = re.findall(r'id="problem-(\w+)" aria-live="polite" hx-swap-oob="true">([^<]*)<', page)
        return {field: text for field, text in found if text}

    assert "tpsa" in client.get("/new-project").text
    assert problems(name="thrombin", goals=GOALS) == {}
    assert "can't be a project's name" in problems(name="../x", goals=GOALS)["name"]
    assert problems(goals="goals: {a: {measured: pIC50}}")["goals"].startswith("goals.a")
    assert "line 2" in problems(goals="goals: {\n  a: ]")["goals"]
    assert str(tmp_path) not in problems(goals="goals: {\n  a: ]")["goals"]
    assert "there are none" in problems(goals="")["goals"]
    answer = client.post("/new-project", data={"name": "", "goals": GOALS})
    assert answer.status_code == 422
    assert "give it a name" in answer.text
    assert list(tmp_path.iterdir()) == []
    answer = client.post("/new-project", data={"name": "thrombin", "goals": GOALS})
    assert answer.headers["location"] == "/projects/thrombin#results"
    assert Project.open(tmp_path / "thrombin").goals.goals.keys() == {"potency", "herg"}
    assert "exists already" in problems(name="thrombin", goals=GOALS)["name"]
    assert [path.name for path in tmp_path.iterdir()] == ["thrombin"]
    page = client.get("/projects/thrombin").text
    assert "No round has been proposed yet" in page
    assert "nothing measured yet" in page


def test_goals_are_changed_on_the_page_and_those_before_are_kept(client: TestClient, folder: Path, tmp_path: Path) -> None:
    record(client, client.get(url := send(client)).text, url)
    assert 'href="/project/goals/thrombin"' in client.get("/projects/thrombin").text
    page = client.get("/project/goals/thrombin").text
    assert GOALS in html.unescape(page)
    seen = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    (tmp_path / "reference.smi").write_text("CCO\n")
    new = GOALS.replace("at_least: 8", "at_least: 7").replace("\n", "\r\n")  # as a browser sends lines
    said = html.unescape(client.post("/project/check-goals/thrombin", data={"goals": new}).text)
    assert "at least 7, weight 2; it was: measured as pIC50, at least 8, weight 2" in said
    wrong = client.post("/project/check-goals/thrombin", data={"goals": "goals: {a: {measured: x, at_laest: 1}}"})
    assert "at_laest: unknown key, did you mean" in html.unescape(wrong.text)
    assert client.post("/project/goals/thrombin", data=seen | {"goals": "goals: 7"}).status_code == 422
    assert (folder / "goals.yaml").read_text() == GOALS
    done = client.post("/project/goals/thrombin", data=seen | {"goals": new})
    assert (done.status_code, done.headers["location"]) == (303, "/projects/thrombin#stands")
    assert (folder / "goals.yaml").read_text() == GOALS.replace("at_least: 8", "at_least: 7")
    assert "at least 7" in client.get("/projects/thrombin").text  # which is read anew
    assert len(Project.open(folder).measurements()) == 4
    assert "at_least: 8" in client.get("/project/goals/thrombin").text  # below, as what was before
    late = client.post("/project/goals/thrombin", data=seen | {"goals": GOALS.replace("5", "6")})  # another tab
    assert late.status_code == 422
    assert "changed meanwhile" in late.text
    (folder / "goals.yaml").write_text(GOALS)
    assert "edited by hand since" in client.get("/project/goals/thrombin").text
