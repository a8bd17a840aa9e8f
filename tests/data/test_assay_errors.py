"""Measurements whose standard deviations stand in a column of their own (`data.error`)."""

import numpy as np
import pandas as pd
import pytest

from molgen.errors import DataError
from tests.data.assays import MOLECULES, curated, table


def numbers(n: int = 12) -> list[str]:
    return [str(5 + 0.1 * i) for i in range(n)]


def test_errors_are_those_of_the_molecules() -> None:
    sd = [f"{0.01 * (i + 1):.2f}" for i in range(11)] + ["n.d."]
    dataset, _, said = curated(table(pic50=numbers(), sd=sd), labels=["pic50"], error="sd")
    np.testing.assert_allclose(dataset.errors[:, 0], [0.01 * (i + 1) for i in range(11)] + [np.nan])
    assert "11 of 12 values have an error in sd" in said
    assert dataset.take([10, 0]).errors[:, 0].tolist() == [0.11, 0.01]


def test_an_error_goes_with_its_value_into_another_unit() -> None:
    """100 nM with 20 nM beside it: log10(120 / 100) = 0.0792 in -log10(mol/L)."""
    wide = ["100", *(f"{10.0 ** (i % 7):g}" for i in range(11))]
    values = table(**{"IC50 (nM)": wide, "sd": ["20", *(["1"] * 11)]})
    dataset, _, _ = curated(values, labels=["IC50 (nM)"], log=True, error="sd")
    assert dataset.labels[0, 0] == pytest.approx(7)
    assert dataset.errors[0, 0] == pytest.approx(0.07918, abs=1e-5)


def test_replicates_have_the_error_of_their_mean() -> None:
    """Errors of 0.1 and 0.2: sqrt((0.01 + 0.04) / 2 / 2)."""
    values = table(pic50=numbers(), sd=["0.1"] * 12)
    again = pd.DataFrame({"smiles": MOLECULES[:1], "pic50": ["5.0"], "sd": ["0.2"]})
    dataset, _, _ = curated(pd.concat([values, again]), labels=["pic50"], error="sd")
    assert dataset.errors[0, 0] == pytest.approx(np.sqrt(0.0125))


def test_the_column_is_no_label() -> None:
    dataset, _, _ = curated(table(pic50=numbers(), sd=numbers()), error="sd")
    assert [endpoint.name for endpoint in dataset.endpoints] == ["pic50"]


@pytest.mark.parametrize(
    ("cell", "says"),
    [("-0.1", "'-0.1' in row 3 is no standard deviation"), (">0.1", "'>0.1' in row 3"), ("5 nM", "'5 nM' in row 3")],
)
def test_what_is_no_standard_deviation_is_refused(cell: str, says: str) -> None:
    sd = ["0.1"] * 12
    sd[2] = cell
    with pytest.raises(DataError, match=says):
        curated(table(pic50=numbers(), sd=sd), labels=["pic50"], error="sd")


def test_an_error_must_belong_to_one_label_of_numbers() -> None:
    with pytest.raises(DataError, match=r"no label column 'sdd'.*sd"):
        curated(table(pic50=numbers(), sd=numbers()), labels=["pic50"], error="sdd")
    with pytest.raises(DataError, match=r"belongs to one label, not to pic50, pki: data.labels=\[NAME\]"):
        curated(table(pic50=numbers(), pki=numbers(), sd=numbers()), labels=["pic50", "pki"], error="sd")
    with pytest.raises(DataError, match="active holds classes"):
        curated(table(active=["yes", "no"] * 6, sd=numbers()), labels=["active"], error="sd")
    with pytest.raises(DataError, match="no value of pic50 has an error there"):
        curated(table(pic50=numbers(), sd=[""] * 12), labels=["pic50"], error="sd")


def test_bounds_of_the_concentration_beside_it_are_borrowed_all_the_same() -> None:
    """Errors are in the unit of pIC50; where only IC50 (nM) says `>10000` there is none."""
    pic50, linear, sd = [*numbers(11), ""], [*([""] * 11), ">10000"], ["0.1"] * 11
    frame = table(**{"pIC50": pic50, "IC50 (nM)": linear, "sd": [*sd, ""]})
    dataset, _, _ = curated(frame, labels=["pIC50"], censored="bound", error="sd")
    assert dataset.relations[:, 0].tolist() == [0] * 11 + [-1]
    assert dataset.errors[:11, 0].tolist() == [0.1] * 11


def test_errors_in_cells_are_standard_deviations() -> None:
    """Nothing is lost: 5 ± 0.2 is what 5 is with 0.2 in a column of errors."""
    cells = [f"{text} ± {0.01 * (i + 1):.2f}" for i, text in enumerate(numbers(11))] + ["6.1"]
    dataset, _, said = curated(table(pic50=cells), labels=["pic50"])
    np.testing.assert_allclose(dataset.labels[:, 0], [float(text) for text in numbers()])
    np.testing.assert_allclose(dataset.errors[:, 0], [0.01 * (i + 1) for i in range(11)] + [np.nan])
    assert "pic50: 11 of 12 values have an error in their cell ('5.0 ± 0.01'), taken for their standard deviation" in said


def test_errors_in_cells_go_into_another_unit_with_their_value() -> None:
    wide = ["100 ± 20 nM", *(f"{10.0 ** (i % 7):g} nM" for i in range(11))]
    dataset, _, _ = curated(table(IC50=wide), labels=["IC50"], log=True)
    assert dataset.labels[0, 0] == pytest.approx(7)
    assert dataset.errors[0, 0] == pytest.approx(np.log10(1.2))


def test_each_label_has_the_errors_of_its_own_cells() -> None:
    dataset, _, _ = curated(table(pic50=[f"{text} +/- 0.1" for text in numbers()], pki=[f"{text} (± 0.3)" for text in numbers()]))
    assert (dataset.errors == [0.1, 0.3]).all()


def test_a_column_of_errors_goes_before_those_in_cells_and_this_is_told() -> None:
    frame = table(pic50=[f"{text} ± 0.2" for text in numbers()], sd=["0.1"] * 12)
    dataset, _, said = curated(frame, labels=["pic50"], error="sd")
    assert (dataset.errors == 0.1).all()
    assert "12 errors in its cells ('5.0 ± 0.2') don't count beside data.error=sd" in said
    with pytest.raises(DataError, match=r"'0.1 ± 0.2' in row 1 is no standard deviation"):
        curated(frame.assign(sd=["0.1 ± 0.2"] * 12), labels=["pic50"], error="sd")


@pytest.mark.parametrize("cell", ["5.4 ± -0.2", "5.4 ± 0.2 x 10^-6", "5.4 ±", "5.4 ± 0.2 ± 0.1", "5.4 ± ca. 1"])
def test_what_is_no_error_of_one_number_is_refused(cell: str) -> None:
    """The power of ten behind the error may be that of both numbers."""
    with pytest.raises(DataError, match="is not a number"):
        curated(table(pic50=[cell, *numbers(11)]), labels=["pic50"])
