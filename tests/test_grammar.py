"""Objectives as a chemist writes them: what the short names stand for, how they are overridden, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from molgen.classes import locate, makes, named_class
from molgen.config import build, compose, to_plain
from molgen.errors import ConfigError
from molgen.scoring.aggregate import Product
from molgen.scoring.component import find_components
from molgen.scoring.components.alerts import Alerts
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.qed import QED
from molgen.scoring.components.sa_score import SAScore
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Filter, Scorer, Term
from molgen.scoring.transforms import Clip, Identity, Linear, Sigmoid
from molgen.short_names import COMPONENT, CONTRACTS, short_name, short_names
from molgen.trust import UntrustedError

GOAL = """
aggregate: product
terms:
  likeness: {similarity: {target: c1ccccc1O, fingerprint: ECFP6}, transform: {clip: 0.7}}
  solubility: {descriptor: esol, transform: {sigmoid: {low: -6, high: -3.5}}, weight: 2}
  ease: {sa_score: , transform: {linear: {low: 6, high: 2.5}}}
  qed: qed
  motif: {substructure: '[F,Cl]', transform: identity}
filters:
  alerts: {alerts: [PAINS], maximum: 0}
"""


@pytest.fixture
def goal(tmp_path: Path) -> str:
    (tmp_path / "goal.yaml").write_text(GOAL)
    return str(tmp_path / "goal.yaml")


def test_short_names_stand_for_classes_and_their_settings(goal: str) -> None:
    assert Scorer.from_config(goal) == Scorer(
        {
            "likeness": Term(Similarity("c1ccccc1O", "ECFP6"), Clip(0.7)),
            "solubility": Term(Descriptor("esol"), Sigmoid(-6, -3.5), 2),
            "ease": Term(SAScore(), Linear(6, 2.5)),
            "qed": Term(QED()),
            "motif": Term(Substructure("[F,Cl]"), Identity()),
        },
        Product(),
        {"alerts": Filter(Alerts(["PAINS"]), maximum=0)},
    )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_short_name_is_a_class_that_files_may_name(contract: str) -> None:
    names = short_names(contract)
    assert names
    for target in names.values():
        named_class(target, locate(contract))


def test_every_component_has_a_short_name() -> None:
    assert {short_name(kind.__name__): target for target, kind in find_components().items()} == short_names(COMPONENT)
    assert not set(short_names(COMPONENT)) & {"component", "transform", "weight", "minimum", "maximum"}


@pytest.mark.parametrize(
    ("override", "name", "expected"),
    [
        ("solubility.weight=3", "solubility", Term(Descriptor("esol"), Sigmoid(-6, -3.5), 3)),
        ("solubility.descriptor=tpsa", "solubility", Term(Descriptor("tpsa"), Sigmoid(-6, -3.5), 2)),
        ("solubility.descriptor.reference=CCO", "solubility", Term(Descriptor("esol", "CCO"), Sigmoid(-6, -3.5), 2)),
        ("solubility.component.name=tpsa", "solubility", Term(Descriptor("tpsa"), Sigmoid(-6, -3.5), 2)),
        ("solubility.transform.sigmoid.low=-5", "solubility", Term(Descriptor("esol"), Sigmoid(-5, -3.5), 2)),
        ("solubility.transform.low=-5", "solubility", Term(Descriptor("esol"), Sigmoid(-5, -3.5), 2)),
        ("solubility.transform={clip: 3}", "solubility", Term(Descriptor("esol"), Clip(3), 2)),
        ("likeness.similarity.target=CCO", "likeness", Term(Similarity("CCO", "ECFP6"), Clip(0.7))),
        ("motif.substructure=[O,N]", "motif", Term(Substructure("[O,N]"), Identity())),
        ("motif.substructure={smarts: C, wanted: count}", "motif", Term(Substructure("C", "count"), Identity())),
        ("qed.weight=4", "qed", Term(QED(), None, 4)),
        ("qed=sa_score", "qed", Term(SAScore())),
        ("+scoring.terms.new={descriptor: rings, transform: {clip: 4}}", "new", Term(Descriptor("rings"), Clip(4))),
    ],
)
def test_overrides_are_as_simple(goal: str, override: str, name: str, expected: Term) -> None:
    text = override if override.startswith("+") else f"scoring.terms.{override}"
    assert Scorer.from_config(goal, [text]).terms[name] == expected


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("likeness.similarity.targt=CCO", "scoring.terms.likeness.similarity.targt: unknown key, did you mean 'target'"),
        ("likeness.similrity.target=CCO", "unknown key 'scoring.terms.likeness.similrity.target', did you mean 'similarity'"),
        ("likeness.wieght=3", "scoring.terms.likeness.wieght: no setting of a term, no component, did you mean 'weight'"),
        ("likeness.qed={}", "scoring.terms.likeness: a term has one component, and here similarity and qed"),
        ("likeness.component=qed", "scoring.terms.likeness: a term has one component, and here similarity and component"),
        ("new={weight: 3}", "scoring.terms.new: a term has one component, and here is none"),
        ("qed={qed: 3}", "scoring.terms.qed.qed: qed has no settings"),
        ("qed.weight=null", "scoring.terms.qed.weight: null is not a number"),
        ("solubility.transform={low: 3}", "scoring.terms.solubility.transform.low: no transform 'low'"),
        ("qed=qd", "scoring.terms.qed.qd: no setting of a term, no component, did you mean 'qed'"),
        ("solubility.transform={sigmod: {low: 1, high: 2}}", "transform.sigmod: no transform 'sigmod', did you mean 'sigmoid'"),
        ("solubility.transform.sigmoid.low=deep", "scoring.terms.solubility.transform.sigmoid.low: 'deep' is not a number"),
        ("solubility.transform={step: 3}", "scoring.terms.solubility.transform.step: write step: {SETTING: 3}"),
        ("new={selectivity: KIT}", "scoring.terms.new.selectivity: write selectivity: {SETTING: 'KIT'}"),
        ("solubility.transform={clip: x}", "scoring.terms.solubility.transform.clip: 'x' is not a number"),
        ("qed.qed._target_=molgen.scoring.components.qed.QED", "scoring.terms.qed.qed._target_: qed is a class already"),
        ("new={affinity: {}}", "scoring.terms.new.affinity.target: missing; Affinity needs it"),
    ],
)
def test_what_is_wrong_has_the_users_own_key(goal: str, override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Scorer.from_config(goal, [f"scoring.terms.{override}"])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_wrong_keys_are_listed_at_once(goal: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Scorer.from_config(goal, ["scoring.terms.qed.a=1", "scoring.terms.qed.b=1", "scoring.filters.alerts.maximum=x"])
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "scoring.terms.qed.a", "scoring.terms.qed.b", "scoring.filters.alerts.maximum",
    ]  # fmt: skip


def test_the_full_form_is_the_same(tmp_path: Path, goal: str) -> None:
    terms = """
  solubility:
    _target_: molgen.scoring.scorer.Term
    component: {_target_: molgen.scoring.components.descriptor.Descriptor, name: esol}
    transform: {_target_: molgen.scoring.transforms.Sigmoid, low: -6, high: -3.5}
    weight: 2
  qed: {component: qed}
