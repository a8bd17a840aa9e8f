"""By how much assays differ (`molgen.data.assay_effects`)."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from molgen.chem.similarity import tanimoto_matrix
from molgen.data.assay_effects import JITTER, AssayValues, Variances, assay_effects, negative_log_posterior, offsets_given

RNG = np.random.default_rng(0)


def prints(molecules: int, bits: int = 64) -> np.ndarray:
    return (np.random.default_rng(1).random((molecules, bits)) < 0.2).astype(np.uint8)


def measured(assays: np.ndarray, molecules: np.ndarray, values: np.ndarray) -> AssayValues:
    return AssayValues(values, np.zeros(len(values)), assays, molecules, prints(int(molecules.max()) + 1))


def small(n: int = 25) -> AssayValues:
    rng = np.random.default_rng(2)
    return measured(rng.integers(0, 3, n), rng.integers(0, 15, n), rng.standard_normal(n))


def joint(known: AssayValues, given: Variances) -> np.ndarray:
    """The covariance of the offsets and, behind them, the values, written out."""
    n, a = len(known.values), len(given.noise)
    similar = tanimoto_matrix(known.bits, known.bits)
    whole = np.zeros((a + n, a + n))
    whole[:a, :a] = given.offset * np.eye(a)
    for i in range(n):
        whole[known.assays[i], a + i] = whole[a + i, known.assays[i]] = given.offset
        for j in range(n):
            p, q = known.molecules[i], known.molecules[j]
            whole[a + i, a + j] = 1 + given.fragments * similar[p, q] + given.molecule * (p == q)
            whole[a + i, a + j] += given.offset * (known.assays[i] == known.assays[j])
        whole[a + i, a + i] += given.noise[known.assays[i]] + JITTER
    return whole


GIVEN = Variances(0.7, 0.1, 0.3, np.array([0.05, 0.2, 0.4]))


def test_offsets_are_those_of_a_normal_distribution_given_the_values() -> None:
    known = small()
    whole = joint(known, GIVEN)
    across, inner = whole[:3, 3:], whole[3:, 3:]
    mean, covariance = offsets_given(known, GIVEN)
    np.testing.assert_allclose(mean, across @ np.linalg.solve(inner, known.values), atol=1e-8)
    np.testing.assert_allclose(covariance, whole[:3, :3] - across @ np.linalg.solve(inner, across.T), atol=1e-8)


def test_variances_are_judged_by_the_density_of_the_values() -> None:
    """SciPy's log-density differs from the loss by a constant and the prior, which is told apart by a second point."""
    known, loss = small(), negative_log_posterior(small(), 3)
    theta = np.log([0.7, 0.1, 0.3, 0.2, 0.25, 1.0, 2.0])
    density = multivariate_normal(np.zeros(25), joint(known, Variances.of(theta))[3:, 3:]).logpdf(known.values)
    off = (theta - np.log([1, 0.05, 0.1, 0.05, 1, 1, 1])) / [2, 2, 2, 2, 1, 1, 1]
    assert loss(theta)[0] == pytest.approx(-density - 25 / 2 * np.log(2 * np.pi) + off @ off / 2, rel=1e-6)
    np.testing.assert_allclose(loss(theta)[1], approx_fprime(theta, lambda at: loss(at)[0], 1e-6), rtol=1e-3, atol=1e-3)


def test_where_all_molecules_are_measured_twice_it_is_the_paired_difference() -> None:
    """Mean and standard error of paired differences: what a t test has."""
    n = 60
    true = RNG.standard_normal(n)
    first, second = true + 0.2 * RNG.standard_normal(n), true + 0.7 + 0.3 * RNG.standard_normal(n)
    both = measured(np.repeat([0, 1], n), np.tile(np.arange(n), 2), np.concatenate([first, second]))
    found, difference = assay_effects(both, 2, 0), second - first
    assert found.offsets[0] == found.offset_errors[0] == 0
    assert found.offsets[1] == pytest.approx(difference.mean(), abs=0.02)
    assert found.offset_errors[1] == pytest.approx(difference.std(ddof=1) / np.sqrt(n), rel=0.25)


def test_offsets_and_noises_are_found_by_a_few_shared_molecules() -> None:
    rng, n = np.random.default_rng(3), 150
    bits = prints(n)
    true = bits[:, :10] @ rng.standard_normal(10)
    molecules = np.concatenate([np.arange(n), np.arange(0, n, 10), np.arange(0, n, 10)])
    assays = np.concatenate([np.arange(n) % 2, np.zeros(15, int), np.ones(15, int)])
    values = true[molecules] + np.array([0, -1.0])[assays] + np.array([0.1, 0.6])[assays] * rng.standard_normal(len(assays))
    found = assay_effects(measured(assays, molecules, values), 2, 0)
    assert abs(found.offsets[1] + 1) < 2.5 * found.offset_errors[1] < 0.5
    assert found.noises[0] < 0.35 < found.noises[1] < 0.9


def test_an_offset_that_nothing_tells_from_chemistry_has_a_large_error() -> None:
    """Two series without a bit in common: the values of each may lie where they do by their assay or by their fragments."""
    rng = np.random.default_rng(4)
    bits = np.zeros((60, 24), np.uint8)
    bits[:30, :12], bits[30:, 12:] = rng.random((30, 12)) < 0.5, rng.random((30, 12)) < 0.5
    true, noise = bits @ rng.standard_normal(24), 0.1 * rng.standard_normal(60)
    assays, none = np.repeat([0, 1], 30), np.zeros(60)
    apart = AssayValues(true + noise + assays, none, assays, np.arange(60), bits)
    shared = np.tile(np.arange(30), 2)
    linked = AssayValues(true[shared] + noise + assays, none, assays, shared, bits[:30])
    alone, together = assay_effects(apart, 2, 0), assay_effects(linked, 2, 0)
    assert together.offsets[1] == pytest.approx(1, abs=0.1)
    assert together.offset_errors[1] < 0.1
    assert alone.offset_errors[1] > 0.5


def test_some_values_are_of_every_assay_and_first_of_shared_molecules() -> None:
    assays = np.array([0] * 90 + [1] * 10)
    known = measured(assays, np.concatenate([np.arange(90), [0, 1, 2, *range(90, 97)]]), np.zeros(100))
    chosen = known.some(30)
    assert len(set(chosen.tolist())) == 30
    assert {0, 1, 2, *range(90, 100)} <= set(chosen.tolist())
    np.testing.assert_array_equal(known.some(100), np.arange(100))
    part = known.take(chosen)
    np.testing.assert_array_equal(part.bits[part.molecules], known.bits[known.molecules[chosen]])
