"""Surrogates against second methods, and the search that they guide."""

from pathlib import Path

import numpy as np
import pytest
import torch
from rdkit import Chem, DataStructs
from rdkit.Chem import Crippen, rdFingerprintGenerator
from scipy.stats import spearmanr

from molgen import Scorer
from molgen.config import compose_group
from molgen.errors import ConfigError
from molgen.metrics.ranking import top_mean
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.scorer import Term
from molgen.scoring.scores import Scores
from molgen.search.annealing import Annealing
from molgen.search.brood import Brood, Operators, spread
from molgen.search.constraints import Constraints
from molgen.search.familiar import Familiar
from molgen.search.lineage import Lineage
from molgen.search.loop import search
from molgen.search.memory import ScaffoldFilter
from molgen.search.oracle import Oracle
from molgen.search.strategies import surrogate
from molgen.search.strategies.surrogate import Surrogate
from molgen.search.strategy import Proposal, State, Strategy
from molgen.search.surrogates.base import SurrogateModel, Values, whole
from molgen.search.surrogates.features import Features, describe, stack
from molgen.search.surrogates.forecast import forecast
from molgen.search.surrogates.forest import Forest
from molgen.search.surrogates.gaussian_process import START, GaussianProcess, _diagonals, _kernels
from tests.conftest import ASPIRIN

SMALL = ["search.library=200", "search.founders=40", "search.children=24", "search.annealed=16", "search.training=200"]
WARHEAD = "C=CC(=O)N"
SITAGLIPTIN = "NC(CC(=O)N1CCn2c(nnc2C(F)(F)F)C1)Cc1cc(F)c(F)cc1F"
HIT = "CN(C(C)=O)Cc1ccc(-c2ccccc2)cc1"  # meets the pattern of valsartan_smarts


def make(*settings: str, rules: Scorer | None = None) -> Surrogate:
    strategy: Surrogate = compose_group("search", "surrogate", ["+seed=0", *SMALL, *settings])
    strategy.rules = rules
    return strategy


def mols(smiles: list[str]) -> list[Chem.Mol]:
    return [Chem.MolFromSmiles(text) for text in smiles]


def features(smiles: list[str]) -> Features:
    return stack([describe(mol) for mol in mols(smiles)])


def test_the_first_kernel_is_tanimoto_on_counts(samples: list[str]) -> None:
    some = mols(samples[:30])
    x = features(samples[:30])
    kernel = _kernels(x, x)[0]
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
    np.testing.assert_allclose(_kernels(x, x)[4], expected, atol=0.1)  # fragments share columns now and then
    np.testing.assert_allclose(_diagonals(x, x), _kernels(x, x).diagonal(axis1=1, axis2=2), rtol=1e-5)


def test_a_process_predicts_what_the_textbook_says(samples: list[str]) -> None:
    """Rasmussen and Williams, equations 2.25 and 2.26, by plain inversion."""
    x, new = features(samples[:40]), features(samples[40:60])
    rng = np.random.default_rng(0)
    y = rng.normal(2.0, 3.0, (40, 1))
    model = GaussianProcess()
    model.fit(x, y, rng)
    mean, deviation = model.predict(new)
    logs = np.array(model.logs[0])

    weights = np.exp(logs[:-1]).clip(1e-4, 1e3)

    def covariance(a: Features, b: Features) -> np.ndarray:
        return np.tensordot(weights, _kernels(a, b), 1).astype(float) + 1

    inverse = np.linalg.inv(covariance(x, x) + np.exp(logs[-1]).clip(1e-4, 1) * np.eye(40))
    near = covariance(new, x)
    z = (y[:, 0] - y.mean()) / y.std()
    np.testing.assert_allclose(mean[:, 0], near @ inverse @ z * y.std() + y.mean(), rtol=1e-3)
    variance = weights @ _diagonals(new, x) + 1 - np.diag(near @ inverse @ near.T)
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


def test_whole_numbers_are_told_from_others_and_from_what_never_varies() -> None:
    values = np.array([[0, 1, 0.5, np.nan, 3], [2, 1, 1, np.nan, np.nan], [1, 1, 2, np.nan, 4]])
    assert whole(values).tolist() == [True, False, False, False, True]


def test_one_molecule_with_a_pattern_is_no_error_of_measurement(samples: list[str]) -> None:
    y = np.zeros((200, 1))
    y[7] = 1
    model = GaussianProcess()
    model.fit(features(samples[:200]), y, np.random.default_rng(0))
    assert model.predict(features([samples[7]]))[0].item() > 0.8


