"""A screen's page while the screen goes on: the same values as once it has ended, progress, stop and resume."""

import shutil
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app import opened_screen
from molgen.app.asked_rows import plain_value
from molgen.app.opened_screen import OpenScreen
from molgen.app.screens import Screens
from molgen.app.workspace import Workspace
from molgen.data.readers import read_chunks
from molgen.folders import writing
from molgen.scoring.scorer import Scorer
from molgen.screening.screen import screen
from tests.app.browsing import Open, faults
from tests.app.test_screen_page import TPSA, screened
from tests.screening.test_screening import broken_after

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
ROWS = 8  # of a chunk
CASES = ["CC(=O)Oc1ccccc1C(=O)[O-]", "CCO", "C(,", "c1ccc2[nH]ccc2c1", "=CC1CC1", "", "C1CCNCC1", "OC(=O)c1ccccc1"]
LIBRARY = pd.DataFrame(
    {
        "code": [f"{i:04d}" for i in range(24)],
        "smiles": CASES * 3,
        "price": [1.5, 2.0, None, 10.0, 1e6, 0.001, 3.0, 4.0] * 3,
        "stock": ["yes", "", "=1+1", "'x", "n/a", "no", "0", "1"] * 3,
        "score": range(24),
    }
)


def stopped(folder: Path, name: str = "library.csv", after: int = 2) -> Path:
    """A screen of `LIBRARY` that was stopped after so many chunks of three, in `screens/s` of a folder."""
    library, goal = folder / name, folder / "goal.yaml"
    if name.endswith("csv"):
        LIBRARY.to_csv(library, index=False)
    else:  # whose columns have types
        LIBRARY.assign(made=pd.Timestamp("2024-05-01"), pure=[True, False] * 12).to_parquet(library)
    goal.write_text(yaml.safe_dump({"terms": TPSA, "filters": {}}))
    settings = {
        "library": str(library), "label": None, "hits": 5, "batch": ROWS, "column": None,
        "table": {"delimiter": None, "encoding": None}, "scoring": {"terms": TPSA, "filters": {}},
    }  # fmt: skip
    chunks, scorer = partial(read_chunks, library, rows=ROWS), Scorer.from_config(goal)
    with pytest.raises(KeyboardInterrupt):
        screen(lambda: broken_after(chunks, after), scorer, folder / "screens/s", hits=5, total=25, settings=settings)
    return folder / "screens/s"


def opened(folder: Path) -> OpenScreen:
    return OpenScreen(Workspace(folder).at("screens/s", "screen"))


