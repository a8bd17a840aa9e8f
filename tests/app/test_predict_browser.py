"""The page that predicts in a browser: edited live, on a phone, in the dark, read aloud."""

import os
import statistics
import time
from pathlib import Path

import pytest
from rdkit import Chem

from molgen.app.predicted_table import PredictedTable
from tests.app.browsing import BOND, Open, draw, faults, press
from tests.app.test_predict_page import mine, trained

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
__all__ = ["mine", "trained"]  # fixtures
DRUGS = [  # stereocentres, double bonds and charges, of the FDA's list
    "C[N+](C)(C)C[C@H](O)CC(=O)[O-]",
    "C[NH+]1CCC[C@H]1c1cccnc1",
    "C/C=C(/C(=C/C)c1ccc(O)cc1)c1ccc(O)cc1",
    "CN(C)CCC[C@]1(c2ccc(F)cc2)OCc2cc(C#N)ccc21",
    "CC1=C(/C=C/C(C)=C/C=C/C(C)=C/C(=O)[O-])C(C)(C)CCC1",
    "CC(C)(S)[C@@H]([NH3+])C(=O)[O-]",
]


def test_values_follow_what_is_typed_and_stay_while_it_is_no_molecule(visit: Open, mine: Path) -> None:
    page = visit("/predict?predictor=folder:train/mine")
    smiles, live = page.get_by_label("SMILES", exact=True), page.locator("#live")
    live.locator("tbody tr").nth(1).wait_for()
    page.get_by_text("loaded", exact=True).wait_for()
    assert page.get_by_role("link", name="Its card").get_attribute("href") == "/predict/card/train/mine"
    page.get_by_role("button", name="Pin as reference").click()
    live.get_by_text("Against the reference").wait_for()
    smiles.press("End")
    smiles.press_sequentially("CCCC")
    live.get_by_alt_text("CC(=O)Nc1ccc(O)cc1CCCC", exact=True).wait_for()
    before = live.locator("tbody").inner_text()
    smiles.press("End")
    smiles.press_sequentially("(")
    page.locator("#smiles-problem").get_by_text("not a SMILES").wait_for()
    assert live.locator("tbody").inner_text() == before
    smiles.press("Backspace")
    playwright.expect(page.locator("#smiles-problem")).to_be_empty()
    page.get_by_role("button", name="Explain logp").click()
    page.get_by_role("cell", name="Contribution").or_(page.get_by_text("Contribution", exact=True)).first.wait_for()
    picture = page.locator("#explanation img")
    playwright.expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 600
    assert faults(page) == []


