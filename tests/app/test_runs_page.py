"""Campaigns and sweeps side by side, as a browser asks for them and as it shows them."""

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app import runs_map
from molgen.app.runs_map import RunsMap
from molgen.runs.store import RunStore
from tests.app.browsing import Open, faults
from tests.app.conftest import CONFIG, Make, commit
from tests.app.test_map import MANY, ready

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
END = ("top.csv", "report.html")


def changed(folder: Path, *, ended: bool = True, **parts: Any) -> Path:
    """A run with other settings, which may have ended."""
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG | parts))
    for name in END if ended else ():
        (folder / name).write_text("x")
    return folder


def rows(page: str, title: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    table = re.search(rf">{title}</h2>.*?<tbody>(.*?)</tbody>", page, re.S)
    assert table is not None
    lines = re.findall(r"<tr.*?</tr>", table[1], re.S)
    return [[re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.S)] for line in lines]


@pytest.fixture
def sweep(make_run: Make, tmp_path: Path) -> Path:
    """Two campaigns that have ended, one that hasn't, and one that can't be read."""
    folder = tmp_path / "sweeps/s"
    folder.mkdir(parents=True)
    jobs = {f"00{seed}-{seed}": ["search=genetic", f"seed={seed}"] for seed in range(4)}
    (folder / "sweep.yaml").write_text(yaml.safe_dump({"settings": [], "keys": ["search", "seed"], "jobs": jobs}))
    for i, name in enumerate(jobs):
        changed(make_run(f"sweeps/s/{name}"), ended=i < 2, seed=i)
    (folder / "003-3/campaign.sqlite").write_bytes(b"garbled" * 200)
    return folder


def test_a_sweep_has_a_row_and_a_link_for_each_campaign(client: TestClient, sweep: Path) -> None:
    page = client.get("/sweeps/sweeps/s").text
    assert '<a href="/campaigns/sweeps/s/001-1">' in page
    assert [row[:4] for row in rows(page, "Each campaign")] == [
        ["000-0", "genetic", "0", "finished"],
        ["001-1", "genetic", "1", "finished"],
        ["002-2", "genetic", "2", "unfinished"],
        ["003-3", "genetic", "3", "failed"],
    ]
    assert "damaged" in page
    assert rows(page, "Settings")[0][:2] == ["genetic", "2 of 4"]
    assert rows(page, "What they share")[0] == ["000-0", "62", "62", "62"]  # six molecules, not the lead; benzene and pyridine
    assert [row[1] for row in rows(page, "Terms")] == ["600.60"] * 3  # a hundred times the mean score of six, 0.6, and that
    assert 'href="/sweeps/sweeps/s"' in client.get("/").text
    chart = client.get("/compared/chart?sweep=sweeps/s")
    assert chart.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in chart.headers["content-security-policy"]


def test_campaigns_that_differ_in_more_than_their_seed_are_not_averaged(client: TestClient, make_run: Make) -> None:
    other = {"_target_": CONFIG["search"]["_target_"], "offspring": 4}
    for name, parts in {"a": {}, "b": {"seed": 1}, "c": {"search": other}, "d": {"seed": 2}}.items():
        changed(make_run(f"runs/{name}"), ended=name != "d", **parts)
    page = client.get("/compare?run=runs/a&run=runs/b&run=runs/c&run=runs/d").text
    assert [row[:2] for row in rows(page, "Settings")] == [["genetic, 1", "2 of 3"], ["genetic, 2", "1 of 1"]]
    assert "can't be compared with each other" not in page
    terms = CONFIG["scoring"]["terms"]
    changed(make_run("runs/e"), scoring={"terms": {"logp": terms["tpsa"]}, "filters": {}})
    page = client.get("/compare?run=runs/a&run=runs/e").text
    assert "can't be compared with each other" in page
    assert [row[0] for row in rows(page, "Settings")] == ["logp", "tpsa"]


