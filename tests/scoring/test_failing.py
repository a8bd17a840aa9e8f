"""What users' components and functions do wrong costs a molecule, or is said at once; it never ends a campaign in the middle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, DataError
from molgen.scoring.component import Component
from molgen.scoring.objective import Function
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.transforms import Identity

SMILES = ["CCO", "CCN", "c1ccccc1", "xx"]


@dataclass(frozen=True)
class Own(Component):
    what: Any

    def __call__(self, molecules: Molecules) -> Any:
        return self.what(molecules)


def scorer(what: Any) -> Scorer:
    """A scorer with one component, of a class that has never worked."""
    kind = dataclass(frozen=True)(type("Mine", (Own,), {"__annotations__": {}}))
    return Scorer({"mine": Term(kind(what), Identity())})


def refuses_nitrogen(error: BaseException) -> Any:
    def values(molecules: Molecules) -> np.ndarray:
        if any("N" in text for text in molecules.smiles):
            raise error
        return np.full(len(molecules), 0.5)

    return values


@pytest.mark.parametrize(
    "error", [ValueError("no\nnitrogen"), DataError("no nitrogen"), KeyError("N"), SystemExit(3), RecursionError()]
)
def test_a_component_that_raises_on_a_molecule_costs_that_molecule(error: BaseException) -> None:
    scores = scorer(refuses_nitrogen(error))(SMILES)
    np.testing.assert_array_equal(scores.total, [0.5, 0, 0.5, 0])
    assert scores.problem[0] is None
    assert scores.problem[1] is not None
    assert scores.problem[1].startswith(f"mine: {type(error).__name__}")
    assert "\n" not in scores.problem[1]
    assert scores.problem[3] == "invalid: not a SMILES: syntax error"


def test_a_typo_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("def values(molecules):\n    return molecules.smilez\n")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    with pytest.raises(ConfigError) as error:
        scorer(names["values"])(SMILES)
    assert "mine: Mine raises AttributeError: 'Molecules' object has no attribute 'smilez'" in str(error.value)
    assert f"({path}, line 2), for each of 3 molecules" in str(error.value)
    with pytest.raises(ConfigError, match="the objective raises NameError: name 'undefined' is not defined"):
        Function(lambda smiles: undefined)(SMILES)  # type: ignore[name-defined]  # noqa: F821


def test_once_it_has_worked_nothing_ends_the_campaign() -> None:
    def values(molecules: Molecules) -> np.ndarray:
        if "CCO" not in molecules.smiles:
            raise AttributeError("this once")
        return np.full(len(molecules), 0.5)

    objective = scorer(values)
    assert objective(["CCO", "CCC"]).total.tolist() == [0.5, 0.5]
    assert objective(["CCN", "CCF", "CCCl"]).problem == ["mine: AttributeError: this once"] * 3


def test_a_few_molecules_may_all_fail_for_their_own_reasons() -> None:
    scores = scorer(refuses_nitrogen(ValueError("no nitrogen")))(["CCN", "CN"])
    assert scores.problem == ["mine: ValueError: no nitrogen"] * 2
    with pytest.raises(ConfigError, match="for each of 8 molecules"):
        scorer(refuses_nitrogen(ValueError("no nitrogen")))(["C" * i + "N" for i in range(1, 9)])


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (None, "returned nothing"),
        ([0.5], r"shape \(1,\) for 2 molecules"),
        ([[0.5], [0.5]], r"shape \(2, 1\) for 2 molecules"),
        (0.5, r"shape \(\) for 2 molecules"),
        (["0.5", "0.6"], "not text"),
        ([0.5, "0.6"], "not text"),
        (np.array([0.5, 1j]), "not complex"),
        ({"a": 1}, "must return numbers"),
        (np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"), "must return numbers"),
    ],
)
def test_what_is_no_number_a_molecule_is_refused(result: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"mine: Mine .*{said}"):
        scorer(lambda molecules: result)(["C", "CC"])
    with pytest.raises(ConfigError, match=f"the objective .*{said}"):
        Function(lambda smiles: result)(["C", "CC"])


def test_none_among_numbers_and_infinity_are_failures() -> None:
    scores = scorer(lambda molecules: [0.5, None, np.inf])(["C", "CC", "CCC"])
    np.testing.assert_array_equal(scores.total, [0.5, 0, 0])
    assert [bool(reason) for reason in scores.problem] == [False, True, True]


def test_a_score_below_0_never_ranks_below_a_failure_unsaid() -> None:
    scores = Function(lambda smiles: [-1.0, 2.0])(["C", "CC"])
    np.testing.assert_array_equal(scores.total, [0, 2])
    assert scores.problem == ["objective: returned -1, and scores are numbers from 0 up", None]
    with pytest.raises(ConfigError, match="scores are numbers from 0 up"):
        Function(lambda smiles: [-1.0, -2.0])(["C", "CC"])


def tenths(x: np.ndarray) -> np.ndarray:
    """A transform that can't do everything."""
    if (x > 5).any():
        raise ValueError("above 5")
    return x / 10


def mean_of_small(scaled: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """An aggregate that can't either."""
    if (scaled > 0.3).any():
        raise OverflowError
    return scaled @ weights / weights.sum()


def atoms(molecules: Molecules) -> np.ndarray:
    return np.array([np.nan if mol is None else mol.GetNumAtoms() for mol in molecules.mols])


def test_a_transform_or_aggregate_that_raises_costs_the_molecules_it_raises_for() -> None:
    smiles = ["CC", "CCCC", "CCCCCC", "xx"]
    scorer = Scorer({"atoms": Term(Own(atoms), tenths)}, mean_of_small)
    scores = scorer(smiles)
    np.testing.assert_allclose(scores.total, [0.2, 0, 0, 0])
    assert scores.problem[:3] == [None, "aggregate: raised OverflowError", "atoms: its transform raised ValueError: above 5"]
    assert (scores.problem[3] or "").startswith("invalid")
    np.testing.assert_allclose(scorer.rules().totals(np.array([[2.0], [4.0], [6.0], [np.nan]])), [0.2, 0, 0, 0])


def halves(x: np.ndarray, *_: Any) -> np.ndarray:
    return x.halv()  # type: ignore[attr-defined, no-any-return]


def first(x: np.ndarray, *_: Any) -> Any:
    return x[:1]


@pytest.mark.parametrize(
    ("rule", "said"), [(halves, r"raises AttributeError: .*test_failing\.py, line"), (first, r"shape \(1.*for 2 rows")]
)
def test_a_mistake_in_a_transform_or_aggregate_is_named(rule: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=f"atoms: function .*{said}"):
        Scorer({"atoms": Term(Own(atoms), rule)})(["CC", "CCC"])
    with pytest.raises(ConfigError, match=f"aggregate: function .*{said}"):
        Scorer({"atoms": Term(Own(atoms), lambda x: x / 10)}, rule)(["CC", "CCC"])
