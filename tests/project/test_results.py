"""What a laboratory's table means; right values by hand."""

import datetime
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from molgen.data.dates import read_dates
from molgen.errors import ConfigError, DataError
from molgen.project.facts import Measurement
from molgen.project.project import Project
from molgen.project.proposals import write_round
from molgen.project.status import status
from tests.project.conftest import table

APRIL = datetime.date(2026, 4, 3)


def said(project: Project, **columns: str | list[str]) -> list[tuple[str, float, int]]:
    """Endpoint, value and relation of what a table adds."""
    found = project.observe(table(**columns)).of(Measurement)
    return [(fact.endpoint, round(fact.value, 4), fact.relation) for fact in found if isinstance(fact, Measurement)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"pIC50": "7.5"}, [("pIC50", 7.5, 0)]),
        ({"IC50 (nM)": "50"}, [("pIC50", 7.301, 0)]),  # -log10(50e-9)
        ({"IC50 (uM)": ">30"}, [("pIC50", 4.5229, -1)]),  # more than 30 uM is less than 4.52
        ({"IC50_nM": "<1"}, [("pIC50", 9.0, 1)]),
        ({"IC50": "2 uM"}, [("pIC50", 5.699, 0)]),
        ({"hERG IC50 [uM]": "10", "IC50 (nM)": "1"}, [("pIC50", 9.0, 0), ("hERG pIC50", 5.0, 0)]),
        ({"IC50": "10000", "relation": ">", "unit": "nM"}, [("pIC50", 5.0, -1)]),
        (
            {"Standard Type": "IC50", "Standard Relation": "'>'", "Standard Value": "10000", "Standard Units": "nM"},
            [("pIC50", 5.0, -1)],
        ),
        ({"endpoint": "CLint", "value": "12.5", "unit": "uL/min/mg"}, [("CLint", 12.5, 0)]),
        ({"pIC50_1": "7", "pIC50_2": "7.2"}, [("pIC50", 7.0, 0), ("pIC50", 7.2, 0)]),
        ({"pIC50": "", "IC50 (nM)": ">10000"}, [("pIC50", 5.0, -1)]),  # the bound is in the other column
        ({"pIC50": "7.3", "IC50 (nM)": "50"}, [("pIC50", 7.3, 0)]),  # the same twice
        ({"pIC50": "5.0", "IC50 (nM)": ">10000"}, [("pIC50", 5.0, -1)]),  # the sign was lost in one column
        ({"pIC50": "4.2", "IC50 (nM)": ">10000"}, [("pIC50", 4.2, 0)]),  # a value that the bound beside it includes
        ({"CLint": "12.5", "clint": "13"}, [("CLint", 12.5, 0)]),
        ({"pIC50": "7,44"}, [("pIC50", 7.44, 0)]),
    ],
)
def test_values_come_in_the_unit_of_the_endpoint(
    project: Project, columns: dict[str, str], expected: list[tuple[str, float, int]]
) -> None:
    assert sorted(said(project, SMILES="CCCO", **columns)) == sorted(expected)


def test_an_error_behind_a_value_is_kept_as_written_and_told(project: Project) -> None:
    found = project.observe(table(SMILES="CCCO", pIC50="7.5 ± 0.2"))
    [fact] = found.of(Measurement)
    assert (fact.value, fact.written) == (7.5, "7.5 ± 0.2")
    [note] = [line for line in found.notes if "±" in line]
    assert note == "pIC50: what stands behind ± is kept as it is written, but not learnt from; replicates tell an assay's error"


