"""A project whose facts a team keeps in a PostgreSQL database."""

import os
import shutil
import uuid
from pathlib import Path

import pytest

from molgen.errors import CampaignError, ConfigError, DataError
from molgen.project.project import Project
from molgen.trust import UntrustedError
from tests.project.conftest import RESULTS, killed, table


def values_of(project: Project) -> list[float]:
    return [fact.value for fact in project.measurements("pIC50")]


def test_a_team_shares_a_postgresql_database(postgres: str, goals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOLGEN_TRUST", raising=False)
    name = f"team-{uuid.uuid4().hex[:8]}"
    project, _ = Project.new(tmp_path / name, goals, database=postgres)
    shutil.copytree(tmp_path / name, tmp_path / "elsewhere" / name)
    with pytest.raises(UntrustedError, match="keeps values in a database elsewhere"):  # a file says so, which may be a stranger's
        Project.open(tmp_path / "elsewhere" / name)
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    with pytest.raises(CampaignError, match=f"has a project '{name}' already"):
        Project.new(tmp_path / "third" / name, goals, database=postgres)
    other = Project.open(tmp_path / "elsewhere" / name)
    project.record_proposed(["CCO"])
    (tmp_path / "own.csv").write_text(RESULTS.replace("thrombin-001-003", "thrombin-001-001").replace("thrombin", name))
    other.observe(tmp_path / "own.csv")
    assert values_of(project) == [6.5, 6.7, 6.7]
    assert len(project.not_made()) == 1
    assert project.observe(tmp_path / "own.csv").facts == []
    assert not (tmp_path / name / "project.sqlite").exists()
    with pytest.raises(ConfigError, match="takes no 'passfile'"):
        Project.new(tmp_path / "fourth", goals, database=f"{postgres}?passfile=/etc/passwd")


def test_a_project_that_fails_or_is_killed_while_it_is_made_leaves_nothing(
    postgres: str, goals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    folder = tmp_path / f"team-{uuid.uuid4().hex[:8]}"
    good, bad = table(smiles=["CCO", "CCN"], pIC50=["6", "7"]), table(smiles="CCCO", pIC50="strong")
    with pytest.raises(DataError, match="is no number"):
        Project.new(folder, goals, [good, bad], database=postgres)
    with pytest.raises(CampaignError, match="can't be made"):
        Project.new(goals / folder.name, goals, [good], database=postgres)
    statement = 0
    while killed(lambda: Project.new(folder, goals, [good], database=postgres), statement):
        assert not folder.exists()
        statement += 9
    assert statement > 9
    assert values_of(Project.open(folder)) == [6.0, 7.0]  # made whole by the last, which wasn't killed
    shutil.rmtree(folder)
    with pytest.raises(CampaignError, match=r"has a project 'team-.* already"):
        Project.new(folder, goals, [good], database=postgres)


def test_a_folder_without_its_facts_is_said(postgres: str, goals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    name = f"team-{uuid.uuid4().hex[:8]}"
    Project.new(tmp_path / name, goals, database=postgres)
    (tmp_path / name).rename(tmp_path / "renamed")
    with pytest.raises(CampaignError, match="holds no project 'renamed'"):
        Project.open(tmp_path / "renamed")


def test_two_of_a_team_observe_the_same_at_the_same_time(
    postgres: str, goals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "cache")
    name = f"team-{uuid.uuid4().hex[:8]}"
    Project.new(tmp_path / name, goals, database=postgres)
    shutil.copytree(tmp_path / name, tmp_path / "elsewhere" / name)
    rows = table(smiles=[f"{'C' * n}O" for n in range(1, 30)], pIC50=[f"{5 + n / 10}" for n in range(1, 30)])
    children = []
    for folder in (tmp_path / name, tmp_path / "elsewhere" / name):
        if not (child := os.fork()):
            try:
                Project.open(folder).observe(rows)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert len(Project.open(tmp_path / name).measurements()) == 29


def test_a_round_that_another_proposed_meanwhile_is_said(project: Project) -> None:
    with pytest.raises(CampaignError, match="round 1 was proposed meanwhile"):
        project.record_proposed(["CCCCCC"], number=1)
    assert [fact.round for fact in project.record_proposed(["CCCCCC"], number=2)] == [2]
