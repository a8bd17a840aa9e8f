from pathlib import Path

import pytest

from molgen.chem.standardize import STANDARD
from molgen.data.catalog import Molfile
from molgen.data.target_values import TargetValues, read_target_values
from molgen.errors import DataError


def read(folder: Path, text: str, label: str | None = None) -> TargetValues:
    path = folder / "known.csv"
    path.write_text(text)
    return read_target_values(Molfile(path=str(path)), STANDARD, label)


def test_concentrations_become_pkd_and_bounds_are_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, "SMILES,Kd (nM),Target\nCCO,10,ABL1\nCCN,>10000,\nCCC,1000,\nCCS,,\n")
    assert found.values == pytest.approx((8, 6))
    assert found.molecules.canonical == ("CCO", "CCC")
    assert found.targets == ("ABL1", "")
    assert any("1 values are bounds" in line for line in found.notes)


def test_one_value_is_enough_and_a_column_without_a_unit_holds_pkd(tmp_path: Path) -> None:
    assert read(tmp_path, "smiles,pKd\nCCO,7.25\n").values == (7.25,)
    assert read(tmp_path, "smiles,mine,pKd\nCCO,7.5,1\n", "mine").values == (7.5,)


@pytest.mark.parametrize(
    ("text", "label", "problem"),
    [
        ("smiles,pKd,IC50 (nM)\nCCO,7,9\n", None, "several: pKd, IC50 .*label=COLUMN"),
        ("smiles,colour\nCCO,7\n", None, "none among colour"),
        ("smiles,pKd\nCCO,7\n", "pKD", "did you mean 'pKd'"),
        ("smiles,pKd\nCCO,\n", None, "no measured value"),
        ("smiles,pKd\nCCO,7\nno molecule,8\n", None, "no molecule: row 2"),
    ],
)
def test_what_says_nothing_is_refused(tmp_path: Path, text: str, label: str | None, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read(tmp_path, text, label)