def test_a_pic50_becomes_a_concentration_where_the_endpoint_is_one(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("goals: {a: {measured: IC50, at_most: 10}}\nendpoints: {IC50: {unit: nM}}\n")
    project, _ = Project.new(tmp_path / "back", tmp_path / "goals.yaml")
    assert said(project, smiles=["CCO", "CCN"], pIC50=["8", ">6"]) == [("IC50", 10.0, 0), ("IC50", 1000.0, -1)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"pIC50": "50 %"}, r"row 1: '50 %' in column 'pIC50' is in %, and pIC50 is in -log10"),
        ({"IC50 (mg)": "5"}, r"no column of an endpoint|is in mg"),
        ({"IC50": "50"}, r"row 1: '50' in column 'IC50' has no unit; call the column 'IC50 \(nM\)'"),
        ({"pIC50": "1500"}, r"row 1: pIC50 can't be 1500: column 'pIC50' seems to hold concentrations"),
        ({"pIC50": "1e-7"}, r"row 1: pIC50 can't be 1e-07"),
        ({"pIC50": "1e400"}, r"row 1: '1e400' in column 'pIC50' is beyond what a number can be"),
        ({"IC50 (nM)": "1e-400"}, r"row 1: '1e-400' in column 'IC50 \(nM\)' is beyond what a number can be"),
        ({"CLint": "1e400"}, r"row 1: '1e400' in column 'CLint' is beyond"),
        ({"pIC50": "strong"}, r"row 1: 'strong' in column 'pIC50' is no number"),
        ({"pIC50": "8", "IC50 (nM)": "500"}, r"row 1: .* is 6\.30, and another column of pIC50 says 8\.00"),
        ({"pIC50": "8", "IC50 (nM)": ">10000"}, r"row 1: '>10000 nM' .* is <5\.00, and another column of pIC50 says 8\.00"),
        ({"pIC50": ">8", "IC50 (nM)": "1000"}, r"row 1: .* is 6\.00, and another column of pIC50 says >8\.00"),
        ({"pIC50": ">8", "IC50 (nM)": ">10000"}, r"row 1: .* is <5\.00, and another column of pIC50 says >8\.00"),
        ({"CLint": "12", "clint": "500"}, r"row 1: .* is 500\.00, and another column of CLint says 12\.00"),
        ({"pIC50": "8", "status": "not made"}, r"row 1: 'not made' and a measured value"),
        ({"potency in words": "8"}, r"no column of an endpoint of the project \(pIC50, hERG pIC50, CLint\)"),
        ({"pIC50": "8", "date": "31/31/2026"}, r"row 1|has the day first"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_taken(project: Project, columns: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        project.observe(table(SMILES="CCCO", **columns))
    assert project.measurements() == []


def test_a_unit_stays_that_of_the_first_measurements(project: Project) -> None:
    said(project, SMILES="CCCO", **{"CLint (uL/min/mg)": "12"})
    with pytest.raises(
        DataError, match=r"row 1: '12' in column 'CLint \(mL/min/kg\)' is in mL/min/kg, and CLint is in uL/min/mg"
    ):
        project.observe(table(SMILES="CCCO", **{"CLint (mL/min/kg)": "12"}))


def test_a_row_is_taken_by_its_proposals_identifier(project: Project) -> None:
    project.observe(table(id="thrombin-001-002", pIC50="6"))
    (fact,) = project.measurements()
    assert (fact.compound, fact.name, fact.given) == ("CCN", "thrombin-001-002", "")
    assert [each.name[-1] for each in project.pending()] == ["1", "3", "4"]


@pytest.mark.parametrize(("smiles", "stereo"), [("CCCN", False), ("CC(N)C(=O)O", True), ("C[C@@H](N)C(=O)O", True)])
def test_a_structure_that_differs_from_its_identifier_is_refused_with_both_drawn(
    project: Project, smiles: str, stereo: bool
) -> None:
    with pytest.raises(DataError, match=r"row 1: .* isn't thrombin-001-003, which is 'C\[C@H\]\(N\)C\(=O\)O'") as raised:
        project.observe(table(id="thrombin-001-003", smiles=smiles, pIC50="6"))
    assert ("in stereochemistry alone" in str(raised.value)) == stereo
    assert "<svg" in (project.folder / "thrombin-001-003-differs.svg").read_text()
    assert project.measurements() == []


def test_the_unit_that_first_measurements_give_to_thresholds_is_told(tmp_path: Path) -> None:
    (tmp_path / "goals.yaml").write_text("goals: {a: {measured: IC50, at_most: 100}}\n")
    project, _ = Project.new(tmp_path / "unit", tmp_path / "goals.yaml")
    told = [project.observe(table(smiles=smiles, IC50=ic50)).notes for smiles, ic50 in (("CCO", "2 uM"), ("CCN", "5 nM"))]
    assert told == [[told[0][0]], []]
    assert told[0][0].startswith("IC50 is in uM, as first measured, and so are the goals' thresholds")
    assert any("wanted: at most 100 uM" in line for line in status(project))


def test_an_identifier_in_capitals_is_the_proposals_too(project: Project) -> None:
    project.observe(table(id=" THROMBIN-001-002 ", pIC50="6"))
    assert [(fact.compound, fact.name) for fact in project.measurements()] == [("CCN", "thrombin-001-002")]
    with pytest.raises(DataError, match="isn't thrombin-001-002"):
        project.observe(table(id="Thrombin-001-002", smiles="CCCC", pIC50="6"))


def test_a_column_of_parents_says_not_what_a_row_is_about(project: Project) -> None:
    project.observe(table(id="L-1", smiles="CCCC", pIC50="5"))
    project.observe(table(parent="thrombin-001-001", id="thrombin-001-002", pIC50="6"))
    assert [fact.compound for fact in project.measurements()] == ["CCCC", "CCN"]
    with pytest.raises(DataError, match="row 1: 'L-1' is another compound than 'thrombin-001-001'"):
        project.observe(table(parent="thrombin-001-001", id="L-1", pIC50="6"))


def test_a_salt_or_another_drawing_is_the_proposals_structure(project: Project) -> None:
    project.observe(table(id=["thrombin-001-002", "thrombin-001-004"], smiles=["CC[NH3+].[Br-]", "[Na+].[O-]C(=O)Cc1ccccc1"],
                          pIC50=["6", "5"]))  # fmt: skip
    assert [(fact.compound, fact.given) for fact in project.measurements()] == [
        ("CCN", "CC[NH3+].[Br-]"),
        ("O=C(O)Cc1ccccc1", "[Na+].[O-]C(=O)Cc1ccccc1"),
    ]


def test_an_identifier_of_no_proposal_is_refused(project: Project) -> None:
    with pytest.raises(DataError, match="row 1: no proposal is called 'thrombin-001-005', did you mean 'thrombin-001-00"):
        project.observe(table(id="thrombin-001-005", pIC50="6"))


def test_what_was_never_proposed_is_taken_and_said(project: Project) -> None:
    found = project.observe(table(name="X-1", smiles="CCCCCO", pIC50="6"))
    assert found.unproposed == ["X-1"]
    assert any("never proposed, taken all the same: X-1" in line for line in found.lines())
    again = project.observe(table(name="X-1", pIC50="6.1"))  # a name that is known by now
    assert [fact.compound for fact in again.facts] == ["CCCCCO"]


def test_rows_that_name_no_compound_are_left_out_and_said(project: Project) -> None:
    found = project.observe(table(name=["", "X-2", "X-3"], smiles=["", "", "CC(C"], pIC50=["6", "6", "6"]))
    assert found.facts == []
    assert [line.split(",")[0] for line in found.left_out] == ["row 1: left out", "row 2: left out", "row 3: left out"]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "not made"},
        {"status": "couldn’t be made"},
        {"status": "unable to synthesize"},
        {"status": "failed"},
        {"made": "no"},
        {"pIC50": "could not be synthesised"},
        {"pIC50": "failed", "IC50 (nM)": ""},
    ],
)
def test_a_compound_that_could_not_be_made_is_a_fact(project: Project, columns: dict[str, str]) -> None:
    project.observe(table(id="thrombin-001-001", **columns))
    (fact,) = project.not_made()
    assert (fact.compound, project.measurements()) == ("CCO", [])
    assert "thrombin-001-001" not in {each.name for each in project.pending()}
    assert project.taken()(["OCC"]).all()


