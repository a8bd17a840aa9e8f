"""The pages in a browser: a newcomer's path, a phone, a reader of screens, and ten thousand molecules."""

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from molgen.runs.export import has_ended
from molgen.runs.judging import JudgedRun
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from tests.app.browsing import Open, faults
from tests.app.conftest import Make, commit

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")


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
    began = time.monotonic()
    page = visit("/campaigns/runs/many")
    page.get_by_text("10,007 molecules").wait_for()
    page.locator("#chart canvas").wait_for()
    opened = time.monotonic() - began
    page.evaluate("""() => {
        window.long = [];
        window.frames = [];
        const note = (list) => window.long.push(...list.getEntries().map((each) => each.duration));
        new PerformanceObserver(note).observe({ type: "longtask" });
        let last = performance.now();
        const frame = (now) => {
            window.frames.push(now - last);
            last = now;
            requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
    }""")
    view = page.locator("#rows")
    view.hover()
    longest = []  # of each time: what the page does itself stops it every time, what else the machine does doesn't
    for _ in range(3):
        page.evaluate("window.long.length = 0")
        for share in (0.0, 0.1, 0.5, 1.0):
            view.evaluate("(view, share) => view.scrollTo(0, share * view.scrollHeight)", share)
            for _ in range(10):
                page.mouse.wheel(0, 400)
                page.wait_for_timeout(16)
            page.wait_for_timeout(250)
        longest.append(max([0, *page.evaluate("window.long")]))
    frames = sorted(page.evaluate("window.frames"))
    print(f"\nopened in {opened:.1f} s; frames {frames[len(frames) // 2]:.0f} ms, longest tasks {longest} ms")  # noqa: T201
    assert min(longest) <= float(os.environ.get("MOLGEN_SLOW_TASK", 400))  # ms; 100 on a machine that does nothing else
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


def test_a_chemist_judges_by_keys_and_another_tab_sees_it(visit: Open, make_run: Make, tmp_path: Path) -> None:
    folder = make_run("runs/small")
    page, other = visit("/campaigns/runs/small"), visit("/campaigns/runs/small")
    for each in (page, other):
        each.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_label("Judging as").wait_for()
    page.get_by_label("Judging as").fill("Anna")
    page.keyboard.press("s")  # in a field it is a letter
    cards = page.locator("#best article[data-call]")
    cards.first.locator(".open").focus()
    page.keyboard.press("s")
    playwright.expect(cards.first.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    playwright.expect(page.locator("#said")).to_have_text("Starred.")
    other.locator('#best article[data-call="2"][data-verdict="star"]').wait_for()
    other.locator('#body tr[data-call="2"][data-verdict="star"]').wait_for()
    cards.nth(1).locator(".open").focus()
    page.keyboard.press("x")
    page.get_by_role("heading", name="Reject the molecule of call 4").wait_for()
    assert faults(page) == []
    page.keyboard.type("salicylate")
    page.keyboard.press("Enter")
    page.locator("#judgements").get_by_text("salicylate").wait_for()
    playwright.expect(page.locator('#best article[data-call="4"]')).to_have_count(0)
    page.wait_for_function("document.activeElement.closest('[data-call=\"7\"]')")  # the next card has the focus
    other.locator("#judgements").get_by_text("salicylate").wait_for()
    assert faults(page) == []
    page.get_by_role("button", name="Undo").click()
    page.locator('#best article[data-call="4"]').wait_for()
    said = [(fact.kind, fact.who) for fact in JudgedRun(folder).judgements.facts]
    assert said == [("star", "Annas"), ("reject", "Annas"), ("withdraw", "Annas")]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_molecules_are_put_side_by_side_and_one_is_preferred(visit: Open, make_run: Make, width: int, scheme: str) -> None:
    folder = make_run("runs/small")
    page = visit("/campaigns/runs/small", width, scheme)
    page.get_by_text("7 molecules", exact=True).wait_for()
    for call in (7, 5):
        page.locator(f'#best article[data-call="{call}"] .open').focus()
        page.keyboard.press("c")
    page.get_by_text("2 molecules", exact=True).wait_for()
    assert faults(page) == []
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Side by side").wait_for()
    page.wait_for_load_state()  # the scripts as well, which take clicks
    pictures = page.locator("#beside thead img")
    for i in range(2):
        playwright.expect(pictures.nth(i)).to_have_js_property("complete", True)
        assert pictures.nth(i).evaluate("image => image.naturalWidth") > 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="I prefer this one").first.click()
    playwright.expect(page.get_by_role("button", name="I prefer this one").first).to_have_attribute("aria-pressed", "true")
    assert faults(page) == []
    assert [(fact.given, fact.over_given) for fact in JudgedRun(folder).judgements.standing] == [("Cc1ccncc1", "c1ccncc1")]
    page.reload()
    page.get_by_role("button", name="Withdraw: call 7 over call 5").click()
    page.get_by_text("None between these.").wait_for()


