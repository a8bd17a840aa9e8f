"""About how many molecules files hold, for progress."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from molgen.data.readers import read_table, write_table
from molgen.data.tables.counting import PIECE, about_rows

TABLE = pd.DataFrame({"smiles": ["CCO", "CCN", "c1ccccc1"] * 40, "id": range(120)}).astype("str")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "smi", "sdf", "csv.gz", "sdf.gz", "parquet"])
def test_as_many_as_are_read(tmp_path: Path, suffix: str) -> None:
    write_table(TABLE, tmp_path / f"a.{suffix}")
    found = about_rows([tmp_path / f"a.{suffix}"])
    assert found is not None
    assert abs(found - len(read_table(tmp_path / f"a.{suffix}"))) <= 1  # a heading


def test_what_ends_a_record_may_lie_across_what_is_read_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.sdf").write_bytes(b"x" * (PIECE - 2) + b"$$$$\n" + b"y" * PIECE + b"$$$$\n")
    assert about_rows([tmp_path / "a.sdf"]) == 2


def test_of_some_files_it_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"smiles\nCCO\n")[:-4])
    write_table(TABLE, tmp_path / "a.xlsx")
    write_table(TABLE, tmp_path / "a.csv")
    for name in ("cut.csv.gz", "a.xlsx", "nowhere.csv"):
        assert about_rows([tmp_path / "a.csv", tmp_path / name]) is None
