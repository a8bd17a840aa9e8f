import numpy as np
import pytest

from molgen.metrics.distribution import sample_quality
from molgen.metrics.ranking import auc_top


def test_quality_counts_valid_then_unique_then_novel() -> None:
    figures = sample_quality(["CCO", "OCC", "CCN", "CCC", "x("], known={"CCC"})
    assert figures == {"validity": 4 / 5, "uniqueness": 3 / 4, "novelty": 2 / 3}


def test_quality_of_nothing_is_zero() -> None:
    assert sample_quality([], ()) == {"validity": 0, "uniqueness": 0, "novelty": 0}


def mol_opt_auc(scores: list[float], top_n: int, budget: int, every: int) -> float:
    """The published benchmark's function, told in its own steps: a second way to the same number."""
    total, previous, called = 0.0, 0.0, 0
    for index in range(every, min(len(scores), budget), every):
        now = np.mean(sorted(scores[:index], reverse=True)[:top_n])
        total += every * (now + previous) / 2
        previous, called = now, index
    now = np.mean(sorted(scores, reverse=True)[:top_n])
    total += (len(scores) - called) * (now + previous) / 2
    if len(scores) < budget:
        total += (budget - len(scores)) * now
    return float(total / budget)


@pytest.mark.parametrize("n", [150, 1000, 990])
@pytest.mark.parametrize("k", [1, 10, 100])
def test_auc_equals_the_benchmarks(n: int, k: int) -> None:
    scores = np.random.default_rng(0).random(n).tolist()
    assert auc_top(scores, k, 1000) == pytest.approx(mol_opt_auc(scores, k, 1000, 100))


def test_auc_of_a_constant_is_the_constant_but_for_the_first_ramp() -> None:
    """A trapezoid from 0 at call 0 to 0.5 at call 100, then flat: 0.5 x (1000 - 50) / 1000."""
    assert auc_top([0.5] * 1000, 1, 1000) == pytest.approx(0.475)


def test_auc_of_a_search_that_stopped_early_holds_its_last_value() -> None:
    assert auc_top([1.0] * 100, 1, 1000) == pytest.approx(0.95)


def test_auc_ignores_what_came_after_the_budget() -> None:
    assert auc_top([0.2] * 1000 + [1.0] * 500, 10, 1000) == pytest.approx(auc_top([0.2] * 1000, 10, 1000))
