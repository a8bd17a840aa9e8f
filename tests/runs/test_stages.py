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
from molgen.config import compose_group
from molgen.errors import ConfigError
from molgen.runs.settings import design_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.search.islands import Islands
from molgen.search.loop import search
from molgen.search.oracle import Oracle
from tests.search.conftest import count_carbons as carbons

SURROGATE = [
    "search.library=60", "search.initial_design=12", "search.breeding.offspring=12",
    "search.explorer.population=8",
]  # fmt: skip
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
    assert set(last["operator"].head(12)) == {"stage"}
    assert set(last["operator"][20:]) <= {"crossover", "mutation", "crossover+mutation"}


def test_what_a_stage_designed_stays_designed_and_a_lead_stays_known(tmp_path: Path) -> None:
    stages = "stages=[{scoring: pmo/qed, budget: 16}]"
    settings = [*SURROGATE, stages, "start=CC(C)Cc1ccc(C(C)C(=O)O)cc1", "similarity=0.3", "campaign.budget=16", "campaign.top=6"]
    run = run_config(design_config([*settings, f"campaign.folder={tmp_path / 'run'}", "campaign.batch=8"]))
    for path in (run.folder / "stage-1", run.folder):
        table = molecules(path)
        assert table["smiles"][table["operator"] == "start"].tolist() == ["CC(C)Cc1ccc(C(C)C(=O)O)cc1"]
    assert (run.molecules["operator"] == "stage").sum() >= 5
    assert len(pd.read_csv(run.folder / "top.csv")) == 6


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
    """Islands of agents: of these the weights stay, of the memory nothing."""
    settings = ["search.agent.updates=1", "search.agent.replay=4"]
    before, after = (
        Islands([compose_group("search", "policy", [f"+seed={seed}", *settings]) for seed in range(2)]) for _ in range(2)
    )
    search(before, Oracle(carbons, 8), 4, lambda asked, scores: None)
    state = before.state_dict()
    kept = after.for_new_objective(state)
    assert kept is not None
    weights = [key for key in state if key.startswith("1.agent.")]
    assert weights
    assert all(kept[key] is state[key] for key in weights)
    assert state["1.rewards"]
    assert not kept["1.rewards"]
    assert kept["best"] == (-np.inf, 0)


@pytest.mark.parametrize(
    "settings",
    [
        ["search=latent", "search.initial_design=8", "search.population=4"],
        [*SURROGATE, "search.model._target_=molgen.search.bayesian.models.forest.Forest", "+search.model.n_estimators=5",
         "~search.model.sample", "~search.model.growth"],
    ],
    ids=["latent", "forest"],
)  # fmt: skip
def test_a_search_goes_through_stages_with_more_molecules_than_the_next_begins_from(settings: list[str], tmp_path: Path) -> None:
    stages = ["stages=[{scoring: pmo/qed, budget: 30}]", "scoring=pmo/median1", "campaign.budget=16"]
    run = run_config(
        design_config([*settings, *stages, "campaign.batch=8", "campaign.top=4", f"campaign.folder={tmp_path / 'run'}"])
    )
    assert len(run.molecules) == 16
    first = molecules(tmp_path / "run" / "stage-1").sort_values("score", ascending=False, kind="stable")["smiles"].head(4)
    assert run.molecules["smiles"].head(4).tolist() == first.tolist()


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
