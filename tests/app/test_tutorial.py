"""The path of the tutorial on the page, as a newcomer goes it; its pictures are taken on the way.

    MOLGEN_PICTURES=docs/images/app LOGNAME=anna python -m pytest -n 0 tests/app/test_tutorial.py

writes those of the docs, of somebody called Anna who works in ~/designs.
"""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from molgen.project.project import Project
from tests.app.browsing import Open

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
TUTORIAL = Path(__file__).parents[2] / "docs/tutorials/app.md"
LARGEST = 100_000  # bytes of a picture
FILES = {match[1]: match[2] for match in re.finditer(r'```text title="([\w.]+)"\n(.*?)```', TUTORIAL.read_text(), re.DOTALL)}
Picture = Callable[..., None]
RENAME = """([old, name]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(old, name);
}"""
asked = pytest.mark.skipif(  # the browser's other tests go the same path
    "MOLGEN_PICTURES" not in os.environ, reason="writes the pictures of the docs, in two minutes: MOLGEN_PICTURES=FOLDER"
)


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Keeps what a page shows, or of it the part from an element on, as WebP; the folder gets a name like a chemist's."""
    folder = Path(os.environ["MOLGEN_PICTURES"])
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Any, name: str, top: str = "h1") -> None:
        page.locator(top).first.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top + scrollY - 80)")
        page.wait_for_timeout(400)  # drawings that come into view
        page.evaluate(RENAME, [str(tmp_path), "~/designs"])
        image = Image.open(io.BytesIO(page.screenshot(caret="initial")))
        image.convert("RGB").save(folder / f"{name}.webp", quality=72, method=6)
        assert (folder / f"{name}.webp").stat().st_size < LARGEST

    return take


def test_the_pictures_of_the_tutorial_are_those_that_are_taken_here() -> None:
    text = TUTORIAL.read_text()
    shown = re.findall(r"\]\(\.\./images/app/([\w-]+)\.webp\)", text)
    assert shown == re.findall(r'picture\(page, "([\w-]+)"', Path(__file__).read_text())
    sizes = [(TUTORIAL.parents[1] / f"images/app/{name}.webp").stat().st_size for name in shown]
    assert max(sizes) < LARGEST
    assert sum(sizes) < 10 * LARGEST


@asked
def test_a_first_campaign(visit: Open, picture: Picture) -> None:
    page = visit("/")
    page.get_by_role("link", name="Begin the first campaign").wait_for()
    picture(page, "empty")
    page.get_by_role("link", name="Begin the first campaign").click()
    page.get_by_label("Name", exact=True).fill("first")
    page.get_by_label("Objective", exact=True).select_option("pmo/qed")
    page.get_by_role("radio", name="genetic").check()
    page.get_by_label("Budget", exact=True).fill("300")
    playwright.expect(page.get_by_label("Settings as YAML")).to_have_value(re.compile("budget: 300"))
    page.get_by_role("button", name="Try it").click()
    page.locator("#preview .drugs img").first.wait_for()
    page.locator('[data-goal="qed"] .transform').wait_for()
    picture(page, "new")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/campaigns/runs/first")
    page.locator(".state.finished").wait_for()
    page.get_by_text("300 molecules", exact=True).wait_for()
    picture(page, "campaign")
    cards = page.locator("#best article[data-call]")
    cards.nth(0).get_by_role("button", name="Star").click()
    page.locator('#best [data-verdict="star"]').first.wait_for()
    cards.nth(1).get_by_role("button", name="Reject").click()
    page.locator("#reason").fill("can't be made")
    page.keyboard.press("Enter")
    page.locator("#judgements").get_by_text("can't be made").wait_for()
    picture(page, "judged", "#judgements")
    page.locator("#map").scroll_into_view_if_needed()
    page.locator("#map-note").get_by_text("trustworthiness").wait_for()
    page.locator("#plane").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    picture(page, "map", "#map-title")
    page.get_by_label("Contains", exact=True).fill("c1ccccc1")
    page.get_by_text(re.compile(r"\d+ of 300 molecules")).wait_for()
    picture(page, "table", "#table")
    with page.expect_download() as download:
        page.get_by_role("button", name="SDF").click()
    assert download.value.path().stat().st_size > 0


@asked
def test_a_project_of_two_rounds(visit: Open, picture: Picture, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    page = visit("/new-project")
    page.get_by_label("Name", exact=True).fill("amides")
    page.get_by_label("Goals", exact=True).fill(FILES["goals.yaml"])
    page.locator(".right").get_by_text("potency").wait_for()
    picture(page, "project")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/projects/amides**")
    for number, results in enumerate(("assay.csv", "results.csv"), 1):
        page.locator("#file").set_input_files(tmp_path / results)
        page.get_by_role("button", name="Look at it").click()
        page.wait_for_url("**/project/preview/**")
        if number == 1:
            picture(page, "upload")
        page.get_by_role("button", name=re.compile("Record")).click()
        page.get_by_text("new facts recorded").wait_for()
        page.get_by_role("radio", name="library").check()
        page.get_by_label("File of compounds", exact=True).fill("vendor.smi")
        page.get_by_label("Compounds", exact=True).fill("4")
        page.get_by_role("button", name="Propose").click()
        page.get_by_role("heading", name=f"Round {number}", exact=True).wait_for()
        if number == 1:
            picture(page, "round", "#proposed")
            ids = [fact.name for fact in Project.open(tmp_path / "amides").propositions(1)]
            values = (85, 240, 1300, 60)
            rows = "\n".join(f"{name},{value}" for name, value in zip(ids, values, strict=True))
            (tmp_path / "results.csv").write_text(f"id,IC50 (nM)\n{rows}\n")
    picture(page, "history", "#history")
    assert len(Project.open(tmp_path / "amides").propositions(2)) == 4
