import dataclasses
import inspect
from collections.abc import Callable

import numpy as np
import pytest

from molgen.errors import ConfigError
from molgen.scoring import transforms
from molgen.scoring.transforms import (
    Clip,
    DoubleSigmoid,
    Gaussian,
    Identity,
    Linear,
    MaxGaussian,
    MinGaussian,
    ReverseSigmoid,
    Sigmoid,
    Step,
)

CLASSES = [
    item
    for _, item in inspect.getmembers(transforms, inspect.isclass)
    if dataclasses.is_dataclass(item) and item.__module__ == transforms.__name__
]
SETTINGS = {"low": 1.0, "high": 3.0, "upper": 2.0, "mu": 1.5, "sigma": 0.5}


@pytest.mark.parametrize(
    ("transform", "x", "expected"),
    [
        (Identity(), [-0.1, 0.3, 1.2], [0, 0.3, 1]),
        (Linear(2, 4), [1, 2, 3, 5], [0, 0, 0.5, 1]),
        (Linear(6, 2.5), [6, 4.25, 2.5], [0, 0.5, 1]),
        (Clip(0.75), [0.3, 0.75, 0.9], [0.4, 1, 1]),
        # 1 / (1 + 10^-2.5) = 0.996847...
        (Sigmoid(0, 10), [0, 5, 10], [0.0031523, 0.5, 0.9968477]),
        (ReverseSigmoid(0, 10), [0, 5, 10], [0.9968477, 0.5, 0.0031523]),
        # Half at both ends; 1 / (1 + 10^-1.5) - 1 / (1 + 10^1.5) one unit beyond... and in the middle.
        (DoubleSigmoid(0, 2, 100, 150, 150), [0, 1, 2], [0.499, 0.9387, 0.499]),
        # e^-0.5 and e^-2, one and two sigma away
        (Gaussian(4, 2), [4, 6, 0], [1, 0.6065307, 0.1353353]),
        (MinGaussian(4, 2), [0, 4, 6], [1, 1, 0.6065307]),
        (MaxGaussian(4, 2), [8, 4, 2], [1, 1, 0.6065307]),
        (Step(1, 2), [0.9, 1, 2, 2.1], [0, 1, 1, 0]),
        (Step(low=5), [4, 1e9], [0, 1]),
    ],
)
def test_values_worked_out_by_hand(transform: transforms.Transform, x: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(transform(np.array(x, float)), expected, atol=1e-4)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_transform_stays_in_the_unit_interval_and_keeps_nan(kind: type) -> None:
    names = [item.name for item in dataclasses.fields(kind)]
    transform = kind(**{name: value for name, value in SETTINGS.items() if name in names})
    x = np.concatenate([np.linspace(-1e3, 1e3, 999), [-1e100, 1e100, np.nan]])
    y = transform(x)
    assert y.shape == x.shape
    assert np.isnan(y[-1])
    assert ((y[:-1] >= 0) & (y[:-1] <= 1)).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Linear(3, 3),
        lambda: Sigmoid(1, 1),
        lambda: ReverseSigmoid(float("nan"), 1),
        lambda: DoubleSigmoid(1, 2, divisor=0),
        lambda: Clip(0),
        lambda: Gaussian(1, 0),
        lambda: MinGaussian(1, float("inf")),
        lambda: MaxGaussian(1, 0),
        lambda: Gaussian(float("nan"), 1),
        lambda: Sigmoid(1, 5, k=-0.5),
        lambda: ReverseSigmoid(1, 5, k=float("nan")),
        lambda: DoubleSigmoid(5, 1),
        lambda: DoubleSigmoid(1, 5, rise=-150),
        lambda: Step(3, 1),
    ],
)
def test_a_transform_that_would_divide_by_nothing_or_turn_round_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        make()


@pytest.mark.parametrize("kind", CLASSES)
def test_an_infinite_value_is_never_nan(kind: type) -> None:
    names = [item.name for item in dataclasses.fields(kind)]
    transform = kind(**{name: value for name, value in SETTINGS.items() if name in names})
    y = transform(np.array([-np.inf, np.inf]))
    assert ((y >= 0) & (y <= 1)).all()
