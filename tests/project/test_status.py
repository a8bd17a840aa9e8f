import datetime
from pathlib import Path

from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.project.overview import overview, write_page
from molgen.project.project import Project
from molgen.project.status import status
from tests.project.conftest import table


def test_a_bound_that_beats_all_values_is_the_best(project: Project) -> None:
    project.observe(table(SMILES=["CCO", "CCN", "CCCO"], hERG__IC50__uM=["12", ">30", "<100"]))
    (best,) = [line for line in status(project) if "best herg" in line]  # 30 uM is 4.52, 12 uM is 4.92; at most 5 is wanted
    assert "<4.52" in best
    assert "CCN" in best


def test_of_a_bound_that_says_nothing_the_value_is_the_best(project: Project) -> None:
    project.observe(table(SMILES=["CCO", "CCN"], IC50__nM=["1200", ">10000"]))
    (best,) = [line for line in status(project) if "best potency" in line]
    assert "5.92" in best


def test_the_page_of_a_project_counts_what_its_facts_say(project: Project) -> None:
    data = overview(project)
    assert (len(data.pending), len(data.proposed)) == (0, 4)  # nobody has answered yet
    project.observe(table(SMILES=["CCO", "CCN"], IC50__nM=["1200", "not made"], hERG__IC50__uM=[">30", ""], CLint=["7", ""]))
    data = overview(project)
    assert (len(data.pending), len(data.proposed)) == (2, 0)
    (round_,) = data.rounds.to_dict("records")
    assert (round_["proposed"], round_["measured"], round_["failed"], round_["rejected"]) == (4, 1, 1, 0)
    (compound,) = data.compounds.to_dict("records")
    assert (compound["id"], compound["round"], compound["met"]) == ("thrombin-001-001", 1, False)  # 5.92 of 8
    assert [(goal.name, goal.low, goal.high, goal.better) for goal in data.goals] == [
        ("potency", 8.0, None, 1),
        ("herg", None, 5.0, -1),
        ("clearance", None, None, -1),
    ]
    assert "thrombin-001-001" in write_page(project, datetime.date(2026, 11, 28)).read_text()


def test_a_setting_that_is_no_number_is_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "lib.smi").write_text("CCC\n")
    result = CliRunner().invoke(
        main, ["propose", str(project.folder), "n=abc", "from=library", f"library={tmp_path / 'lib.smi'}"]
    )
    assert result.exit_code != 0
    assert "n: " in result.output
    assert "Traceback" not in result.output


def test_the_best_is_that_of_the_assay_which_the_goal_is_about(project: Project) -> None:
    smiles, assays = ["CCO", "CCN", "CCO", "CCC"], ["SPR", "SPR", "HTS", "HTS"]
    project.observe(table(SMILES=smiles, pIC50=["6", "6.5", "9", "9"], assay=[*assays]))
    project.observe(table(SMILES=["CCCO"], pIC50=["5"], assay=["SPR"]))  # the most are SPR's
    (best,) = [line for line in status(project) if "best potency" in line]
    assert "best potency: 6.5, CCN" in best
    project.observe(table(SMILES=["CCO", "CCN", "CCC"], hERG__pIC50=["4"] * 3, CLint=["5"] * 3))
    met = {compound["smiles"]: compound["met"] for compound in overview(project).compounds.to_dict("records")}
    assert met == {"CCO": False, "CCN": False, "CCC": None, "CCCO": False}  # what HTS says of propane isn't asked
    measured = overview(project).measurements
    assert sorted(measured.loc[measured["endpoint"] == "pIC50", "value"]) == [5.0, 6.0, 6.5]
