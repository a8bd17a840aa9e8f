import numpy as np
import pytest

from molgen.scoring.aggregate import Aggregate, ArithmeticMean, GeometricMean, Minimum, Product

SCALED = np.array([[0.5, 1.0], [0.0, 0.8], [0.25, 0.25]])


@pytest.mark.parametrize(
    ("aggregate", "weights", "expected"),
    [
        (ArithmeticMean(), [1, 1], [0.75, 0.4, 0.25]),
        (ArithmeticMean(), [3, 1], [0.625, 0.2, 0.25]),
        (GeometricMean(), [1, 1], [0.5**0.5, 0, 0.25]),
        (GeometricMean(), [2, 1], [0.25 ** (1 / 3), 0, 0.25]),
        (GeometricMean(), [0, 1], [1, 0.8, 0.25]),
        (Product(), [1, 1], [0.5, 0, 0.0625]),
        (Product(), [2, 1], [0.25, 0, 0.015625]),
        (Minimum(), [1, 1], [0.5, 0, 0.25]),
        (Minimum(), [0, 1], [1, 0.8, 0.25]),
    ],
)
def test_values_worked_out_by_hand(aggregate: Aggregate, weights: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(aggregate(SCALED.copy(), np.array(weights, float)), expected, atol=1e-12)


@pytest.mark.parametrize("aggregate", [ArithmeticMean(), GeometricMean(), Product(), Minimum()])
def test_a_failed_term_makes_the_result_nan(aggregate: Aggregate) -> None:
    assert np.isnan(aggregate(np.array([[np.nan, 1.0]]), np.ones(2))).all()
