from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from molgen import Scorer
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import ConfigError
from molgen.names import CALLS, COLUMNS
from molgen.runs.store import MOLECULES
from molgen.scoring.aggregate import ArithmeticMean, GeometricMean, Minimum, Product
from molgen.scoring.component import Component
from molgen.scoring.components.alerts import Alerts
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.qed import QED
from molgen.scoring.components.scaffold import Scaffold
from molgen.scoring.components.shape import Shape
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Filter, Term
from molgen.scoring.transforms import Identity, Linear
from tests.conftest import ASPIRIN, CAFFEINE

OBJECTIVE = {
    "_target_": "molgen.scoring.scorer.Scorer",
    "terms": {
        "qed": {
            "_target_": "molgen.scoring.scorer.Term",
            "component": {"_target_": "molgen.scoring.components.qed.QED"},
        }
    },
}


def size_scorer(**settings: object) -> Scorer:
    terms = {
        "size": Term(Descriptor("heavy_atoms"), Linear(0, 26), weight=3),
        "acid": Term(Substructure("C(=O)[OH]")),
    }
    return Scorer(terms, ArithmeticMean(), **settings)  # type: ignore[arg-type]


def test_terms_add_up_by_weight() -> None:
    scores = size_scorer()([ASPIRIN, CAFFEINE])
    np.testing.assert_allclose(scores.total, [(3 * 0.5 + 1) / 4, 3 * (14 / 26) / 4])
    assert scores.names == ("size", "acid")
    np.testing.assert_allclose(scores.raw, [[13, 1], [14, 0]])


def test_an_invalid_molecule_scores_zero_and_says_why() -> None:
    scores = size_scorer()(["C(", ASPIRIN])
    assert scores.total[0] == 0
    assert scores.problem[0] is not None
    assert scores.problem[0].startswith("invalid: ")
    assert scores.problem[1] is None
    assert np.isnan(scores.raw[0]).all()


def test_a_filter_zeroes_the_score_and_says_why() -> None:
    scorer = size_scorer(filters={"rings": Filter(Descriptor("rings"), maximum=1)})
    scores = scorer([ASPIRIN, CAFFEINE])
    assert scores.total[0] > 0
    assert scores.total[1] == 0
    assert scores.problem[1] == "filter rings: 2 is above 1"
    np.testing.assert_array_equal(scores.scaled[:, 2], [1, 0])


def test_a_table_has_the_raw_and_the_scaled_value_of_every_term() -> None:
    table = size_scorer()([ASPIRIN, "x"]).to_pandas()
    assert list(table) == ["smiles", "score", "size", "size_scaled", "acid", "acid_scaled", "problem"]
    assert table["smiles"].tolist() == [ASPIRIN, "x"]
    assert table["size"][0] == 13


def test_a_parsed_batch_is_taken_as_it_is() -> None:
    molecules = Molecules([ASPIRIN])
    np.testing.assert_array_equal(size_scorer()(molecules).total, size_scorer()([ASPIRIN]).total)


def test_from_a_name_a_file_and_with_overrides(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE))
    qed = Scorer({"qed": Term(QED())})([ASPIRIN]).total[0]
    assert Scorer.from_config(path)([ASPIRIN]).total[0] == pytest.approx(qed)
    assert Scorer.from_config("drug_like").terms["qed"].weight == 1
    assert Scorer.from_config("drug_like", ["scoring.terms.qed.weight=3"]).terms["qed"].weight == 3


def test_can_be_composed_while_a_hydra_application_runs() -> None:
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from molgen.config import conf_dir

    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        before = GlobalHydra.instance().hydra
        Scorer.from_config("drug_like")
        assert GlobalHydra.instance().hydra is before


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"terms": {"qed": {"_target_": "molgen.scoring.scorer.Trem", "component": {}}}}, "did you mean 'Term'"),
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"wieght": 2}}}, "terms.qed.wieght.*did you mean 'weight'"),  # type: ignore[index]
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"weight": "much"}}}, "weight: 'much' is not a number"),  # type: ignore[index]
        ({"terms": {"qed": {"_target_": "molgen.scoring.scorer.Term"}}}, "component: missing"),
        ({"terms": {}}, "at least one term"),
        ({"term": {}}, "did you mean 'terms'"),
        ({"terms": {"qed": OBJECTIVE["terms"]["qed"] | {"weight": -1}}}, "must be 0 or more"),  # type: ignore[index]
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, change: dict[str, object], hint: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE | change))
    with pytest.raises(ConfigError, match=hint):
        Scorer.from_config(path)


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    term = {"_target_": "molgen.scoring.scorer.Term", "wieght": 1, "component": {"_target_": "molgen.scoring.components.qed.Qde"}}
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(OBJECTIVE | {"terms": {"a": term, "b": term}}))
    with pytest.raises(ConfigError) as caught:
        Scorer.from_config(path)
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize("content", ["", "a: [", "just text", "- 1", "\x00\x01binary"])
def test_a_file_that_is_no_objective_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"wrong\.yaml"):
        Scorer.from_config(path)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'drug_like'"):
        Scorer.from_config("druglike")


