from collections.abc import Sequence

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen
from scipy.stats import norm

from molgen.errors import DataError
from molgen.project.models.base import Observations
from molgen.project.models.bounds import pseudo_measurements
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.search.bayesian.models.features import Features, describe, stack

ALKYL = ["C" * n for n in range(1, 9)]
TAILS = [f"{alkyl}{head}" for alkyl in ALKYL for head in ("O", "N", "C(=O)O", "C(=O)N", "S", "Cl", "Br", "C#N", "OC", "NC")]
RINGS = [f"{alkyl}c1ccc({rest})cc1" for alkyl in ALKYL for rest in ("O", "N", "F", "Cl", "Br", "C(=O)O", "C#N", "OC", "S", "I")]
MOLECULES = TAILS + RINGS


def features(smiles: Sequence[str]) -> Features:
    return stack([describe(Chem.MolFromSmiles(text)) for text in smiles])


@pytest.fixture(scope="module")
def x() -> Features:
    return features(MOLECULES)


@pytest.fixture(scope="module")
def logp() -> np.ndarray:
    return np.array([Crippen.MolLogP(Chem.MolFromSmiles(text)) for text in MOLECULES])


def integrated(mean: np.ndarray, covariance: np.ndarray, bounds: np.ndarray, signs: np.ndarray, noise: float) -> np.ndarray:
    """Mean and deviation of the first of two true values under Tobit's likelihood, by adding up a fine grid."""
    axis = np.linspace(-8, 8, 801)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
    shift = grid - mean
    density = np.exp(-0.5 * np.einsum("abi,ij,abj->ab", shift, np.linalg.inv(covariance), shift))
    for i in range(2):
        density *= norm.cdf(signs[i] * (grid[..., i] - bounds[i]) / np.sqrt(noise))
    density /= density.sum()
    first = (density * grid[..., 0]).sum()
    return np.array([first, np.sqrt((density * (grid[..., 0] - first) ** 2).sum())])


@pytest.mark.parametrize(("bounds", "signs"), [((0.5, -1.0), (1, 1)), ((1.5, 0.0), (1, -1)), ((-2.0, 2.0), (-1, 1))])
def test_bounds_leave_the_posterior_that_integration_finds(bounds: tuple[float, float], signs: tuple[int, int]) -> None:
    mean, covariance, noise = np.array([0.2, -0.3]), np.array([[1.0, 0.6], [0.6, 1.5]]), 0.1
    wanted = integrated(mean, covariance, np.array(bounds), np.array(signs), noise)

    values, errors = pseudo_measurements(mean, covariance, np.array(bounds), np.array(signs, float), np.full(2, noise))

    gain = covariance @ np.linalg.inv(covariance + np.diag(errors))
    found = (mean + gain @ (values - mean))[0], np.sqrt((covariance - gain @ covariance)[0, 0])
    np.testing.assert_allclose(found, wanted, atol=0.02)


def test_a_bound_far_below_what_is_known_says_nothing() -> None:
    values, errors = pseudo_measurements(np.array([5.0]), np.eye(1), np.array([-5.0]), np.ones(1), np.array([0.1]))

    assert errors[0] > 1e3
    assert np.isfinite(values[0])


