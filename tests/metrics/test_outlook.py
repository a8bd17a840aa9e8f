"""What a campaign tells of its next calls."""

import math

import numpy as np
import pytest

from molgen.metrics.outlook import at_plateau, expected_gain


def logarithmic(calls: int) -> list[float]:
    return [0.1 * math.log2(call) for call in range(1, calls + 1)]


@pytest.mark.parametrize(("calls", "ahead"), [(100, 50), (1000, 500), (4096, 4096)])
def test_slow_growth_with_the_logarithm_of_the_calls_is_told(calls: int, ahead: int) -> None:
    means = [100 + each for each in logarithmic(calls + ahead)]
    assert expected_gain(means[:calls], ahead) == pytest.approx(means[-1] - means[calls - 1], rel=0.01)


def test_a_jump_is_not_expected_again() -> None:
    assert expected_gain([0.2] * 500 + [0.8] * 500) == pytest.approx(
        0.08 * 0.351 / (0.08 + 0.351), rel=1e-3
    )  # 0.6 log2(1.5) = 0.351
    assert expected_gain([-0.5] * 500 + [0.0] * 500) == 0


def test_of_nothing_and_of_one_score_nothing_is_expected() -> None:
    assert expected_gain([]) == expected_gain([0.7]) == 0


@pytest.mark.parametrize(("flat", "ends"), [(999, False), (1000, True)])
def test_a_plateau_lasts_for_a_thousand_calls(flat: int, ends: bool) -> None:
    assert at_plateau([*np.linspace(0, 0.7, 500), *[0.7] * flat]) == ends


@pytest.mark.parametrize(("flat", "ends"), [(5900, False), (6100, True)])
def test_a_plateau_lasts_for_60_per_cent_of_the_calls(flat: int, ends: bool) -> None:
    assert at_plateau([*np.linspace(0, 0.7, 10_000 - flat), *[0.7] * flat]) == ends


def test_a_rise_by_more_than_a_thousandth_is_no_plateau() -> None:
    for last, ends in ((0.7006, True), (0.7008, False)):
        assert at_plateau([0.1] * 10 + [0.7] * 1500 + [last]) == ends


def test_below_zero_a_rise_is_a_rise() -> None:
    assert at_plateau([-9.0] * 2000)
    assert not at_plateau([-9.0] * 1999 + [-8.0])


def test_where_nothing_has_been_found_the_search_goes_on() -> None:
    assert not at_plateau([0.0] * 5000)
