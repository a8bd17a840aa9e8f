"""Measurements with larger errors count less."""

from dataclasses import replace

import numpy as np
import pytest

from molgen.data.dataset import Dataset
from molgen.learn.trainer import Trainer
from molgen.predictors.base import Predictor
from molgen.predictors.boosted import Boosted
from molgen.predictors.graph_network import GraphNetwork
from molgen.predictors.precision import sample_weights, sample_weights_of_each
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees


def test_a_weight_is_the_inverse_of_what_is_missed_and_of_the_error_in_squares() -> None:
    """Values of standard deviation 2, of which half is missed: 1 / (1 + error^2), before they are brought to a mean of 1."""
    found = sample_weights(np.array([0.0, 4.0, 0.0, 4.0]), np.array([0.0, 1.0, 3.0, np.nan]))
    plain = np.array([1, 1 / 2, 1 / 10, 1 / 2])  # the median error is 1
    np.testing.assert_allclose(found, plain / plain.mean())
    assert sample_weights(np.array([1.0, 2.0]), np.full(2, np.nan)) is None


def test_what_was_not_measured_weighs_nothing_in_the_mean() -> None:
    values = np.array([[0.0, np.nan], [4.0, 1.0], [np.nan, 2.0]])
    errors = np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan]])
    np.testing.assert_allclose(sample_weights_of_each(values, errors), [[4 / 3, 1], [2 / 3, 1], [1, 1]])


X = np.random.default_rng(0).uniform(0, 1, (300, 2)).astype(np.float32)
EXACT = 10 * X[:, 0].astype(float)
WRONG = np.where(np.arange(300) % 2 == 0, 10 - EXACT, EXACT)  # half are turned round, and said to be uncertain
CERTAIN = np.where(np.arange(300) % 2 == 0, 50.0, 0.0)


@pytest.mark.parametrize("relations", [None, (np.arange(300) % 10 == 0).astype(np.int8)], ids=["exact", "with bounds"])
def test_trees_and_machine_heed_the_weights(relations: np.ndarray | None) -> None:
    def errors(weights: np.ndarray | None) -> np.ndarray:
        grown = Trees(n_estimators=50, num_leaves=7, objective="l2", colsample_bytree=1.0).fit(
            X, WRONG, "regression", 0, relations, weights
        )
        machine = SupportVectors(gamma=2.0)
        coefficients, intercept = machine.fit(X, WRONG, "regression", relations, 0, weights)
        said = np.stack([grown.score(X), machine.score(X, X, coefficients) + intercept])
        return np.abs(said - EXACT).mean(axis=1)

    assert (errors(sample_weights(WRONG, CERTAIN)) < 0.5 * errors(None)).all()


@pytest.mark.parametrize(
    "predictor",
    [
        Boosted(Trees(n_estimators=40), folds=3),
        GraphNetwork(Trainer("", epochs=30, lr=5e-3, warmup_steps=4), members=2, width=32, channels=32, layers=2, batch=16),
    ],
    ids=["boosted", "graph_network"],
)
def test_a_predictor_learns_more_from_what_is_certain(measured: Dataset, predictor: Predictor) -> None:
    """Every other logP is 10 too high: predictions are 5 too high in the mean, and much less where errors say which."""
    measured = measured.take(range(60))
    truth, high = measured.labels[:, 0], np.arange(60) % 2 == 0
    data = Dataset(measured.molecules, (truth + 10 * high)[:, None], measured.endpoints[:1])
    bias = []
    for known in (data, replace(data, errors=np.where(high, 50.0, 0.01)[:, None])):
        predictor.fit(known)
        bias.append(float((predictor.predict(measured.molecules).mean[:, 0] - truth).mean()))
    assert bias[0] > 3
    assert bias[1] < bias[0] / 2
