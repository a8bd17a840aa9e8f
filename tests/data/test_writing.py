import gzip
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.data.readers import Table, read_chunks, read_table, write_table
from molgen.errors import ConfigError, DataError

ALL = ["csv", "tsv", "cxsmiles", "sdf", "parquet", "xlsx", "csv.gz", "sdf.gz", "tsv.bz2", "csv.xz", "parquet.gz", "xlsx.zip"]
MOLECULES = ["CCO", "c1ccccc1O", "C[C@H](N)C(=O)O", "F/C=C/F", "[NH3+]CC([O-])=O", "C[C@H](N)c1ccccc1 |&1:1|", "CC.Cl"]
letters = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
ODD = ["00012", "NA", "nan", "None", "1E5", "9007199254740993", " 5.1 ", '"', 'a"b', "a, b", "a;b", "=1+1", "#", ">1", ""]
cells = st.one_of(letters, st.sampled_from(ODD))
signs = st.characters(categories=("L", "N"), include_characters=" _()%<>")
names = st.one_of(st.text(signs, min_size=1, max_size=8), st.sampled_from(["name", "ID", "score"]))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Molecules with columns of any text."""
    wanted = draw(st.lists(names.filter(lambda name: "smiles" not in name.lower() and name != "title"), unique=True, max_size=4))
    rows = draw(st.integers(1, 4))
    smiles = draw(st.lists(st.sampled_from(MOLECULES), min_size=rows, max_size=rows))
    others = {name: draw(st.lists(cells, min_size=rows, max_size=rows)) for name in wanted}
    return pd.DataFrame({"smiles": smiles, **others}, dtype="str")


def check_same(found: Table, given_table: pd.DataFrame) -> None:
    """The columns of a file are those that were written, and its molecules theirs."""
    others = found.columns.drop(columns=["smiles", "drawn_smiles"], errors="ignore")
    assert others.to_dict("list") == given_table.drop(columns="smiles").to_dict("list")
    # an SDF's title line has no place among its tags
    assert [name for name in others if name != "name"] == [name for name in given_table if name not in ("smiles", "name")]
    assert Molecules(found.smiles).canonical == Molecules(given_table["smiles"].tolist()).canonical
    if "smiles" in found.columns:
        assert found.columns["smiles"].tolist() == given_table["smiles"].tolist()


@settings(max_examples=40, deadline=None)
@given(table=tables(), first=st.sampled_from(ALL), second=st.sampled_from(ALL))
def test_tables_pass_through_every_pair_of_formats(
    tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame, first: str, second: str
) -> None:
    folder = tmp_path_factory.mktemp("pair")
    write_table(table, folder / f"a.{first}")
    once = read_table(folder / f"a.{first}")
    check_same(once, table)
    write_table(once, folder / f"b.{second}")
    check_same(read_table(folder / f"b.{second}"), table)


QUOTES = pd.DataFrame({"smiles": ["CCO", "CCN"], "a": ['"', '"x"'], "b": ['"', '"'], "c": ["1", '"y'], "d": ["", '"']})


@pytest.mark.parametrize("suffix", ALL)
def test_cells_that_are_quotes_stay_quotes(tmp_path: Path, suffix: str) -> None:
    write_table(QUOTES, tmp_path / f"a.{suffix}")
    check_same(read_table(tmp_path / f"a.{suffix}"), QUOTES)


@settings(max_examples=40, deadline=None)
@given(smiles=st.lists(st.sampled_from(MOLECULES), min_size=1, max_size=4), data=st.data())
def test_smiles_files_keep_names(tmp_path_factory: pytest.TempPathFactory, smiles: list[str], data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("smi") / "a.smi"
    given_names = data.draw(st.lists(cells, min_size=len(smiles), max_size=len(smiles)))
    write_table(pd.DataFrame({"smiles": smiles, "name": given_names}), path)
    found = read_table(path)
    assert found.smiles == smiles
    assert found.columns["name"].tolist() == given_names


@pytest.mark.parametrize("suffix", ["csv", "parquet", "sdf", "xlsx"])
def test_cells_of_several_lines_survive_or_are_refused(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"smiles": ["CCO", "CCN"], "x": ["one\n\ntwo", "\n lines"]})
    write_table(frame, tmp_path / f"a.{suffix}")
    assert read_table(tmp_path / f"a.{suffix}").columns["x"].tolist() == frame["x"].tolist()


TOO_MUCH = [
    ("a.sdf", "ends\n"),
    ("a.sdf", "$$$$"),
    ("a.sdf", "> <x>"),
    ("a.sdf", "a\r\nb"),
    ("a.xlsx", "\x01"),
    ("a.xlsx", "a\rb"),
    ("a.cxsmiles", "a\tb"),
]


@pytest.mark.parametrize(("name", "cell"), TOO_MUCH)
def test_what_a_format_cannot_hold_is_refused_with_its_row(tmp_path: Path, name: str, cell: str) -> None:
    with pytest.raises(DataError, match=r"row 2.*write"):
        write_table(pd.DataFrame({"smiles": ["CCO", "CCN"], "x": ["a", cell]}), tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["csv", "tsv", "smi", "cxsmiles", "sdf", "parquet", "xlsx"])
def test_a_row_without_a_molecule_is_written(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"smiles": ["CCO", "", "x("], "name": ["a", "b", "c"]})
    write_table(frame, tmp_path / f"a.{suffix}")
    table = read_table(tmp_path / f"a.{suffix}")
    assert table.columns["name"].tolist() == ["a", "b", "c"]
    assert [mol is None for mol in Molecules(table.smiles).mols] == [False, True, True]


def test_an_sdf_is_one_that_others_read(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"smiles": ["CCO", "x(", "C[C@H](N)c1ccccc1 |&1:1|"], "name": ["a", "b", "c"], "score": [0.5, float("nan"), 1.0]}
    )
    write_table(frame, tmp_path / "a.sdf.gz")
    content = gzip.decompress((tmp_path / "a.sdf.gz").read_bytes()).decode()
    (tmp_path / "a.sdf").write_text(content)
    mols = list(Chem.SDMolSupplier(str(tmp_path / "a.sdf")))
    assert [mol.GetProp("_Name") for mol in mols] == ["a", "b", "c"]
    assert [mol.GetNumAtoms() for mol in mols] == [3, 0, 9]
    assert mols[0].GetProp("score") == "0.5"
    assert not mols[1].HasProp("score")
    assert len(mols[2].GetStereoGroups()) == 1


@pytest.mark.parametrize("title", ["$$$$", " $$$$ a", "> <b>"])
def test_a_title_that_would_end_a_record_is_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(DataError, match=r"row 1, column 'name': a tag of an SDF can't hold this text"):
        write_table(pd.DataFrame({"smiles": ["CCO"], "name": [title]}), tmp_path / "a.sdf")


def test_a_workbook_keeps_what_excel_would_round_or_refuse(tmp_path: Path) -> None:
    when = pd.Timestamp("2024-03-01 12:00", tz="UTC")
    frame = pd.DataFrame({"smiles": ["CCO"], "n": [9007199254740993], "x": [float("inf")], "when": [when], "d": [Decimal("1.5")]})
    write_table(frame, tmp_path / "a.xlsx")
    rows = list(load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2, values_only=True))
    assert rows == [("CCO", "9007199254740993", "inf", "2024-03-01 12:00:00+00:00", 1.5)]


def test_a_workbook_holds_numbers_as_numbers_and_text_as_text(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"smiles": ["CCO"], "id": ["00012"], "sum": ["=1+1"], "score": [0.25]}), tmp_path / "a.xlsx")
    rows = list(load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True))
    assert rows == [("smiles", "id", "sum", "score"), ("CCO", "00012", "=1+1", 0.25)]


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"smiles": ["CCO"], "x": ["1"]})
    for name in ("csv.gz", "sdf.gz", "csv.zip"):
        write_table(frame, tmp_path / f"a.{name}")
        first = (tmp_path / f"a.{name}").read_bytes()
        write_table(frame, tmp_path / f"a.{name}")
        assert (tmp_path / f"a.{name}").read_bytes() == first


@pytest.mark.parametrize("name", ["a.mol2", "a.mae", "a.xyz"])
def test_what_is_not_written_is_a_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"write one of|unknown file type"):
        write_table(pd.DataFrame({"smiles": ["CCO"]}), tmp_path / name)


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    class Unwritable:
        def __str__(self) -> str:
            raise OSError(28, "No space left on device")

    path = tmp_path / "a.sdf"
    path.write_text("before")
    with pytest.raises(DataError, match="No space left"):
        write_table(pd.DataFrame({"smiles": ["CCO"], "x": [Unwritable()]}), path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", ["csv", "smi", "sdf", "parquet", "xlsx", "csv.gz"])
def test_pieces_of_a_file_make_up_the_file(tmp_path: Path, samples: list[str], suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    write_table(pd.DataFrame({"smiles": samples[:25], "name": [str(i) for i in range(25)]}), path)
    parts = list(read_chunks(path, rows=10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert Molecules([text for part in parts for text in part.smiles]).canonical == tuple(samples[:25])


FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-1-cmd", "@SUM(A1)", "\t=1", "'=1", "''=1", "＝1"]
HARMLESS = ["-5.2", "+3", "-1e-5", "-", "--", "-5 %", "(-)-menthol", "a=b", "'", "'5", "'-5", "C[C@H](N)O", "", "=".join("ab")]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_spreadsheets_run_no_cell_and_molgen_reads_what_it_was(suffix: str, tmp_path: Path) -> None:
    cells = [*FORMULAS, *HARMLESS]
    frame = pd.DataFrame({"smiles": ["C"] * len(cells), "=name()": cells, "value": np.linspace(-2, 2, len(cells))})
    write_table(frame, tmp_path / f"table{suffix}")
    raw = pd.read_csv(tmp_path / f"table{suffix}", sep="," if suffix == ".csv" else "\t", dtype=str, keep_default_na=False)
    assert raw.columns.tolist() == ["smiles", "'=name()", "value"]
    assert raw["'=name()"].tolist() == [*(f"'{cell}" for cell in FORMULAS), *HARMLESS]
    assert raw["value"][0] == "-2.0"
    back = read_table(tmp_path / f"table{suffix}")
    assert back.columns["=name()"].tolist() == cells


def test_a_setting_keeps_formulas_and_workbooks_hold_them_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"smiles": ["C"] * len(FORMULAS), "name": FORMULAS})
    write_table(frame.drop(index=4), tmp_path / "table.xlsx")
    sheet = load_workbook(tmp_path / "table.xlsx").active
    assert [(cell.value, cell.data_type) for cell in sheet["B"][1:]] == [(text, "s") for text in FORMULAS if "\t" not in text]
    monkeypatch.setenv("MOLGEN_FORMULAS", "keep")
    write_table(frame, tmp_path / "table.csv")
    assert pd.read_csv(tmp_path / "table.csv")["name"].tolist() == FORMULAS
    monkeypatch.setenv("MOLGEN_FORMULAS", "maybe")
    with pytest.raises(ConfigError, match="must be text or keep"):
        write_table(frame, tmp_path / "table.csv")
