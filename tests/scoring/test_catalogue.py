"""What `molgen components` shows: everything that an objective can be made of, with examples that work when pasted."""

import dataclasses
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.config import conf_dir, options, problems, to_plain
from molgen.errors import ConfigError
from molgen.scoring.catalogue import Entry, catalogue
from molgen.scoring.component import Component
from molgen.scoring.schema import objective_schema
from molgen.scoring.scorer import Scorer
from molgen.yaml_files import load

ENTRIES = catalogue()
SCHEMA = jsonschema.Draft202012Validator(objective_schema())


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["components", *arguments])
    assert result.exit_code == 0
    return result.output


def test_components_transforms_and_aggregates_are_listed_alike() -> None:
    text = printed()
    for name in ("similarity", "sa_score", "double_sigmoid", "min_gaussian", "geometric_mean", "minimum"):
        assert f"\n {name} " in text


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_example_works_when_pasted(entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOLGEN_TRUST", "command,endpoint")
    text = printed(entry.name)
    (tmp_path / "goal.yaml").write_text(text[text.rindex("\n\n", 0, -2) :])
    node = load(tmp_path / "goal.yaml", "scoring")
    assert list(problems(to_plain(node), "scoring")) == []
    if not issubclass(entry.kind, Component):
        assert 0 < Scorer.from_config(tmp_path / "goal.yaml")(["CC(=O)Oc1ccccc1C(=O)O"]).total[0] <= 1
    SCHEMA.validate(yaml.safe_load((tmp_path / "goal.yaml").read_text()))


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_every_setting_is_explained(entry: Entry) -> None:
    assert [name for name, _, _, about in entry.settings if not about] == []
    assert {name for name, *_ in entry.settings} == {item.name for item in dataclasses.fields(entry.kind)}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["tpsa"], ["descriptor", "double_sigmoid", "step"]),
        (["window"], ["double_sigmoid", "step"]),
        (["bioavailability"], ["property"]),
        (["pharmacophores"], ["shape", "similarity"]),
        (["weighted", "mean"], ["arithmetic_mean", "geometric_mean"]),
    ],
)
def test_words_find_what_mentions_them(words: list[str], names: list[str]) -> None:
    rows = [line.split()[0] for line in printed(*words).splitlines() if line.startswith(" ") and line[1] != " "]
    assert [row for row in rows if row not in ("component", "transform", "aggregate")] == names


def test_a_name_may_be_written_as_the_class_is() -> None:
    assert printed("SAScore") == printed("sa_score") == printed("sascore")


def test_what_nothing_mentions_is_one_line() -> None:
    result = CliRunner().invoke(main, ["components", "similarty"])
    assert result.exit_code != 0
    assert "nothing mentions 'similarty', did you mean 'similarity'?" in result.output


@pytest.mark.parametrize("name", options("scoring"))
def test_the_schema_takes_every_shipped_objective(name: str) -> None:
    SCHEMA.validate(yaml.safe_load((conf_dir() / "scoring" / f"{name}.yaml").read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "terms: {a: {affinity: {targt: KIT}}}",
        "terms: {a: {afinity: {target: KIT}}}",
        "terms: {a: {qed: {}, sa_score: {}}}",
        "terms: {a: {weight: 2}}",
        "terms: {a: {qed: {}, weight: heavy}}",
        "terms: {a: {descriptor: tpsa, transform: {sigmoid: {low: 1}}}}",
        "terms: {a: {descriptor: tpsa, transform: {sigmod: {low: 1, high: 2}}}}",
        "terms: {a: {descriptor: tpsa, transform: sigmoid}}",
        "terms: {a: similarity}",
        "defaults: [drug_like]\nterms: {qed: {wieght: 3}}",
        "defaults: [drug_like]\nterms: {synthesis: {transform: {linear: {lwo: 5}}}}",
        "terms: {a: qed}\naggregate: mean",
        "terms: {a: qed}\nfilters: {b: {qed: {}, weight: 2}}",
        "term: {a: qed}",
        "filters: {b: {alerts: [PAINS]}}",
    ],
)
def test_the_schema_refuses_what_the_checks_refuse(text: str, tmp_path: Path) -> None:
    (tmp_path / "goal.yaml").write_text(text)
    assert not SCHEMA.is_valid(yaml.safe_load(text))
    with pytest.raises(ConfigError):
        Scorer.from_config(tmp_path / "goal.yaml")


@pytest.mark.parametrize(
    "changes",
    ["terms: {qed: {weight: 3}}", "terms: {synthesis: {transform: {linear: {low: 5}}}}", "filters: {alerts: {maximum: 1}}"],
)
def test_the_schema_takes_what_changes_another_objective(changes: str, tmp_path: Path) -> None:
    (tmp_path / "goal.yaml").write_text(f"defaults: [drug_like]\n{changes}\n")
    SCHEMA.validate(yaml.safe_load((tmp_path / "goal.yaml").read_text()))
    Scorer.from_config(tmp_path / "goal.yaml")
    assert not SCHEMA.is_valid(yaml.safe_load(changes))


def test_the_schema_knows_types_defaults_and_explanations() -> None:
    found: Any = objective_schema()["$defs"]["affinity settings"]["properties"]
    assert found["statistic"]["default"] == "mean"
    assert found["target"]["type"] == "string"
    assert "domain" in found["outside"]["description"]
