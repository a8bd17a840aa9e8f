import io
import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from molgen.chem.molecules import Molecules
from molgen.data.readers import read_table
from molgen.errors import DataError
from molgen.project.batch import Batch, Estimates
from molgen.project.export import check_export, export, read_crossed_out
from molgen.project.nearest import KnownCompounds

SMILES = ("C[C@H](N)c1ccc(Cl)cc1", "COc1ccccc1C(=O)N", "F/C=C/c1ccncc1")
IDS = ("=run-0001", "run-0002", "007")


@pytest.fixture
def batch() -> Batch:
    value = np.array([7.123456, np.nan, 5.5])
    potency = Estimates("potency", "pIC50", value, np.full(3, 0.4), value - 0.7, value + 0.7, np.array([True, True, False]))
    steps = Estimates("steps", "steps", np.array([2.0, np.inf, 1.0]))
    neighbours = KnownCompounds("known.csv", ("+1",), ("COc1ccccc1C(=O)O",), ({"pIC50": ">4"},)).nearest(SMILES)
    facts = pd.DataFrame({"alerts": ["", "=cmd()", "BRENK: aniline"]})
    return Batch("3 <of> run", IDS, SMILES, (potency, steps), np.array([0.9, 0.8, 0.7]), neighbours=neighbours, facts=facts)


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "sdf", "parquet"])
def test_identifiers_and_smiles_come_back_to_the_letter(batch: Batch, tmp_path: Path, suffix: str) -> None:
    export(batch, tmp_path / f"batch.{suffix}")
    found = read_table(tmp_path / f"batch.{suffix}")
    assert found.columns["id"].tolist() == list(IDS)
    assert found.columns["smiles"].tolist() == list(SMILES)
    assert Molecules(found.smiles).canonical == Molecules(SMILES).canonical
    assert found.columns["alerts"].fillna("").tolist() == ["", "=cmd()", "BRENK: aniline"]
    numbers = pd.to_numeric(found.columns["potency (pIC50)"], errors="coerce").dropna().astype(float).round(3)
    assert numbers.tolist() == [7.123, 5.5]


def test_a_workbook_has_pictures_numbers_filters_and_a_header_that_stays(batch: Batch, tmp_path: Path) -> None:
    export(batch, tmp_path / "batch.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "batch.xlsx").active
    headings = [cell.value for cell in sheet[1]]
    assert headings[:3] == ["picture", "id", "smiles"]
    assert headings[-2:] == ["crossed out", "reason"]
    rows = {heading: [sheet.cell(row, number).value for row in (2, 3, 4)] for number, heading in enumerate(headings, 1)}
    assert rows["potency (pIC50)"] == [7.123456, None, 5.5]
    assert sheet.cell(2, headings.index("potency (pIC50)") + 1).number_format == "0.00"
    assert rows["steps"[:5] + " (steps)"] == [2, "inf", 1]
    assert rows["nearest pIC50"] == [">4"] * 3
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:{sheet.cell(4, len(headings)).coordinate}")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # no formula
    places = [(image.anchor._from.row, image.anchor._from.col) for image in sheet._images]
    nearest = headings.index("nearest picture")
    assert sorted(places) == sorted((row, column) for row in (1, 2, 3) for column in (0, nearest))
    for image in sheet._images:
        assert image.anchor.to.row == image.anchor._from.row  # within its row, so that it's sorted and hidden with it
        drawn = np.asarray(Image.open(io.BytesIO(image._data())).convert("L"))
        assert 0.001 < (drawn < 200).mean() < 0.5  # lines on white


def test_what_a_cell_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 2, column 'alerts': a cell of Excel can't hold this text"):
        export(Batch("t", ("a",), ("C",), facts=pd.DataFrame({"alerts": ["\x07"]})), tmp_path / "batch.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_csv_runs_no_formula(batch: Batch, tmp_path: Path) -> None:
    export(batch, tmp_path / "batch.csv")
    lines = (tmp_path / "batch.csv").read_text().splitlines()
    assert lines[1].startswith("'=run-0001,")
    assert ",'=cmd()," in lines[2]
    assert ",'+1," not in lines[1]  # a number
    assert lines[0].endswith("alerts,crossed out,reason")


def test_the_page_asks_nothing_of_a_network_and_escapes_what_it_shows(batch: Batch, tmp_path: Path) -> None:
    export(batch, tmp_path / "batch.html")
    page = (tmp_path / "batch.html").read_text()
    assert not re.findall(r"https?://|(?:src|href)\s*=\s*[\"']|@import|url\(", page)
    assert page.count('class="card"') == 3
    assert "3 &lt;of&gt; run" in page
    assert page.count("<svg") == 6
    assert 'data-smiles="F/C=C/c1ccncc1"' in page
    assert "[*]O -&gt; [*]N" in page
    assert "NaN" not in page


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_a_chemist_crosses_out_is_read_back(batch: Batch, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"batch.{suffix}"
    export(batch, path)
    assert read_crossed_out(path) == {}
    book = openpyxl.Workbook()
    if suffix == "xlsx":
        book = openpyxl.load_workbook(path)
        sheet, last = book.active, book.active.max_column
        sheet.cell(2, last - 1).value, sheet.cell(2, last).value, sheet.cell(4, last - 1).value = "yes", "too greasy", "X"
        book.save(path)
    else:
        frame = pd.read_csv(path, dtype=str)
        frame.loc[0, ["crossed out", "reason"]], frame.loc[2, "crossed out"] = ["Yes", "too greasy"], "x"
        frame.to_csv(path, index=False)
    assert read_crossed_out(path) == {"=run-0001": "too greasy", "007": ""}


def test_what_the_page_saves_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "marks.csv").write_text('id,starred,crossed out,reason,smiles\na,yes,,,CCO\nb,,yes,"\'=no, never",CCN\n')
    assert read_crossed_out(tmp_path / "marks.csv") == {"b": "=no, never"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,smiles\na,C\n", "no column 'crossed out'"),
        ("id,smiles,crossed out,reason\na,C,perhaps,\n", r"row 1 \(a\): 'perhaps' under 'crossed out'; write yes"),
        ("id,smiles,crossed out,reason\na,C,,greasy\n", r"row 1 \(a\): a reason, but not crossed out"),
    ],
)
def test_what_is_not_clear_about_crossing_out_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "batch.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_crossed_out(tmp_path / "batch.csv")


def test_a_batch_is_written_where_and_how_it_can_be(tmp_path: Path) -> None:
    for name in ("batch.doc", "batch.xlsx.gz", "batch.html.zip"):
        with pytest.raises(DataError, match=r"\.html|isn't compressed further"):
            check_export(tmp_path / name)
    assert check_export(tmp_path / "batch.html") == tmp_path / "batch.html"
