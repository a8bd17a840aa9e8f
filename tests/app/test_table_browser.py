"""The table of all molecules in a browser: columns that come later, and all of it by keys."""

import re
from pathlib import Path

import numpy as np
import pytest

from molgen.runs.judging import JudgedRun
from molgen.runs.relearning import learn_from_judgements
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from tests.app.browsing import Open, faults
from tests.app.conftest import Make

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")


def score_anew(folder: Path, *names: str) -> None:
    """The molecules of a run by these terms, its own and others, each worth a tenth."""
    store = RunStore(folder)
    table = store.to_pandas()
    raw = np.full((len(table), len(names)), 0.1)
    raw[:, 0] = table["tpsa"]
    half = table["score"].to_numpy() / 2
    store.rescore(Scores(table["smiles"].tolist(), half, [None] * len(table), names, raw, raw), {"/objective": "other"})
    store.close()


def test_a_term_that_comes_later_has_its_column_where_the_page_is_open(visit: Open, make_run: Make) -> None:
    folder = make_run("runs/a")
    page = visit("/campaigns/runs/a")
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_label("Condition on tpsa").fill("> 35")
    page.get_by_text("6 of 7 molecules").wait_for()
    box = page.get_by_label("Select the molecule of call 2")
    box.focus()
    JudgedRun(folder).star(["CCO"])
    learn_from_judgements(folder)
    score_anew(folder, "tpsa", "liked")
    page.locator('#heads [data-column="liked"]').wait_for()
    columns = page.locator("#heads th").evaluate_all("all => all.map(each => each.dataset.column)")
    assert columns.index("liked") == columns.index("tpsa") + 1
    row = page.locator('#body tr[data-call="2"] td')
    playwright.expect(row.nth(columns.index("liked"))).to_have_text("0.100")
    playwright.expect(row.nth(columns.index("score"))).to_have_text("0.450")
    playwright.expect(box).to_be_focused()
    playwright.expect(page.get_by_label("Condition on tpsa")).to_have_value("> 35")
    page.get_by_label("Condition on liked").fill("> 0.5")
    page.get_by_text("0 of 7 molecules").wait_for()
    page.get_by_label("Condition on liked").fill("")
    page.locator('#heads [data-column="liked"] button').click()
    page.locator('#heads [data-column="liked"][aria-sort]').wait_for()
    page.get_by_text("6 of 7 molecules").wait_for()
    assert faults(page) == []


def test_the_table_is_judged_and_exported_by_keys(visit: Open, make_run: Make) -> None:
    folder = make_run("runs/small")
    page, files = visit("/campaigns/runs/small"), []
    page.on("download", lambda file: files.append(file))
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.locator("#rows").focus()

    def tab_to(label: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if label == page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"):
                return
        raise AssertionError(f"{label} is out of the keys' reach")

    tab_to("Select the molecule of call 2")
    page.keyboard.press("s")
    page.locator('#body tr[data-call="2"][data-verdict="star"]').wait_for()
    tab_to("Reject the molecule of call 4")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Reject the molecule of call 4").wait_for()
    page.keyboard.type("salicylate")
    page.keyboard.press("Enter")
    page.locator('#body tr[data-call="4"][data-verdict="reject"]').wait_for()
    page.locator("#judgements").get_by_text("salicylate").wait_for()
    playwright.expect(page.locator('#body tr[data-call="4"] [data-judge="reject"]')).to_be_focused()
    tab_to("Select the molecule of call 7")
    page.keyboard.press("Space")
    page.get_by_text("1 selected").wait_for()
    page.get_by_label("Condition on tpsa").focus()
    page.keyboard.type("> 50")
    page.keyboard.press("Enter")  # which exports nothing
    page.get_by_text(re.compile("of 7 molecules")).wait_for()
    page.locator("#similar").focus()
    tab_to("CSV")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.path().read_text().count("\n") == 2
    assert len(files) == 1
    assert [fact.kind for fact in JudgedRun(folder).judgements.facts] == ["star", "reject"]
