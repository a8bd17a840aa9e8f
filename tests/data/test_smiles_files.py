from pathlib import Path

import pytest

from molgen.data.readers import read_chunks, read_table
from molgen.errors import DataError

FILES = Path("tests/cases/files")
REAL = Path("tests/cases/real")


def lines(folder: Path, text: str, name: str = "a.smi") -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize("name", ["comma.smi", "quoted.smi", "idfirst.smi"])
def test_molecules_are_found_with_quotes_commas_and_ids_first(name: str) -> None:
    table = read_table(FILES / name)
    assert table.smiles[:2] == ["CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C"]
    assert len(table) == 20
    if name != "quoted.smi":
        assert table.columns["name"].tolist() == [f"M{i}" for i in range(20)]


def test_a_first_line_that_names_columns_is_a_header_and_an_invalid_molecule_is_none(tmp_path: Path) -> None:
    table = read_table(FILES / "emol.smi")
    assert table.columns.to_dict("list") == {
        "isosmiles": ["CCOc1ccc(C(N)=O)cc1", "CC(=O)Oc1ccccc1C(=O)O"],
        "version_id": ["100", "101"],
        "parent_id": ["100", "101"],
    }
    assert read_table(lines(tmp_path, "x( foo\nCCO bar\n")).smiles == ["x(", "CCO"]


def test_extensions_belong_to_the_molecule_and_not_to_its_name(tmp_path: Path) -> None:
    table = read_table(FILES / "real.cxsmiles")
    assert table.smiles == ["CCOc1ccc(C(N)=O)cc1", "CC(N)c1ccccc1 |&1:1|", "C[C@H](N)c1ccccc1 |&1:1|"]
    assert table.columns["idnumber"].tolist() == ["Z123", "Z124", "Z125"]
    assert read_table(FILES / "rac.smi").smiles == ["C[C@H](N)c1ccccc1 |&1:1|"]
    named = read_table(lines(tmp_path, "C[C@H](N)c1ccccc1 |&1:1,r| a racemate\nCCO ethyl alcohol\nCCN\n"))
    assert named.smiles == ["C[C@H](N)c1ccccc1 |&1:1,r|", "CCO", "CCN"]
    assert named.columns["name"].tolist() == ["a racemate", "ethyl alcohol", ""]


@pytest.mark.parametrize("suffix", ["smi", "smiles", "ism", "can", "cxsmiles", "cxsmi", "txt", "SMI", "Ism"])
def test_every_suffix_is_known(tmp_path: Path, suffix: str) -> None:
    table = read_table(lines(tmp_path, "CCO\tethanol\nCCN\tb c\n", f"a.{suffix}"))
    assert table.columns.to_dict("list") == {"smiles": ["CCO", "CCN"], "name": ["ethanol", "b c"]}


@pytest.mark.parametrize(
    ("text", "smiles", "others"),
    [
        ("smiles name\nCCO ethanol\n\n# a comment\nCCN\tethyl amine\n", ["CCO", "CCN"], ["ethanol", "ethyl amine"]),
        ('C[C@H]("quoted\tCl\nCCN\tb\n', ['C[C@H]("quoted', "CCN"], ["Cl", "b"]),
        ('"CCO"\t"a b"\n"CCN"\t"c"\n', ["CCO", "CCN"], ["a b", "c"]),
        ('"CCO" "a b"\n"CCN" "c"\n', ["CCO", "CCN"], ["a b", "c"]),
        ("M0 CCO\nM1 CCN\n", ["CCO", "CCN"], ["M0", "M1"]),
        ("M0;CCO\nM1;CCN\n", ["CCO", "CCN"], ["M0", "M1"]),
        ("CCO a\r\nCCN b\r\n", ["CCO", "CCN"], ["a", "b"]),
        ("\tno molecule\nCCN\tb\n", ["", "CCN"], ["no molecule", "b"]),
        ("CCO\ta b\n\t\nCCN\t\nx\tc\n", ["CCO", "", "CCN", "x"], ["a b", "", "", "c"]),
    ],
)
def test_names_are_what_is_left_of_a_line(tmp_path: Path, text: str, smiles: list[str], others: list[str]) -> None:
    table = read_table(lines(tmp_path, text))
    assert table.smiles == smiles
    assert table.columns["name"].tolist() == others


def test_names_that_come_late_or_end_early_mix_no_columns(tmp_path: Path) -> None:
    for part in read_chunks(REAL / "names_early.smi", rows=4):
        assert list(part.columns) == ["smiles", "name"]
    late = lines(tmp_path, "CCO\n" * 300 + "CCN late\n")
    parts = list(read_chunks(late, rows=100))
    assert [list(part.columns) for part in parts] == [["smiles", "name"]] * 4
    assert parts[-1].columns["name"].tolist() == ["late"]
    assert list(read_table(lines(tmp_path, "CCO\nCCN\n")).columns) == ["smiles"]


def test_more_columns_than_two_keep_their_places(tmp_path: Path) -> None:
    table = read_table(lines(tmp_path, "CCO\ta\t1\nCCN\tb\t2\n"))
    assert list(table.columns) == ["smiles", "name", "column_3"]
    assert table.columns["column_3"].tolist() == ["1", "2"]


def test_a_delimiter_may_be_named(tmp_path: Path) -> None:
    table = read_table(lines(tmp_path, "A B~CCO\nC D~CCN\n"), delimiter="~")
    assert table.columns.to_dict("list") == {"name": ["A B", "C D"], "smiles": ["CCO", "CCN"]}


def test_a_file_of_no_molecules_shows_how_it_begins(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.smi: no valid SMILES.*it begins: foo"):
        read_table(lines(tmp_path, "foo\nbar\n"))
    with pytest.raises(DataError, match="no molecules"):
        read_table(lines(tmp_path, "\n\n"))


def test_attachment_points_are_molecules() -> None:
    assert read_table(REAL / "numbered_scaffold.smi").smiles == ["[*:0]Cc1ccc(C[*:1])cc1"]


def test_a_column_may_be_named_where_there_is_a_header(tmp_path: Path) -> None:
    table = read_table(lines(tmp_path, "A B\nM0 CCO\nM1 CCN\n"), "b")
    assert table.columns.to_dict("list") == {"A": ["M0", "M1"], "B": ["CCO", "CCN"]}
    with pytest.raises(DataError, match=r"no column 'B'.*found: smiles, name"):
        read_table(lines(tmp_path, "CCO M0\nCCN M1\n"), "B")


def test_quotes_between_tabs_are_no_quotes_where_fields_would_be_lost(tmp_path: Path) -> None:
    table = read_table(lines(tmp_path, 'smiles\ta\tb\tc\nCCO\t"\t"\t1\nCCN\t"\ty\t2\nCCC\tz\t"\t3\n', "a.cxsmiles"))
    assert table.columns[["a", "b", "c"]].to_numpy().tolist() == [['"', '"', "1"], ['"', "y", "2"], ["z", '"', "3"]]
    late = lines(tmp_path, "smiles\ta\tb\n" + "CCO\t1\t2\n" * 200 + 'CCN\t"\t"\n', "late.cxsmiles")
    with pytest.raises(DataError, match="a quote in line 202"):
        read_table(late)
