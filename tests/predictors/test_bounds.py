"""Values that are known only as bounds: what contradicts them is an error, and nothing else is."""

import ctypes
from pathlib import Path

import lightgbm
import numpy as np
import pytest
import torch
from scipy.stats import norm

from molgen.data.dataset import Dataset
from molgen.learn.trainer import Trainer
from molgen.predictors.base import Predictor
from molgen.predictors.boosted import Boosted
from molgen.predictors.bounds import tobit_loss
from molgen.predictors.deepchem import DeepChem
from molgen.predictors.evaluation import evaluate
from molgen.predictors.graph_network import GraphNetwork
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees

RNG = np.random.default_rng(0)
X = RNG.uniform(0, 1, (400, 2)).astype(np.float32)
ASKED = RNG.uniform(0, 0.6, (200, 2)).astype(np.float32)
NOISE = RNG.normal(size=len(X))


def errors(values: np.ndarray, relations: np.ndarray, objective: str) -> np.ndarray:
    """Mean absolute errors of trees and machine where the truth is ten times the first feature."""
    trees = Trees(n_estimators=100, num_leaves=7, colsample_bytree=1.0, objective=objective)
    machine = SupportVectors(gamma=2.0)
    grown = trees.fit(X[rows := np.flatnonzero(~np.isnan(values))], values[rows], "regression", 0, relations[rows])
    weights, intercept = machine.fit(X[rows], values[rows], "regression", relations[rows])
    said = np.stack([grown.score(ASKED), machine.score(ASKED, X[rows], weights) + intercept])
    return np.abs(said - 10 * ASKED[:, 0]).mean(axis=1)


@pytest.mark.parametrize("objective", ["l1", "l2"])
def test_without_its_bounds_a_censored_sample_is_biased(objective: str) -> None:
    """Noisy values above 6 are known as `>6`: what is left of those near 6 are the low ones, so the mean of the rest is low."""
    noisy = 10 * X[:, 0] + 3 * NOISE
    relations = (noisy > 6).astype(np.int8)
    with_bounds = errors(np.minimum(noisy, 6), relations, objective)
    without = errors(np.where(relations, np.nan, noisy), 0 * relations, objective)
    assert (with_bounds < 0.75 * without).all()


@pytest.mark.parametrize("objective", ["l1", "l2"])
def test_bounds_that_hold_by_far_change_nothing(objective: str) -> None:
    """Half of the values are known to be above a third of what they are; taken for measurements they mislead."""
    exact = 10 * X[:, 0] + 0.3 * NOISE
    relations = np.arange(len(X), dtype=np.int8) % 2
    known = np.where(relations, exact - 3, exact)
    with_bounds = errors(known, relations, objective)
    without = errors(np.where(relations, np.nan, known), 0 * relations, objective)
    np.testing.assert_allclose(with_bounds, without, atol=0.05)
    assert (errors(known, 0 * relations, objective) > 1).all()


def test_the_loss_of_a_bound_is_that_of_the_tobit_model() -> None:
    """The likelihood of `>1` is that of a normal deviate above it, with the variance of the measured errors."""
    scores, values = torch.tensor([[0.5], [1.5], [0.2], [-1.0]]), torch.tensor([[0.0], [0.5], [1.0], [1.0]])
    relations = torch.tensor([[0], [0], [1], [-1]])
    variance = (0.5**2 + 1.0**2) / 2
    expected = [0.25, 1.0, *(-2 * variance * norm.logsf(1.0, [0.2], variance**0.5)),
                *(-2 * variance * norm.logcdf(1.0, [-1.0], variance**0.5))]  # fmt: skip
    np.testing.assert_allclose(tobit_loss(scores, values, relations)[:, 0], expected, rtol=1e-5)


def test_bounds_far_beyond_have_squared_errors_and_gradients() -> None:
    scores = torch.tensor([[0.0], [-40.0]], requires_grad=True)
    loss = tobit_loss(scores, torch.tensor([[1.0], [1.0]]), torch.tensor([[0], [1]]))
    loss.sum().backward()
    assert loss[1].item() == pytest.approx(41**2, rel=0.02)
    assert scores.grad is not None
    assert scores.grad[1].item() == pytest.approx(-2 * 41, rel=0.02)


