"""What of a table is new to a project, and what it knows already."""

from pathlib import Path

import pytest

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.project.facts import Measurement
from molgen.project.project import Project
from tests.project.conftest import table

DATED = """name,SMILES,pIC50,date,chemist
T-1,CCCO,6.7,2026-04-03,Anna
T-1,CCCO,6.7,2026-04-03,Anna
T-2,CCCCO,7.1,2026-04-03,Anna
"""


def values(project: Project) -> list[float]:
    return sorted(fact.value for fact in project.measurements("pIC50"))


@pytest.fixture
def undated(tmp_path: Path) -> Path:
    """The same as an SDF."""
    path = tmp_path / "same.sdf"
    from rdkit import Chem

    with Chem.SDWriter(str(path)) as writer:
        for smiles, value in (("CCCO", 6.7), ("CCCO", 6.7), ("CCCCO", 7.1)):
            (mol,) = Molecules([smiles]).mols
            mol = Chem.Mol(mol)
            mol.SetProp("pIC50", str(value))
            writer.write(mol)
    return path


@pytest.mark.parametrize("dated_first", [True, False])
def test_the_same_results_with_and_without_dates_count_once(
    project: Project, undated: Path, tmp_path: Path, dated_first: bool
) -> None:
    (tmp_path / "dated.csv").write_text(DATED)
    first, second = (tmp_path / "dated.csv", undated) if dated_first else (undated, tmp_path / "dated.csv")
    assert len(project.observe(first).facts) == 3
    found = project.observe(second)
    assert (found.facts, found.known, found.alike) == ([], 0, [1, 2, 3])
    (line,) = [line for line in found.lines() if "not added: 3" in line]
    assert "(row 1, 2, 3); if these are repeats, molgen observe --again adds them" in line
    assert values(project) == [6.7, 6.7, 7.1]
    assert len(project.observe(second, again=True).facts) == 3
    assert values(project) == [6.7] * 4 + [7.1] * 2
    again = project.observe(second, again=True)
    assert (again.facts, again.known) == ([], 3)


@pytest.mark.parametrize(
    ("more", "added"),
    [
        ({}, 0),
        ({"name": "X-9"}, 0),  # what the laboratory calls it is no other measurement
        ({"date": "2026-04-03"}, 0),
        ({"date": "2026-04-10"}, 1),
        ({"chemist": "Bert"}, 1),
        ({"replicate": "2"}, 1),
        ({"assay": "SPR"}, 1),
        ({"pIC50": ">6.7"}, 1),
    ],
)
def test_what_is_said_otherwise_is_another_measurement(project: Project, more: dict[str, str], added: int) -> None:
    project.observe(table(name="T-1", SMILES="CCCO", pIC50="6.7", date="2026-04-03", chemist="Anna"))
    assert len(project.observe(table(**{"SMILES": "CCCO", "pIC50": "6.7", **more})).facts) == added


def test_one_more_repeat_than_is_known_is_added(project: Project, tmp_path: Path, undated: Path) -> None:
    (tmp_path / "dated.csv").write_text(DATED)
    project.observe(tmp_path / "dated.csv")
    found = project.observe(table(SMILES=["CCCO"] * 3, pIC50=["6.7"] * 3))
    assert (len(found.facts), found.alike) == (1, [1, 2])


def test_what_a_table_that_grows_repeats_accounts_for_nothing_else(project: Project, tmp_path: Path) -> None:
    (tmp_path / "dated.csv").write_text(DATED)
    project.observe(tmp_path / "dated.csv")
    (tmp_path / "grown.csv").write_text(f"{DATED}T-2,CCCCO,7.1,,\n")
    found = project.observe(tmp_path / "grown.csv")
    assert (found.known, len(found.facts), found.alike) == (3, 1, [])


def test_what_was_corrected_does_not_come_back_without_its_date(project: Project, undated: Path, tmp_path: Path) -> None:
    (tmp_path / "dated.csv").write_text(DATED)
    project.observe(tmp_path / "dated.csv")
    project.observe(table(name="T-2", pIC50="7.9"), correct=True)
    assert project.observe(undated).facts == []
    assert values(project) == [6.7, 6.7, 7.9]


def test_a_compound_of_the_projects_own_data_is_no_surprise(project: Project) -> None:
    project.observe(table(name="T-1", SMILES="CCCO", pIC50="6.7"))
    found = project.observe(table(SMILES=["CCCO", "CCCCO", "CCO"], pIC50=["6.8", "7", "5"]))
    assert found.unproposed == ["CCCCO"]
    assert all(isinstance(fact, Measurement) for fact in found.facts)


def test_a_folder_of_results_is_no_file(project: Project, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; name one of its files"):
        project.observe(tmp_path)


def test_the_same_file_without_the_person_is_not_read_otherwise(project: Project, tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("name,SMILES,pIC50\nT-1,CCCO,6.7\n")
    project.observe(tmp_path / "results.csv", who="Anna")
    again = project.observe(tmp_path / "results.csv")
    assert (again.facts, again.known, again.notes) == ([], 1, [])
    other = project.observe(tmp_path / "results.csv", who="Berta")
    assert other.facts == []
    assert "was read otherwise" in other.notes[0]


def test_a_value_without_the_logarithm_that_is_asked_for_is_refused_with_its_row(tmp_path: Path) -> None:
    goals, zero = tmp_path / "goals.yaml", tmp_path / "zero.csv"
    goals.write_text("goals: {c: {measured: CL, lowest: true}}\nendpoints: {CL: {unit: uL/min/mg, log: true}}")
    zero.write_text("SMILES,CL\nCCO,5\nCCN,0\n")
    with pytest.raises(DataError, match=r"zero.csv row 2: '0.*' in column 'CL' has no logarithm, and goals.yaml says log: true"):
        Project.new(tmp_path / "p", goals, [zero])
    assert not (tmp_path / "p").exists()
    plain = tmp_path / "plain.yaml"
    plain.write_text(goals.read_text().replace(", log: true", ""))
    project, _ = Project.new(tmp_path / "p", plain, [zero])
    with pytest.raises(ConfigError, match=r"endpoints\.CL\.log: 1 of 2 measured values are 0 or below"):
        project.change_goals(goals)
