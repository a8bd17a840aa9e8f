"""A screen's result on the page, as a browser asks for it and as it shows it."""

import html
import io
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from fastapi.testclient import TestClient

from molgen.app.opened_screen import OpenScreen
from molgen.app.workspace import Workspace
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.cli.commands import main
from molgen.errors import MolgenError
from molgen.scoring.components.property import Property
from tests.app.browsing import BENZENE, Open, draw, faults, press

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
LIBRARY = """vendor id,smiles,score,price
V1,CC(=O)Oc1ccccc1C(=O)[O-],7,2.5
V2,CCO,8,10
V3,C(,9,
V4,c1ccc2[nH]ccc2c1,1,1e1
V5,"=CC1CC1",1,3
V6,C1CCNCC1,2,7
"""
TPSA = {"tpsa": {"descriptor": "tpsa", "transform": {"linear": {"low": 0, "high": 100}}}}


def screened(folder: Path, terms: dict[str, object], library: str = LIBRARY) -> Path:
    """A screen of a library, in `screens/s` of a folder."""
    (folder / "library.csv").write_text(library)
    (folder / "goal.yaml").write_text(yaml.safe_dump({"terms": terms, "filters": {}}))
    settings = [f"library={folder / 'library.csv'}", f"scoring={folder / 'goal.yaml'}", f"folder={folder / 'screens/s'}"]
    done = CliRunner().invoke(main, ["screen", *settings])
    assert done.exit_code == 0, done.output
    return folder / "screens/s"


def test_a_screen_shows_names_structures_and_scores(client: TestClient, tmp_path: Path) -> None:
    screened(tmp_path, TPSA)
    assert 'href="/screens/screens/s"' in client.get("/").text
    page = client.get("/screens/screens/s").text
    assert page.index("V1") < page.index("V2") < page.index("V4") < page.index("V6")
    assert re.search(r"<dt>no molecules</dt><dd>2</dd>", page)
    assert "Errors are standard deviations" not in page
    asked = "/screen/molecules/screens/s"
    found = client.get(asked, params={"sort": "price", "down": "0", "where.tpsa": "> 1"}).json()
    assert found["columns"][:4] == ["vendor id", "score", "tpsa", "library: score"]
    assert [row[0] for row in found["rows"]] == ["V1", "V6", "V2", "V4"]
    assert (found["total"], found["all"]) == (4, 6)
    found = client.get(asked, params={"contains": "c1ccccc1", "where.vendor id": "v4"}).json()
    assert [row[0] for row in found["rows"]] == ["V4"]
    assert client.get(asked, params={"similar": "O=C(O)c1ccccc1OC(C)=O"}).json()["rows"][0][0] == "V1"  # without its charge
    assert client.get(asked, params={"sort": "nothing"}).status_code == 422
    one = client.get("/screen/molecule/1/screens/s").text
    assert "charge neutralised" in one
    assert "<dt>price</dt><dd>2.5</dd>" in one
    assert client.get("/screen/molecule/7/screens/s").status_code == 422
    assert client.get("/screen/chart/screens/s").headers["content-type"] == "image/svg+xml"
    csv = client.post("/screen/export/screens/s", data={"format": "csv", "selected": "4 2", "sort": "score", "down": "1"}).text
    table = pd.read_csv(io.StringIO(csv))
    assert table["vendor id"].tolist() == ["V2", "V4"]
    assert table["library: score"].tolist() == [8, 1]


def test_molecules_of_a_screen_are_compared_with_their_values_and_columns(client: TestClient, tmp_path: Path) -> None:
    screened(tmp_path, TPSA)
    page = client.get("/beside/screen/screens/s?of=1,4,1").text
    assert page.count("data-call=") == 2
    assert "row 1 · V1" in page
    assert re.search(r">price</th><td>2.5</td><td>10</td>", page)
    assert re.search(r'<td class="most"><span class="pairing"><b>63.6</b>', page)  # acetylsalicylic acid
    assert page.count('class="most"') == 2  # of it alone: the score, and the term
    assert "data-judge" not in page
    assert "data-prefer" not in page
    pictures = [client.get(f"/aligned/{place}/screen/screens/s?of=1,4") for place in (0, 1)]
    assert [picture.headers["content-type"] for picture in pictures] == ["image/svg+xml"] * 2
    assert pictures[0].text != pictures[1].text
    for wrong, why in {"1": "2 to 6 molecules", "1,3": "row 3 is no molecule", "1,7": "no molecule in row 7"}.items():
        answer = client.get(f"/beside/screen/screens/s?of={wrong}")
        assert answer.status_code == 422
        assert why in answer.text
    assert client.get("/beside/sweep/screens/s?of=1,2").status_code == 422


