import numpy as np
import pytest
from crepes import ConformalRegressor

from molgen.errors import ConfigError
from molgen.metrics.prediction import calibration_error, calibration_floor, concordance_index, coverage, rm2
from molgen.predictors.local_quantile import Places, local_quantile, weighted_quantile
from molgen.predictors.reading import Statistic
from molgen.predictors.trust import Blend, Intervals, Logistic, domain_threshold, probability


def test_intervals_cover_nine_tenths_and_are_wider_where_errors_are_larger() -> None:
    rng = np.random.default_rng(0)
    difficulty = rng.random((4000, 1))
    errors = rng.normal(size=4000) * np.exp(2 * difficulty[:, 0])
    intervals = Intervals.fit(errors[:2000], difficulty[:2000])
    half = intervals.half_width(difficulty[2000:])
    assert coverage(errors[2000:], -half, half) == pytest.approx(0.9, abs=0.025)
    hard = difficulty[2000:, 0] > 0.7
    assert coverage(errors[2000:][hard], -half[hard], half[hard]) == pytest.approx(0.9, abs=0.04)
    assert half[hard].mean() > 2 * half[~hard].mean()


def test_log_odds_become_calibrated() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=20_000)
    y = (rng.random(20_000) < probability(true)).astype(float)
    model = Logistic.fit(3 * true + 1, y)
    assert model.slope == pytest.approx(1 / 3, rel=0.05)
    assert model.intercept == pytest.approx(-1 / 3, abs=0.05)
    assert calibration_error(y, probability(model.log_odds(3 * true + 1))) < 0.015
    assert calibration_error(y, probability(3 * true + 1)) > 0.1


def test_calibration_floor_is_the_mean_deviation_of_a_coins_frequency() -> None:
    """Ten bins of 400 fair coins: E|share - 1/2| = sqrt(1/4/400) sqrt(2/pi), by the normal approximation."""
    assert calibration_floor(np.full(4000, 0.5)) == pytest.approx(np.sqrt(0.25 / 400) * np.sqrt(2 / np.pi), rel=0.05)


def test_calibration_error_by_hand() -> None:
    """Two bins: predicted 0.2 where half is positive, 0.8 where all is: (0.3 + 0.2) / 2."""
    assert calibration_error(np.array([0, 1, 1, 1.0]), np.array([0.2, 0.2, 0.8, 0.8]), bins=2) == pytest.approx(0.25)


def test_the_better_model_gets_the_weight() -> None:
    y = np.arange(10.0)
    blend = Blend.fit(y, -y, loss=lambda p: np.abs(y - p).mean())
    assert blend.weight == 1
    np.testing.assert_array_equal(blend(y, -y), y)


def test_concordance_counts_every_pair_as_the_definition_does() -> None:
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 5, 60).astype(float), rng.integers(0, 6, 60).astype(float)
    right = pairs = 0.0
    for i in range(60):
        for j in range(60):
            if y[i] > y[j]:
                pairs += 1
                right += 1 if p[i] > p[j] else 0.5 if p[i] == p[j] else 0
    assert concordance_index(y, p) == pytest.approx(right / pairs)


def test_rm2_is_one_for_what_is_predicted_exactly_and_less_for_a_shift() -> None:
    y = np.linspace(5, 9, 30)
    assert rm2(y, y) == pytest.approx(1)
    assert rm2(y, y + np.where(np.arange(30) % 2, 0.5, -0.5)) < 0.95


def test_the_domain_holds_what_95_percent_of_held_out_molecules_reached() -> None:
    assert domain_threshold(np.linspace(0, 1, 101)) == pytest.approx(0.05)


def test_unknown_ways_to_read_a_prediction_are_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'lower'"):
        Statistic("lowr", "keep")
    with pytest.raises(ConfigError, match="known: keep, fail"):
        Statistic("mean", "drop")


def test_weighted_quantiles_by_hand() -> None:
    """Weights of 3, 1, 1 and 1, and 1 of the molecule itself: half of 7 is reached with the second score, 0.9 of it with none."""
    scores, weights = np.array([4.0, 1.0, 3.0, 2.0]), np.array([[1.0, 3.0, 1.0, 1.0], [0.0, 0.0, 9.0, 0.0]])
    assert weighted_quantile(scores, weights, 1.0, 0.5).tolist() == [2, 3]
    assert weighted_quantile(scores, weights, 1.0, 0.9).tolist() == [np.inf, 3]
    assert weighted_quantile(scores, weights, 1.0, 6 / 7)[0] == 4


@pytest.mark.parametrize("n", [8, 10, 57, 400])
def test_equal_weights_give_the_intervals_of_crepes(n: int) -> None:
    errors = np.abs(np.random.default_rng(n).normal(size=n))
    (low, high), *_ = ConformalRegressor().fit(errors).predict_int(np.zeros(1), confidence=0.9)
    assert weighted_quantile(errors, np.ones((1, n)), 1.0, 0.9)[0] == pytest.approx(high)
    everywhere = Places(np.zeros((n, 2), np.float32))
    assert local_quantile(everywhere, errors, np.zeros((1, 2), np.float32), 0.9)[0] == pytest.approx(-low)


def test_intervals_follow_errors_that_the_expected_error_does_not_know() -> None:
    """Errors are three times as large for high predictions: nine tenths are covered there, too, not by one quantile."""
    rng = np.random.default_rng(0)
    similarity, prediction = rng.random((2, 6000))
    errors = rng.normal(size=6000) * np.where(prediction > 0.7, 3.0, 1.0)
    difficulty, places = 1 - similarity[:, None], np.stack([similarity, prediction], axis=1)
    new, high = slice(3000, None), prediction[3000:] > 0.9
    local = Intervals.fit(errors[:3000], difficulty[:3000], places[:3000])
    half = local.half_width(difficulty[new], places[new])
    flat = Intervals.fit(errors[:3000], difficulty[:3000]).half_width(difficulty[new])
    covered = [coverage(errors[new][high], -width[high], width[high]) for width in (half, flat)]
    assert covered[0] == pytest.approx(0.9, abs=0.04)
    assert covered[1] < 0.8
    assert coverage(errors[new], -half, half) == pytest.approx(0.9, abs=0.02)


def test_far_from_all_that_calibrates_all_of_it_counts() -> None:
    """Ranks 0 to 0.99 along a line, and a molecule off it: of each of 100 the weight is hardly above 0.2, its own is 1.2."""
    line = np.arange(100) / 100
    places, asked = Places(np.stack([line, line], axis=1).astype(np.float32)), np.array([[2.0, -1.0]], np.float32)
    assert places.weights(asked)[0] == pytest.approx(0.2 + np.exp(-0.5 * ((1 - line) ** 2 + line**2) / 0.04))
    assert places.weights(asked)[0].sum() < 20.1
    assert local_quantile(places, np.arange(100.0), asked, 0.9)[0] == 95  # 0.9 of 21.2 over 0.2, less the kernel's 0.04
    few = Places(places.values[:8])
    assert local_quantile(few, np.arange(8.0), asked, 0.9)[0] == np.inf
