"""Campaigns and sweeps side by side, as a browser asks for them and as it shows them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from tests.app.browsing import Open, faults
from tests.app.conftest import CONFIG, Make

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
    playwright.expect(page.locator(".chart-of img")).to_have_js_property("complete", value=True)
    assert page.locator(".chart-of img").evaluate("image => image.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
