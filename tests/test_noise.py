"""What a noisy benchmark adds to its scores."""

import zlib

import numpy as np
import pytest

from benchmarks.noise import KINDS, Noise
from benchmarks.pmo import noisy
from molgen import Scorer

SMILES = ["C" * (1 + n % 60) + "N" * (n // 60) for n in range(6000)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_the_molecules_own_whatever_it_is_measured_with(kind: str) -> None:
    scores = np.linspace(0.1, 0.9, 50)
    noise = Noise(0.1, kind, seed=3)
    found = noise(SMILES[:50], scores)
    assert noise(SMILES[10:20], scores[10:20]).tolist() == found[10:20].tolist()
    assert Noise(0.1, kind, seed=3)(SMILES[:50], scores).tolist() == found.tolist()
    assert not np.isin(Noise(0.1, kind, seed=4)(SMILES[:50], scores), found).any()


def test_gaussian_errors_are_those_of_the_published_runs() -> None:
    expected = np.random.default_rng([0, zlib.crc32(b"CCO")]).normal(0, 0.1)
    assert Noise(0.1)(["CCO"], np.array([0.7])).tolist() == [expected]


def test_one_value_in_twenty_is_wrong_by_half_up_or_down() -> None:
    errors = Noise(0.02, "outliers")(SMILES, np.full(len(SMILES), 0.5))
    wrong = errors[np.abs(errors) > 0.25]
    assert len(wrong) / len(errors) == pytest.approx(0.05, abs=0.01)
    assert np.abs(wrong).mean() == pytest.approx(0.5, abs=0.005)
    assert (wrong > 0).mean() == pytest.approx(0.5, abs=0.1)
    assert errors[np.abs(errors) < 0.25].std() == pytest.approx(0.02, rel=0.05)


def test_the_deviation_grows_with_the_score() -> None:
    noise = Noise(0.1, "growing")
    for score in (0.0, 0.25, 0.5, 1.0):
        assert noise(SMILES, np.full(len(SMILES), score)).std() == pytest.approx(0.2 * score, rel=0.05)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no noise pink; known: gaussian, outliers, growing"):
        Noise(0.1, "pink")


def test_a_noisy_objective_returns_scores_with_their_errors_and_none_below_zero() -> None:
    noise, smiles = Noise(0.1, "outliers"), ["CCO", "c1ccccc1", "CCN", "CCCCO", "CC(=O)O", "CCS"]
    scores = Scorer.from_config("pmo/valsartan_smarts")(smiles).total
    assert scores.tolist() == [0.0] * 6
    found = noisy("pmo/valsartan_smarts", noise)(smiles)
    assert found == np.maximum(noise(smiles, scores), 0).tolist()
    assert 0 < sum(value == 0 for value in found) < 6
