"""Settings on the command line: the same grammar for what ships and for files of one's own."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from molgen import Scorer
from molgen.config import build, compose, conf_dir, to_plain
from molgen.errors import ConfigError
from molgen.overrides import expand, in_quotes, read_value
from molgen.own_code import in_folder

OWN = """
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import beside_it

from molgen.scoring.component import Component
from molgen.scoring.transforms import Linear


@dataclass(frozen=True)
class Halogens(Component):
    "Number of halogens."

    most: int = 3
    unit: ClassVar[str] = "atoms"

    def __call__(self, molecules):
        return molecules.map(beside_it.halogens)

    def desirability(self):
        return Linear(self.most, 0)
"""
GOAL = """
_target_: molgen.scoring.scorer.Scorer
terms:
  halogens:
    _target_: molgen.scoring.scorer.Term
    component: {_target_: own_component.Halogens}
  novelty:
    _target_: molgen.scoring.scorer.Term
    component: {_target_: molgen.scoring.components.novelty.Novelty, path: known.smi}
  length:
    _target_: molgen.scoring.scorer.Term
    component: {_target_: molgen.scoring.components.command.Command, command: "sh length.sh"}
    transform: {_target_: molgen.scoring.transforms.Linear, low: 0, high: 10}
"""


@pytest.fixture(params=["shipped", "file"])
def scoring(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "shipped":
        return "drug_like"
    path = tmp_path / "mine.yaml"
    path.write_text((conf_dir() / "scoring" / "drug_like.yaml").read_text())
    return str(path)


def terms(scoring: str, *overrides: str) -> dict[str, Any]:
    found: dict[str, Any] = to_plain(compose("score", [f"scoring={scoring}", *overrides]))["scoring"]
    return found


class TestChanges:
    def test_a_term_is_added_and_another_removed(self, scoring: str) -> None:
        term = "{_target_: molgen.scoring.scorer.Term, component: {_target_: molgen.scoring.components.qed.QED}, weight: 2}"
        node = terms(scoring, f"+scoring.terms.drug={term}", "~scoring.terms.qed", "+scoring.filters.alerts.minimum=-1")
        assert list(node["terms"]) == ["synthesis", "drug"]
        assert node["filters"]["alerts"]["minimum"] == -1
        assert build(node, "scoring")(["CCO"]).names == ("synthesis", "drug", "alerts")

    def test_what_is_not_there_yet_is_added_key_by_key(self, scoring: str) -> None:
        kinds = ["+scoring.filters.rings._target_=molgen.scoring.scorer.Filter", "+scoring.filters.rings.minimum=1"]
        kinds += ["+scoring.filters.rings.component._target_=molgen.scoring.components.descriptor.Descriptor"]
        scorer = build(terms(scoring, *kinds, "+scoring.filters.rings.component.name=rings"), "scoring")
        assert scorer(["CCO"]).problem == ["filter rings: 0 is below 1"]

    @pytest.mark.parametrize(
        ("override", "hint"),
        [
            ("~scoring.terms.qde", "did you mean 'qed'"),
            ("scoring.terms.qde.weight=2", "did you mean 'qed'"),
            ("+scoring.terms.qed.component=molgen", "a term has one component, and here qed and component"),
            ("+scoring.terms.synthesis.transform.low=3", "is there already; without the \\+"),
            ("scoring.terms.qed.weight=1,2", "several values make a sweep"),
            (
                "scoring.terms.qed.weight=[",
                r"scoring\.terms\.qed\.weight=\[: can't be read; lists are \[A,B\]",
            ),
            ("scoring.terms.qed.weight=heavy", "not a number"),
            ("+scoring.terms.qed.wieght=2", "did you mean 'weight'"),
            ("+scoring.trems.qed.weight=2", "did you mean 'terms'"),
        ],
    )
    def test_a_wrong_one_is_refused_by_name(self, scoring: str, override: str, hint: str) -> None:
        with pytest.raises(ConfigError, match=hint) as caught:
            build(terms(scoring, override), "scoring")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[nH]1cccc1",
        "F/C=C\\F",
        "C\\",
        'say "x"',
        "[Na+].[Cl-]",
        "{a}",
        "a,b",
        "x=y",
        "5",
        "true",
        "[a,b]",
        "C[C@H](N)C(=O)O |&1:1|",
    ],
)
def test_text_is_taken_to_the_letter(text: str) -> None:
    """At the top level, where Hydra reads it, and below, where its class says that it is text."""
    assert compose("sample", [f"prompt={text}"]).prompt == text
    assert compose("design", [f"campaign.title={text}"]).campaign.title == text
    assert read_value(in_quotes(text)) == text


def test_null_and_quotes_keep_their_meaning() -> None:
    assert compose("sample", ["prompt=null"]).prompt is None
    assert compose("sample", ["prompt='null'"]).prompt == "null"
    assert compose("sample", ["fragments=['*C','*N']"]).fragments == ["*C", "*N"]
    assert compose("sample", ["fragments=[[*:1]C=C,[2*]N]"]).fragments == ["[*:1]C=C", "[2*]N"]
    assert compose("sample", ["fragments=[[Na+],[Cl-]]"]).fragments == ["[Na+]", "[Cl-]"]


class TestSweeps:
    def test_what_is_one_value_stays_as_it_was_typed(self) -> None:
        assert expand(["a=[F,Cl]", "b=[$(C=O),$(N)]", "seed=0,1"]) == [
            ["a=[F,Cl]", "b=[$(C=O),$(N)]", "seed=0"],
            ["a=[F,Cl]", "b=[$(C=O),$(N)]", "seed=1"],
        ]

    def test_commas_between_what_hydra_cannot_read_are_refused_with_the_quotes_to_type(self) -> None:
        with pytest.raises(ConfigError, match="type 'a=") as caught:
            expand(["a=[F,Cl;R],C=C"])
        assert expand(["a=[+1],[-1]"]) == [["a=[+1]"], ["a=[-1]"]]
        assert expand(["a=c:c, C C"]) == [["a=c:c"], ["a=C C"]]
        assert expand(['a="x,\\"y",\'z,z\',1']) == [['a="x,\\"y"'], ["a='z,z'"], ["a=1"]]
        assert expand(["a=range(1,3)"]) == [["a=1"], ["a=2"]]
        typed = str(caught.value).partition("type '")[2].partition("'")[0]
        assert typed == 'a="[F,Cl;R]","C=C"'
        assert [read_value(job[0].removeprefix("a=")) for job in expand([typed])] == ["[F,Cl;R]", "C=C"]


class TestFilesBesideTheGoal:
    @pytest.fixture(autouse=True)
    def trusting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MOLGEN_TRUST", "own_component,package,command")

    @pytest.fixture
    def goal(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A goal in a folder, and another working directory with files of the same names."""
        here, there = tmp_path / "here", tmp_path / "there"
        for folder, known in ((here, "CC1CC1"), (there, "OCC")):
            folder.mkdir()
            (folder / "known.smi").write_text(f"{known}\n")
        (there / "own_component.py").write_text(OWN)
        (there / "beside_it.py").write_text(
            "def halogens(mol):\n    return sum(a.GetAtomicNum() in (9, 17) for a in mol.GetAtoms())\n"
        )
        (there / "length.sh").write_text('echo smiles,score; while read -r s; do echo "$s,${#s}"; done\n')
        (there / "goal.yaml").write_text(GOAL)
        monkeypatch.chdir(here)
        return there / "goal.yaml"

    def test_paths_and_components_are_found_there(self, goal: Path) -> None:
        scores = Scorer.from_config(goal)(["CCO", "CC1CC1", "FCCCl"])
        assert scores.raw.tolist() == [[0, 0, 3], [0, 1, 6], [2, 1, 5]]
        assert Scorer.from_config(os.path.relpath(goal))(["FCCCl"]).raw.tolist() == [[2, 1, 5]]

    def test_a_path_may_begin_at_home(self, goal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(goal.parent.parent))
        goal.write_text(goal.read_text().replace("known.smi", "~/here/known.smi"))
        assert Scorer.from_config(goal)(["OCC", "CC1CC1"]).raw[:, 1].tolist() == [1, 0]

    def test_what_is_composed_can_be_built_anywhere(self, goal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        node = to_plain(compose("score", [f"scoring={goal}"]))["scoring"]
        monkeypatch.chdir("/")
        assert build(node, "scoring")(["CCO"]).raw.tolist() == [[0, 0, 3]]

    def test_another_process_reads_what_was_pickled(self, goal: Path, tmp_path: Path) -> None:
        path = tmp_path / "component.pickle"
        path.write_bytes(pickle.dumps(Scorer.from_config(goal).terms["halogens"].component))
        code = f"import pickle, molgen.chem.molecules as m; print(pickle.load(open({str(path)!r}, 'rb'))(m.Molecules(['FCCCl'])))"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert told.stdout.strip() == "[2.]"

    def test_two_files_of_one_name_stay_two(self, goal: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / "own_component.py").write_text(
            OWN.replace("import beside_it", "").replace("beside_it.halogens", "lambda mol: 7")
        )
        (other / "goal.yaml").write_text(GOAL.partition("  novelty:")[0])
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 1
        assert Scorer.from_config(other / "goal.yaml")(["F"]).raw[0, 0] == 7

    def test_what_lies_beside_a_component_is_its_own(self, goal: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / "own_component.py").write_text(OWN)
        (other / "beside_it.py").write_text("def halogens(mol):\n    return 8\n")
        (other / "goal.yaml").write_text(GOAL.partition("  novelty:")[0])
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 1
        assert Scorer.from_config(other / "goal.yaml")(["F"]).raw[0, 0] == 8
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 1

    @pytest.mark.parametrize("working", ["here", "there"])
    def test_what_has_changed_is_imported_again(self, goal: Path, monkeypatch: pytest.MonkeyPatch, working: str) -> None:
        monkeypatch.chdir(goal.parent.with_name(working))
        monkeypatch.syspath_prepend("")
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 1
        goal.with_name("own_component.py").write_text(
            OWN.replace("beside_it.halogens", "lambda mol: 2 * beside_it.halogens(mol)")
        )
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 2
        goal.with_name("beside_it.py").write_text("def halogens(mol):\n    return 30\n")
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 60

    def test_a_package_may_import_relatively(self, goal: Path) -> None:
        package = goal.with_name("package")
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "parts.py").write_text(OWN.replace("import beside_it", "from . import beside_it"))
        (package / "beside_it.py").write_text("def halogens(mol):\n    return 5\n")
        goal.write_text(GOAL.partition("  novelty:")[0].replace("own_component.", "package.parts."))
        assert Scorer.from_config(goal)(["F"]).raw[0, 0] == 5

    def test_what_molgen_ships_is_not_looked_for_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        root = conf_dir().parent
        assert in_folder("molgen.scoring.scorer.Scorer", root) == "molgen.scoring.scorer.Scorer"
        monkeypatch.syspath_prepend(str(root))
        assert in_folder("tests.test_overrides.TestChanges", root) == "tests.test_overrides.TestChanges"

    def test_a_component_that_cannot_be_imported_is_one_line(self, goal: Path) -> None:
        goal.with_name("own_component.py").write_text("import nowhere_to_be_found\n")
        with pytest.raises(ConfigError, match=r"own_component\.py.*No module named 'nowhere_to_be_found'") as caught:
            Scorer.from_config(goal)
        assert "\n" not in str(caught.value)
        goal.with_name("own_component.py").write_text("class Halogens(\n")
        with pytest.raises(ConfigError, match=r"own_component\.py: can't be imported \(SyntaxError"):
            Scorer.from_config(goal)

    @pytest.mark.parametrize(
        ("smarts", "hint"),
        [
            (
                "[F,Cl]",
                r"line 7: smarts: without quotes this is a list; write '\[F,Cl\]' for one pattern, \['F', 'Cl'\] for a list",
            ),
            ("[#7]", r"wrong.yaml: not a YAML file \(line \d+: .*SMARTS and SMILES need quotes"),
        ],
    )
    def test_a_smarts_that_yaml_reads_as_something_else_is_refused(self, tmp_path: Path, smarts: str, hint: str) -> None:
        path = tmp_path / "wrong.yaml"
        component = f"      _target_: molgen.scoring.components.substructure.Substructure\n      smarts: {smarts}\n"
        path.write_text(
            "_target_: molgen.scoring.scorer.Scorer\nterms:\n  s:\n    _target_: molgen.scoring.scorer.Term\n    component:\n"
            + component
        )
        with pytest.raises(ConfigError, match=hint):
            Scorer.from_config(path)


def test_a_wrong_setting_beside_an_option_called_true_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^unknown key 'output'"):
        compose("design", ["makeable=true", "output=mine"])
    with pytest.raises(ConfigError, match=r"^makeable=ture: no such makeable, did you mean 'true'"):
        compose("design", ["makeable=ture"])