def test_strange_chemistry_is_told_from_familiar(samples: list[str]) -> None:
    familiar = Familiar.to(samples)
    assert familiar.strangeness(Chem.MolFromSmiles(samples[0])) == 0
    usual, strange = mols([ASPIRIN, "C1=NN=C1N(O)OSOO"])
    assert familiar.strangeness(usual) < 0.3 < familiar.strangeness(strange)


class TestConstraints:
    def test_each_holds(self) -> None:
        constraints = Constraints([WARHEAD], ["[F,Cl]"], {"molecular_weight": [100, 200], "logp": [None, 2]})
        allowed, *refused = mols(
            ["C=CC(=O)Nc1ccccc1", "CCC(=O)Nc1ccccc1", "C=CC(=O)Nc1ccccc1F", "C=CC(N)=O", "C=CC(=O)NCCCCCCCCC"]
        )
        assert constraints(allowed)
        assert not any(map(constraints, refused))

    def test_molecules_stay_like_the_lead(self) -> None:
        constraints = Constraints(lead=[ASPIRIN], similarity=0.5)
        assert constraints(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)OC"))
        assert not constraints(Chem.MolFromSmiles("CCO"))
        assert constraints.seeds == [ASPIRIN]

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"must_contain": ["c1ccc"]}, "no SMARTS"),
            ({"windows": {"logP": [0, 1]}}, "did you mean 'logp'"),
            ({"windows": {"logp": [0]}}, "lowest, highest"),
            ({"lead": ["C1CC"]}, "no molecule"),
        ],
    )
    def test_a_wrong_one_is_named(self, settings: dict[str, object], message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            Constraints(**settings)  # type: ignore[arg-type]


def test_offspring_satisfy_constraints_and_come_from_their_parents(samples: list[str]) -> None:
    parents = ["C=CC(=O)Nc1ccccc1", "C=CC(=O)N1CCOCC1", "C=CC(=O)NCc1ccncc1"]
    brood = Brood(parents, samples[:50], 60, 1, Operators(), Constraints([WARHEAD]), Familiar.to(samples))
    children = brood.children()
    assert len(children) == 60
    assert {child.operator for child in children} == {"graft", "crossover", "crossover+mutation", "mutation"}
    assert all(set(child.parents) <= set(parents) for child in children)
    assert all(Chem.MolFromSmiles(child.smiles).HasSubstructMatch(Chem.MolFromSmarts(WARHEAD)) for child in children)
    assert [child.smiles for child in brood.children()] == [child.smiles for child in children]
    assert len(spread(children, 60, 1)) == len({child.scaffold for child in children})


def test_a_search_with_constraints_scores_nothing_outside_them() -> None:
    settings = [f"search.constraints.must_contain=['{WARHEAD}']", "search.constraints.forbid=['[#16]']"]
    strategy = make(*settings, "search.constraints.windows={molecular_weight: [150, 400]}")
    scorer = Scorer.from_config("pmo/qed")
    oracle = Oracle(scorer, 150)
    assert search(strategy, oracle, 16, lambda asked, scores: None)
    held = Constraints([WARHEAD], ["[#16]"], {"molecular_weight": [150, 400]})
    assert oracle.used == 150
    assert all(held(mol) for mol in mols(list(oracle.known)))


def test_a_lead_is_improved_within_its_neighbourhood(tmp_path: Path) -> None:
    lead = "O=C(NCCCCCCCCN1C(=O)c2ccccc2C1=O)c1ccc(N=Nc2ccccc2)cc1"
    (tmp_path / "lead.smi").write_text(lead)
    strategy = make(f"search.constraints.lead={tmp_path / 'lead.smi'}", "search.constraints.similarity=0.4")
    scorer = Scorer.from_config("pmo/qed")
    oracle = Oracle(scorer, 150)
    search(strategy, oracle, 16, lambda asked, scores: None)
    held = Constraints(lead=[lead], similarity=0.4)
    assert all(held(mol) for mol in mols(list(oracle.known)))
    assert max(result.total for result in oracle.known.values()) > 2 * float(scorer([lead]).total[0])


def test_a_model_finds_in_fewer_calls_what_breeding_alone_does_not() -> None:
    scorer = Scorer.from_config("pmo/albuterol_similarity")

    def found(strategy: Strategy) -> float:
        oracle = Oracle(scorer, 150)
        search(strategy, oracle, 20, lambda asked, scores: None)
        return top_mean((result.total for result in oracle.known.values()), 10)

    guided = [found(make(f"seed={seed}", rules=scorer.rules())) for seed in range(3)]
    blind = [found(compose_group("search", "genetic", [f"+seed={seed}", "search.founders=40"])) for seed in range(3)]
    assert min(guided) > max(blind)


@pytest.mark.parametrize(("start", "founders"), [([], 40), ([ASPIRIN], 20)])
def test_fewer_founders_are_scored_where_a_known_molecule_is_given(start: list[str], founders: int) -> None:
    strategy, oracle = make(), Oracle(Scorer.from_config("pmo/qed"), 48)
    sweeps: list[int] = []
    search(strategy, oracle, 8, lambda asked, scores: sweeps.extend([strategy.roaming.sweep] * len(asked)), start=start)
    assert sweeps.count(0) - len(start) == founders


def test_the_library_is_scored_while_there_is_nothing_to_learn_from() -> None:
    """A term that no molecule ever met hides all others, which the model knows; once one molecule meets it, it is led."""
    scorer = Scorer.from_config("pmo/valsartan_smarts")
    strategy = make(rules=scorer.rules())
    asked: list[str] = []
    search(strategy, Oracle(scorer, 100), 20, lambda texts, scores: asked.extend(texts))
    assert set(asked) <= {*strategy.nursery.library, *strategy.nursery.joined}
    assert set(asked[:40]) <= set(strategy.nursery.library)
    assert len(set(asked) & set(strategy.nursery.joined)) == 30  # half of those beyond the founders
    assert strategy.roaming.sweep == 0
    strategy.tell([HIT], scorer([HIT]))
    strategy.ask(10)
    assert strategy.roaming.sweep > 0


def test_what_the_model_likes_of_the_library_is_scored() -> None:
    strategy = make()
    scorer = Scorer({"target": Term(Similarity(strategy.nursery.library[77], "ECFP4"))})
    proposed: list[Proposal] = []
    search(strategy, Oracle(scorer, 80), 10, lambda asked, scores: proposed.extend(asked))  # type: ignore[arg-type]
    hits = [each for each in proposed if each == strategy.nursery.library[77]]
    assert [each.operator for each in hits] == ["prior"]


def test_the_model_learns_from_the_best_and_the_latest() -> None:
    strategy = make("search.training=6")
    told = [strategy.nursery.library[i] for i in range(12)]
    for text, score in zip(told, [0.9, 0.8, 0.7, *[0.1] * 8, 0.75], strict=True):
        strategy.tell([text], Scores([text], np.array([score]), [None]))
    learnt = strategy._training()
    assert learnt[:3] == [told[0], told[1], told[11]]
    assert {told[9], told[10]} < set(learnt)
    assert len(set(learnt)) == 6


def test_every_choice_draws_how_bold_it_is() -> None:
    strategy = make()
    drawn = np.array([strategy._boldness() for _ in range(2000)])
    assert drawn.mean() == pytest.approx(0.6, rel=0.1)
    assert (drawn > 0.6).mean() == pytest.approx(np.exp(-1), abs=0.05)  # of an exponential distribution
    strategy.exploration = 0.0
    assert strategy._boldness() == 0


def test_full_scaffolds_are_left_alone() -> None:
    scaffolds = ScaffoldFilter(bucket=2, minimum=0.1)
    for smiles in ("c1ccccc1C", "c1ccccc1O"):
        assert scaffolds(smiles, 0.9) == 0.9
    assert scaffolds.crowded("c1ccccc1")
    assert not scaffolds.crowded("c1ccncc1")
    assert not ScaffoldFilter(bucket=0).crowded("c1ccccc1")


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
    assert model.logs[0] != START.tolist()


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


def test_a_population_apart_is_annealed_and_a_share_of_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surrogate, "LIKED", 50)
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy, oracle = make(), Oracle(scorer, 200)
    strategy.tell(strategy.nursery.library[:40], scorer(strategy.nursery.library[:40]))
    done, merit, populations, operators = [], [], [], []
    for _ in range(5):
        asked = strategy.ask(10)
        strategy.tell(asked, oracle(asked))
        operators.append([proposal.operator for proposal in asked if isinstance(proposal, Proposal)])
        done.append((strategy.roaming.sweep, strategy.roaming.sweeps))
        merit.append(np.mean(oracle(strategy.roaming.population).total))
        populations.append(set(strategy.roaming.population))
    assert done == [(3, 10), (6, 10), (9, 10), (2, 20), (5, 20)]
    assert merit[0] < merit[1] < merit[2]
    assert merit[3] > merit[2]  # begun with the best scored
    assert len(populations[0]) > len(populations[2]) < len(populations[3])
    assert not populations[2] & populations[3]
    assert strategy.roaming.begun == 2
    assert strategy._reserved == 0
    assert set(strategy.liked) < set(strategy.nursery.library)
    assert len(strategy.liked) == 50