class TestEndpointProcess:
    def test_learns_what_was_measured(self, x: Features, logp: np.ndarray) -> None:
        rows = np.random.default_rng(0).permutation(len(logp))
        model = EndpointProcess()
        model.fit(x, Observations(rows[:80], logp[rows[:80]]))

        mean, deviation = model.predict(x)

        rest = rows[80:]
        assert np.corrcoef(mean[rest], logp[rest])[0, 1] > 0.95
        assert deviation[rows[:80]].mean() < deviation[rest].mean()

    def test_draws_have_the_posterior_mean_and_covariance(self, x: Features, logp: np.ndarray) -> None:
        rows, some = np.arange(0, 160, 4), features([*TAILS[1:6], *RINGS[1:6], TAILS[0]])
        model = EndpointProcess()
        model.fit(x, Observations(rows, logp[rows]))

        draws = model.draw(some, 20_000, np.random.default_rng(0))

        mean, deviation = model.predict(some)
        np.testing.assert_allclose(draws.mean(0), mean, atol=0.05 * deviation.max())
        np.testing.assert_allclose(draws.std(0), deviation, rtol=0.05)
        learnt = model.hyperparameters
        assert model.measured is not None
        both = model._between(some, np.zeros(11), some, np.zeros(11))
        near = model._between(some, np.zeros(11), model.measured, np.zeros(len(rows)))
        inner = model._between(model.measured, np.zeros(len(rows)), model.measured, np.zeros(len(rows)))
        posterior = both - near @ np.linalg.solve(inner + learnt.noise[0] * np.eye(len(rows)), near.T)
        wanted = posterior * (model.caution * model.scales.scale[0]) ** 2
        np.testing.assert_allclose(np.cov(draws.T), wanted, atol=0.05 * wanted.max())

    def test_finds_the_noise_of_each_assay_from_replicates(self, x: Features, logp: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        rows = np.repeat(np.arange(0, 160, 2), 4)
        assays = np.tile([0, 0, 1, 1], 80)
        values = logp[rows] + rng.normal(0, np.where(assays == 0, 0.1, 0.5))
        model = EndpointProcess()
        model.fit(x, Observations(rows, values, assays=assays))

        np.testing.assert_allclose(model.noise, [0.1, 0.5], rtol=0.25)

    @pytest.mark.parametrize("slope", [20, -20])
    def test_another_assay_on_another_scale_helps(self, slope: float, x: Features, logp: np.ndarray) -> None:
        other, own = np.arange(0, 160, 2), np.arange(1, 160, 32)
        alone, together = EndpointProcess(), EndpointProcess()
        alone.fit(x, Observations(own, logp[own]))
        values, assays = np.concatenate([logp[own], 100 + slope * logp[other]]), np.repeat([0, 1], [len(own), len(other)])
        together.fit(x, Observations(np.concatenate([own, other]), values, assays=assays))

        rest = np.setdiff1d(np.arange(1, 160, 2), own)
        wrong = [np.abs(model.predict(x)[0][rest] - logp[rest]).mean() for model in (alone, together)]
        assert wrong[1] < 0.9 * wrong[0]
        assert together.hyperparameters.together[1] * np.sign(slope) > 0.9

    def test_bounds_are_believed(self, x: Features, logp: np.ndarray) -> None:
        rows, low = np.arange(0, 160, 2), np.quantile(logp, 0.4)
        bounds, values = (logp[rows] < low), np.maximum(logp[rows], low)
        told, untold, exact = EndpointProcess(), EndpointProcess(), EndpointProcess()
        told.fit(x, Observations(rows, values, np.where(bounds, -1, 0).astype(np.int8)))
        untold.fit(x, Observations(rows[~bounds], values[~bounds]))
        exact.fit(x, Observations(rows, values))

        below = np.setdiff1d(np.flatnonzero(logp < low), rows)
        wrong = [np.abs(model.predict(x)[0] - logp)[below].mean() for model in (told, untold, exact)]
        assert wrong[0] < 0.9 * min(wrong[1:])
        assert (told.predict(x)[0][rows[bounds]] < low).all()

    def test_a_predictor_is_followed_without_measurements(self, x: Features, logp: np.ndarray) -> None:
        model = EndpointProcess()
        model.fit(x, Observations(np.empty(0, np.intp), np.empty(0)), mean=logp)

        assert np.corrcoef(model.predict(x, logp)[0], logp)[0, 1] > 0.999
        assert (model.predict(x, logp)[1] > 0).all()

    def test_a_predictor_that_says_nothing_does_little_harm(self, x: Features, logp: np.ndarray) -> None:
        rows = np.arange(0, 160, 2)
        nonsense = np.random.default_rng(0).normal(size=160)
        with_it, without = EndpointProcess(), EndpointProcess()
        with_it.fit(x, Observations(rows, logp[rows]), mean=nonsense)
        without.fit(x, Observations(rows, logp[rows]))

        wrong = [np.abs(predicted - logp)[1::2].mean() for predicted in (with_it.predict(x, nonsense)[0], without.predict(x)[0])]
        assert wrong[0] < 1.2 * wrong[1]

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_few_measurements_make_no_certainty(self, number: int, x: Features) -> None:
        model = EndpointProcess()
        model.fit(x, Observations(np.arange(number), np.full(number, 7.0)))

        mean, deviation = model.predict(x)

        assert np.isfinite(mean).all()
        assert (deviation[number:] > 0.3).all()
        np.testing.assert_allclose(mean, 7.0 if number else 0.0)

    def test_draws_of_too_many_are_refused(self, x: Features) -> None:
        model = EndpointProcess()
        model.fit(x, Observations(np.arange(2), np.ones(2)))
        many = features(["C"] * 5001)

        with pytest.raises(DataError, match="at most 5,000"):
            model.draw(many, 1, np.random.default_rng(0))


def test_observations_without_a_value_are_refused() -> None:
    with pytest.raises(DataError, match="value 1 isn't finite"):
        Observations(np.array([0, 1]), np.array([1.0, np.nan]))