class Fixed(Component):
    """Gives the values that it was made of."""

    def __init__(self, *values: float) -> None:
        self.values = np.array(values)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.values[: len(molecules)]

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], list[str | None]]:
        return self(molecules), ["the oven broke" if np.isnan(x) else None for x in self(molecules)]


class TestValuesThatAreNone:
    def test_a_component_says_why_it_failed(self) -> None:
        scores = Scorer({"x": Term(Fixed(np.nan, 1), Linear(0, 1))})(["C", "N"])
        assert scores.problem == ["x: the oven broke", None]
        assert scores.total.tolist() == [0, 1]

    @pytest.mark.parametrize("aggregate", [ArithmeticMean(), GeometricMean(), Product(), Minimum()])
    @pytest.mark.parametrize(
        ("transform", "value", "problem"),
        [
            (Linear(0, 1), np.inf, "x: inf is no value that can be wanted"),
            (Linear(1, 0), -np.inf, "x: -inf is no value that can be wanted"),
            (Identity(), 7.0, "x: 7 is outside 0 to 1; the term needs a transform"),
            (Identity(), -0.5, "x: -0.5 is outside 0 to 1; the term needs a transform"),
            (lambda x: x * 5, 1.0, "x: its transform makes 5 of 1, which is outside 0 to 1"),
            (lambda x: np.full_like(x, np.nan), 1.0, "x: failed"),
        ],
    )
    def test_a_value_outside_never_scores(self, aggregate: Any, transform: Any, value: float, problem: str) -> None:
        scores = Scorer({"x": Term(Fixed(value), transform), "qed": Term(QED())}, aggregate)([ASPIRIN])
        assert scores.total.tolist() == [0]
        assert scores.problem == [problem]

    def test_an_infinite_value_may_be_the_worst(self) -> None:
        """No route is more steps than any route has."""
        scorer = Scorer({"steps": Term(Fixed(np.inf, 2), Linear(6, 0))})
        assert scorer(["C", "N"]).total.tolist() == [0, pytest.approx(2 / 3)]
        assert scorer(["C", "N"]).problem == [None, None]
        limited = Scorer({"qed": Term(QED())}, filters={"steps": Filter(Fixed(np.inf), maximum=5)})
        assert limited([ASPIRIN]).problem == ["filter steps: inf is above 5"]

    def test_an_aggregate_that_fails_is_a_problem(self) -> None:
        scores = Scorer({"qed": Term(QED())}, lambda scaled, weights: np.full(len(scaled), np.nan))([ASPIRIN])
        assert scores.total.tolist() == [0]
        assert scores.problem == ["aggregate: made nan of the terms"]

    def test_rounding_is_no_problem(self) -> None:
        assert Scorer({"x": Term(Fixed(1 + 1e-9), Identity())})(["C"]).total.tolist() == [1]


@pytest.mark.parametrize(
    "name",
    [
        *("score", "smiles", "SMILES", "id", "call", "seconds", "problem", "island", "batch", "operator", "parents", "name"),
        *(
            "",
            " ",
            " a",
            "a ",
            "a\nb",
            "a\tb",
            "a\0b",
            "a\u202eb",
            "<a>",
            "$a$",
            "a/b",
            "a\\b",
            "_a",
            "=a",
            "a" * 200,
            "a_scaled",
        ),
        *(1, None, True),
    ],
)
def test_a_name_that_no_table_plot_or_file_can_hold_is_refused_at_once(name: Any) -> None:
    for terms, filters in (({name: Term(QED())}, {}), ({"qed": Term(QED())}, {name: Filter(QED())})):
        with pytest.raises(ConfigError, match="name") as caught:
            Scorer(terms, filters=filters)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["logD 7.4", "pKa (µM)", "hERG, IC50", "1", "score2", "Löslichkeit", "溶解度", "a" * 80])
def test_other_names_reach_every_table(name: str, tmp_path: Path) -> None:
    table = Scorer({name: Term(QED())})([ASPIRIN]).to_pandas()
    assert list(table) == ["smiles", "score", name, f"{name}_scaled", "problem"]