def test_an_assay_that_failed_says_nothing_of_a_compound_with_other_values(project: Project) -> None:
    found = project.observe(table(id="thrombin-001-001", pIC50="failed", CLint="12"))
    assert [fact.endpoint for fact in project.measurements()] == ["CLint"]
    assert project.not_made() == []
    assert any("'failed' of a compound with other values" in line for line in found.left_out)


@pytest.mark.parametrize(
    ("values", "contradict"),
    [
        (["7", "7.5"], False),
        (["7", "8.5"], True),  # 1.5 is more than 3 sqrt(2) 0.3 = 1.27
        (["7", "<5"], True),
        (["7", "<6"], False),  # 1 log unit
        (["7", ">6"], False),
        ([">7", "<5"], True),
        ([">5", "<7"], False),
    ],
)
def test_values_that_contradict_are_said_and_kept(project: Project, values: list[str], contradict: bool) -> None:
    found = project.observe(table(smiles=["CCCCO", "OCCCC"], pIC50=values))
    assert len(found.warnings) == contradict
    assert len(project.measurements()) == 2
    if contradict:
        assert "row 2) against" in found.warnings[0]


def test_an_empty_table_is_an_empty_round(project: Project, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id,pIC50\n")
    for empty in (pd.DataFrame({"smiles": [], "pIC50": []}), tmp_path / "empty.csv"):
        assert "an empty round" in project.observe(empty).lines()[0]
    assert project.measurements() == []


def test_crossed_out_with_a_reason(project: Project) -> None:
    cross = table(id=["thrombin-001-001", "thrombin-001-002"], crossed__out=["x", ""], reason=["too small", "nice"])
    found = project.observe(cross, rejected=True)
    assert found.left_out == ["row 2: 'nice' doesn't cross it out; write yes in column 'crossed out'"]
    assert [(fact.compound, fact.reason) for fact in project.rejected()] == [("CCO", "too small")]
    assert [each.place for each in project.pending()] == [2, 3, 4]
    with pytest.raises(DataError, match="row 1: crossed out without a reason"):
        project.observe(table(id="thrombin-001-002", rejected="x", reason=""), rejected=True)
    with pytest.raises(DataError, match="no column 'reason'"):
        project.observe(table(id="thrombin-001-002"), rejected=True)


def test_the_workbook_of_a_round_says_what_was_crossed_out_in_it(project: Project, tmp_path: Path) -> None:
    (file, *_) = write_round(project, 1)
    book = load_workbook(file)
    sheet = book.active
    assert sheet is not None
    place = {cell.value: cell.column for cell in sheet[1]}
    for row, mark, reason in ((2, "yes", "too small"), (3, "X", "smells"), (4, "perhaps", "no idea"), (5, None, None)):
        sheet.cell(row, place["crossed out"]).value = mark
        sheet.cell(row, place["reason"]).value = reason
    book.save(tmp_path / "crossed.xlsx")
    with pytest.raises(DataError, match="; --rejected takes what is crossed out"):
        project.observe(tmp_path / "crossed.xlsx")
    found = project.observe(tmp_path / "crossed.xlsx", rejected=True)
    assert [(fact.compound, fact.reason) for fact in project.rejected()] == [("CCO", "too small"), ("CCN", "smells")]
    assert [line for line in found.left_out if "row 3: 'perhaps' doesn't cross it out" in line]
    assert [each.place for each in project.pending()] == [3, 4]
    assert project.observe(tmp_path / "crossed.xlsx", rejected=True).facts == []


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["2026-04-03"], None),
        (["2026-04-03 14:30:00"], None),
        (["3-Apr-2026"], None),
        (["April 3, 2026"], None),
        (["03.04.2026"], None),
        (["46115"], None),  # Excel's day
        (["03/04/2026"], "day_first"),
        (["04/03/2026"], "month_first"),
        (["3/4/26"], "day_first"),
        (["03/04/2026", "14/04/2026"], None),  # the other cell shows the order
        (["04/03/2026", "04/14/2026"], None),
    ],
)
def test_dates(cells: list[str], order: str | None) -> None:
    assert read_dates(cells, "f", order)[0][0] == APRIL


