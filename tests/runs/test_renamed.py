"""What molgen 0.1 has written, and what was typed for it: `stored/run-0.1` is a run folder of it."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from molgen import renamed
from molgen.classes import named_class
from molgen.config import build, compose, to_plain
from molgen.errors import ConfigError
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees
from molgen.runs.run import Campaign
from molgen.runs.settings import check_design, design_config, read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from molgen.search.bayesian.strategy import Surrogate
from molgen.search.constraints import Constraints
from molgen.search.makeable import AnyMolecule

STORED = Path(__file__).parent / "stored" / "run-0.1"
SAME = [
    "search.library=60", "search.initial_design=12", "search.breeding.offspring=12",
    "search.explorer.population=8", "search.learning.training_size=100", "scoring=pmo/qed",
    "campaign.budget=18", "campaign.batch=6",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(STORED, folder)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("FOLDER", str(folder)))
    return folder


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """What is logged, also where it has been said before."""
    monkeypatch.setattr(renamed, "_warn", renamed._warn.__wrapped__)
    caplog.set_level(logging.WARNING)
    return caplog


def test_old_settings_are_those_of_today_and_one_line_says_so(folder: Path, lines: pytest.LogCaptureFixture) -> None:
    config = read_config(folder)
    check_design(config)
    today = design_config([*SAME, f"campaign.folder={folder}"])
    assert build(config.pop("scoring"), "scoring") == build(today.pop("scoring"), "scoring")
    added = {key: today["search"]["constraints"].pop(key) for key in ("similar_to", "ring_frequency", "logp_rise")}
    assert replace(Constraints(), **added) == Constraints()
    assert today["search"].pop("makeable") is None
    assert today["campaign"].pop("stop") is None
    assert today["campaign"].pop("spare") == 0.1
    assert (config["search"].pop("migrants"), today["search"].pop("migrants")) == (16, None)
    assert build(today.pop("makeable"), "makeable") == AnyMolecule()
    assert config == today
    assert len(lines.messages) == 1
    said = lines.messages[0]
    assert said.startswith(f"{folder / 'config.yaml'}: names of molgen 0.1, which the next release will not know: ")
    for old, new in {
        "molgen.search.strategies.surrogate.Surrogate": "molgen.search.bayesian.strategy.Surrogate",
        "molgen.search.brood.Operators": "molgen.search.bayesian.offspring.Operators",
        "molgen.campaign.run.Campaign": "molgen.runs.run.Campaign",
        "founders": "initial_design",
        "children": "breeding.offspring",
        "patience": "gone",
        "generations": "gone",
    }.items():
        assert f"{old} (now {new})" in said


def test_an_old_run_goes_on_from_its_database_and_says_that_its_state_is_of_another_version(
    folder: Path, lines: pytest.LogCaptureFixture
) -> None:
    before = RunStore(folder).to_pandas()
    config = read_config(folder)
    config["campaign"]["budget"] = 26
    run = run_config(config, resume=True)
    pd.testing.assert_frame_equal(run.molecules.head(18), before)
    assert len(run.molecules) == 26
    assert any("can't be used (another version of molgen made it" in line for line in lines.messages)


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        (["search.founders=7"], ["initial_design"], 7),
        (["search.children=7"], ["breeding", "offspring"], 7),
        (["search=pareto", "search.kept=7"], ["population"], 7),
        (["search=genetic_policy", "search.bred=0.1"], ["offspring_share"], 0.1),
        (
            ["search.model._target_=molgen.search.surrogates.forest.Forest", "~search.model.sample", "~search.model.growth",
             "+search.model.trees=7"],
            ["model", "n_estimators"],
            7,
        ),
    ],
)  # fmt: skip
def test_old_names_that_are_typed_set_what_has_the_new_one(
    given: list[str], key: list[str], value: Any, lines: pytest.LogCaptureFixture
) -> None:
    node = to_plain(compose("design", given))["search"]
    build({name: each for name, each in node.items() if name not in ("islands", "exchange", "migrants")}, "search")
    for part in key:
        node = node[part]
    assert node == value
    assert f"(now {'.'.join(key) if len(given) < 3 else key[-1]})" in lines.messages[-1]


def test_predictors_of_old_settings_are_those_of_today(tmp_path: Path, lines: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "_target_: molgen.predictors.boosted.Boosted\n"
        "trees: {_target_: molgen.predictors.trees.Trees, number: 7, leaves: 5, min_leaf: 2, loss: l2}\n"
        "machine: {_target_: molgen.predictors.support_vectors.SupportVectors, cost: 2.0, tube: 0.3}\n"
    )
    typed = ["predictor.trees.feature_fraction=0.5", "predictor.trees.row_fraction=0.6", "predictor.trees.l2=3"]
    made = build(to_plain(compose("train_predictor", [f"predictor={path}"]))["predictor"], "predictor")
    assert made.trees == Trees(n_estimators=7, num_leaves=5, min_child_samples=2, objective="l2")
    assert made.machine == SupportVectors(C=2.0, epsilon=0.3)
    assert lines.messages[0].startswith(f"{path}: ")
    made = build(to_plain(compose("train_predictor", typed))["predictor"], "predictor")
    assert made.trees == Trees(colsample_bytree=0.5, subsample=0.6, reg_lambda=3)
    assert len(lines.messages) == 1 + len(typed)


def test_a_file_of_settings_is_read_with_one_line(tmp_path: Path, lines: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("_target_: molgen.search.strategies.pareto.Pareto\nfounders: 7\nkept: 9\n")
    node = to_plain(compose("design", [f"search={path}"])["search"])
    assert node == {"_target_": "molgen.search.genetic.pareto.Pareto", "initial_design": 7, "population": 9}
    assert len(lines.messages) == 1
    assert lines.messages[0].startswith(f"{path}: ")


def test_both_kinds_of_training_take_a_folder_and_its_old_names(lines: pytest.LogCaptureFixture) -> None:
    for command, old in (
        ("train", "trainer.folder"), ("train_predictor", "trainer.folder"), ("train_predictor", "predictor.trainer.folder")
    ):  # fmt: skip
        assert compose(command, [f"{old}=mine"])["folder"] == "mine"
        assert lines.messages[-1].endswith(f"{old} (now folder)")
        with pytest.raises(ConfigError, match=rf"{old}: is now folder, which is given as well; leave {old} out"):
            compose(command, [f"{old}=mine", "folder=yours"])
    assert to_plain(compose("train", ["folder=mine"]))["trainer"]["folder"] == "mine"


def test_a_strategy_that_is_gone_stands_for_the_one_that_takes_its_place(lines: pytest.LogCaptureFixture) -> None:
    assert compose("design", ["search=hybrid"])["search"] == compose("design", ["search=surrogate"])["search"]
    [said] = lines.messages
    assert said.endswith("hybrid (now surrogate)")
    assert renamed.overrides("design", ["search=genetic,hybrid", "x=hybrid"]) == ["search=genetic,surrogate", "x=hybrid"]


def test_settings_of_an_agent_are_left_out_of_old_runs(lines: pytest.LogCaptureFixture) -> None:
    target = "molgen.search.bayesian.strategy.Surrogate"
    old = {"_target_": target, "library": 5, "agent": None, "agent_samples": 100}
    assert renamed.current(old, "a.yaml") == {"_target_": target, "library": 5}
    agent = {"_target_": "molgen.search.policy.agent.Agent", "lr": 5e-4}
    assert renamed.current(old | {"agent": agent}, "b.yaml") == {"_target_": target, "library": 5}
    assert "agent (now gone)" in lines.messages[-1]


def test_todays_names_need_no_line(lines: pytest.LogCaptureFixture) -> None:
    compose("design", SAME)
    assert lines.messages == []


def test_a_setting_under_both_names_is_refused() -> None:
    target = "molgen.search.genetic.genetic.Genetic"
    with pytest.raises(ConfigError, match=r"a\.yaml: founders is now initial_design, which is given as well"):
        renamed.current({"_target_": target, "founders": 3, "initial_design": 4}, "a.yaml")


def test_every_new_name_is_there() -> None:
    for target, names in renamed.SETTINGS.items():
        parameters = named_class(target).__init__.__annotations__
        for name in names.values():
            group, _, last = name.rpartition(".")
            assert (named_class(renamed.GROUPS[target][group]).__annotations__ if group else parameters)[last]
    for target, groups in renamed.GROUPS.items():
        assert all(named_class(target).__init__.__annotations__[group] is named_class(name) for group, name in groups.items())
    assert named_class(renamed.class_name("molgen.search.strategies.surrogate.Surrogate")) is Surrogate
    assert named_class(renamed.class_name("molgen.campaign.run.Campaign")) is Campaign
    assert all(named_class(name) for name in renamed.CLASSES.values())
    assert named_class(renamed.class_name("molgen.campaign.tuning.Optuna")).__name__ == "Optuna"
    assert named_class(renamed.class_name("molgen.campaign.sweep.Grid")).__name__ == "Grid"
