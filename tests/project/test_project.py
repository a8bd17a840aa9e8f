import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from molgen.chem.compounds import StandardParent, Taken, compounds
from molgen.cli.commands import main
from molgen.errors import CampaignError, DataError
from molgen.folders import writing
from molgen.project.facts import Measurement
from molgen.project.project import Project
from tests.project.conftest import RESULTS, killed, table


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.csv"
    path.write_text(RESULTS)
    return path


def values(project: Project) -> list[float]:
    return [fact.value for fact in project.measurements("pIC50")]


def test_the_same_file_twice_adds_nothing_and_repeats_in_it_are_kept(project: Project, results: Path, tmp_path: Path) -> None:
    first = project.observe(results)
    assert (values(project), len(first.facts), first.known) == ([6.5, 6.7, 6.7], 5, 0)
    again = project.observe(results)
    assert (again.facts, again.known) == ([], 5)
    assert len(project.facts()) == 4 + 5
    (tmp_path / "grown.csv").write_text(RESULTS + "thrombin-001-002,7.1,,2026-04-10,made\n")
    grown = project.observe(tmp_path / "grown.csv")
    assert (len(grown.facts), grown.known, values(project)) == (1, 5, [6.5, 6.7, 6.7, 7.1])


def test_drawings_of_one_compound_in_a_file_are_one(project: Project) -> None:
    rows = table(smiles=["Cc1cnc[nH]1", "Cc1c[nH]cn1", "Cc1cnc[nH]1.Cl"], pIC50=["6", "6.1", "6.2"])
    project.observe(rows)
    assert {fact.compound for fact in project.measurements()} == {"Cc1cnc[nH]1"}
    again = project.observe(rows)
    assert (again.facts, again.known, again.notes) == ([], 3, [])


def test_facts_say_where_they_come_from(project: Project, results: Path) -> None:
    project.observe(results, who="Anna")
    bound = project.measurements("hERG pIC50")[0]
    assert (bound.relation, bound.value, bound.unit) == (-1, pytest.approx(4.5229, abs=1e-4), "-log10(mol/L)")
    assert (bound.written, bound.who, bound.name, str(bound.date)) == (">30 uM", "Anna", "thrombin-001-001", "2026-04-03")
    assert str(bound.source) == "results.csv row 1"
    assert [each.command for each in project.events()] == ["new", "propose", "observe"]


def test_a_correction_is_a_new_fact(project: Project, results: Path) -> None:
    project.observe(results)
    found = project.observe(table(id=["thrombin-001-001"] * 2, pIC50=["6.5", "6.9"]), correct=True)
    assert found.corrected == 2  # both of 6.7; 6.5 is repeated, so it holds
    assert values(project) == [6.5, 6.9]
    assert [fact.value for fact in project.facts() if isinstance(fact, Measurement) and fact.endpoint == "pIC50"] == [
        6.5,
        6.7,
        6.7,
        6.9,
    ]
    assert project.observe(results).facts == []  # what was wrong doesn't come back
    with pytest.raises(DataError, match=r"row 1: there is no pIC50 of thrombin-001-002 to correct"):
        project.observe(table(id="thrombin-001-002", pIC50="6"), correct=True)


def test_a_value_can_be_corrected_back(project: Project) -> None:
    for value, correct in (("6.5", False), ("6.9", True), ("6.9", True), ("6.5", True), ("6.5", True)):
        project.observe(table(id="thrombin-001-001", pIC50=value), correct=correct)
        assert values(project) == [float(value)]
    assert len(project.facts()) == 4 + 3