def texts(found: OpenScreen) -> list[list[str]]:
    """All that a page can show of a table: nothing may be told from nothing."""
    rows = found.table[found.columns].astype(object).to_numpy().tolist()
    return [["" if plain_value(cell) is None else repr(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("name", ["library.csv", "library.parquet"])
def test_a_screen_shows_while_it_goes_on_what_it_shows_in_the_end(tmp_path: Path, name: str) -> None:
    folder = stopped(tmp_path, name)
    before = opened(tmp_path)
    assert (before.ended, before.scored, len(before)) == (False, 2 * ROWS, 2 * ROWS)
    assert before.own[0] == "code"
    assert before.table["code"].tolist()[:2] == ["0000", "0001"]
    edition, answers = before.edition, before.answers
    screen(partial(read_chunks, tmp_path / name, rows=ROWS), Scorer.from_config(tmp_path / "goal.yaml"), folder, hits=5)
    after = opened(tmp_path)
    assert after.ended
    assert (after.columns, after.texts) == (before.columns, before.texts)
    assert texts(after)[: 2 * ROWS] == texts(before)
    before.refresh()  # the page that was open all the time
    assert before.ended
    assert texts(before) == texts(after)
    assert (before.edition, before.answers) == (edition, answers)  # rows came, and none is another


def test_of_a_large_screen_the_first_molecules_show_until_it_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_screen, "FIRST", 10)
    stopped(tmp_path)
    found = opened(tmp_path)
    assert (found.scored, len(found), found.parts.whole) == (2 * ROWS, 10, False)


def test_a_missing_or_damaged_part_ends_what_is_shown(tmp_path: Path) -> None:
    folder = stopped(tmp_path)
    part = folder / "parts/00000000.parquet"
    content = part.read_bytes()
    part.unlink()
    assert len(opened(tmp_path)) == 0  # a row's number would be that of another
    part.write_bytes(content[:100])
    found = opened(tmp_path)
    assert len(found) == 0
    part.write_bytes(content)
    found.refresh()
    assert len(found) == 2 * ROWS


def test_how_a_screen_stands_is_said_and_followed(client: TestClient, tmp_path: Path) -> None:
    folder = stopped(tmp_path)
    screens, found = Screens(Workspace(tmp_path)), Workspace(tmp_path).at("screens/s", "screen")
    assert screens.live(found)["stamp"].startswith("2 stopped ")
    page = client.get("/screens/screens/s").text
    assert "<dt>scored</dt><dd>16</dd>" in page
    assert '<progress max="25" value="16"' in page
    assert 'action="/screen/resume/screens/s"' in page
    home = client.get("/").text
    assert 'href="/screens/screens/s"' in home
    assert '<span class="state stopped">stopped</span>' in home
    with writing(folder):
        assert screens.live(found)["state"] == "running"
        assert 'action="/screen/stop/screens/s"' in client.get("/screen/facts/screens/s").text
        assert client.post("/screen/resume/screens/s").status_code == 422
    assert '<span class="state stopped">' in client.get("/line/screen/screens/s").text
    assert client.get("/line/campaign/screens/s").text == client.get("/line/screen/gone").text == ""
    assert client.get("/screen/facts/screens/s?begun=false").headers["HX-Refresh"] == "true"
    (tmp_path / "screens/new").mkdir()
    shutil.copy(folder / "screen.yaml", tmp_path / "screens/new")
    assert "HX-Refresh" not in client.get("/screen/facts/screens/new?begun=false").headers
    assert 'id="table"' not in client.get("/screens/screens/new").text


def test_a_screen_fills_in_is_stopped_and_resumed(visit: Open, tmp_path: Path) -> None:
    library = "id,smiles\n" + "".join(f"L{i},{'C' * (1 + i % 40)}N{'C' * (i // 40)}\n" for i in range(1600))
    herg = {"herg": {"property": "herg", "transform": {"linear": {"low": 0, "high": 1}}}}
    folder = screened(tmp_path, TPSA, "id,smiles\nL0,CN\n")
    settings = yaml.safe_load((folder / "screen.yaml").read_text())
    for path in folder.iterdir():
        path.unlink()
    (tmp_path / "library.csv").write_text(library)
    (folder / "screen.yaml").write_text(yaml.safe_dump(settings | {"batch": 50, "scoring": {"terms": herg, "filters": {}}}))
    page, home = visit("/screens/screens/s"), visit("/")
    page.locator(".facts .state.stopped").wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="Resume").click()
    page.locator("#count").get_by_text("molecules").wait_for()  # the page has become one with a table
    playwright.expect(home.locator("li .state")).to_have_text("running")
    first = page.locator("#count").inner_text()
    page.wait_for_function("before => document.getElementById('count').innerText !== before", arg=first)  # by itself
    page.locator("#best article").first.wait_for()
    page.get_by_role("button", name="Stop").click()
    page.locator(".facts .state.stopped").wait_for()
    assert faults(page) == []
    scored = 50 * len(list((folder / "parts").glob("*.parquet")))
    assert 50 < scored < 1600
    page.get_by_text(f"{scored:,} molecules", exact=True).wait_for()
    playwright.expect(home.locator("li .state")).to_have_text("stopped")
