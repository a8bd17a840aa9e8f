"""The map of molecules: laid out in the background, added to without moving, and looked at."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from molgen.app import shown_map
from molgen.app.map_view import ENOUGH, MapSource, regions_of
from molgen.app.shown_map import ShownMap, lay_out
from molgen.app.workspace import Workspace
from molgen.folders import writing
from molgen.runs.judging import JudgedRun
from molgen.runs.store import RunStore
from molgen.runs.watching import RunReader
from tests.app.browsing import Open, faults
from tests.app.conftest import Make, commit
from tests.app.test_screen_page import TPSA, screened

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
CORES = ["c1ccc2[nH]ccc2c1", "c1ccccc1C(=O)O", "C1CCNCC1", "c1ccsc1"]
MANY = [f"{'C' * a}{'O' * b}{'C' * b}{core}" for core in CORES for a in range(1, 15) for b in (0, 1)]  # 112
SCORES = [i / len(MANY) for i in range(len(MANY))]


def ready(client: TestClient, address: str, **asked: Any) -> dict[str, Any]:
    """The map, once it is laid out."""
    deadline = time.monotonic() + 120
    while (found := client.get(address, params=asked or None).json())["state"] == "waiting" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found["state"] == "ready", found
    return dict(found)


@pytest.fixture
def many(make_run: Make) -> Path:
    """A run of 119 molecules in four series."""
    folder = make_run("runs/many")
    store = RunStore(folder)
    commit(store, MANY, SCORES)
    store.close()
    return folder


def test_what_comes_later_moves_nothing(client: TestClient, many: Path) -> None:
    assert client.get("/campaign/map/runs/many").json()["state"] == "waiting"
    first = ready(client, "/campaign/map/runs/many")
    assert first["ids"] == list(range(1, 120))
    assert (first["first"], first["all"], first["since"]) == (0, 119, 0)
    assert first["scores"][-1] == pytest.approx(SCORES[-1], abs=1e-6)
    trust, near, apart = first["faithful"]
    assert trust > 0.9
    assert near > apart
    store = RunStore(many)
    commit(store, ["CCCCCCCCCCCCCCCCc1ccsc1", "[He]"], [0.5, 0.1])
    store.close()
    more = ready(client, "/campaign/map/runs/many", version=first["version"], have=119)
    assert (more["version"], more["first"], more["ids"], more["since"]) == (first["version"], 119, [120, 121], 2)
    assert more["like"] == [1, 0]
    assert more["unlike"] == 1 + sum(not each for each in first["like"])
    whole = ready(client, "/campaign/map/runs/many", colour="tpsa", version=first["version"], have=121)
    assert (whole["first"], whole["x"][:119], whole["y"][:119]) == (0, first["x"], first["y"])  # in other colours
    assert whole["values"][119] == 50
    assert client.post("/campaign/map-anew/runs/many").status_code == 200
    again = ready(client, "/campaign/map/runs/many", version=more["version"], have=121)
    assert again["version"] != more["version"]
    assert (again["first"], again["since"], len(again["ids"])) == (0, 0, 121)
    assert client.get("/campaign/map/runs/many?colour=nothing").status_code == 422


def test_marks_are_the_start_and_what_was_judged(client: TestClient, many: Path) -> None:
    JudgedRun(many).star(["Cc1ccncc1"])
    JudgedRun(many).reject(["c1ccncc1"], "plain")
    assert ready(client, "/campaign/map/runs/many")["marks"] == {"start": [1], "star": [7], "reject": [5]}


def test_regions_say_what_is_where(client: TestClient, many: Path) -> None:
    assert regions_of(MapSource(ShownMap(), RunReader(many).molecules, ["score"])) == []
    found = ready(client, "/campaign/map/runs/many")
    assert [letter for letter, *_ in found["regions"]] == list("ABCDE")
    page = client.get("/campaign/regions/runs/many").text
    assert page.count("data-molecule") == 5
    assert page.index(">1.000<") < page.index(">0.991<")  # the lead's region, then that of the best that was designed


def test_few_molecules_wait_for_more_while_a_campaign_runs(client: TestClient, make_run: Make) -> None:
    folder = make_run("runs/small")
    with writing(folder):
        assert client.get("/campaign/map/runs/small").json() == {"state": "few", "said": "", "missing": ENOUGH - 7}
    assert len(ready(client, "/campaign/map/runs/small")["ids"]) == 7


def test_too_many_molecules_are_the_best_and_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MOST": 40, "BEST": 5, "LAID": 20, "LAID_BEST": 3}.items():
        monkeypatch.setattr(shown_map, name, value)
    plan = lay_out((MANY, SCORES))
    assert plan is not None
    rows = plan.points.rows.tolist()
    assert len(rows) == 40
    assert rows[-5:] == list(range(107, 112))
    assert rows == lay_out((MANY, SCORES)).points.rows.tolist()
    assert len(plan.space.anchors) == 20
    assert lay_out((["C(", "CCO", ""], [0.0, 1.0, 0.0])) is None


def test_many_that_came_at_once_are_placed_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_map, "AT_ONCE", 5)
    shown, table, deadline = ShownMap(), (pd.Series(MANY), pd.Series(SCORES)), time.monotonic() + 120
    shown.refresh(table[0][:60], table[1][:60])
    while time.monotonic() < deadline and (shown.points is None or len(shown.points.rows) < len(MANY)):
        time.sleep(0.05)
        shown.refresh(*table)
    assert shown.points is not None
    assert shown.points.rows.tolist() == list(range(len(MANY)))
    assert shown.since == len(MANY) - 60
    assert shown.version == 1


def test_what_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> list[Any]:
        raise RuntimeError("no memory")

    monkeypatch.setattr(shown_map, "isolated", broken)
    shown, table, deadline = ShownMap(), (pd.Series(MANY), pd.Series(SCORES)), time.monotonic() + 60
    shown.refresh(*table)
    while not shown.problem and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "can't be drawn" in shown.problem
    shown.refresh(*table)
    assert shown.points is None


def test_a_screen_has_a_map_of_what_is_a_molecule(client: TestClient, tmp_path: Path) -> None:
    screened(tmp_path, TPSA)
    assert Workspace(tmp_path).at("screens/s", "screen")
    found = ready(client, "/screen/map/screens/s", colour="tpsa")
    assert found["ids"] == [1, 2, 4, 6]
    assert 'data-url="/screen/map/screens/s"' in client.get("/screens/screens/s").text


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_map_is_read_by_pointer_and_keys(visit: Open, many: Path, width: int, scheme: str) -> None:
    page = visit("/campaigns/runs/many", width, scheme)
    page.get_by_text("119 molecules", exact=True).wait_for()
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map-note").get_by_text("119 molecules").wait_for()
    page.locator("#plane canvas").wait_for()
    page.wait_for_timeout(200)
    inked = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].some(Boolean)"
    assert page.locator("#plane canvas").evaluate(inked)
    page.locator("#plane").focus()
    page.keyboard.press("Home")
    playwright.expect(page.locator("#map-about")).to_have_text("call 1 · score 1.000")
    playwright.expect(page.locator("#said")).to_have_text("call 1, score 1.000: CCCC")
    playwright.expect(page.locator("#map-drawing")).to_have_js_property("naturalWidth", 200)
    page.keyboard.press("ArrowRight")
    playwright.expect(page.locator("#map-about")).not_to_have_text("call 1 · score 1.000")
    page.locator("#map-colour").select_option("tpsa")
    playwright.expect(page.locator("#map-high")).to_contain_text("9")
    page.get_by_text("The regions as a table").click()
    page.locator("#regions").get_by_role("button").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
    page.locator("#plane").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Molecule of call 1", exact=True).wait_for()
    page.keyboard.press("Escape")
    if width == 1280:
        over = page.locator("#plane .u-over").bounding_box()
        page.mouse.move(over["x"] + 3, over["y"] + 3)
        page.mouse.down()
        page.mouse.move(over["x"] + over["width"] - 3, over["y"] + over["height"] - 3, steps=4)
        page.mouse.up()
        page.get_by_text("119 selected").wait_for()
        playwright.expect(page.locator("#molecule")).not_to_have_attribute("open", "")