def test_names_and_codes_of_digits_keep_their_zeros(client: TestClient, tmp_path: Path) -> None:
    screened(tmp_path, TPSA, "smiles,name,plate,price\nCCO,007,0012,2\nCCN,042,1300,10\n")
    asked = client.get("/screen/molecules/screens/s", params={"sort": "price", "down": "0"}).json()
    columns = [asked["columns"].index(name) for name in ("name", "plate", "price")]
    assert [[row[i] for i in columns[:2]] for row in asked["rows"]] == [["007", "0012"], ["042", "1300"]]


def test_predicted_values_have_their_errors_and_domain(tmp_path: Path) -> None:
    screened(tmp_path, {"herg": {"property": "herg", "transform": {"linear": {"low": 0, "high": 1}}}})
    screen = OpenScreen(Workspace(tmp_path).at("screens/s", "screen"))
    screen.trust()
    assert screen.columns[:5] == ["vendor id", "score", "herg", "herg_error", "domain"]
    for row in screen.hits.to_dict("records"):
        alone = Property("herg").prediction(Molecules([row["smiles"]], STANDARD))
        assert alone is not None
        assert row["herg_error"] == pytest.approx(alone.std[0, 0])
        assert row["domain"] == ("inside" if alone.in_endpoint_domain[0, 0] else f"outside: herg ({alone.outside[0, 0]})")
    assert screen.table["domain"].isna().sum() == 2  # what is no molecule


def test_what_is_no_screen_says_so(client: TestClient, tmp_path: Path) -> None:
    folder = screened(tmp_path, TPSA)
    table = (folder / "scores.csv").read_text()
    (folder / "scores.csv").write_text(table.replace("tpsa", "logp"))
    assert "doesn't have the columns of this screen's objective" in html.unescape(client.get("/screens/screens/s").text)
    (folder / "scores.csv").unlink()
    page = client.get("/screens/screens/s")  # as one that was stopped before its first chunk
    assert page.status_code == 200
    assert "Resume goes on where it was" in page.text
    with pytest.raises(MolgenError):
        Workspace(tmp_path).at("screens", "screen")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_screen_is_sorted_searched_and_opened(visit: Open, tmp_path: Path, width: int, scheme: str) -> None:
    screened(tmp_path, TPSA)
    page = visit("/screens/screens/s", width, scheme)
    page.get_by_text("6 molecules", exact=True).wait_for()
    page.locator("#heads").get_by_role("button", name="price").click()
    page.locator('#body tr[data-call="2"]').wait_for()
    page.get_by_role("button", name="Draw a substructure").click()
    page.locator("#drawing-place canvas").nth(1).wait_for()
    press(page, "#drawing-place", BENZENE)
    draw(page, "#drawing-place", 120, 120)
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("2 of 6 molecules").wait_for()
    page.locator("#best [data-molecule]").first.click()
    page.get_by_role("heading", name="Molecule of row 1").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
    page.locator("#best [data-call='1'] [data-compare]").click()
    page.locator("#best [data-call='2'] .open").focus()
    page.keyboard.press("c")
    page.get_by_text("2 molecules", exact=True).wait_for()
    page.get_by_role("link", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Side by side").wait_for()
    assert page.locator("#tray").is_hidden()
    page.locator("#beside img").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert faults(page) == []
    page.get_by_role("link", name="s", exact=True).click()
    page.locator('#body [data-pick="4"]').check()
    page.locator('#body [data-pick="1"]').check()
    page.locator("#compare-selected").click()
    page.wait_for_url("**/beside/screen/screens/s?of=4,1")
