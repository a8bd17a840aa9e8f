import gzip
from pathlib import Path

import pandas as pd
import pytest

from molgen.chem.molecules import Molecules
from molgen.data.readers import read_chunks, read_smiles, read_table, write_table
from molgen.errors import DataError

TABLE = pd.DataFrame({"smiles": ["CCO", "c1ccccc1", "CC(=O)O"], "activity": [1.5, 2.5, 3.5]})


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.sdf", "a.csv.gz"])
def test_what_is_written_can_be_read(tmp_path: Path, name: str) -> None:
    write_table(TABLE, tmp_path / name)
    back = read_table(tmp_path / name)
    assert back["smiles"].tolist() == TABLE["smiles"].tolist()
    assert back["activity"].astype(float).tolist() == TABLE["activity"].tolist()


def test_smi_files_may_have_names_comments_blanks_and_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.smi"
    path.write_text('smiles name\nCCO ethanol\n\n# a comment\nC[C@H]("quoted\tCl\nCCN\tethyl amine\n')
    table = read_table(path)
    assert table["smiles"].tolist() == ["CCO", 'C[C@H]("quoted', "CCN"]
    assert table["name"].tolist() == ["ethanol", "Cl", "ethyl amine"]


def test_gzipped_smi(tmp_path: Path) -> None:
    path = tmp_path / "a.smi.gz"
    path.write_bytes(gzip.compress(b"CCO\nCCN\n"))
    assert read_smiles(path) == ["CCO", "CCN"]


def test_the_column_is_found_whatever_its_case_or_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,SMILES,Structure\n1,CCO,CCN\n")
    assert read_smiles(path) == ["CCO"]
    assert read_smiles(path, "Structure") == ["CCN"]


def test_empty_cells_stay_as_empty_smiles(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("smiles,x\nCCO,1\n,2\n")
    assert read_smiles(path) == ["CCO", ""]


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("a.csv", b"", "empty"),
        ("a.smi", b"", "empty|no molecules"),
        ("a.smi", b"\n\n", "empty|no molecules"),
        ("a.csv", b"smiles\n", "no molecules"),
        ("a.csv", bytes(range(256)), "can't be read"),
        ("a.smi", bytes(range(128, 256)), "can't be read"),
        ("a.parquet", b"not parquet", "can't be read"),
        ("a.sdf", b"\x00\x01nonsense", "no molecules"),
        ("a.csv", b"smile,x\nCCO,1\n", "did you mean 'smile'"),
        ("a.csv", b"a,b\nCCO,1\n", "column=NAME.*found: a, b"),
        ("a.xlsx", b"x", "unknown file type"),
        ("a.csv.gz", b"not gzip", "can't be read"),
    ],
)
def test_bad_files_are_named_with_the_reason(tmp_path: Path, name: str, content: bytes, hint: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=hint) as caught:
        read_table(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "none.csv")


def test_a_missing_column_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Structure,x\nCCO,1\n")
    with pytest.raises(DataError, match="did you mean 'Structure'"):
        read_table(path, "structur")


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


@pytest.mark.parametrize("suffix", ["csv", "tsv", "smi", "sdf", "parquet", "csv.gz", "smi.gz", "sdf.gz"])
def test_pieces_of_a_file_make_up_the_file(tmp_path: Path, samples: list[str], suffix: str) -> None:
    plain = tmp_path / f"set.{suffix.removesuffix('.gz')}"
    write_table(pd.DataFrame({"smiles": samples[:25], "id": range(25)}), plain)
    path = plain
    if suffix.endswith(".gz"):
        path = tmp_path / f"set.{suffix}"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    parts = list(read_chunks(path, rows=10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert Molecules(pd.concat(parts)["smiles"].tolist()).canonical == tuple(samples[:25])


def test_pieces_of_what_cannot_be_read_are_a_line(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(DataError, match="it is empty"):
        list(read_chunks(tmp_path / "empty.csv"))
    (tmp_path / "headers.csv").write_text("smiles,id\n")
    with pytest.raises(DataError, match="no molecules"):
        list(read_chunks(tmp_path / "headers.csv"))
    with pytest.raises(DataError, match="no such file"):
        list(read_chunks(tmp_path / "nowhere.smi"))
