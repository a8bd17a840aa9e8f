"""What was typed and chosen is there again after a page is loaded again."""

from pathlib import Path
from typing import Any

import pytest

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from tests.app.browsing import WAIT, Open
from tests.app.conftest import Make
from tests.servers import serving

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")


def test_filters_sorting_and_a_selection_outlive_a_reload(visit: Open, make_run: Make) -> None:
    make_run("runs/small")
    page = visit("/campaigns/runs/small")
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_label("Contains", exact=True).fill("c1ccccc1")
    page.get_by_text("2 of 7 molecules").wait_for()
    page.get_by_role("button", name="smiles", exact=True).click()
    page.get_by_role("checkbox", name="Select the molecule").first.check()
    page.reload()
    page.get_by_text("2 of 7 molecules").wait_for()
    page.get_by_text("1 selected").wait_for()
    assert page.locator("th[aria-sort]").get_attribute("data-column") == "smiles"
    page.goto(page.url)  # asked for anew, it begins anew
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_text("all shown").wait_for()


def test_goals_of_a_project_outlive_a_reload(visit: Open) -> None:
    page = visit("/new-project")
    page.get_by_label("Goals", exact=True).fill("goals:\n  mine: {measured: pIC50, at_least: 7}")
    page.get_by_label("Name", exact=True).fill("keep")
    page.locator("#understood").get_by_text("mine").wait_for()
    page.reload()
    page.locator("#understood").get_by_text("mine").wait_for()  # and it is checked again
    playwright.expect(page.get_by_label("Name", exact=True)).to_have_value("keep")


def test_goals_that_others_have_changed_are_still_found_out(visit: Open, tmp_path: Path) -> None:
    from molgen.project.project import Project

    (tmp_path / "goals.yaml").write_text("goals:\n  potency: {measured: pIC50, at_least: 7}\n")
    Project.new(tmp_path / "p", tmp_path / "goals.yaml")
    page = visit("/project/goals/p")
    goals = page.get_by_label("Goals", exact=True)
    goals.fill(goals.input_value().replace("7", "8"))
    seen = page.locator("[name=seen]").input_value()
    (tmp_path / "p/goals.yaml").write_text("goals:\n  potency: {measured: pIC50, at_least: 9}\n")
    page.reload()
    playwright.expect(goals).to_have_value("goals:\n  potency: {measured: pIC50, at_least: 8}\n")
    assert page.locator("[name=seen]").input_value() == seen


def test_a_server_that_is_gone_is_said_and_nothing_is_lost(browser: Any, tmp_path: Path) -> None:
    settings = AppSettings()
    with serving(page_app(Workspace(tmp_path), settings), settings) as address:
        page = browser.new_context().new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{address}/new-project")
        page.get_by_text("live", exact=True).wait_for()
        page.get_by_label("Name", exact=True).fill("mine")
        url = page.url
    page.get_by_text("not connected").wait_for()
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("alert").get_by_text("doesn't answer").wait_for()
    assert page.url == url
    playwright.expect(page.get_by_label("Name", exact=True)).to_have_value("mine")
    page.context.close()


def test_paper_has_no_buttons_and_is_light(visit: Open, make_run: Make) -> None:
    make_run("runs/small")
    page = visit("/campaigns/runs/small", scheme="dark")
    expect = playwright.expect
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.emulate_media(media="print", color_scheme="dark")
    for place in (".bar", ".decide >> nth=0", "#map", "#table"):
        expect(page.locator(place)).to_be_hidden()
    expect(page.locator(".card.molecule img").first).to_be_visible()
    expect(page.get_by_label("Judging as")).to_be_hidden()
    page.goto(page.url.replace("/campaigns/runs/small", "/new"))
    expect(page.get_by_label("Budget", exact=True)).to_have_css("background-color", "rgb(255, 255, 255)")
