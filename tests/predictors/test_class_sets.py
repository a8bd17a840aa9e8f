"""Sets of classes that hold the true one nine times out of ten, whichever it is."""

from pathlib import Path

import numpy as np
import pytest

from molgen.data.dataset import Dataset, Endpoint
from molgen.predictors.boosted import Boosted
from molgen.predictors.class_sets import class_sets, limits_said, set_figures, with_class_sets
from molgen.predictors.shipped import load_predictor

ENDPOINT = Endpoint("active", "classification")


def test_limits_by_hand() -> None:
    """Nine actives: p = 1/10 of one below them all, which is ruled out, and 2/10 of one as probable as the least."""
    ones, zeros = np.linspace(0.2, 0.9, 9), np.linspace(0.05, 0.6, 19)
    known = with_class_sets(ENDPOINT, np.concatenate([ones, zeros]), np.repeat([1.0, 0.0], [9, 19]))
    assert known.one_from == pytest.approx(0.2)
    assert known.zero_to == pytest.approx(np.sort(zeros)[-2])  # the second of nineteen has p = 3/20, what is above it 2/20
    found = class_sets(known, np.array([0.1, 0.2, 0.4, np.sort(zeros)[-2] + 0.01, np.nan]))
    assert found == ["0", "0|1", "0|1", "1", None]


def test_fewer_than_nine_of_a_class_never_rule_it_out() -> None:
    known = with_class_sets(ENDPOINT, np.array([*[0.9] * 8, *[0.1] * 20]), np.repeat([1.0, 0.0], [8, 20]))
    assert class_sets(known, np.array([0.0, 1.0])) == ["0|1", "1"]


def test_where_classes_lie_far_apart_there_is_room_for_neither() -> None:
    known = with_class_sets(ENDPOINT, np.repeat([0.95, 0.05], 30), np.repeat([1.0, 0.0], 30))
    assert class_sets(known, np.array([0.5, 0.96, 0.01])) == ["neither", "1", "0"]


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_each_class_is_in_nine_tenths_of_its_sets(share: float) -> None:
    """However rare it is, and however the probabilities are calibrated: 50 draws of 400 molecules that calibrate."""
    rng = np.random.default_rng(0)
    held = {0: [], 1: []}
    for _ in range(50):
        y = (rng.random(1400) < share).astype(float)
        score = 1 / (1 + np.exp(-rng.normal(1.5 * y, 1)))
        figures = set_figures(with_class_sets(ENDPOINT, score[:400], y[:400]), score[400:], y[400:])
        held[0].append(figures["sets_with_0"])
        held[1].append(figures["sets_with_1"])
    for of_class in held.values():
        assert 0.89 < np.mean(of_class) < 0.925


def test_predictors_tell_the_sets_of_classes_and_keep_them(boosted: Boosted, measured: Dataset, tmp_path: Path) -> None:
    found = boosted.predict(measured.molecules.take(range(150, 200)))
    table = found.to_pandas()
    assert "logp_set" not in table
    assert list(table).index("polar_set") == list(table).index("polar_std") + 1
    endpoint = boosted.endpoints[1]
    assert table["polar_set"].tolist() == class_sets(endpoint, found.mean[:, 1])
    assert {"0", "1"} & set(table["polar_set"])
    boosted.save(tmp_path / "predictor.safetensors", {})
    again = load_predictor(tmp_path / "predictor.safetensors").predict(measured.molecules.take(range(150, 200))).to_pandas()
    assert again["polar_set"].tolist() == table["polar_set"].tolist()
    assert class_sets(ENDPOINT, found.mean[:, 1]) is None
    assert f"class 1 can't be ruled out from a probability of {endpoint.one_from:.2g} on" in limits_said(endpoint)
    assert limits_said(ENDPOINT) == ""
    assert boosted.predict(["C1CC("]).to_pandas()["polar_set"].isna().all()
