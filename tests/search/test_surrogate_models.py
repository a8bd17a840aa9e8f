"""Surrogate models against second methods."""

import numpy as np
import pytest
import torch
from rdkit import DataStructs
from rdkit.Chem import Crippen, rdFingerprintGenerator
from scipy.stats import spearmanr

from molgen import Scorer
from molgen.search.bayesian.models.base import SurrogateModel, Values, finite, integer_valued
from molgen.search.bayesian.models.features import Features, describe, stack
from molgen.search.bayesian.models.forecast import forecast
from molgen.search.bayesian.models.forest import Forest
from molgen.search.bayesian.models.gaussian_process import LOG_INITIAL, GaussianProcess
from molgen.search.bayesian.models.kernels import diagonals, kernels, usual_sizes
from molgen.search.strategy import State
from tests.search.small import make, mols

SITAGLIPTIN = "NC(CC(=O)N1CCn2c(nnc2C(F)(F)F)C1)Cc1cc(F)c(F)cc1F"


def features(smiles: list[str]) -> Features:
    return stack([describe(mol) for mol in mols(smiles)])


def test_fragments_that_share_a_column_are_counted_once() -> None:
    columns = describe(mols(["COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc1nccc(-c2cn(C)c3ccccc23)n1"])[0]).columns
    assert columns.tolist() == sorted(set(columns.tolist()))


def test_the_first_kernel_is_tanimoto_on_counts(samples: list[str]) -> None:
    some = mols(samples[:30])
    x = features(samples[:30])
    kernel = kernels(x, x, usual_sizes(x))[0]
    count = rdFingerprintGenerator.GetMorganGenerator(radius=2).GetSparseCountFingerprint
    expected = [[DataStructs.TanimotoSimilarity(count(a), count(b)) for b in some] for a in some]
    np.testing.assert_allclose(kernel, expected, atol=0.05)  # fragments share columns now and then


def test_the_fifth_kernel_multiplies_shares_of_fragments(samples: list[str]) -> None:
    x = features(samples[:30])
    count = rdFingerprintGenerator.GetMorganGenerator(radius=2).GetSparseCountFingerprint
    counts = [count(mol) for mol in mols(samples[:30])]
    sizes = np.array([each.GetTotalVal() for each in counts], float)
    usual = sizes.mean()
    shared = [[(a & b).GetTotalVal() for b in counts] for a in counts]
    expected = 4 * usual * np.array(shared) / (sizes + usual) / (sizes[:, None] + usual)
    np.testing.assert_allclose(kernels(x, x, usual_sizes(x))[4], expected, atol=0.1)  # fragments share columns now and then
    np.testing.assert_allclose(diagonals(x, usual_sizes(x)), kernels(x, x, usual_sizes(x)).diagonal(axis1=1, axis2=2), rtol=1e-5)


def test_a_process_predicts_what_the_textbook_says(samples: list[str]) -> None:
    """Rasmussen and Williams, equations 2.25 and 2.26, by plain inversion."""
    x, new = features(samples[:40]), features(samples[40:60])
    rng = np.random.default_rng(0)
    y = rng.normal(2.0, 3.0, (40, 1))
    model = GaussianProcess()
    model.fit(x, y, rng)
    mean, deviation = model.predict(new)
    log_hyperparameters = np.array(model.log_hyperparameters[0])

    weights = np.exp(log_hyperparameters[:-1]).clip(1e-4, 1e3)

    def covariance(a: Features, b: Features) -> np.ndarray:
        return np.tensordot(weights, kernels(a, b, usual_sizes(x)), 1).astype(float) + 1

    inverse = np.linalg.inv(covariance(x, x) + np.exp(log_hyperparameters[-1]).clip(1e-4, 1) * np.eye(40))
    near = covariance(new, x)
    z = (y[:, 0] - y.mean()) / y.std()
    np.testing.assert_allclose(mean[:, 0], near @ inverse @ z * y.std() + y.mean(), rtol=1e-3)
    variance = weights @ diagonals(new, usual_sizes(x)) + 1 - np.diag(near @ inverse @ near.T)
    np.testing.assert_allclose(deviation[:, 0], np.sqrt(variance) * y.std(), rtol=1e-2)


