"""Defaults stand in one place, every setting is explained, and objectives are written by questions."""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from molgen.classes import locate
from molgen.cli.commands import main
from molgen.cli.settings import as_markdown, commands, groups, settings_of_command, settings_of_file
from molgen.config import compose, conf_dir, options, to_plain
from molgen.generators.base import Generator
from molgen.generators.latent_space import around
from molgen.runs.design import design
from molgen.runs.run import Campaign
from molgen.scoring.components.docking import Docking
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Filter, Scorer, Term
from molgen.scoring.transforms import Clip
from molgen.search.islands import Islands

FILES = [(group, name) for group in groups() for name in options(group) if group not in ("data", "scoring")]
CHOSEN = {  # what a file is there to set, where a class has another default
    "campaign/osimertinib": {"budget", "start"},
    "cluster/existing": {"address"},
    "predictor/activity": {"name"},
    "predictor/affinity": {"name"},
    "predictor/file": {"name"},
    "predictor/graph_network": {f"trainer.{key}" for key in
                                ("epochs", "lr", "weight_decay", "warmup_steps", "patience", "checkpoint_minutes")},
    "search/routes": {"library"},  # a random synthesis takes longer than a molecule of the prior
    "predictor/pairs": {f"trainer.{key}" for key in ("epochs", "lr", "weight_decay", "warmup_steps", "patience")}
                       | {f"endpoint.{key}" for key in ("unit", "about", "poor", "good")},
    "predictor/pka": {"name"},
    "predictor/toxicity": {"name"},
    "search/latent": {"prior.name"},
    "search/policy": {"agent.replay", "agent.randomized"},
    "standardize/off": {"parent", "neutral", "drawing", "dummies"},
}  # fmt: skip