def test_offspring_are_grafted_from_what_is_liked_or_else_from_the_library() -> None:
    nursery, grafting = make().nursery, Operators(graft_rate=1)
    liked, common = (
        [child.smiles for child in nursery.offspring(["CCCCCCN"], 30, grafting, np.random.default_rng(0), source)]
        for source in (["C[Si](C)(C)CCC[Si](C)(C)C"], [])
    )
    assert any("Si" in text for text in liked)
    assert not any("Si" in text for text in common)
    assert any("O" in text for text in common)


def test_nothing_is_liked_more_where_constraints_leave_little_of_the_library() -> None:
    strategy = make("search.constraints.must_contain=[C#N]")
    search(strategy, Oracle(Scorer.from_config("pmo/qed"), 60), 20, lambda asked, scores: None)
    assert 0 < len(strategy.nursery.home) < len(strategy.nursery.library)
    assert strategy.roaming.sweep > 0
    assert strategy.liked == []


def test_more_of_the_chosen_are_annealed_the_longer_the_best_stand_still_and_the_colder_it_is() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make()
    strategy.tell(strategy.nursery.library[:40], scorer(strategy.nursery.library[:40]))
    shares = []
    for still, sweep in ((0, 10), (2, 10), (4, 10), (20, 10), (20, 5)):
        strategy.lineage = Lineage(best=1.0, still=still)
        strategy.roaming = Annealing(strategy.nursery.library[:16], 10, sweep)
        shares.append(strategy._reserved)
    assert shares == [0, 2, 3, 4, 2]
    asked = strategy._choice()
    assert [proposal.operator in ("annealing", "prior") for proposal in asked[:3]] == [True] * 3  # after eight of ten sweeps