def test_a_late_answer_is_not_shown(visit: Open, mine: Path) -> None:
    page = visit("/predict?predictor=folder:train/mine")
    page.locator("#live tbody tr").nth(1).wait_for()
    held = []
    page.route("**/predict/live", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/predict/live"):
        page.get_by_label("SMILES", exact=True).fill("CCO")
    page.get_by_label("SMILES", exact=True).fill("CCN")
    page.wait_for_timeout(500)
    page.evaluate("""() => {
        window.seen = [];
        const note = () => window.seen.push(document.querySelector("#live img")?.alt);
        new MutationObserver(note).observe(document.getElementById("live"), { childList: true });
    }""")
    held[0].continue_()
    page.locator("#live").get_by_alt_text("CCN", exact=True).wait_for()
    assert set(page.evaluate("window.seen")) == {"CCN"}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark"), (1280, "dark")])
def test_a_file_becomes_a_table_that_can_be_read_and_downloaded(visit: Open, mine: Path, width: int, scheme: str) -> None:
    page = visit("/predict?predictor=folder:train/mine", width, scheme)
    page.locator("#live tbody tr").nth(1).wait_for()
    page.get_by_label("Or a file").set_input_files(
        {"name": "m.csv", "mimeType": "text/csv", "buffer": b"id,smiles\nA,CCO\nB,C(\nC,[Xe]\n"}
    )
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text("3 molecules").wait_for()
    page.get_by_text("row 2").wait_for()
    widths = page.locator(".predicted td.outside .note").evaluate_all("all => all.map(each => each.offsetWidth)")
    assert widths
    assert max(widths) <= 190  # a reason is broken into lines
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("id,smiles,logp")
    assert len(lines) == 4


def test_a_table_is_there_again_when_the_page_is_loaded_again(visit: Open, mine: Path) -> None:
    page = visit("/predict?predictor=folder:train/mine")
    page.get_by_label("Molecules", exact=True).fill("CCO ethanol\nCCN")
    page.get_by_role("button", name="Predict", exact=True).click()
    result = page.locator("#many-result")
    result.get_by_text("1 · ethanol").wait_for()
    page.reload()
    result.get_by_text("1 · ethanol").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 3


def test_a_table_that_takes_long_is_stopped(visit: Open, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, predict = [], PredictedTable.predict

    def slowly(table: PredictedTable, part: range) -> None:
        begun.append(part)
        time.sleep(0.3)
        predict(table, part)

    monkeypatch.setattr(PredictedTable, "predict", slowly)
    page = visit("/predict?predictor=folder:train/mine")
    page.get_by_label("Molecules", exact=True).fill("CCO\n" * 1500)
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text("Predicting, ").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopped; nothing of it is kept.").wait_for()
    playwright.expect(page.get_by_role("button", name="Predict", exact=True)).to_be_focused()
    page.wait_for_timeout(3000)  # for what was under way
    stopped_at = len(begun)
    page.wait_for_timeout(3000)
    assert len(begun) == stopped_at < 30  # the server has stopped, too
    page.get_by_label("Molecules", exact=True).fill("CCO")
    page.get_by_role("button", name="Predict", exact=True).click()
    page.get_by_text("1 molecule,").or_(page.get_by_text("1 molecule", exact=True)).first.wait_for()


def test_a_file_that_is_dropped_beside_its_place_is_taken(visit: Open, mine: Path) -> None:
    page = visit("/predict?predictor=folder:train/mine")
    taken = page.evaluate("""() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["smiles\\nCCO"], "mine.csv"));
        const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
        return !document.getElementById("pasted").dispatchEvent(event) && document.getElementById("file").files[0]?.name;
    }""")
    assert taken == "mine.csv"  # and the browser doesn't leave the page for it


def test_predictions_follow_what_is_drawn_and_drawings_what_is_typed(visit: Open, mine: Path) -> None:
    page = visit(f"/predict?predictor={os.environ.get('MOLGEN_PREDICTOR', 'folder:train/mine')}")
    page.locator("#live tbody tr").nth(1).wait_for()
    page.get_by_role("button", name="Draw", exact=True).click()
    page.locator("#sketchpad canvas").nth(1).wait_for()
    smiles = page.get_by_label("SMILES", exact=True)
    page.evaluate("""() => {
        window.edits = [];
        const pad = document.getElementById("sketchpad");
        pad.addEventListener("pointerup", () => (window.began = performance.now()), true);
        new MutationObserver(() => window.began && window.edits.push(performance.now() - window.began) && (window.began = 0))
            .observe(document.getElementById("live"), { childList: true });
    }""")
    for drug in DRUGS:
        smiles.fill(drug)  # drawn on at once: not on the drawing before
        press(page, "#sketchpad", BOND)
        page.evaluate("window.began = 0")
        draw(page, "#sketchpad", 60, 40)  # beside it
        edited = Chem.CanonSmiles(f"{drug}.CC")
        page.locator("#sketch-note").get_by_text("can't show").wait_for(state="detached")
        playwright.expect(smiles).to_have_value(edited)
        page.locator("#live:not(.old)").get_by_alt_text(edited, exact=True).wait_for(state="attached")
    took = page.evaluate("window.edits")
    assert len(took) == len(DRUGS)
    print(f"\nan edit that is drawn: {statistics.median(took):.0f} ms (median of {len(took)})")  # noqa: T201
    smiles.fill("Cl[Pt@SP1](Cl)([NH3])[NH3]")  # cisplatin: the editor knows no square-planar stereo
    page.locator("#sketch-note").get_by_text("The editor can't show all of this; once you draw, it is ").wait_for()
    playwright.expect(smiles).to_have_value("Cl[Pt@SP1](Cl)([NH3])[NH3]")
    page.set_viewport_size({"width": 390, "height": 844})
    pad, card = (page.locator(each).bounding_box() for each in ("#sketchpad", ".card.live"))
    assert pad["x"] + pad["width"] < card["x"] + card["width"]  # on a phone it stays in its card
    page.get_by_role("button", name="Close", exact=True).first.click()
    assert page.locator("#sketchpad").is_hidden()
    assert faults(page) == []
