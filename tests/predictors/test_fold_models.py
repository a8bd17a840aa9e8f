"""Predictors that are cross-validated together share models, and know nothing of what they are tested on."""

from dataclasses import replace

import numpy as np
import pytest

from molgen import progress
from molgen.data.dataset import Dataset
from molgen.data.splits import scaffold_folds
from molgen.predictors import support_vectors
from molgen.predictors.base import Folds
from molgen.predictors.boosted import Boosted
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees


def small(folds: int = 3) -> Boosted:
    return Boosted(Trees(n_estimators=4), folds=folds)


@pytest.fixture(scope="module")
def part(measured: Dataset) -> Dataset:
    return measured.take(range(60))


@pytest.fixture(scope="module")
def folds(part: Dataset) -> Folds:
    return scaffold_folds(part.molecules, 4, 0)


@pytest.fixture(scope="module")
def together(part: Dataset, folds: Folds) -> list[Boosted]:
    return list(small().cross_fit(part, folds))


def test_each_predictor_learns_what_it_would_learn_alone(together: list[Boosted], part: Dataset, folds: Folds) -> None:
    assert len(together) == len(folds) + 1
    for predictor, rows in zip(together[3:], [folds[3][0], np.arange(len(part))], strict=True):
        alone = small()
        alone.fit(part.take(rows))
        assert predictor.training.smiles == alone.training.smiles
        for shared, own in zip(predictor.models, alone.models, strict=True):
            assert shared.booster.to_bytes() == own.booster.to_bytes()
            np.testing.assert_allclose(shared.weights, own.weights, atol=1e-6)


def test_labels_of_a_fold_change_nothing_in_the_predictor_without_it(
    together: list[Boosted], part: Dataset, folds: Folds
) -> None:
    labels = part.labels.copy()
    labels[folds[0][1]] = labels[np.roll(folds[0][1], 1)]
    again = list(small().cross_fit(replace(part, labels=labels), folds))
    means = [[each.predict(part.molecules.take(range(20))) for each in predictors[:2]] for predictors in (together, again)]
    for values in ("mean", "low", "high"):
        np.testing.assert_allclose(getattr(means[0][0], values), getattr(means[1][0], values), rtol=1e-6)  # by rounding
    assert np.abs(means[0][1].mean - means[1][1].mean).max() > 0.01


def test_what_several_predictors_need_is_fitted_once(
    part: Dataset, folds: Folds, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models without each pair of four folds, without each fold, and of all molecules; one by one, they would be twenty."""
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    list(small().cross_fit(part.measured(0), folds))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("cross-validating: 0 of 11 models; trees for logp, all folds")
    assert any(line.endswith("support vectors for logp, without folds 2 and 4") for line in lines)
    assert lines[-1].startswith("cross-validating: 11 of 11 models")


def test_where_two_folds_hold_all_of_a_class_predictors_are_fitted_one_by_one(part: Dataset, folds: Folds) -> None:
    labels = np.zeros((len(part), 1))
    labels[[folds[0][1][0], folds[0][1][1], folds[1][1][0], folds[1][1][1]]] = 1
    rare = Dataset(part.molecules, labels, part.endpoints[1:])
    fitted = list(small(folds=2).cross_fit(rare, folds))
    assert [len(each.training) for each in fitted] == [*(len(train) for train, _ in folds), len(part)]


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_several_machines_say_about_what_one_says(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x, asked = (rng.uniform(0, 1, (rows, 2)).astype(np.float32) for rows in (600, 100))
    y = np.sin(6 * x[:, 0]) + x[:, 1] + 0.1 * rng.normal(size=600)
    truth = np.sin(6 * asked[:, 0]) + asked[:, 1]
    if task == "classification":
        y = (y > 0.5).astype(float)
    machine, scores = SupportVectors(gamma=5.0), []
    for most in (600, 200):
        monkeypatch.setattr(support_vectors, "MOST", most)
        monkeypatch.setattr(support_vectors, "BLOCK", most - 1)
        weights, intercept = machine.fit(x, y, task)  # type: ignore[arg-type]
        assert len(weights) == 600
        scores.append(machine.score(asked, x, weights) + intercept)
        np.testing.assert_allclose(scores[-1], machine.kernel(asked, x) @ weights + intercept, atol=1e-5)
    one, three = scores
    if task == "classification":
        assert ((one > 0) == (three > 0)).mean() > 0.9
    else:
        assert np.abs(one - truth).mean() < 0.06
        assert np.abs(three - truth).mean() < 0.06


def test_each_machine_gets_both_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support_vectors, "MOST", 10)
    y = np.zeros(100)
    y[:3] = 1
    parts = support_vectors._parts(y, np.zeros(100, np.int8), "classification", 0)
    assert sorted(np.concatenate(parts)) == list(range(100))
    assert [set(y[rows]) for rows in parts] == [{0.0, 1.0}] * 3
    assert len(support_vectors._parts(y, np.zeros(100, np.int8), "regression", 0)) == 10