def test_nothing_is_annealed_where_nothing_is_to_be_apart() -> None:
    strategy = make("search.annealed=0")
    search(strategy, Oracle(Scorer.from_config("pmo/qed"), 60), 20, lambda asked, scores: None)
    assert strategy.roaming.population == []


def test_one_process_breeds_what_several_do(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bred = []
    for processes in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", processes)
        nursery = make().nursery
        bred.append([child.smiles for child in nursery.offspring(samples[:20], 20, Operators(), np.random.default_rng(0))])
    assert bred[0] == bred[1]
    assert len(bred[0]) == 20


def test_offspring_are_joined_by_worth_the_oftener_the_longer_the_best_stand_still() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make()
    strategy.tell(strategy.nursery.library[:40], scorer(strategy.nursery.library[:40]))
    strategy._choice()
    assert strategy.worth is None
    strategy.lineage = Lineage(best=1.0, still=2)
    strategy._choice()
    shares = []
    for still in (0, 2, 20):
        strategy.lineage = Lineage(best=1.0, still=still)
        shares.append(np.mean([strategy._guide() is not None for _ in range(200)]))
    assert shares[0] == 0
    assert 0.25 < shares[1] < 0.55
    assert shares[2] == 1
    strategy.guided = 0
    assert strategy._guide() is None


@pytest.mark.parametrize("setting", ["apart", "guided"])
def test_what_must_be_a_share_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=rf"search\.{setting}: must be between 0 and 1, not 2"):
        make(f"search.{setting}=2")


@pytest.mark.parametrize("setting", ["annealed", "exploration"])
def test_what_cannot_be_negative_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=rf"search\.{setting}: must be at least 0, not -1"):
        make(f"search.{setting}=-1")


@pytest.mark.parametrize("setting", ["founders", "children", "generations", "patience"])
def test_what_must_be_at_least_one_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=f"search.{setting}: must be at least 1, not 0"):
        make(f"search.{setting}=0")