@pytest.fixture(scope="module")
def bounded(measured: Dataset) -> Dataset:
    """A hundred molecules of which the lowest third is known to have a logP below that of the others."""
    part = measured.take(range(100))
    labels, relations, bounds = part.labels.copy(), part.relations.copy(), part.bounds.copy()
    limit = np.quantile(labels[:, 0], 1 / 3)
    low = labels[:, 0] < limit
    labels[low, 0], relations[low, 0], bounds[low, 0] = np.nan, -1, limit
    return Dataset(part.molecules, labels[:, :1], part.endpoints[:1], relations[:, :1], bounds[:, :1])


def small(kind: str) -> Predictor:
    if kind == "boosted":
        return Boosted(Trees(n_estimators=25), folds=2)
    if kind == "deepchem":
        return DeepChem(members=2, epochs=1)
    return GraphNetwork(Trainer("", epochs=40, lr=2e-3, warmup_steps=4, patience=40), members=2, width=32, channels=32, layers=2)


@pytest.mark.parametrize("kind", ["boosted", "graph_network"])
def test_predictions_keep_to_bounds_and_domain_and_calibration_are_of_measurements(
    kind: str, bounded: Dataset, measured: Dataset, tmp_path: Path
) -> None:
    exact = np.flatnonzero(~np.isnan(bounded.labels[:, 0]))
    taught, ignorant = small(kind), small(kind)
    taught.fit(bounded)
    ignorant.fit(bounded.take(exact))
    violated = [evaluate(predictor, bounded)["logp"]["bound_error"] for predictor in (ignorant, taught)]
    assert violated[1] < 0.8 * violated[0]
    test = measured.measured(0).take(range(100, 160))
    error = [evaluate(predictor, test)["logp"]["mae"] for predictor in (ignorant, taught)]
    assert error[1] < error[0]
    found = taught.predict(bounded.molecules)
    np.testing.assert_allclose(found.similarity[exact], 1)
    assert (np.delete(found.similarity, exact) < 1).any()
    np.testing.assert_array_equal(ignorant.predict(bounded.molecules).similarity, found.similarity)
    values = {value for _, value, _ in taught.attribute(found.molecules.mols[0], "logp", neighbours=100).neighbours}
    np.testing.assert_allclose(sorted(values), sorted(set(bounded.labels[exact, 0])), rtol=1e-5)
    taught.save(tmp_path / "model.safetensors")
    again = type(taught).load(tmp_path / "model.safetensors").predict(test.molecules)
    np.testing.assert_allclose(again.mean, taught.predict(test.molecules).mean, atol=1e-5)


def test_a_predictor_that_does_not_learn_from_bounds_leaves_them_out(bounded: Dataset) -> None:
    exact = np.flatnonzero(~np.isnan(bounded.labels[:, 0]))
    taught, ignorant = small("deepchem"), small("deepchem")
    taught.fit(bounded)
    ignorant.fit(bounded.take(exact))
    np.testing.assert_array_equal(*(each.predict(bounded.molecules).mean for each in (taught, ignorant)))


def test_no_call_changes_the_threads_of_fits_that_run_beside() -> None:
    """LightGBM has one number for the process, and writes beyond its memory where it changes during a fit."""
    number = ctypes.c_int.in_dll(lightgbm.basic._LIB, "LGBM_DEFAULT_NUM_THREADS")
    trees, y, relations = Trees(n_estimators=3), X[:, 0].astype(float), np.repeat([0, 1], 200).astype(np.int8)
    grown = trees.fit(X, y, "regression", 0)
    steps = (
        lambda: trees.fit(X, y, "regression", 0),
        lambda: trees.fit(X, y, "regression", 0, relations),
        lambda: grown.score(ASKED),
        lambda: grown.contributions(ASKED),
        lambda: type(grown).from_bytes(grown.to_bytes(), 2),
    )
    for step in steps:
        step()
        assert number.value == 1