def test_the_weight_of_what_is_liked_is_a_slider(visit: Open, make_run: Make) -> None:
    folder = make_run("runs/small")
    JudgedRun(folder).star(["c1ccccc1O"])
    JudgedRun(folder).reject(["CC(=O)Oc1ccccc1C(=O)O"], "x")
    page = visit("/campaigns/runs/small")
    slider = page.get_by_role("slider", name="Weight beside the other terms")
    slider.focus()
    page.keyboard.press("End")
    page.locator("#weight-shown").get_by_text("3.0").wait_for()
    page.locator("#effect").get_by_text("Would rise").wait_for()
    page.locator('#effect [data-molecule="3"]').wait_for()
    assert faults(page) == []
    page.get_by_role("link", name="New campaign that learns").click()
    playwright.expect(page.get_by_label("Learn from what you said of")).to_have_value("runs/small")
    playwright.expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("liked:"))
    assert faults(page) == []


def test_scores_that_are_made_anew_are_shown_where_nothing_else_changes(visit: Open, make_run: Make) -> None:
    """The same molecules in the same places, by half their scores."""
    folder = make_run("runs/a")
    page = visit("/campaigns/runs/a")
    row = page.locator('#body tr[data-call="2"]')
    row.get_by_text("0.900").wait_for()
    store = RunStore(folder)
    table = store.to_pandas()
    raw, scaled = table[["tpsa"]].to_numpy(), table[["tpsa_scaled"]].to_numpy()
    half = Scores(table["smiles"].tolist(), table["score"].to_numpy() / 2, [None] * len(table), ("tpsa",), raw, scaled)
    store.rescore(half, {"/objective": "other"})
    store.close()
    row.get_by_text("0.450").wait_for()
    page.locator('#best [data-call="2"]').get_by_text("0.450").wait_for()


def test_a_molecule_that_is_opened_while_another_part_is_awaited_is_that_molecule(visit: Open, make_run: Make) -> None:
    make_run("runs/a")
    page = visit("/campaigns/runs/a")
    panel = page.locator("#molecule")
    page.locator('#best [data-call="2"] [data-molecule]').click()
    panel.get_by_text("CCO", exact=True).first.wait_for()
    panel.get_by_role("button", name="Close").click()
    waiting: list[Any] = []
    page.route("**/campaign/judged/**", lambda route: waiting.append(route))  # its answer takes its time
    page.locator('#best [data-call="4"] [data-judge="star"]').click()
    page.locator('#best [data-call="4"][data-verdict="star"]').wait_for()
    page.locator('#best [data-call="5"] [data-molecule]').click()
    panel.get_by_text("c1ccncc1", exact=True).first.wait_for()
    assert panel.get_by_text("CCO", exact=True).count() == 0
    panel.get_by_role("button", name="Close").click()
    for route in waiting:
        route.continue_()
    page.get_by_text("1 star.").wait_for()
