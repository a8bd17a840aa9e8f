from pathlib import Path

import numpy as np
import pytest

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import ConfigError
from molgen.predictors.boosted import Boosted
from molgen.predictors.trees import Trees
from molgen.project.goal_files import copied, read_goals
from molgen.project.goals import MEASURED, Goal, Goals
from molgen.project.wanted import Wanted
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.property import Property
from molgen.scoring.scorer import Scorer, Term


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(text)
    return path


def one(tmp_path: Path, entry: str) -> Goal:
    return read_goals(written(tmp_path, f"goals:\n  a: {entry}\n")).goals["a"]


def test_a_file_of_goals_is_read(tmp_path: Path) -> None:
    goals = read_goals(
        written(
            tmp_path,
            """
goals:
  potency: {measured: pIC50, at_least: 8, weight: 2}
  clearance: {measured: CLint, lowest: true}
  tpsa: {computed: {descriptor: tpsa}, between: [40, 120]}
  alerts: {computed: {alerts: [PAINS]}, at_most: 0, hard: true}
  solubility: {predicted: {predictor: admet, endpoint: Solubility_AqSolDB}, at_least: -4}
endpoints:
  CLint: {unit: uL/min/mg, columns: [Clint HLM], noise: 5}
""",
        )
    )
    assert {name: str(goal.wanted) for name, goal in goals.goals.items()} == {
        "potency": "at least 8",
        "clearance": "as low as possible",
        "tpsa": "40 to 120",
        "alerts": "at most 0",
        "solubility": "at least -4",
    }
    assert [goal.kind for goal in goals.goals.values()] == ["measured"] * 2 + ["computed"] * 2 + ["predicted"]
    assert goals.goals["tpsa"].component == Descriptor("tpsa")
    assert (goals.goals["potency"].weight, goals.goals["alerts"].hard) == (2.0, True)
    assert {name: each.unit for name, each in goals.endpoints.items()} == {"CLint": "uL/min/mg", "pIC50": "-log10(mol/L)"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{computed: {descriptor: tpsa}}", r"write a: \{computed: \{descriptor: tpsa\}, between: \[LOW, HIGH\]\}"),
        ("{predicted: {endpoint: herg}}", r"write a: \{predicted: \{endpoint: herg\}, at_most: 0\.2\}"),
        ("{measured: pIC50}", r"write a: \{measured: pIC50, at_least: 8\}"),
        ("{measure: pIC50, at_least: 3}", "goals.a.measure: unknown key, did you mean 'measured'"),
        ("{computed: {descriptor: tpsaa}, at_most: 3}", "did you mean 'tpsa'"),
        ("{predicted: {endpoint: hergg}, at_most: 1}", "did you mean 'herg'"),
        ("{predicted: {endpoint: herg, predictor: none.safetensors}, at_most: 1}", "goals.a.predicted: .*none.safetensors"),
        ("{predicted: {endpoint: herg}, measured: x, at_most: 1}", "is measured and predicted"),
        ("{measured: x, at_least: eight}", "goals.a.at_least: must be a number, not 'eight'"),
        ("{measured: x, between: [3, 1]}", "the first must not be above the second"),
        ("{measured: x, between: [3]}", "must be two numbers"),
        ("{measured: x, at_least: 3, lowest: true}", "can't both be wanted"),
        ("{measured: x, highest: true, hard: true}", "goals.a.hard: a limit needs"),
        ("{measured: x, highest: 3}", "highest: must be true, not 3"),
        ("{measured: x, highest: true, tolerance: 1}", "tolerance: goes with a threshold"),
        ("{measured: x, at_least: 1, tolerance: 0}", "tolerance: must be a number above 0"),
        ("{measured: x, at_least: 1, weight: 0}", "one at least needs a weight above 0"),
        ("pIC50", "must be settings"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_would_be_right(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        one(tmp_path, entry)
    assert str(raised.value).startswith(f"{tmp_path / 'own.yaml'}: goals")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("goal: {}", "unknown key 'goal', did you mean 'goals'"),
        ("goals: {}", "there are none; write goals:"),
        ("goals: {a: {measured: x, at_least: 1}}\nendpoints: {x: {units: nM}}", "x.units: unknown key, did you mean 'unit'"),
        ("goals: {a: {measured: x, at_least: 1}}\nendpoints: {x: {noise: -1}}", "x.noise: must be above 0"),
        ("goals: {a: {measured: x, at_least: 1}}\nendpoints: {X: {unit: nM}}", "differ by their case only"),
    ],
)
def test_a_file_that_is_none_of_goals_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_goals(written(tmp_path, text))


def test_desirability_halves_at_the_tolerance() -> None:
    goals = Goals({"a": Goal("a", MEASURED, Wanted(at_least=8), "pIC50")})
    assert goals.utility({"a": np.array([9.0, 8.0, 7.2, 6.4])})[0] == pytest.approx([1, 1, 1 / 2, 1 / 3])  # a tenth of 8 is 0.8
    window = Goals({"a": Goal("a", MEASURED, Wanted(40, 120), "x")})
    assert window.utility({"a": np.array([40.0, 120.0, 32.0, 128.0])})[0] == pytest.approx([1, 1, 0.5, 0.5])
    count = Goals({"a": Goal("a", MEASURED, Wanted(at_most=0), "x")})
    assert count.utility({"a": np.array([0.0, 1.0])})[0] == pytest.approx([1, 0.5])


def test_a_margin_beyond_a_threshold_is_worth_little_where_values_have_errors(tmp_path: Path) -> None:
    """By hand: (1 + 0.8 / 0.8) ** 0.1 = 1.0718 a tolerance beyond it; halved where it is missed by as much."""
    measured = one(tmp_path, "{measured: pIC50, at_least: 8}").wanted
    assert np.exp(measured.logarithm(np.array([7.2, 8, 8.8, 9.6]))) == pytest.approx([0.5, 1, 2**0.1, 3**0.1])
    predicted = one(tmp_path, "{predicted: {endpoint: herg}, at_most: 0.2, tolerance: 0.1}").wanted
    assert np.exp(predicted.logarithm(np.array([0.3, 0.2, 0.1]))) == pytest.approx([0.5, 1, 2**0.1])
    for entry in ("{computed: {descriptor: tpsa}, at_most: 120}", "{measured: logD, between: [1, 120]}"):
        assert one(tmp_path, entry).wanted.logarithm(np.array([120.0, 60.0, 2.0])).tolist() == [0, 0, 0]


def test_no_margin_outweighs_another_goal(tmp_path: Path) -> None:
    goals = read_goals(written(tmp_path, "goals: {a: {measured: pIC50, at_least: 8}, b: {measured: hERG pIC50, at_most: 5}}"))
    utility = goals.utility({"a": np.array([8.0, 10.0, 10.0, 7.2]), "b": np.array([5.0, 5.0, 5.5, 3.0])})[0]
    # 3.5 ** 0.05, and that and 5 ** 0.05 over 2 ** 0.5: neither margin makes good for a tolerance that the other misses
    assert utility == pytest.approx([1, 1.0646, 0.7528, 0.7663], abs=1e-4)


@pytest.mark.parametrize("direction", [1, -1])
def test_as_high_as_possible_is_never_flat(direction: int) -> None:
    goals = Goals({"a": Goal("a", MEASURED, Wanted(direction=direction), "x")})
    values = np.array([-1e9, -5000.0, -40.0, -0.001, 0.0, 0.001, 40.0, 40.000001, 5000.0, 1e9])
    utility = goals.utility({"a": values[::direction]})[0]
    assert (np.diff(utility) > 0).all()
    assert (utility > 0).all()
    assert np.isfinite(utility).all()


def test_goals_multiply_up_as_a_weighted_geometric_mean() -> None:
    goals = Goals(
        {
            "a": Goal("a", MEASURED, Wanted(at_least=8, tolerance=1), "x", weight=2),
            "b": Goal("b", MEASURED, Wanted(at_most=5, tolerance=1), "y"),
        }
    )
    # a misses by 1: 1/2, b by 3: 1/4; (1/2 * 1/2 * 1/4)^(1/3)
    assert goals.utility({"a": np.array([7.0]), "b": np.array([8.0])}) == pytest.approx(np.array([[(1 / 16) ** (1 / 3)]]))


def test_a_hard_limit_and_a_missing_value_are_worth_nothing() -> None:
    goals = Goals(
        {
            "a": Goal("a", MEASURED, Wanted(direction=1), "x"),
            "b": Goal("b", MEASURED, Wanted(at_most=5), "y", hard=True),
        }
    )
    values = {"a": np.array([[1.0, 9.0, 9.0, np.nan]]), "b": np.array([[5.0, 5.1, np.nan, 1.0]])}
    utility = goals.utility(values)[0]
    assert utility[0] > 0
    assert utility[1:].tolist() == [0, 0, 0]


def test_the_chance_is_the_share_of_draws_in_which_all_is_met() -> None:
    goals = Goals(
        {
            "a": Goal("a", MEASURED, Wanted(at_least=8), "x"),
            "b": Goal("b", MEASURED, Wanted(at_most=5), "y"),
            "c": Goal("c", MEASURED, Wanted(direction=1), "z"),
        }
    )
    draws = {
        "a": np.array([[8.0, 7.0], [9.0, 9.0], [7.0, 9.0], [8.5, 9.0]]),
        "b": np.array([4.0, 5.0]),  # the same in every draw
        "c": np.zeros((4, 2)),
    }
    assert goals.chance(draws).tolist() == [0.75, 0.75]
    assert np.isnan(Goals({"c": goals.goals["c"]}).chance({"c": np.zeros((4, 2))})).all()


def test_goals_in_different_units_weigh_alike_once_they_know_what_was_measured() -> None:
    goals = Goals(
        {
            "a": Goal("a", MEASURED, Wanted(direction=1), "x"),
            "b": Goal("b", MEASURED, Wanted(direction=-1), "y"),
        }
    )
    x = np.array([5.0, 6.0, 7.0])
    scaled = goals.scaled({"x": x, "y": 100 * x})
    # a standard deviation more of the one is worth a standard deviation less of the other
    utility = scaled.utility({"a": np.array([6.0, 7.0]), "b": np.array([600.0, 700.0])})[0]
    assert utility == pytest.approx([1, 1])


def test_a_copy_of_the_goals_keeps_comments_and_finds_its_files(tmp_path: Path) -> None:
    (tmp_path / "lead.smi").write_text("CCO\n")
    text = "goals: # ours\n  like: {computed: {similarity: lead.smi}, at_least: 0.4} # Tanimoto\n"
    found = copied(written(tmp_path, text))
    assert found == text.replace("lead.smi", f'"{tmp_path / "lead.smi"}"')


def test_a_predictor_of_ones_own_is_refused_where_nothing_says_what_is_wanted(tmp_path: Path) -> None:
    """Nobody knows whether its values are to be high or low, so no objective and no goal takes them for good."""
    molecules = Molecules([f"{'C' * length}{end}" for length in range(1, 21) for end in "NO"])
    labels = np.array([[len(text) / 3] for text in molecules.smiles])
    predictor = Boosted(Trees(n_estimators=3), folds=2)
    predictor.fit(Dataset(molecules, labels, (Endpoint("potency"),)))
    predictor.save(tmp_path / "mine.safetensors")
    entry = "{predicted: {predictor: mine.safetensors, endpoint: potency}"
    with pytest.raises(
        ConfigError, match=r"nothing says which values are wanted; write a: \{predicted: .*, between: \[LOW, HIGH\]\}"
    ):
        one(tmp_path, f"{entry}}}")
    with pytest.raises(
        ConfigError, match=r"property needs a transform: nine tenths of its training data lie from .*add transform"
    ):
        Scorer({"a": Term(Property("potency", str(tmp_path / "mine.safetensors")))})
    assert str(one(tmp_path, f"{entry}, at_least: 7}}").wanted) == "at least 7"