"""
    (tmp_path / "full.yaml").write_text(f"_target_: molgen.scoring.scorer.Scorer\nterms:{terms}")
    full, short = Scorer.from_config(tmp_path / "full.yaml"), Scorer.from_config(goal)
    assert full.terms == {name: short.terms[name] for name in full.terms}


OWN = """
from dataclasses import dataclass
import numpy as np
from molgen.scoring.component import Component

@dataclass(frozen=True)
class Longest(Component):
    most: int
    weight: float = 1.0

    def __call__(self, molecules):
        return molecules.map(lambda mol: mol.GetNumAtoms() / self.most)
"""


def test_a_component_of_ones_own_stands_in_a_term_or_below_component(tmp_path: Path) -> None:
    (tmp_path / "longest.py").write_text(OWN)
    (tmp_path / "goal.yaml").write_text(
        "terms:\n  a: {_target_: longest.Longest, most: 40, transform: identity}\n"
        "  b: {component: {_target_: longest.Longest, most: 40, weight: 3}, transform: identity, weight: 2}\n"
    )
    with pytest.raises(UntrustedError, match=r"trust=\[longest\]"):
        Scorer.from_config(tmp_path / "goal.yaml")
    scorer = Scorer.from_config(tmp_path / "goal.yaml", ["trust=[longest]"])
    assert scorer(["CCCC"]).raw.tolist() == [[0.1, 0.1]]
    assert scorer.terms["b"].weight == 2
    with pytest.raises(ConfigError, match=r"^scoring\.terms\.a\.weight: is a setting of the term and of Longest"):
        Scorer.from_config(tmp_path / "goal.yaml", ["trust=[longest]", "scoring.terms.a.weight=3"])
    with pytest.raises(ConfigError, match=r"^scoring\.terms\.a\.mots: unknown key, did you mean 'most'"):
        Scorer.from_config(tmp_path / "goal.yaml", ["trust=[longest]", "scoring.terms.a.mots=3"])


@pytest.mark.parametrize(
    ("term", "ability"),
    [
        ("{command: ./model, transform: identity}", "command"),
        ("{http_endpoint: {url: 'http://127.0.0.1'}, transform: identity}", "endpoint"),
        ("{remote_scorer: 'http://127.0.0.1'}", "endpoint"),
        ("{docking: {receptor: x.pdbqt, cache: 'postgresql://me@host/x'}}", "cache"),
    ],
)
def test_what_runs_programs_asks_for_trust_by_its_short_name_too(tmp_path: Path, term: str, ability: str) -> None:
    (tmp_path / "goal.yaml").write_text(f"terms:\n  a: {term}\n")
    with pytest.raises(UntrustedError, match=rf"^scoring\.terms\.a\.\w+: .*trust=\[{ability}\]"):
        Scorer.from_config(tmp_path / "goal.yaml")


def test_a_list_where_a_pattern_is_meant_is_refused_with_its_line(tmp_path: Path) -> None:
    for number, term in enumerate(("{substructure: [F,Cl]}", "{substructure: {smarts: [F,Cl]}}")):
        (tmp_path / f"{number}.yaml").write_text(f"terms:\n  qed: qed\n  a: {term}\n")
        with pytest.raises(ConfigError, match=r"yaml: line 3: (substructure|smarts): without quotes this is a list"):
            Scorer.from_config(tmp_path / f"{number}.yaml")


class TestDefaults:
    def write(self, folder: Path, **files: str) -> None:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text)

    def test_a_file_changes_a_shipped_objective(self, tmp_path: Path) -> None:
        self.write(tmp_path, goal="defaults: [drug_like]\nterms: {qed: {weight: 3, qed: {}}}\nfilters: {alerts: {maximum: 1}}\n")
        expected, scorer = Scorer.from_config("drug_like"), Scorer.from_config(tmp_path / "goal.yaml")
        assert scorer.terms == {**expected.terms, "qed": Term(QED(), weight=3)}
        assert scorer.filters["alerts"].maximum == 1

    @pytest.mark.parametrize(
        ("term", "expected"),
        [
            ("{weight: 2}", Term(Descriptor("esol", "CCO"), Sigmoid(-6, -3.5), 2)),
            ("{descriptor: tpsa}", Term(Descriptor("tpsa", "CCO"), Sigmoid(-6, -3.5), 3)),
            ("{descriptor: {reference: CCC}}", Term(Descriptor("esol", "CCC"), Sigmoid(-6, -3.5), 3)),
            ("{transform: {sigmoid: {low: -5}}}", Term(Descriptor("esol", "CCO"), Sigmoid(-5, -3.5), 3)),
            ("{transform: {clip: 2}}", Term(Descriptor("esol", "CCO"), Clip(2), 3)),
            ("{transform: identity}", Term(Descriptor("esol", "CCO"), Identity(), 3)),
            ("{transform: {_target_: molgen.scoring.transforms.Clip, upper: 2}}", Term(Descriptor("esol", "CCO"), Clip(2), 3)),
            ("{qed: {}}", Term(QED(), None, 3)),  # a transform is in the unit of what it was for
            ("{sa_score: {}, weight: 2}", Term(SAScore(), None, 2)),
            ("{component: qed}", Term(QED(), None, 3)),
            ("{_target_: molgen.scoring.components.qed.QED}", Term(QED(), None, 3)),
            ("{similarity: CCO, transform: {clip: 0.7}}", Term(Similarity("CCO"), Clip(0.7), 3)),
            ("qed", Term(QED(), None, 3)),
        ],
    )
    def test_another_class_replaces_the_one_that_was_there(self, tmp_path: Path, term: str, expected: Term) -> None:
        base = "{descriptor: {name: esol, reference: CCO}, transform: {sigmoid: {low: -6, high: -3.5}}, weight: 3}"
        self.write(tmp_path, base=f"terms: {{a: {base}}}\n", goal=f"defaults: [base.yaml]\nterms: {{a: {term}}}\n")
        assert Scorer.from_config(tmp_path / "goal.yaml").terms["a"] == expected
        assert Scorer.from_config(tmp_path / "base.yaml", [f"scoring.terms.a={term}"]).terms["a"] == expected

    def test_a_filter_on_something_else_has_limits_of_its_own(self, tmp_path: Path) -> None:
        self.write(tmp_path, goal="defaults: [drug_like]\nfilters: {alerts: {descriptor: tpsa, minimum: 60}}\n")
        assert Scorer.from_config(tmp_path / "goal.yaml").filters["alerts"] == Filter(Descriptor("tpsa"), minimum=60)
        self.write(tmp_path, goal="defaults: [drug_like]\nfilters: {alerts: {alerts: {catalogs: [PAINS]}}}\n")
        assert Scorer.from_config(tmp_path / "goal.yaml").filters["alerts"] == Filter(Alerts(["PAINS"]), maximum=0)

    def test_it_is_written_as_in_shipped_files(self, tmp_path: Path) -> None:
        self.write(tmp_path, goal="defaults: [docking/parp1@_here_, _self_]\nterms: {docking: {docking: {isomers: 2}}}\n")
        composed = to_plain(compose("score", [f"scoring={tmp_path}/goal.yaml"]))["scoring"]
        shipped = to_plain(compose("score", ["scoring=docking/parp1"]))["scoring"]
        shipped["terms"]["docking"]["docking"]["isomers"] = 2
        assert composed == shipped

    def test_another_file_lies_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        self.write(tmp_path, base="terms: {qed: qed}\n")
        self.write(tmp_path / "sub", goal="defaults: [../base.yaml]\nterms: {ease: sa_score}\n")
        assert list(Scorer.from_config(tmp_path / "sub" / "goal.yaml").terms) == ["qed", "ease"]

    def test_the_last_named_goes_over_the_others(self, tmp_path: Path) -> None:
        self.write(
            tmp_path, base="terms: {a: {qed: , weight: 1}}", goal="defaults: [_self_, base.yaml]\nterms: {a: {weight: 2}}\n"
        )
        assert Scorer.from_config(tmp_path / "goal.yaml").terms["a"].weight == 1

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            ("[drug_lik]", "defaults: no scoring 'drug_lik', did you mean 'drug_like'"),
            ("[{scoring: drug_like}]", "defaults: must be a list of names and files"),
            ("drug_like", "defaults: must be a list of names and files"),
            ("[goal.yaml]", "its defaults lead back to it"),
            ("[../../nowhere.yaml]", "nowhere.yaml: no such file"),
            ("[_self_]", "no terms in it"),
        ],
    )
    def test_what_leads_nowhere_is_one_line(self, tmp_path: Path, entries: str, message: str) -> None:
        self.write(tmp_path, goal=f"defaults: {entries}\n")
        with pytest.raises(ConfigError) as caught:
            Scorer.from_config(tmp_path / "goal.yaml")
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_objectives_of_stages_are_written_the_same_way() -> None:
    node: Any = {"terms": {"a": "qed"}}
    assert build(node, "stages.1.scoring").terms == {"a": Term(QED())}
    assert makes(type(build(node, "scoring")), Scorer)
