"""Every page in four views: light and dark, on a screen and on a phone.

    MOLGEN_VIEWS=FOLDER python -m pytest -n 0 tests/app/test_views.py

keeps the pictures, to be looked at; nothing may lie beyond the edge of any of them.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from molgen.project.project import Project
from molgen.runs.judging import JudgedRun
from tests.app.browsing import Open, faults
from tests.app.conftest import Make
from tests.app.test_project_browser import VENDOR, send
from tests.app.test_projects import FIRST, GOALS
from tests.app.test_runs_page import sweep
from tests.app.test_screen_page import TPSA, screened

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
__all__ = ["sweep"]  # a fixture
VIEWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
NOT_SHOWN = "[...document.images].every((image) => image.complete || image.loading === 'lazy')"


def look(page: Any, name: str) -> None:
    """Show a page in each view, keep pictures of it where they are asked for, and check that all of it is there to be read."""
    kept = Path(os.environ["MOLGEN_VIEWS"]) if "MOLGEN_VIEWS" in os.environ else None
    for width, scheme in VIEWS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(NOT_SHOWN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        if kept:
            kept.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(300)  # charts that follow the width
            page.screenshot(path=kept / f"{name}-{width}-{scheme}.png", full_page=page.locator("dialog[open]").count() == 0)
        if (width, scheme) == (1280, "dark"):  # the others are those of the pages' own tests
            assert faults(page) == [], (name, width, scheme)


def test_campaigns(visit: Open, make_run: Make, sweep: Path, tmp_path: Path) -> None:
    folder = make_run("runs/small")
    JudgedRun(folder).star(["c1ccccc1O"])
    JudgedRun(folder).reject(["CC(=O)Oc1ccccc1C(=O)O"], "known")
    (make_run("runs/unreadable") / "campaign.sqlite").write_bytes(b"garbled" * 200)
    page = visit("/")
    look(page, "home")
    address = page.url.rstrip("/")
    page.goto(f"{address}/new")
    page.get_by_label("Leads", exact=True).fill("CC(=O)Oc1ccccc1C(=O)O")
    page.get_by_label("Another goal").select_option("similarity")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator('[data-goal="similarity"] .transform').wait_for()
    page.get_by_label("Budget", exact=True).fill("none")
    page.locator("#problem-budget").get_by_text("'none' is no number").wait_for()
    look(page, "new-wrong")
    page.get_by_label("Budget", exact=True).fill("40")
    page.locator("#problem-budget").wait_for(state="hidden")
    page.get_by_role("button", name="Try it").click()
    page.locator("#preview .drugs img").first.wait_for()
    look(page, "new")
    page.get_by_role("button", name="Draw a lead").click()
    page.locator("#drawing-place canvas").first.wait_for()
    look(page, "draw")
    page.goto(f"{address}/campaigns/runs/small")
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_text("Change its goals or budget, and go on").click()
    page.locator('#reweigh [data-goal="tpsa"] .transform').wait_for()
    look(page, "campaign")
    page.locator("#best [data-molecule]").first.click()
    page.get_by_role("heading", name="Molecule of call").wait_for()
    look(page, "molecule")
    page.goto(f"{address}/sweeps/sweeps/s")
    look(page, "sweep")
    page.goto(f"{address}/campaigns/runs/none")
    look(page, "error")
    page.goto(f"{address}/login")
    look(page, "login")


def test_projects_screens_and_predictions(visit: Open, tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text(GOALS)
    (tmp_path / "assay.csv").write_bytes(FIRST)
    (tmp_path / "more.csv").write_bytes(FIRST.replace(b"1200", b"1300"))
    Project.new(tmp_path / "thrombin", tmp_path / "goals.yaml")
    project = Project.open(tmp_path / "thrombin")
    project.observe(tmp_path / "assay.csv")
    project.record_proposed(VENDOR[:4])
    screened(tmp_path, TPSA)
    page = visit("/new-project")
    look(page, "new-project")
    address = page.url.removesuffix("/new-project")
    page.goto(f"{address}/projects/thrombin")
    page.locator("#history .pictured img").first.wait_for()
    look(page, "project")
    send(page, tmp_path / "more.csv")
    look(page, "upload")
    page.goto(f"{address}/project/goals/thrombin")
    look(page, "goals")
    page.goto(f"{address}/screens/screens/s")
    page.locator("#body tr:not(.gap)").first.wait_for()
    look(page, "screen")
    page.goto(f"{address}/predict")
    page.locator("#live tbody tr").first.wait_for()
    look(page, "predict")
