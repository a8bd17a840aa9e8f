"""Goals that take the place of others: checked, recorded, and nothing measured is lost."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.errors import CampaignError, ConfigError
from molgen.project import project as projects
from molgen.project.goal_changes import goal_changes, goal_differences
from molgen.project.project import Project

OLD = """goals:  # of the first year
  potency: {measured: pIC50, at_least: 8, weight: 2}
  herg: {measured: hERG pIC50, at_most: 5, hard: true}
  size: {computed: {descriptor: tpsa}, between: [40, 120]}
"""
NEW = """goals:
  potency: {measured: pIC50, at_least: 7.5, weight: 2}
  size: {computed: {descriptor: logp}, between: [40, 120]}
  clearance: {measured: CLint, lowest: true}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    made, _ = Project.new(tmp_path / "thrombin", tmp_path / "old.yaml")
    (tmp_path / "assay.csv").write_text("SMILES,IC50 (nM),hERG IC50 (uM)\nCCO,1000,10\nCCN,100,1\n")
    made.observe(tmp_path / "assay.csv")
    return made


def test_what_would_change_is_said_in_the_terms_of_the_goals(project: Project, tmp_path: Path) -> None:
    before = project.folder / "goals.yaml"
    lines = goal_differences(before, tmp_path / "new.yaml", project.measurements())
    assert lines == [
        "potency: measured as pIC50, at least 7.5, weight 2; it was: measured as pIC50, at least 8, weight 2",
        "size: how it is judged, computed or predicted",
        "clearance: new, measured as CLint, as low as possible, weight 1",
        "herg: no goal any more; its 2 measurements of hERG pIC50 stay in the project",
    ]
    assert goal_differences(before, before, project.measurements()) == []


def test_a_change_keeps_what_was_measured_and_the_goals_before(project: Project, tmp_path: Path) -> None:
    facts = project.facts()
    done = CliRunner().invoke(main, ["project", "goals", str(project.folder), str(tmp_path / "new.yaml")])
    assert done.exit_code == 0, done.output
    assert "herg: no goal any more" in done.output
    changed = Project.open(project.folder)
    assert changed.facts() == facts
    assert (changed.folder / "goals.yaml").read_text() == NEW
    assert list(changed.goals.goals) == ["potency", "size", "clearance"]
    [change] = goal_changes(changed.events())
    assert (change.before, change.after) == (OLD, NEW)  # comments and all
    changed.change_goals(tmp_path / "new.yaml")  # the same once more
    assert len(goal_changes(changed.events())) == 1
    changed.change_goals(tmp_path / "old.yaml", expected=NEW)
    assert [each.after for each in goal_changes(changed.events())] == [NEW, OLD]
    with pytest.raises(CampaignError, match="changed meanwhile"):
        changed.change_goals(tmp_path / "new.yaml", expected=NEW)


@pytest.mark.parametrize(
    ("goals", "why"),
    [
        ("goals: {x: {measured: pIC50, at_laest: 8}}", "at_laest: unknown key, did you mean 'at_least'"),
        ("goals: {x: {measured: pIC50, at_least: 8}}\nendpoints: {pIC50: {unit: nM}}", "pIC50.unit: it was measured in"),
        ("goals: {}", "there are none"),
    ],
)
def test_goals_that_do_not_go_with_what_was_measured_change_nothing(
    project: Project, tmp_path: Path, goals: str, why: str
) -> None:
    (tmp_path / "bad.yaml").write_text(goals)
    with pytest.raises(ConfigError, match=why):
        project.change_goals(tmp_path / "bad.yaml")
    assert (project.folder / "goals.yaml").read_text() == OLD
    assert goal_changes(project.events()) == []


def test_a_change_that_can_not_be_written_is_not_recorded(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(projects, "write_atomically", full)
    with pytest.raises(CampaignError, match="No space left on device"):
        project.change_goals(tmp_path / "new.yaml")
    assert goal_changes(Project.open(project.folder).events()) == []
    assert (project.folder / "goals.yaml").read_text() == OLD
