"""Dates and rounds: read as they are meant, or refused."""

import numpy as np
import pandas as pd
import pytest

from molgen.data.assay import Assay
from molgen.data.chronology import Moments, Timeline, of_molecules, past_and_future, read_rounds
from molgen.data.curation import curate
from molgen.data.dates import read_dates
from molgen.errors import ConfigError, DataError


def days(cells: list[str], order: str | None = None) -> list[str | None]:
    return [None if day is None else day.isoformat() for day in read_dates(cells, "D", order, coarse=True)[0]]


@pytest.mark.parametrize(
    "text",
    ["2021-03-04", "2021/3/4", "20210304", "4 Mar 2021", "04-MAR-21", "March 4, 2021", "2021-03-04T23:59:01Z",
     "2021-03-04 00:00:00+00:00", "44259", "04.03.2021"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert days([text]) == ["2021-03-04"]


def test_what_has_no_day_counts_as_the_first_and_is_told() -> None:
    cells = ["2021", "2020-05", "May 2019", "2018.0", "07/2017", "2016-02-03"]
    assert days(cells) == ["2021-01-01", "2020-05-01", "2019-05-01", "2018-01-01", "2017-07-01", "2016-02-03"]
    assert read_dates(cells, "D", coarse=True)[1] == [
        "D: 5 cells are dates without a day, taken for the first of their month or year: '2021' is 2021-01-01"
    ]
    with pytest.raises(DataError, match="row 1: '2021' is no date"):
        read_dates(cells, "D")


def test_readings_that_could_be_others_are_told() -> None:
    assert days(["31-12-99", "13-01-00"]) == ["1999-12-31", "2000-01-13"]
    assert read_dates(["31-12-99"], "D")[1] == ["D: 1 cells are years of two digits, which stand last: '31-12-99' is 1999-12-31"]
    assert read_dates(["44259"], "D")[1] == ["D: 1 cells are Excel's numbers of days: '44259' is 2021-03-04"]


@pytest.mark.parametrize("text", ["2021-02-30", "1/1/0001", "Q3 2021", "soon", "2021-13-01", "12.5", "Mar-21", "9999-12-31"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"D: row 2: '.*' is no date"):
        days(["2021-01-01", text, "", text])


def test_empty_cells_have_no_date() -> None:
    assert days(["", "n/a", "2021-03-04"]) == [None, None, "2021-03-04"]


def test_rounds_are_ordered_by_their_numbers() -> None:
    assert read_rounds(["10", "2", "", "1.0"], "R")[[0, 1, 3]].tolist() == [10, 2, 1]
    assert read_rounds(["Round 10", "round-2"], "R").tolist() == [10, 2]


@pytest.mark.parametrize(
    ("cells", "why"),
    [(["pilot", "main"], "row 1: 'pilot' is no round"), (["R1", "S2"], "which of 'R1' and 'S2' came first"),
     (["1", "round 2"], "came first"), (["-1", "2"], "row 1: '-1'"), (["1.5"], "'1.5'"), (["2021-03-04"], "no round")],
)  # fmt: skip
def test_rounds_without_an_order_are_refused(cells: list[str], why: str) -> None:
    with pytest.raises(DataError, match=why):
        read_rounds(cells, "R")


def test_the_cut_is_between_rounds_where_the_share_is_nearest() -> None:
    when, rounds = np.array([1, 1, 1, 2, 2, np.nan, 3, 3]), Timeline("rounds", "R")
    past, future = past_and_future(when, 0.3, rounds)
    assert past.tolist() == [0, 1, 2, 3, 4]
    assert future.tolist() == [6, 7]
    with pytest.raises(DataError, match=r"nearest is test=0.29, from round 3 on"):
        past_and_future(when, 0.1, rounds)
    with pytest.raises(DataError, match="all 2 molecules with a round are of round 4"):
        past_and_future(np.array([4.0, 4.0, np.nan]), 0.5, rounds)
    with pytest.raises(DataError, match="no molecule has a round"):
        past_and_future(np.array([np.nan]), 0.5, rounds)


def test_a_molecule_counts_for_its_last_measurement() -> None:
    moments = Moments(np.array([1.0, 3.0, 2.0, 9.0, np.nan]), [])
    found, notes = of_molecules(moments, [[0, 1], [2, 3], [4]], np.array([True, True, True, False, True]))
    assert found[:2] == [3.0, 2.0]  # row 3 has no value
    assert np.isnan(found[2])
    assert notes == ["1 molecules were measured at several times, and count for the last"]


def test_the_column_is_no_endpoint() -> None:
    table = pd.DataFrame({"smiles": ["C" * n for n in range(1, 13)], "pIC50": np.arange(12) / 2, "stage": ["1", "2"] * 6})
    dataset, report = curate(table, Assay(), timeline=Timeline("rounds", "stage"))
    assert [endpoint.name for endpoint in dataset.endpoints] == ["pIC50"]
    assert dataset.when.tolist() == [1.0, 2.0] * 6
    assert dataset.take([3, 0]).when.tolist() == [2.0, 1.0]
    assert "stage" not in report.not_taken
    with pytest.raises(ConfigError, match=r"is one of data\.labels"):
        curate(table, Assay(labels=["stage"]), timeline=Timeline("rounds", "stage"))
    with pytest.raises(DataError, match="no such column, did you mean 'stage'"):
        curate(table, Assay(), timeline=Timeline("rounds", "stages"))


def test_settings_of_a_timeline() -> None:
    with pytest.raises(ConfigError, match="no such order"):
        Timeline("time", "D", "day_frist")
    with pytest.raises(ConfigError, match="is for split=time"):
        Timeline("rounds", "R", "day_first")
