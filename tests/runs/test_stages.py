"""Curricula: what a stage leaves to the next, and what a stop leaves."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from molgen import design
from molgen.cli.commands import main
from molgen.errors import ConfigError
from molgen.runs.settings import design_config
from molgen.runs.stages import run_config, without_scores
from molgen.runs.store import RunStore

QUICK = ["search=genetic", "search.initial_design=20", "campaign.batch=8", "campaign.top=12"]


def config(folder: Path, *settings: str) -> dict[str, Any]:
    stages = "stages=[{scoring: pmo/qed, budget: 60, until: 0.6}, {scoring: drug_like, budget: 24}]"
    return design_config([*QUICK, stages, "scoring=pmo/median1", "campaign.budget=40", f"campaign.folder={folder}", *settings])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stages") / "run"
    run_config(config(folder))
    return folder


def molecules(folder: Path) -> pd.DataFrame:
    return RunStore(folder).to_pandas()


def test_a_stage_ends_at_its_score_or_its_budget(finished: Path) -> None:
    first = molecules(finished / "stage-1")["score"]
    reached = [i for i in range(10, len(first) + 1) if first[:i].nlargest(10).mean() >= 0.6]
    assert reached
    assert reached[0] <= len(first) < reached[0] + 8
    assert len(molecules(finished / "stage-2")) == 24
    assert len(molecules(finished)) == 40


def test_the_next_begins_from_the_best_and_breeds_from_nothing_else(finished: Path) -> None:
    best = molecules(finished / "stage-2").sort_values("score", ascending=False, kind="stable")["smiles"].head(12)
    last = molecules(finished)
    assert last["smiles"].head(12).tolist() == best.tolist()
    assert set(last["operator"].head(12)) == {"start"}
    assert set(last["operator"][20:]) <= {"crossover", "mutation", "crossover+mutation"}


def test_a_run_that_was_stopped_in_a_stage_finds_what_it_would_have_found(finished: Path, tmp_path: Path) -> None:
    stopped = tmp_path / "run"
    shutil.copytree(finished / "stage-1", stopped / "stage-1")
    shutil.copy(finished / "config.yaml", stopped)
    RunStore(stopped).close()
    done = CliRunner().invoke(main, ["design", f"resume={stopped}"])
    assert done.exit_code == 0, done.output
    for path in (".", "stage-1", "stage-2"):
        columns = ["smiles", "score", "operator"]
        pd.testing.assert_frame_equal(molecules(stopped / path)[columns], molecules(finished / path)[columns])


def test_a_strategy_keeps_what_it_learnt_and_forgets_the_scores() -> None:
    state = {"0.agent.w": np.ones(2), "0.rewards": {"C": 1.0}, "0.scaffolds": {"": 1}, "best": (0.5, 1), "turn": 1}
    found = without_scores(state)
    assert found["0.agent.w"] is state["0.agent.w"]
    assert (found["0.rewards"], found["0.scaffolds"], found["turn"]) == ({}, {}, 1)
    assert found["best"][0] == -np.inf


@pytest.mark.parametrize(
    ("stages", "hint"),
    [
        ("[drug_like]", r"stages\.1: must be"),
        ("[{scoring: drug_like, calls: 3}]", r"stages\.1: must be"),
        ("[{scoring: drug_lik}]", "did you mean 'drug_like'|drug_lik"),
        ("[{scoring: drug_like, until: often}]", r"stages\.1\.until"),
    ],
)
def test_wrong_stages(tmp_path: Path, stages: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        config(tmp_path / "run", f"stages={stages}")
    assert not (tmp_path / "run").exists()


def test_stages_are_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="stages"):
        design(lambda smiles: [0.0 for _ in smiles], 4, folder=tmp_path / "run", overrides=["stages=[{scoring: drug_like}]"])