def test_pending_and_taken(project: Project) -> None:
    assert [each.name for each in project.pending()] == [f"thrombin-001-00{i}" for i in (1, 2, 3, 4)]
    asked = ["OCC", "CCN", "CC[NH3+].[Cl-]", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O.Cl", "CCC", "not one"]
    assert project.taken()(asked).tolist() == [True] * 5 + [False] * 2
    project.observe(table(id="thrombin-001-001", pIC50="6"))
    assert len(project.pending()) == 3
    with pytest.raises(DataError, match="proposal 'OCC': it, a salt or a stereo twin of it is known"):
        project.record_proposed(["CCCC", "OCC"])
    with pytest.raises(DataError, match="stereo twin of 'C\\[C@H\\]\\(F\\)Cl', which is proposed beside it"):
        project.record_proposed(["C[C@H](F)Cl", "C[C@@H](F)Cl"])
    with pytest.raises(DataError, match="stereo twin of 'CCCC'"):
        project.record_proposed(["CCCC", "CCCC"])
    assert len(project.propositions()) == 4
    (second,) = project.record_proposed(["CCCC"], purposes=["learn"], values=[{"pIC50": [6.1, 0.5]}], settings={"seed": 1})
    assert (second.name, second.purpose, second.values) == ("thrombin-002-001", "learn", {"pIC50": [6.1, 0.5]})
    assert project.events()[-1].detail == {"round": 2, "settings": {"seed": 1}}


def test_tautomers_are_one_compound_and_enantiomers_are_twins() -> None:
    found = [
        each
        for each in compounds(["Cc1cnc[nH]1", "Cc1c[nH]cn1", "C[C@H](N)O", "C[C@@H](N)O"])
        if isinstance(each, StandardParent)
    ]
    assert found[0].key == found[1].key
    assert (found[2].key == found[3].key, found[2].twins == found[3].twins) == (False, True)
    assert Taken([(found[2].twins, found[2].smiles)])(["CC(N)O", "CC(O)N.Cl", "CCO"]).tolist() == [True, True, False]


def test_goals_may_change_and_a_goal_may_have_no_data(project: Project, results: Path) -> None:
    project.observe(results)
    done = molgen("project", "status", project.folder)
    assert "CLint: no measurements yet" in done.output
    goals = project.folder / "goals.yaml"
    assert "# nanomolar" in goals.read_text()
    goals.write_text("goals: {new: {measured: logD, between: [1, 3]}}\n")
    done = molgen("project", "status", project.folder)
    assert "no goal asks for pIC50 any more" in done.output
    assert len(project.measurements()) == 4


def molgen(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_commands(goals: Path, tmp_path: Path) -> None:
    (tmp_path / "assay.csv").write_text("name,smiles,IC50 (nM),noise\nA,CCO,100,1\nB,CCN.Cl,>10000,2\n,,5,\n")
    (tmp_path / "more.csv").write_text("name,smiles,CLint (uL/min/mg)\nA,CCO,12\n")
    folder = tmp_path / "project"
    done = molgen("project", "new", folder, f"goals={goals}", f"data={tmp_path / 'assay.csv'},{tmp_path / 'more.csv'}")
    assert done.exit_code == 0, done.output
    for line in (
        "assay.csv: 3 rows; 2 new facts about 2 compounds",
        "  pIC50: 2 measurements, 1 of them bounds",
        "left out: row 3: left out, has neither structure nor identifier",
        "left out: columns that no goal asks for: noise",
        "more.csv: 1 rows; 1 new facts about 1 compounds",
        "hERG pIC50: no measurements yet",
        "best potency: 7, A CCO; wanted: at least 8",
        "pending: 0; not made: 0; crossed out: 0",
    ):
        assert line in done.output
    assert sorted(path.name for path in folder.iterdir() if "sqlite-" not in path.name) == ["goals.yaml", "project.sqlite"]
    done = molgen("observe", tmp_path / "assay.csv", folder)
    assert f"the project comes first: molgen observe {folder} {tmp_path / 'assay.csv'}" in done.output
    done = molgen("observe", folder, tmp_path / "assay.csv")
    assert "known already: 2" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["project", "new", "x"], "goals: name the file that says what is wanted: molgen project new x goals=goals.yaml"),
        (["project", "new", "x", "gaols=goals.yaml"], "unknown key 'gaols', did you mean 'goals'"),
        (["project", "new", "a b", "goals=goals.yaml"], "a b: a project's name has up to 40 letters"),
        (["project", "new", "a b", "goals=goals.yaml"], "such as a_b"),
        (["project", "new", "x", "goals=none.yaml"], "none.yaml: no such file"),
        (["project", "new", "x", "goals=goals.yaml", "data=none.csv"], "none.csv: no such file"),
        (["project", "new", "x", "goals=goals.yaml", "database=sqlite:///y"], "must be postgresql"),
        (["project", "status", "x"], "x: no project there; molgen project new x goals=goals.yaml makes one"),
        (["project", "status", "a b"], "a b: no project there\n"),
        (["observe", "x", "results.csv"], "x: no project there"),
        (["observe", "x", "results.csv", "--rejected", "--correct"], "one of them"),
        (["project", "status", "goals.yaml"], "goals.yaml: no project there; it is a file of the project ."),
    ],
)
def test_commands_say_what_would_be_right(
    arguments: list[str], message: str, goals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = molgen(*arguments)
    assert (done.exit_code, message in done.output) == (1, True), done.output
    assert [path.name for path in tmp_path.iterdir()] == ["goals.yaml"]


def test_a_project_is_made_whole_or_not_at_all(goals: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("smiles,pIC50\nCCO,strong\n")
    with pytest.raises(DataError, match="is no number"):
        Project.new(tmp_path / "project", goals, [tmp_path / "bad.csv"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv", "goals.yaml"]
    Project.new(tmp_path / "project", goals)
    with pytest.raises(CampaignError, match="exists already; molgen observe"):
        Project.new(tmp_path / "project", goals)


def test_a_project_has_one_writer(project: Project, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Project, "patience", 0.2)
    with writing(project.folder), pytest.raises(CampaignError, match="is writing there"):
        project.observe(results)
    assert len(project.observe(results).facts) == 5


def test_a_command_waits_until_another_has_ended(project: Project, results: Path) -> None:
    with ThreadPoolExecutor() as threads:
        with writing(project.folder):
            waiting = threads.submit(Project.open(project.folder).observe, results)
            time.sleep(0.3)
            assert not waiting.done()
        assert len(waiting.result(timeout=60).facts) == 5


def test_a_damaged_database_is_said(project: Project) -> None:
    (project.folder / "project.sqlite").write_bytes(b"no database at all" * 500)
    with pytest.raises(CampaignError, match=r"project\.sqlite"):
        Project.open(project.folder)
    (project.folder / "project.sqlite").unlink()
    with pytest.raises(CampaignError, match="no such file; restore a copy"):
        Project.open(project.folder)


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "project.sqlite") as connection:
        return int(connection.execute("select count(*) from facts").fetchone()[0])


def test_an_observation_that_is_killed_anywhere_is_taken_once(project: Project, results: Path, tmp_path: Path) -> None:
    statement = kills = 0
    while True:
        folder = tmp_path / f"killed-{statement}"
        shutil.copytree(project.folder, folder)
        was_killed = killed(lambda folder=folder: Project.open(folder).observe(results), statement)
        assert rows(folder) in ((4,) if was_killed else (9,))
        again = Project.open(folder)
        again.observe(results)
        assert values(again) == [6.5, 6.7, 6.7]
        assert rows(folder) == 9
        kills += was_killed
        if not was_killed:
            break
        statement += 3
    assert kills > 5


def test_a_round_that_is_killed_is_proposed_once(project: Project, tmp_path: Path) -> None:
    for statement in (5, 9, 12):
        folder = tmp_path / f"killed-{statement}"
        shutil.copytree(project.folder, folder)
        assert killed(lambda folder=folder: Project.open(folder).record_proposed(["CCCC", "CCCCC"]), statement)
        assert len(Project.open(folder).propositions()) == 4
        found = Project.open(folder).record_proposed(["CCCC", "CCCCC"])
        assert [each.name for each in found] == ["thrombin-002-001", "thrombin-002-002"]