def test_every_column_of_a_campaign_is_reserved() -> None:
    assert {*MOLECULES.c.keys(), "call"} == set(CALLS) <= COLUMNS


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: Scorer({"qed": Term(QED(), weight=float("nan"))}), r"terms\.qed\.weight: must be 0 or more, and finite"),
        (lambda: Scorer({"qed": Term(QED(), weight=float("inf"))}), r"terms\.qed\.weight: must be 0 or more, and finite"),
        (lambda: Scorer({"a": Term(QED())}, filters={"b": Filter(QED(), 2, 1)}), r"filters\.b: minimum 2 is above maximum 1"),
        (lambda: Scorer({"a": Term(QED())}, filters={"b": Filter(QED(), float("nan"))}), r"filters\.b: minimum nan"),
        (lambda: Scorer({"a": Term(QED(), weight=1e308), "b": Term(QED(), weight=1e308)}), "a finite sum"),
        (lambda: Scorer({"a": QED()}), r"terms\.a: must be a Term, not QED"),  # type: ignore[dict-item]
        (lambda: Scorer({"a": Term(QED())}, QED()), "aggregate: must be one of"),  # type: ignore[arg-type]
        (lambda: Term(Linear(0, 1)), "component: must be a Component, not Linear"),  # type: ignore[arg-type]
        (lambda: Term(QED(), QED()), "transform: must be one of"),  # type: ignore[arg-type]
        (lambda: Alerts([]), "name at least one"),
        (lambda: Scorer({"a": Term(Descriptor("logp"))}), r"terms\.a: descriptor needs a transform"),
    ],
)
def test_goals_that_mean_nothing_are_refused(make: Any, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        make()


@dataclass(frozen=True)
class Answers(Component):
    """What `answer` makes of the numbers of atoms."""

    answer: Callable[[Any], Any]

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.answer(molecules.map(lambda mol: mol.GetNumAtoms()))  # type: ignore[no-any-return]


def refuse_ethanol(atoms: Any) -> Any:
    if 3 in atoms:
        raise ValueError("no ethanol")
    return atoms


def test_a_component_that_raises_fails_the_molecule_and_says_why() -> None:
    scores = Scorer({"own": Term(Answers(refuse_ethanol), Linear(0, 4))})(["CC", "CCO", "C"])
    assert scores.total.tolist() == [0.5, 0, 0.25]
    assert scores.problem == [None, "own: ValueError: no ethanol", None]


@pytest.mark.parametrize(
    "answer", [lambda x: x[:-1], lambda x: x[:, None], lambda x: 0.5, lambda x: None, lambda x: ["a"] * len(x)]
)
def test_a_component_returns_a_number_a_molecule(answer: Callable[[Any], Any]) -> None:
    with pytest.raises(ConfigError, match=r"own: Answers (returned|must return numbers)"):
        Scorer({"own": Term(Answers(answer), Linear(0, 4))})(["CC", "CCO", "C"])


@pytest.mark.parametrize(
    ("component", "value"),
    [
        (Similarity("CN(C)CCOC(c1ccccc1)c1ccccc1.Cl"), 1),
        (Similarity("C[NH+](C)CCOC(c1ccccc1)c1ccccc1"), 1),
        (Scaffold("CN(C)CCOC(c1ccccc1)c1ccccc1.Cc1ccc(cc1)S(=O)(=O)O"), 1),
        (Descriptor("molecular_weight", reference="CN(C)CCOC(c1ccccc1)c1ccccc1.Cl"), 0),
        (Shape("CN(C)CCOC(c1ccccc1)c1ccccc1.Cl", conformers=1), 1),
    ],
)
def test_what_molecules_are_compared_with_is_in_the_form_that_is_scored(component: Component, value: float) -> None:
    """Diphenhydramine is like its hydrochloride, as campaigns see both; as given, it isn't."""
    scorer = Scorer({"x": Term(component, Linear(-1000, 1000))})
    salt, base = scorer(["CN(C)CCOC(c1ccccc1)c1ccccc1.Cl", "CN(C)CCOC(c1ccccc1)c1ccccc1"]).raw[:, 0]
    assert salt == base == pytest.approx(value, abs=0.05 if isinstance(component, Shape) else 1e-9)
    if not isinstance(component, Shape):
        as_given = replace(scorer, standardizer=AS_GIVEN)
        assert abs(as_given(["CN(C)CCOC(c1ccccc1)c1ccccc1"]).raw[0, 0] - value) > 0.01
