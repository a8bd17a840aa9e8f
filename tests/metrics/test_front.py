"""Fronts and hypervolumes, with values worked out by hand."""

import numpy as np
import pytest

from molgen.metrics.front import best_first, crowding, hypervolume, ranks
from molgen.scoring.scores import Scores
from molgen.search.genetic.pareto import FrontMemory
from molgen.search.memory import ScaffoldFilter

# a and b are each best in one; c between; d behind c only; e behind all
VALUES = np.array([[0.1, 0.9], [0.9, 0.1], [0.5, 0.5], [0.4, 0.5], [0.05, 0.05]])


def test_fronts() -> None:
    assert ranks(VALUES).tolist() == [0, 0, 0, 1, 2]
    assert ranks(np.empty((0, 3))).tolist() == []


def test_the_hypervolume_is_the_area_that_is_dominated() -> None:
    assert hypervolume(VALUES) == pytest.approx(0.1 * 0.9 + 0.4 * 0.5 + 0.4 * 0.1)
    assert hypervolume(np.array([[0.5] * 3, [0.25] * 3])) == pytest.approx(0.125)
    assert hypervolume(np.empty((0, 2))) == 0


def test_more_than_five_wishes_are_estimated() -> None:
    assert hypervolume(np.array([[0.8] * 7])) == pytest.approx(0.8**7, rel=0.01)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_what_is_unknown_in_a_wish_is_behind_all_and_wins_nothing(n: int) -> None:
    """A library that takes nan for the best puts it on the first front, and gives nan for a volume."""
    known = np.vstack([np.full(n, 0.5), np.full(n, 0.25)])
    unknown = np.full((n, n), 0.9)
    np.fill_diagonal(unknown, np.nan)  # in every wish once
    values = np.vstack([unknown[:1], known, unknown[1:], np.full(n, np.nan)])
    assert ranks(values).tolist() == [2, 0, 1] + [2] * n
    assert best_first(values)[:2].tolist() == [1, 2]
    assert hypervolume(values) == pytest.approx(0.5**n, rel=0.01)


def test_where_nothing_is_known_nothing_is_won() -> None:
    values = np.full((3, 2), np.nan)
    assert ranks(values).tolist() == [0, 0, 0]
    assert hypervolume(values) == 0
    assert sorted(best_first(values).tolist()) == [0, 1, 2]


def test_the_lonely_come_first_within_a_front() -> None:
    front = np.array([[0.0, 1.0], [0.1, 0.9], [0.2, 0.85], [0.7, 0.4], [1.0, 0.0]])
    assert crowding(front)[1:4] == pytest.approx([0.2 + 0.15, 0.6 + 0.5, 0.8 + 0.85])
    assert best_first(front).tolist()[2:] == [3, 2, 1]
    assert best_first(VALUES)[-2:].tolist() == [3, 4]


def scores(values: np.ndarray, problems: list[str | None]) -> Scores:
    smiles = ["C" * (i + 1) for i in range(len(values))]
    total = np.where([problem is None for problem in problems], values.mean(1), 0.0)
    return Scores(smiles, total, problems, ("a", "b"), values, values)


def test_a_memory_ranks_by_front_and_leaves_out_what_is_refused() -> None:
    memory = FrontMemory(ScaffoldFilter(bucket=0), size=3)
    memory.add(scores(np.vstack([VALUES, [[1.0, 1.0]]]), [None] * 5 + ["filter size: 3 is outside"]))
    assert set(memory.ranked) == {"C", "CC", "CCC"}
    assert len(memory.rewards) == 6
    copy = FrontMemory(ScaffoldFilter(bucket=0), size=3)
    copy.load_state_dict(memory.state_dict())
    assert copy.ranked == memory.ranked


def test_an_objective_without_terms_is_one_wish() -> None:
    memory = FrontMemory(ScaffoldFilter(bucket=0))
    memory.add(Scores(["C", "CC", "CCC"], np.array([0.2, 0.9, 0.5]), [None] * 3))
    assert memory.ranked == ["CC", "CCC", "C"]
