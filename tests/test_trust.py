"""Objectives from strangers run nothing: every case would leave a marker."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from molgen import Scorer
from molgen.cli.commands import main
from molgen.config import build, compose, conf_dir
from molgen.errors import CampaignError, ConfigError
from molgen.runs.settings import read_config
from molgen.scoring.components.qed import QED
from molgen.trust import UntrustedError, is_trusted, take_trust, trusted_names, trusting
from tests.strangers import COMMAND, IDENTITY, MODULE, QED_NAME, SCORER, TERM, calls, objective, written


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("working"))


PLACES = {
    "component": lambda node: objective(node),
    "transform": lambda node: objective({"_target_": QED_NAME}, transform=node),
    "filter": lambda node: (
        objective({"_target_": QED_NAME}) | {"filters": {"a": {"_target_": f"{SCORER[:-6]}Filter", "component": node}}}
    ),
    "aggregate": lambda node: objective({"_target_": QED_NAME}) | {"aggregate": node},
    "number": lambda node: objective({"_target_": QED_NAME}, weight=node),
    "unknown key": lambda node: objective({"_target_": QED_NAME}) | {"more": node},
    "top": lambda node: node,
    "deep": lambda node: objective(
        {"_target_": "molgen.scoring.components.alerts.Alerts", "catalogs": [["PAINS", {"a": [1, [node]]}]]}
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_objective_runs_nothing(place: str, strangers: Path, marker: Path) -> None:
    for node in calls(marker)[:: 1 if place == "component" else 4]:
        with pytest.raises(ConfigError) as caught:
            Scorer.from_config(written(strangers, PLACES[place](node)))
        assert len(str(caught.value).splitlines()) <= 5, node
        assert not marker.exists(), node
        assert not list(strangers.glob("*.sqlite"))


class TestResolvers:
    @pytest.mark.parametrize(
        "text",
        [
            "${oc.env:MOLGEN_SECRET}",
            "${oc.env:MOLGEN_SECRET,C}",
            "x${oc.env:MOLGEN_SECRET}y",
            "${oc.decode:${oc.env:MOLGEN_SECRET}}",
            "${oc.select:none,${oc.env:MOLGEN_SECRET}}",
            '${oc.select:none,"${oc.env:MOLGEN_SECRET}"}',
            "${oc.create:{a:1}}",
            "${oc.deprecated:terms}",
            "${oc.dict.values:terms}",
            "${oc.${which}:MOLGEN_SECRET}",
            "${${which}}",
            "${now:%Y}",
            "${hydra:runtime.cwd}",
            "\\${oc.env:MOLGEN_SECRET}",
            "\\\\${oc.env:MOLGEN_SECRET}",
            "${ oc.env:MOLGEN_SECRET }",
        ],
    )
    def test_files_read_no_environment(self, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_SECRET", "CCO")
        substructure = {"_target_": "molgen.scoring.components.substructure.Substructure"}
        for node in (
            objective(substructure | {"smarts": text}),
            objective(substructure | {"smarts": [text]}),
            objective(substructure | {text: "C"}),
            objective({"_target_": text}),
            {"_target_": text},
        ):
            with pytest.raises(ConfigError, match=r"only \$\{another.key\} can be put in") as caught:
                Scorer.from_config(written(tmp_path, node))
            assert "CCO" not in str(caught.value)

    def test_another_key_can_be_put_in(self, tmp_path: Path) -> None:
        (found,) = {
            term.weight
            for name, term in Scorer.from_config(
                written(
                    tmp_path,
                    objective({"_target_": QED_NAME}, weight="${scoring.terms.c.weight}")
                    | {
                        "terms": {
                            "b": {"_target_": TERM, "component": {"_target_": QED_NAME}, "weight": "${scoring.terms.c.weight}"},
                            "c": {"_target_": TERM, "component": {"_target_": QED_NAME}, "weight": 2.5},
                        }
                    },
                )
            ).terms.items()
        }
        assert found == 2.5

    @pytest.mark.parametrize("key", ["scoring", "+scoring", "search@scoring", "scoring/pmo"])
    def test_a_name_leads_to_no_other_folder(self, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_SECRET", "CCO")
        goal = written(tmp_path, {"_target_": SCORER, "terms": "${oc.env:MOLGEN_SECRET}"}).with_suffix("")
        for path in (os.path.relpath(goal, conf_dir() / "scoring"), os.path.relpath(goal, conf_dir() / "scoring" / "pmo"), goal):
            for override in (
                f"{key}={path}",
                f"{key}='{path}'",
                f"scoring/{Path(path).parent}={goal.name}",
                f"{key}=file://{goal}",
            ):
                with pytest.raises(ConfigError):
                    compose("score", [override])

    @pytest.mark.parametrize("command", ["design", "score"])
    def test_nor_do_overrides_and_what_is_resolved_twice(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_SECRET", "drug_like")
        for text in ("scoring=${oc.env:MOLGEN_SECRET}", "scoring.terms.qed.weight=${oc.env:MOLGEN_SECRET}"):
            with pytest.raises(ConfigError, match=r"oc\.env"):
                compose(command, [text])
        substructure = {"_target_": "molgen.scoring.components.substructure.Substructure", "smarts": "${oc.env:MOLGEN_SECRET}"}
        with pytest.raises(ConfigError, match="not a SMARTS"):  # as in the config.yaml of a run, whose text is taken as it is
            build(objective(substructure), "scoring")


class TestTrust:
    @pytest.mark.parametrize("key", ["trust", "MOLGEN_TRUST"])
    def test_a_file_cannot_trust_itself(self, key: str, strangers: Path, marker: Path) -> None:
        goal = written(strangers, {key: ["stranger"]} | objective({"_target_": "stranger.Mine"}))
        with pytest.raises(ConfigError):
            Scorer.from_config(goal)
        with pytest.raises(ConfigError, match="only whoever types a command"):
            compose("design", [f"scoring={goal}", "trust=[stranger]"])
        assert not marker.exists()
        assert not trusted_names()

    def test_code_beside_an_objective_runs_once_it_is_trusted(self, strangers: Path, marker: Path) -> None:
        goal = written(strangers, objective({"_target_": "stranger.Mine"}))
        with pytest.raises(UntrustedError, match=r"stranger\.py is code that would run.* add trust=\[stranger\]$") as caught:
            Scorer.from_config(goal)
        assert "\n" not in str(caught.value)
        assert not marker.exists()
        found = Scorer.from_config(goal, ["trust=[stranger]"]).terms["b"].component
        assert type(found).__name__ == "Mine"
        assert marker.read_text() == "imported"
        with pytest.raises(ConfigError, match=r"stranger\.py:function' is no class"):
            Scorer.from_config(written(strangers, objective({"_target_": "stranger.function"})))
        assert marker.read_text() == "imported"

    @pytest.mark.parametrize("how", ["argument", "variable"])
    def test_every_command_takes_it(self, how: str, strangers: Path, marker: Path) -> None:
        goal = written(strangers, objective({"_target_": "stranger.Mine"}))
        (strangers / "in.smi").write_text("CCO\n")
        command = [sys.executable, "-m", "molgen.cli", "score", str(strangers / "in.smi"), f"scoring={goal}"]
        told = subprocess.run(command, capture_output=True, text=True)
        assert (told.returncode, len(told.stderr.splitlines())) == (1, 1), told.stderr
        assert "add trust=[stranger]" in told.stderr
        assert not marker.exists()
        more, named = (["trust=[stranger]"], {}) if how == "argument" else ([], {"MOLGEN_TRUST": "stranger"})
        told = subprocess.run([*command, *more], capture_output=True, text=True, env=os.environ | named)
        assert told.returncode == 0, told.stderr
        assert marker.exists()

    def test_names_are_whole_names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_TRUST", "my_package, other.part,command")
        for name in ("my_package.A", "my_package.deep.A", "other.part.A", "molgen.scoring.scorer.Scorer"):
            assert is_trusted(name), name
        for name in ("my_packageevil.A", "my_package", "evil.my_package.A", "other.A", "other.parts.A", "command.A", "molgenx.A"):
            assert not is_trusted(name), name
        for name in ("molgen", "molgen.own_code.00.a.A", "subprocess.Popen", "builtins.eval", "", ".", ".my_package.A"):
            assert not is_trusted(name), name

    def test_a_package_whose_name_begins_like_a_trusted_one(self, strangers: Path, marker: Path) -> None:
        (strangers / "strangerevil.py").write_text(MODULE.format(marker=str(marker)))
        with pytest.raises(UntrustedError, match=r"trust=\[strangerevil\]"):
            Scorer.from_config(written(strangers, objective({"_target_": "strangerevil.Mine"})), ["trust=[stranger]"])
        assert not marker.exists()

    def test_a_file_that_has_the_name_of_an_installed_package(self, strangers: Path, marker: Path) -> None:
        for name in ("click", "yaml", "os", "sys"):
            (strangers / f"{name}.py").write_text(MODULE.format(marker=str(marker)))
            with pytest.raises(UntrustedError, match=r"there is another|can't be named"):
                Scorer.from_config(written(strangers, objective({"_target_": f"{name}.Mine"})), [f"trust=[{name}]"])
        assert not marker.exists()

    @pytest.mark.parametrize("ability", ["command", "endpoint"])
    def test_an_ability_is_no_name_of_a_file(self, ability: str, strangers: Path, marker: Path) -> None:
        with pytest.raises(UntrustedError):
            Scorer.from_config(written(strangers, objective({"_target_": f"{ability}.Mine"})), [f"trust=[{ability}]"])
        assert not marker.exists()

    def test_a_trusted_package_makes_nothing_of_what_it_imports(self, strangers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (strangers / "helping.py").write_text("from subprocess import Popen\nfrom os import system\nfrom pathlib import Path\n")
        for name in ("Popen", "system", "Path"):
            with pytest.raises(ConfigError, match=r"isn't trusted|is no class"):
                Scorer.from_config(written(strangers, objective({"_target_": f"helping.{name}"})), ["trust=[helping]"])

    def test_any_class_that_a_trusted_module_defines_is_made_where_it_fits(self, strangers: Path) -> None:
        (strangers / "curves.py").write_text("class Half:\n    def __call__(self, x):\n        return 0 * x + 0.5\n")
        node = objective({"_target_": QED_NAME}, transform={"_target_": "curves.Half"})
        assert Scorer.from_config(written(strangers, node), ["trust=[curves]"])(["CCO"]).scaled[0, 1] == 0.5
        with pytest.raises(ConfigError, match="Half' is not a Component"):
            Scorer.from_config(written(strangers, objective({"_target_": "curves.Half"})))

    @pytest.mark.parametrize("text", ["trust=[a b]", "trust=[]", "trust=", "trust=[../x]", "trust=[a,]", "trust=[1]"])
    def test_what_is_no_name_is_refused(self, text: str) -> None:
        with pytest.raises(ConfigError, match=r"^trust=") as caught:
            take_trust([text])
        assert "\n" not in str(caught.value)
        told = CliRunner().invoke(main, ["components", text])
        assert told.exit_code == 1
        assert told.output.startswith("molgen: trust=")

    def test_other_processes_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_TRUST", "a,b")
        told = trusting(trusted_names)
        monkeypatch.setenv("MOLGEN_TRUST", "c")
        assert told() == {"a", "b", "c"}


class TestAbilities:
    @pytest.mark.parametrize(
        ("component", "ability"),
        [
            ({"_target_": COMMAND, "command": "cat"}, "command"),
            ({"_target_": "molgen.scoring.components.http_endpoint.HttpEndpoint", "url": "http://127.0.0.1:1/"}, "endpoint"),
            (
                {"_target_": "molgen.scoring.components.remote.RemoteScorer", "url": "http://127.0.0.1:1/", "term": "a"},
                "endpoint",
            ),
            ({"_target_": COMMAND, "command": "cat", "cache": "postgresql+psycopg://me@127.0.0.1/x"}, "cache"),
        ],
    )
    def test_programs_and_addresses_need_leave(self, component: dict[str, Any], ability: str, tmp_path: Path) -> None:
        goal = written(tmp_path, objective(component, transform=IDENTITY))
        others = sorted({"cache", "cluster", "command", "endpoint"} - {ability})
        with pytest.raises(UntrustedError, match=rf"add trust=\[{ability}\]$") as caught:
            Scorer.from_config(goal, [f"trust=[{','.join(others)}]"])
        assert "\n" not in str(caught.value)
        assert len(Scorer.from_config(goal, [f"trust=[{ability}]"]).terms) == 2

    @pytest.mark.parametrize("kind", ["http_endpoint.HttpEndpoint", "remote.RemoteScorer"])
    @pytest.mark.parametrize("token", ["AWS_SECRET_ACCESS_KEY", "HOME", "molgen_token", "XMOLGEN_A", ""])
    def test_a_token_is_one_of_molgens_own_variables(self, kind: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_TRUST", "endpoint")
        with pytest.raises(ConfigError, match="must begin with MOLGEN_"):
            build({"_target_": f"molgen.scoring.components.{kind}", "url": "http://127.0.0.1:1/", "token": token})


def test_tags_of_yaml_make_nothing(strangers: Path, marker: Path) -> None:
    for tag in (f"!!python/object/apply:os.mkdir ['{marker}']", f"!!python/object/new:pathlib.Path ['{marker}']", "&a [*a]"):
        goal = strangers / "goal.yaml"
        goal.write_text(f"_target_: {SCORER}\nterms: {{a: {tag}}}\n")
        with pytest.raises(ConfigError) as caught:
            Scorer.from_config(goal)
        assert "\n" not in str(caught.value)
        assert not marker.exists()


def test_aliases_make_no_bomb(tmp_path: Path) -> None:
    lines = [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]" for i in range(1, 12)]
    text = "\n".join([f"_target_: {SCORER}", "x0: &x0 [1, 2, 3]", *lines])
    for name in ("goal.yaml", "config.yaml"):
        (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=r"goal\.yaml: not a YAML file .*aliases make more than 1,000,000 values"):
        Scorer.from_config(tmp_path / "goal.yaml")
    with pytest.raises(CampaignError, match=r"config\.yaml: damaged \(its aliases make more than"):
        read_config(tmp_path)


def test_what_files_name_is_expected_where_it_stands() -> None:
    """Kinds are told apart before anything is made."""
    assert build({"_target_": QED_NAME}) == QED()
    for path, name in (
        ("search", QED_NAME),
        ("cluster", QED_NAME),
        ("standardize", SCORER),
        ("scoring", "molgen.runs.run.Campaign"),
    ):
        with pytest.raises(ConfigError, match=r"is not an? [A-Z]"):
            build({"_target_": name}, path)