@pytest.mark.parametrize("model", [GaussianProcess(), Forest()])
class TestEveryModel:
    def test_ranks_molecules_that_it_has_not_seen(self, model: SurrogateModel, samples: list[str]) -> None:
        some = mols(samples)
        y = np.array([[Crippen.MolLogP(mol), mol.GetNumHeavyAtoms()] for mol in some])
        model.fit(features(samples[100:]), y[100:], np.random.default_rng(0))
        mean, deviation = model.predict(features(samples[:100]))
        assert mean.shape == deviation.shape == (100, 2)
        assert (deviation > 0).all()
        for column in range(2):
            assert spearmanr(mean[:, column], y[:100, column]).statistic > 0.6

    def test_learns_from_what_is_known_of_each_value(self, model: SurrogateModel, samples: list[str]) -> None:
        x = features(samples[:50])
        y = np.stack([np.linspace(0, 1, 50), np.full(50, np.nan), np.full(50, 3.0)], 1)
        y[::2, 0] = np.nan
        model.fit(x, y, np.random.default_rng(0))
        mean, deviation = model.predict(x)
        assert np.isfinite(mean).all()
        assert np.isfinite(deviation).all()
        np.testing.assert_allclose(mean[:, 2], 3, atol=1e-3)


def test_a_process_is_sure_of_what_it_knows_and_unsure_of_what_is_unlike_it(samples: list[str]) -> None:
    model = GaussianProcess()
    y = np.array([[Crippen.MolLogP(mol)] for mol in mols(samples[:50])])
    model.fit(features(samples[:50]), y, np.random.default_rng(0))
    deviation = model.predict(features([*samples[:50], "C1CC2CC3CC1CC(C2)C3"]))[1][:, 0]
    assert deviation[50] > 2 * np.median(deviation[:50])


def test_rules_make_the_scores_of_the_scorer(samples: list[str]) -> None:
    scorer = Scorer.from_config("drug_like")
    scores = scorer(samples[:50])
    again = scorer.rules().judged(scores.smiles, [None] * 50, scores.raw)
    np.testing.assert_array_equal(again.total, scores.total)
    assert again.problem == scores.problem
    np.testing.assert_array_equal(scorer.rules().totals(scores.raw), scores.total)


class Sure(SurrogateModel):
    """Always predicts the same."""

    def __init__(self, mean: list[list[float]], deviation: float = 0.0) -> None:
        self.mean, self.deviation = np.array(mean), np.full_like(mean, deviation)

    def fit(self, x: Features, y: Values, rng: np.random.Generator) -> None: ...

    def predict(self, x: Features) -> tuple[Values, Values]:
        return self.mean, self.deviation

    @property
    def noisy(self) -> bool:
        return False

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None: ...


def test_a_filter_on_counts_takes_predictions_as_counts(samples: list[str]) -> None:
    rules = Scorer.from_config("drug_like").rules()
    mean = forecast(Sure([[0.9, 2.0, 0.2], [0.9, 2.0, 0.8]]), rules, [describe(mol) for mol in mols(samples[:2])])[0]
    np.testing.assert_allclose(mean > 0, [True, False])


def test_a_pattern_that_is_hardly_there_earns_nothing(samples: list[str]) -> None:
    """The fourth root of a geometric mean makes much of little; a pattern is there or not."""
    rules = Scorer.from_config("pmo/valsartan_smarts").rules()
    x = [describe(mol) for mol in mols(samples[:2])]
    targets = dict(zip(rules.terms, Scorer.from_config("pmo/valsartan_smarts")([SITAGLIPTIN]).raw[0], strict=True))
    perfect = [[each, *[targets[name] for name in list(rules.terms)[1:]]] for each in (0.03, 0.97)]
    continuous = forecast(Sure(perfect), rules, x)[0]
    np.testing.assert_allclose(continuous, [0.03**0.25, 0.97**0.25], rtol=1e-6)
    counted = forecast(Sure(perfect), rules, x, np.array([True, False, False, False]))[0]
    np.testing.assert_allclose(counted, [0, 1])


