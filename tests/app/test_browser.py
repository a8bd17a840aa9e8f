"""The pages in a browser: a newcomer's path, a phone, a reader of screens, and ten thousand molecules."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from molgen.runs.export import has_ended
from molgen.runs.store import RunStore
from tests.app.conftest import Make, commit
from tests.servers import serving

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = (Path(__file__).parent / "axe.min.js").read_text()
WAIT = 120_000  # ms
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if BROWSER is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens pages of the workspace; none may complain on its console."""
    said: list[str] = []

    def complain(message: Any) -> None:
        is_form = message.location["url"].endswith("/new") and "status of 422" in message.text  # which says what is wrong
        if message.type in ("error", "warning") and not is_form:
            said.append(message.text)

    with serving(page_app(Workspace(tmp_path), AppSettings()), AppSettings()) as address:
        contexts = []

        def visit(path: str, width: int = 1280, scheme: str = "light") -> Any:
            contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme))
            page = contexts[-1].new_page()
            page.set_default_timeout(WAIT)
            page.on("console", complain)
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(f"{address}{path}")
            return page

        yield visit
        for context in contexts:
            context.close()
    assert said == []


def faults(page: Any) -> list[str]:
    """What axe calls serious or critical, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in ("serious", "critical")]


def test_a_newcomer_goes_from_an_empty_folder_to_a_finished_campaign(visit: Open, tmp_path: Path) -> None:
    page = visit("/")
    page.get_by_role("link", name="Begin the first campaign").click()
    page.get_by_label("Name", exact=True).fill("first")
    page.get_by_label("Objective", exact=True).select_option("pmo/qed")
    page.get_by_role("radio", name="genetic").check()
    page.get_by_label("Budget", exact=True).fill("none")
    page.get_by_text("'none' is no number; write a whole number, such as 500").wait_for()
    page.get_by_label("Budget", exact=True).fill("40")
    page.get_by_text("'none' is no number").wait_for(state="hidden")
    playwright.expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("budget: 40"))
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/campaigns/runs/first")
    page.locator(".state.finished").wait_for()  # without a reload
    assert has_ended(tmp_path / "runs/first")
    page.locator("#best .molecule:not(.none)").first.wait_for()
    page.get_by_text("40 molecules", exact=True).wait_for()
    assert page.locator("#chart canvas").count() == 1
    page.locator("#best [data-molecule]").first.click()
    page.get_by_role("heading", name="Molecule of call").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="first").wait_for()
    assert faults(page) == []


def test_a_campaign_is_stopped_and_resumed_and_two_pages_see_it(visit: Open, tmp_path: Path) -> None:
    page = visit("/new")
    page.get_by_label("Name", exact=True).fill("long")
    page.get_by_label("Objective", exact=True).select_option("pmo/qed")
    page.get_by_role("radio", name="genetic").check()
    page.get_by_label("Budget", exact=True).fill("100000")
    page.get_by_role("button", name="Start").click()
    home = visit("/")
    home.locator(".state.running").wait_for()
    page.locator("#best .molecule:not(.none)").first.wait_for()
    page.get_by_role("button", name="Stop").click()
    home.locator(".state.stopped").wait_for()
    page.get_by_role("button", name="Resume").wait_for()
    calls = len(RunStore(tmp_path / "runs/long"))
    assert calls > 0
    assert "nothing is lost" in (tmp_path / "runs/long/log.txt").read_text()
    page.get_by_role("button", name="Resume").click()
    home.locator(".state.running").wait_for()
    page.get_by_role("button", name="Stop").click()
    home.locator(".state.stopped").wait_for()
    assert len(RunStore(tmp_path / "runs/long")) >= calls


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone_and_is_read_aloud(visit: Open, make_run: Make, scheme: str) -> None:
    make_run("runs/small")
    for path in ("/", "/new", "/campaigns/runs/small", "/login"):
        page = visit(path, 390, scheme)
        page.wait_for_load_state("load")
        if "campaigns" in path:
            page.get_by_text("7 molecules", exact=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert faults(page) == []


def test_ten_thousand_molecules_scroll_without_a_stop(visit: Open, make_run: Make) -> None:
    store = RunStore(make_run("runs/many"))
    smiles = [f"{'C' * a}O{'C' * b}N{'C' * c}" for a in range(1, 26) for b in range(1, 21) for c in range(1, 21)]
    commit(store, smiles, [0.2 + i / 20000 for i in range(len(smiles))])
    store.close()
    page = visit("/campaigns/runs/many")
    page.get_by_text("10,007 molecules").wait_for()
    page.evaluate("""() => {
        window.long = [];
        const note = (list) => window.long.push(...list.getEntries().map((each) => each.duration));
        new PerformanceObserver(note).observe({ type: "longtask" });
    }""")
    view = page.locator("#rows")
    for share in (0.1, 0.5, 1.0):
        view.evaluate("(view, share) => view.scrollTo(0, share * view.scrollHeight)", share)
        page.wait_for_timeout(250)
    page.locator("#body tr:not(.gap)").last.get_by_text("0.200").wait_for()  # the last of all
    assert page.locator("#body tr").count() < 60
    page.get_by_role("button", name="score").click()  # the lowest first
    page.locator("#body tr:not(.gap)").first.get_by_text("0.200").wait_for()
    page.get_by_label("Condition on score").fill(">0.69001")
    page.get_by_text("203 of 10,007 molecules").wait_for()
    page.get_by_role("checkbox", name="Select the molecule").first.check()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 2  # a header and the one selected
    slow = float(os.environ.get("MOLGEN_SLOW_TASK", 400))  # ms; 100 on a machine that does nothing else
    assert [duration for duration in page.evaluate("window.long") if duration > slow] == []


def test_settings_edited_by_hand_are_what_counts(visit: Open) -> None:
    page = visit("/new")
    page.get_by_label("Leads", exact=True).fill("CCOC(=O)c1ccccc1")
    page.get_by_alt_text("CCOC(=O)c1ccccc1").wait_for()
    settings = page.get_by_label("Settings as YAML")
    settings.fill(settings.input_value().replace("budget: 500", "budget: 77\n  oops: 1"))
    page.get_by_text("oops").locator("visible=true").first.wait_for()
    page.get_by_text("Edited by hand").wait_for()
    assert page.locator("#fields").evaluate("fields => fields.inert")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile("/new$"))
    page.get_by_text("oops").locator("visible=true").first.wait_for()
    playwright.expect(page.get_by_label("Leads", exact=True)).to_have_value("CCOC(=O)c1ccccc1")
    page.get_by_role("button", name="Back to the form").click()
    playwright.expect(settings).to_have_value(re.compile("budget: 500"))