def test_what_is_compared_is_chosen_first(client: TestClient, make_run: Make) -> None:
    assert "There must be two" in client.get("/compare").text
    make_run("runs/a")
    make_run("runs/b")
    assert client.get("/compare?run=runs/a").text.count('type="checkbox"') == 2
    assert client.get("/compare?run=runs/a&run=runs/gone").status_code == 422
    assert client.get("/compared/runs?run=runs/a").status_code == 422
    assert client.get("/sweeps/runs/a").status_code == 422


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_comparisons_fit_a_phone_and_are_read_aloud(visit: Open, sweep: Path, width: int, scheme: str) -> None:
    page = visit("/compare", width, scheme)
    for name in ("000-0", "002-2"):
        page.get_by_role("checkbox", name=name).check()
    assert faults(page) == []
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="What they share").wait_for()
    playwright.expect(page.get_by_text("Drawn once a campaign has ten molecules.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []


@pytest.fixture
def three(make_run: Make) -> list[str]:
    """Campaigns of 35 molecules each: one of indoles, one of thiophenes, and one of both, which goes on."""
    names = ["runs/indoles", "runs/thiophenes", "runs/both"]
    series = MANY[:28], MANY[84:112], [*MANY[14:28], *MANY[98:112]]
    for name, smiles in zip(names, series, strict=True):
        store = RunStore(changed(make_run(name), ended=name != "runs/both"))
        commit(store, smiles, [i / 28 for i in range(28)])
        store.close()
    return names


def test_campaigns_share_a_map_that_says_which_molecule_is_whose(
    client: TestClient, three: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    query = urlencode({"run": three}, doseq=True)
    page = html.unescape(client.get(f"/compare?{query}").text)
    assert f'data-url="/compared/map?{query}"' in page
    chart = re.search(r'src="(/compared/chart\?[^"]+)"', page)
    assert chart is not None
    assert client.get(chart[1]).headers["content-type"].startswith("image/svg")
    found = ready(client, f"/compared/map?{query}")
    assert (found["groups"], found["sources"], found["all"]) == (three, three, 105)
    assert found["values"] == found["runs"] == [0] * 35 + [1] * 35 + [2] * 35
    assert found["calls"] == [*range(1, 36)] * 3
    assert found["smiles"][7:9] == MANY[:2]
    twin = found["smiles"].index(MANY[14], 70)  # the same molecule, found by two campaigns, lies in one place
    place = found["smiles"].index(MANY[14])
    assert (found["x"][twin], found["y"][twin]) == (found["x"][place], found["y"][place])
    store = RunStore(tmp_path / "runs/both")
    commit(store, ["OCCCCc1ccsc1"], [0.5])
    store.close()
    more = ready(client, f"/compared/map?{query}&version={quote(found['version'])}&have=105")
    assert (more["first"], more["ids"], more["runs"], more["calls"]) == (105, [106], [2], [36])
    table = client.get(f"/compared/regions?{query}").text
    counts = [
        [int(text) for text in re.findall(r'<td class="figure">(\d+)', row)] for row in re.findall("<tr>.*?</tr>", table, re.S)
    ]
    assert [sum(column) for column in zip(*filter(None, counts), strict=True)] == [35, 35, 36]
    assert any(row[0] == 0 and row[1] for row in counts if row)  # the thiophenes lie apart from the indoles
    assert client.get(f"/compared/map?{query}&colour=tpsa").status_code == 422
    assert client.post(f"/compared/map-anew?{query}").status_code == 200
    monkeypatch.setattr(runs_map, "MOST", 30)
    few = RunsMap(three, [tmp_path / name for name in three])
    few.refresh()
    assert few.table["run"].tolist() == [0] * 10 + [1] * 10 + [2] * 10  # each an equal share
    assert few.table["score"].max() == 1


def test_a_sweep_has_a_map_without_what_can_not_be_read(client: TestClient, sweep: Path) -> None:
    assert 'data-url="/compared/map?sweep=sweeps%2Fs"' in client.get("/sweeps/sweeps/s").text
    client.get("/compared/map?sweep=sweeps%2Fs")
    (sweep / "002-2/top.csv").write_text("x")
    (sweep / "002-2/report.html").write_text("x")
    found = ready(client, "/compared/map?sweep=sweeps%2Fs&colour=score")
    assert found["sources"] == [f"sweeps/s/00{i}-{i}" for i in range(3)]
    assert (found["groups"], found["all"]) == ([], 21)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_campaign_stands_out_on_the_map_and_its_molecules_open(visit: Open, three: list[str], width: int, scheme: str) -> None:
    page = visit(f"/compare?{urlencode({'run': three}, doseq=True)}", width, scheme)
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map-note").get_by_text("105 molecules").wait_for()
    page.locator("#plane canvas").wait_for()
    chip = page.get_by_role("button", name="runs/thiophenes (35)")
    chip.click()
    playwright.expect(chip).to_have_attribute("aria-pressed", "true")
    page.get_by_text("The regions as a table").click()
    page.locator("#regions").get_by_role("button").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
    page.locator("#plane").focus()
    page.keyboard.press("Home")
    playwright.expect(page.locator("#map-about")).to_have_text("runs/indoles · call 1 · score 1.000")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Molecule of call 1", exact=True).wait_for()
    page.locator("#molecule-content").get_by_role("button").last.click()  # what came of it, of the same campaign
    page.locator("#molecule-content").get_by_text("Made from").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