def test_integers_are_told_from_others_and_from_what_never_varies() -> None:
    values = np.array([[0, 1, 0.5, np.nan, 3], [2, 1, 1, np.nan, np.nan], [1, 1, 2, np.nan, 4]])
    assert integer_valued(values).tolist() == [True, False, False, False, True]


def test_what_is_infinite_is_learnt_as_far_worse_and_what_is_unknown_stays_so() -> None:
    inf, nan = np.inf, np.nan
    values = np.array([[1, 0.2, inf, nan], [4, -inf, inf, nan], [inf, 0.3, nan, nan], [nan, 0.3, inf, nan]])
    right = np.array([[1, 0.2, 1, nan], [4, -0.8, 1, nan], [7, 0.3, nan, nan], [nan, 0.3, 1, nan]])
    np.testing.assert_allclose(finite(values), right)
    np.testing.assert_array_equal(finite(values[:, 3:]), values[:, 3:])


def test_one_molecule_with_a_pattern_is_no_error_of_measurement(samples: list[str]) -> None:
    y = np.zeros((200, 1))
    y[7] = 1
    model = GaussianProcess()
    model.fit(features(samples[:200]), y, np.random.default_rng(0))
    assert model.predict(features([samples[7]]))[0].item() > 0.8


def test_errors_are_told_from_exact_values(samples: list[str]) -> None:
    rng = np.random.default_rng(0)
    strategy = make()
    bred = strategy.pool.offspring(samples[:20], 130, strategy.operators, rng)
    relatives = [*samples[:20], *(child.smiles for child in bred)]
    exact = np.array([[Crippen.MolLogP(mol)] for mol in mols(relatives)])
    for spread, noisy in [(0.0, False), (1.0, True)]:
        model = GaussianProcess()
        model.fit(features(relatives), exact + rng.normal(0, spread * exact.std(), exact.shape), rng)
        assert model.noisy == noisy


def test_molecules_that_look_the_same_do_not_stop_a_process(samples: list[str]) -> None:
    x = features([samples[0]] * 30)
    model = GaussianProcess()
    model.fit(x, np.linspace(0, 1, 30)[:, None], np.random.default_rng(0))
    np.testing.assert_allclose(model.predict(x)[0], 0.5, atol=1e-2)


def test_weights_that_were_found_before_a_matrix_failed_stay(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    factor, factored = torch.linalg.cholesky, []

    def fails_the_sixth_time(matrix: torch.Tensor) -> torch.Tensor:
        factored.append(len(matrix))
        if len(factored) == 6:
            raise torch.linalg.LinAlgError("not positive-definite")
        return factor(matrix)

    monkeypatch.setattr(torch.linalg, "cholesky", fails_the_sixth_time)
    model = GaussianProcess()
    y = np.array([[Crippen.MolLogP(mol)] for mol in mols(samples[:50])])
    model.fit(features(samples[:50]), y, np.random.default_rng(0))
    assert len(factored) == 6
    assert model.log_hyperparameters[0] != LOG_INITIAL.tolist()


def test_the_forecast_of_a_sure_model_is_the_score(samples: list[str]) -> None:
    scorer = Scorer.from_config("drug_like")
    scores = scorer(samples[:60])
    model = GaussianProcess()
    x = [describe(mol) for mol in mols(samples[:60])]
    model.fit(stack(x), scores.raw, np.random.default_rng(0))
    mean, deviation = forecast(model, scorer.rules(), x)
    assert spearmanr(mean, scores.total).statistic > 0.9
    np.testing.assert_array_equal(forecast(model, None, x)[0], model.predict(stack(x))[0][:, 0])
    assert (deviation >= 0).all()