def differing(node: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys below `node` with another value than the default of the class that they are for."""
    kind = locate(node["_target_"])
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    factories = {item.name: item.default_factory for item in fields if item.default_factory is not dataclasses.MISSING}
    for key, parameter in inspect.signature(kind).parameters.items():
        value = node.get(key)
        if isinstance(value, dict) and "_target_" in value:
            yield from differing(value, f"{path}{key}.")
        elif key in node and parameter.default is not parameter.empty:
            default = factories[key]() if key in factories else parameter.default
            if value != (list(default) if isinstance(default, tuple) else default):
                yield f"{path}{key}"


@pytest.mark.parametrize(("group", "name"), FILES)
def test_files_have_the_defaults_of_their_classes(group: str, name: str) -> None:
    node = to_plain(compose("group", [f"+{group}={name}", "+seed=0"])[group])
    assert set(differing(node)) == CHOSEN.get(f"{group}/{name}", set())


def test_commands_and_python_have_the_same_defaults() -> None:
    def default(function: Any, name: str) -> Any:
        return inspect.signature(function).parameters[name].default

    settings = to_plain(compose("design", []))
    assert settings["campaign"]["budget"] == default(design, "budget") == Campaign("folder").budget
    assert settings["seed"] == default(design, "seed")
    for key in ("exchange", "migrants"):
        assert settings["search"][key] == default(Islands, key)
    sample, receptor = to_plain(compose("sample", [])), to_plain(compose("receptor", []))
    assert sample["temperature"] == default(Generator.sample, "temperature")
    assert sample["radius"] == default(around, "radius")
    assert receptor["padding"] == default(Docking, "padding")
    assert tuple(receptor["size"]) == default(Docking, "size")


@pytest.mark.parametrize(("group", "name"), [(group, name) for group in groups() for name in options(group)])
def test_every_setting_of_a_group_is_explained(group: str, name: str) -> None:
    assert [row.key for row in settings_of_file(group, name) if not row.about] == []


@pytest.mark.parametrize("command", commands())
def test_every_setting_of_a_command_is_explained(command: str) -> None:
    assert [row.key for row in settings_of_command(command) if not row.about] == []


def test_the_page_of_settings_is_that_of_the_code() -> None:
    page = conf_dir().parent / "docs" / "reference" / "settings.md"
    assert page.read_text() == as_markdown(), "molgen settings --markdown > docs/reference/settings.md"


def ran(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=answers)


def test_a_setting_has_type_default_and_explanation() -> None:
    rows = {row.key: row for row in settings_of_file("campaign", "default")}
    assert rows["campaign.budget"].type == "a whole number"
    assert rows["campaign.budget"].default == "3000"
    assert "Oracle calls" in rows["campaign.budget"].about
    assert "campaign.budget" in ran("settings", "campaign=default").output


def test_settings_of_what_is_not_there_are_one_line() -> None:
    result = ran("settings", "search=surogate")
    assert result.exit_code == 1
    assert "no such settings, did you mean 'surrogate'" in result.output


QUESTIONS = ["--title", "KIT inhibitors", "--target", "KIT", "--spare", "ABL1(T315I), SRC", "--keep", "[F,Cl]", "--like", "none"]


class TestNewGoal:
    def test_answers_make_an_objective_that_works(self, tmp_path: Path) -> None:
        assert ran("new", "goal", str(tmp_path / "kit.yaml"), *QUESTIONS).exit_code == 0
        scorer = Scorer.from_config(tmp_path / "kit.yaml")
        assert list(scorer.terms) == ["potency", "selectivity", "drug_likeness", "synthesis", "solubility"]
        assert scorer.filters["motif"] == Filter(Substructure("[F,Cl]"), minimum=1)
        assert (tmp_path / "kit.yaml").read_text().startswith("# KIT inhibitors\n")

    def test_questions_are_asked_in_turn(self, tmp_path: Path) -> None:
        result = ran("new", "goal", str(tmp_path / "a.yaml"), answers="Like aspirin\nnone\n\nCC(=O)Oc1ccccc1C(=O)O\n")
        assert result.exit_code == 0
        assert result.output.count("?") == 4  # selectivity is of a target
        term = Scorer.from_config(tmp_path / "a.yaml").terms["likeness"]
        assert term == Term(Similarity("CC(=O)Oc1ccccc1C(=O)O"), Clip(0.7))

    def test_a_file_is_never_written_over(self, tmp_path: Path) -> None:
        (tmp_path / "kit.yaml").write_text("mine")
        result = ran("new", "goal", str(tmp_path / "kit.yaml"), *QUESTIONS)
        assert result.exit_code == 1
        assert "exists already" in result.output
        assert (tmp_path / "kit.yaml").read_text() == "mine"

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"KIT": "KITT"}, "--target: target 'KITT': no such target"),
            ({"ABL1(T315I), SRC": "KIT"}, "--spare: selectivity.off_targets: KIT is the target itself"),
            ({"KIT": "none"}, "--spare: selectivity is between proteins"),
            ({"[F,Cl]": "[F,Cl"}, "--keep: '[F,Cl' is not a SMARTS pattern"),
        ],
    )
    def test_a_wrong_answer_is_named_by_its_option(self, tmp_path: Path, changed: dict[str, str], message: str) -> None:
        result = ran("new", "goal", str(tmp_path / "kit.yaml"), *(changed.get(text, text) for text in QUESTIONS))
        assert result.exit_code == 1
        assert message in result.output
        assert not (tmp_path / "kit.yaml").exists()

    def test_where_nobody_answers_the_options_are_named(self, tmp_path: Path) -> None:
        result = ran("new", "goal", str(tmp_path / "kit.yaml"), *QUESTIONS[:4])
        assert result.exit_code == 1
        assert "no answer to --spare: give --title, --target, --spare, --keep and --like" in result.output

    def test_a_folder_that_is_missing_is_known_before_the_questions(self, tmp_path: Path) -> None:
        result = ran("new", "goal", str(tmp_path / "none" / "kit.yaml"))
        assert "there is no folder" in result.output
        assert "?" not in result.output

    def test_every_line_that_is_off_can_be_switched_on(self, tmp_path: Path) -> None:
        ran("new", "goal", str(tmp_path / "kit.yaml"), *QUESTIONS)
        text = (tmp_path / "kit.yaml").read_text().replace("  # tpsa:", "  tpsa:")
        assert "tpsa" in yaml.safe_load(text)["terms"]
        (tmp_path / "kit.yaml").write_text(text)
        assert "tpsa" in Scorer.from_config(tmp_path / "kit.yaml").terms