@pytest.mark.parametrize(
    ("cells", "order", "message"),
    [
        (["", "03/04/2026"], None, "row 2: '03/04/2026' could be two dates; add dates=day_first or dates=month_first"),
        (["14/04/2026", "04/14/2026"], None, "has the day first and"),
        (["14/04/2026"], "month_first", "can't be read with dates=month_first"),
        (["30.02.2026"], None, "row 1: '30.02.2026' is no date"),
        (["soon"], None, "row 1: 'soon' is no date; write 2026-04-03"),
    ],
)
def test_what_is_no_date_or_could_be_two(cells: list[str], order: str | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_dates(cells, "f", order)


def test_dates_of_a_workbook(project: Project, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "pIC50", "date", "chemist"])
    sheet.append(["thrombin-001-001", 6.25, datetime.datetime(2026, 4, 3), "Anna"])
    book.save(tmp_path / "results.xlsx")
    project.observe(tmp_path / "results.xlsx")
    (fact,) = project.measurements()
    assert (fact.value, fact.date, fact.who, fact.source.file, fact.source.row) == (6.25, APRIL, "Anna", "results.xlsx", 1)


def test_an_unknown_order_of_dates_is_refused(project: Project) -> None:
    with pytest.raises(ConfigError, match="dates=dayfirst: no such order, did you mean 'day_first'"):
        project.observe(table(id="thrombin-001-001", pIC50="6"), dates="dayfirst")


def test_predicted_values_of_a_batch_are_no_measurements(project: Project) -> None:
    batch = {"id": "thrombin-001-001", "pIC50": "7.4", "pIC50 error": "0.5", "pIC50 low": "6.6", "pIC50 high": "8.2"}
    with pytest.raises(DataError, match="pIC50: predicted values"):
        project.observe(table(**batch))
    assert not project.measurements()
    assert said(project, **batch, **{"IC50 (nM)": "50"}) == [("pIC50", 7.301, 0)]


def test_a_name_that_comes_with_another_structure_is_said(project: Project) -> None:
    project.observe(table(name="T-1", SMILES="CCCO", pIC50="6"))
    found = project.observe(table(name="T-1", SMILES="CCCCO", pIC50="6.1"))
    assert [line for line in found.warnings if "T-1 is 'CCCCO'" in line and "was 'CCCO' before" in line]
    assert not project.observe(table(name="T-1", SMILES="CCCO", pIC50="6.2")).warnings
