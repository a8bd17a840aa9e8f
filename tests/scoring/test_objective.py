import numpy as np
import pytest

from molgen.errors import ConfigError
from molgen.scoring.objective import Function


def test_one_failing_molecule_does_not_spoil_its_batch() -> None:
    def objective(smiles: list[str]) -> list[float]:
        if "CCO" in smiles:
            raise RuntimeError("no drinks")
        return [float(len(text)) for text in smiles]

    scores = Function(objective)(["C", "CCO", "CC"])
    np.testing.assert_array_equal(scores.total, [1, 0, 2])
    assert scores.problem == [None, "objective: RuntimeError: no drinks", None]


def test_nan_and_infinity_are_recorded_as_problems() -> None:
    scores = Function(lambda smiles: [0.5, float("nan"), float("inf")])(["C", "CC", "CCC"])
    np.testing.assert_array_equal(scores.total, [0.5, 0, 0])
    assert scores.problem == [None, "objective: returned nan", "objective: returned inf"]


@pytest.mark.parametrize("result", [[1.0], [[1.0], [2.0]], "ab", None, ["x", "y"]])
def test_a_result_of_the_wrong_length_or_kind_is_refused(result: object) -> None:
    with pytest.raises(ConfigError, match="the objective"):
        Function(lambda smiles: result)(["C", "CC"])
