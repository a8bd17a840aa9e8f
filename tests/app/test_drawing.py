"""Structures drawn in a browser, and what the editor asks the server."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from rdkit import Chem

from molgen.chem.query_sketches import query_sketch_of
from tests.app.browsing import BENZENE, Open, draw, faults, press
from tests.app.conftest import Make

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")


def test_the_server_turns_texts_into_drawings_and_says_what_is_wrong(client: TestClient) -> None:
    def ask(path: str, **fields: str) -> Any:
        return client.post(path, data=fields).json()

    drawn = ask("/sketch/draw", kind="smiles", text="OC(=O)[C@H](C)N")
    assert drawn["text"] == Chem.CanonSmiles("OC(=O)[C@H](C)N")
    assert ask("/sketch/read", kind="smiles", molfile=drawn["molfile"]) == {"text": drawn["text"]}
    assert ask("/sketch/draw", kind="smiles", text="C(")["problem"] == "not a SMILES: syntax error"
    note = ask("/sketch/draw", kind="smarts", text="C[$(N)]")["note"]
    assert note.startswith("A drawing can't say [$(N)], and would let C be aromatic, too.")
    assert "isn't drawn" in ask("/sketch/draw", kind="smiles", text="C" * 1501)["problem"]
    assert "can't be read" in ask("/sketch/read", kind="smarts", molfile="x")["problem"]
    assert "not of 'cdx'" in ask("/sketch/read", kind="cdx", molfile="x")["problem"]
    several = query_sketch_of("[F,Cl]C")[0]
    assert "one of several" in ask("/sketch/read", kind="smiles", molfile=several)["problem"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_leads_and_forbidden_parts_are_drawn(visit: Open, width: int, scheme: str) -> None:
    page = visit("/new", width, scheme)
    leads, forbidden = page.get_by_label("Leads", exact=True), page.get_by_label("Forbidden", exact=True)
    leads.fill("CCO\nCCN")
    page.get_by_role("button", name="Draw a lead").click()
    page.locator("#drawing-place canvas").nth(1).wait_for()
    assert page.get_by_label("Which").locator("option").all_inner_texts() == ["CCO", "CCN", "a new one"]
    page.get_by_label("Which").select_option("a new one")
    press(page, "#drawing-place", BENZENE)
    draw(page, "#drawing-place", 120, 120)
    page.locator("#drawing-text").get_by_text("c1ccccc1").wait_for()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Use it").click()
    playwright.expect(leads).to_have_value("CCO\nCCN\nc1ccccc1")
    page.locator("#leads").get_by_alt_text("c1ccccc1").wait_for()
    forbidden.fill("[CX4]Br")
    page.get_by_role("button", name="Draw a forbidden substructure").click()
    page.locator("#drawing-note").get_by_text("A drawing can't say [CX4]").wait_for()
    page.get_by_role("button", name="Cancel").click()
    playwright.expect(forbidden).to_have_value("[CX4]Br")


def test_a_run_is_searched_for_what_is_drawn(visit: Open, make_run: Make) -> None:
    make_run("runs/small")
    page = visit("/campaigns/runs/small")
    page.get_by_text("7 molecules", exact=True).wait_for()
    page.get_by_role("button", name="Draw a substructure").click()
    page.locator("#drawing-place canvas").nth(1).wait_for()
    press(page, "#drawing-place", BENZENE)
    draw(page, "#drawing-place", 120, 120)
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("2 of 7 molecules").wait_for()  # phenol and aspirin, not pyridine
    assert page.get_by_label("Contains", exact=True).input_value() == "c1:c:c:c:c:c:1"
