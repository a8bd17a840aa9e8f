"""The search that a surrogate guides."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from molgen import Scorer
from molgen.config import compose_group
from molgen.errors import ConfigError
from molgen.metrics.ranking import top_mean
from molgen.scoring.components.descriptor import Descriptor
from molgen.scoring.components.qed import QED
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.components.substructure import Substructure
from molgen.scoring.scorer import Term
from molgen.scoring.scores import Scores
from molgen.scoring.transforms import Gaussian, Step
from molgen.search.bayesian import explorer
from molgen.search.bayesian.annealing import Annealing
from molgen.search.bayesian.offspring import Operators
from molgen.search.bayesian.settings import AcquisitionSettings
from molgen.search.bayesian.stagnation import Stagnation
from molgen.search.bayesian.surprisal import Surprisal
from molgen.search.loop import search
from molgen.search.memory import ScaffoldFilter
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, Strategy, plain_smiles
from tests.conftest import ASPIRIN
from tests.search.small import make

HIT = "CN(C(C)=O)Cc1ccc(-c2ccccc2)cc1"  # meets the pattern of valsartan_smarts


def test_a_model_finds_in_fewer_calls_what_breeding_alone_does_not() -> None:
    scorer = Scorer.from_config("pmo/albuterol_similarity")

    def found(strategy: Strategy) -> float:
        oracle = Oracle(scorer, 150)
        search(strategy, oracle, 20, lambda asked, scores: None)
        return top_mean((result.total for result in oracle.known.values()), 10)

    guided = [found(make(f"seed={seed}", rules=scorer.rules())) for seed in range(3)]
    blind = [found(compose_group("search", "genetic", [f"+seed={seed}", "search.initial_design=40"])) for seed in range(3)]
    assert min(guided) > max(blind)


@pytest.mark.parametrize(("start", "size"), [([], 40), ([ASPIRIN], 20)])
def test_the_initial_design_is_smaller_where_a_known_molecule_is_given(start: list[str], size: int) -> None:
    strategy, oracle = make(), Oracle(Scorer.from_config("pmo/qed"), 48)
    sweeps: list[int] = []
    search(
        strategy,
        oracle,
        8,
        lambda asked, scores: sweeps.extend([strategy.explorer.annealing.sweep] * len(asked)),
        start=[Proposal(text) for text in start],
    )
    assert sweeps.count(0) - len(start) == size


def test_the_library_is_scored_while_there_is_nothing_to_learn_from() -> None:
    """A term that no molecule ever met hides all others, which the model knows; once one molecule meets it, it is led."""
    scorer = Scorer.from_config("pmo/valsartan_smarts")
    strategy = make(rules=scorer.rules())
    asked: list[str] = []
    search(strategy, Oracle(scorer, 100), 20, lambda proposals, scores: asked.extend(plain_smiles(proposals)))
    assert set(asked) <= {*strategy.pool.library, *strategy.pool.pooled(0)}
    assert set(asked[:40]) <= set(strategy.pool.library)
    assert len(set(asked) & set(strategy.pool.pooled(0))) == 30  # half of those beyond the initial design
    assert strategy.explorer.annealing.sweep == 0
    strategy.tell([HIT], scorer([HIT]))
    strategy.ask(10)
    assert strategy.explorer.annealing.sweep > 0


def test_a_hit_that_scores_nothing_yet_is_built_upon() -> None:
    never = Term(Descriptor("molecular_weight"), Gaussian(9000, 10))
    scorer = Scorer({"present": Term(Substructure("CN(C=O)Cc1ccc(-c2ccccc2)cc1")), "weight": never})
    strategy = make("search.breeding.offspring=100", "search.explorer.population=0", rules=scorer.rules())
    search(strategy, Oracle(scorer, 100), 20, lambda proposals, scores: None)
    strategy.tell([HIT], scorer([HIT]))
    asked = strategy.ask(10)
    assert strategy.memory.flat
    assert [HIT in each.parents for each in asked[:4]] == [True] * 4
    assert strategy.memory.ranked[0] == HIT


def test_surprisal_is_the_share_of_molecules_that_are_as_good() -> None:
    rules = Scorer({"qed": Term(QED()), "logp": Term(Descriptor("logp"), Step(high=3))})
    values = np.array([[0.1, 9.0], [0.2, 1.0], [0.3, 9.0], [0.4, 9.0]])
    surprisal = Surprisal(rules, values)
    expected = -np.log([[5 / 5, 5 / 5], [4 / 5, 2 / 5], [3 / 5, 5 / 5], [2 / 5, 5 / 5], [1 / 5, 5 / 5]]).sum(1)
    np.testing.assert_allclose(surprisal.totals(np.array([*values, [0.9, np.nan]])), expected)


def test_what_the_model_ranks_first_in_the_library_is_scored() -> None:
    strategy = make()
    scorer = Scorer({"target": Term(Similarity(strategy.pool.library[77], "ECFP4"))})
    proposed: list[Proposal] = []
    search(strategy, Oracle(scorer, 200), 10, lambda asked, scores: proposed.extend(asked))
    hits = [each for each in proposed if each.smiles == strategy.pool.library[77]]
    assert [each.operator for each in hits] == ["prior"]


def test_the_model_learns_from_the_best_and_the_latest() -> None:
    strategy = make("search.learning.training_size=6")
    told = [strategy.pool.library[i] for i in range(12)]
    for text, score in zip(told, [0.9, 0.8, 0.7, *[0.1] * 8, 0.75], strict=True):
        strategy.tell([text], Scores([text], np.array([score]), [None]))
    learnt = strategy.learning.training_set(strategy.memory, strategy.rng)
    assert learnt[:3] == [told[0], told[1], told[11]]
    assert {told[9], told[10]} < set(learnt)
    assert len(set(learnt)) == 6


def test_the_best_of_noisy_scores_are_not_taken_at_their_word() -> None:
    rng = np.random.default_rng(1)
    true = Scorer.from_config("pmo/albuterol_similarity")
    strategy = make()
    for _ in range(12):
        asked = plain_smiles(strategy.ask(20))
        scores = true(asked)
        strategy.tell(asked, replace(scores, total=scores.total + rng.normal(0, 0.1, len(asked))))
    strategy.ask(1)
    memory = strategy.memory
    best = memory.ranked[:20]
    lucky = sorted(memory.rewards, key=lambda text: -memory.rewards[text])[:20]
    assert true(best).total.mean() > true(lucky).total.mean()
    assert memory.most_rewarded(20) == lucky
    again = make()
    again.load_state_dict(json.loads(json.dumps(strategy.state_dict())))
    assert again.memory.ranked == memory.ranked


def test_exact_scores_are_taken_at_their_word() -> None:
    strategy, oracle = make(), Oracle(Scorer.from_config("pmo/albuterol_similarity"), 150)
    search(strategy, oracle, 20, lambda asked, scores: None)
    assert strategy.memory.estimates == strategy.memory.rewards


def test_every_choice_draws_its_own_kappa() -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([AcquisitionSettings(0.6).draw_kappa(rng) for _ in range(2000)])
    assert drawn.mean() == pytest.approx(0.6, rel=0.1)
    assert (drawn > 0.6).mean() == pytest.approx(np.exp(-1), abs=0.05)  # of an exponential distribution
    assert AcquisitionSettings(0.0).draw_kappa(rng) == 0


def test_full_scaffolds_are_left_alone() -> None:
    scaffolds = ScaffoldFilter(bucket=2, minimum=0.1)
    for smiles in ("c1ccccc1C", "c1ccccc1O"):
        assert scaffolds(smiles, 0.9) == 0.9
    assert scaffolds.crowded("c1ccccc1")
    assert not scaffolds.crowded("c1ccncc1")
    assert not ScaffoldFilter(bucket=0).crowded("c1ccccc1")


def test_the_exploration_population_is_annealed_and_a_share_of_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "TOP", 50)
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy, oracle = make(), Oracle(scorer, 200)
    strategy.tell(strategy.pool.library[:40], scorer(strategy.pool.library[:40]))
    done, merit, populations, operators = [], [], [], []
    for _ in range(5):
        asked = strategy.ask(10)
        strategy.receive(asked, oracle(plain_smiles(asked)))
        operators.append([proposal.operator for proposal in asked])
        done.append((strategy.explorer.annealing.sweep, strategy.explorer.annealing.sweeps))
        merit.append(np.mean(oracle(strategy.explorer.annealing.population).total))
        populations.append(set(strategy.explorer.annealing.population))
    assert done == [(3, 10), (6, 10), (9, 10), (2, 20), (5, 20)]
    assert merit[0] < merit[1] < merit[2]
    assert merit[3] > merit[1]  # begun with the best scored, not with the library
    assert len(populations[0]) > len(populations[2]) < len(populations[3])
    assert len(populations[3] - populations[2]) > len(populations[3]) / 2
    assert strategy.explorer.annealing.runs == 2
    assert strategy.reserved == 0
    assert set(strategy.explorer.top_of_library) < set(strategy.pool.library)
    assert len(strategy.explorer.top_of_library) == 50


def test_what_is_kept_of_offspring_is_what_their_smiles_give() -> None:
    bred, fresh = make().pool, make().pool
    offspring = bred.offspring(["CCOc1ccccc1C(=O)NC1CCNCC1", "CC(C)Cn1cnc2c1ncnc2N"], 20, Operators(), np.random.default_rng(0))
    bred.remember(offspring)
    for each in offspring:
        kept, read = bred.candidate(each.smiles), fresh.candidate(each.smiles)
        assert kept.features.columns is each.features.columns
        assert np.array_equal(kept.features.columns, read.features.columns)
        assert kept._replace(features=read.features) == read


def test_offspring_are_grafted_from_what_is_given_or_else_from_the_library() -> None:
    pool, grafting = make().pool, Operators(graft_rate=1)
    given, common = (
        [child.smiles for child in pool.offspring(["CCCCCCN"], 30, grafting, np.random.default_rng(0), source)]
        for source in (["C[Si](C)(C)CCC[Si](C)(C)C"], [])
    )
    assert any("Si" in text for text in given)
    assert not any("Si" in text for text in common)
    assert any("O" in text for text in common)


def test_the_library_has_no_top_where_constraints_leave_little_of_it() -> None:
    strategy = make("search.constraints.must_contain=['C#N']")
    search(strategy, Oracle(Scorer.from_config("pmo/qed"), 60), 20, lambda asked, scores: None)
    assert 0 < len(strategy.pool.allowed_library) < len(strategy.pool.library)
    assert strategy.explorer.annealing.sweep > 0
    assert strategy.explorer.top_of_library == []


def test_more_of_a_batch_is_explored_with_stagnation_and_when_it_is_cold() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make()
    strategy.tell(strategy.pool.library[:40], scorer(strategy.pool.library[:40]))
    shares = []
    for still, sweep in ((0, 10), (2, 10), (4, 10), (20, 10), (20, 5)):
        strategy.stagnation = Stagnation(strategy.memory.ranked[:10], still)
        strategy.explorer.annealing = Annealing(strategy.pool.library[:16], 10, sweep)
        shares.append(strategy.reserved)
    assert shares == [0, 1, 3, 4, 2]  # of four tenths of ten: 2 and 4 choices of 6, then all
    asked = strategy.ask(10)
    assert [proposal.operator in ("annealing", "prior") for proposal in asked[:3]] == [True] * 3  # after eight of ten sweeps


def test_nothing_is_annealed_without_an_exploration_population() -> None:
    strategy = make("search.explorer.population=0")
    search(strategy, Oracle(Scorer.from_config("pmo/qed"), 60), 20, lambda asked, scores: None)
    assert strategy.explorer.annealing.population == []


def test_one_process_breeds_what_several_do(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    bred = []
    for processes in ("1", "2"):
        monkeypatch.setenv("OMP_NUM_THREADS", processes)
        pool = make().pool
        bred.append([child.smiles for child in pool.offspring(samples[:20], 20, Operators(), np.random.default_rng(0))])
    assert bred[0] == bred[1]
    assert len(bred[0]) == 20


def test_offspring_are_joined_by_contributions_more_often_with_stagnation() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make()
    strategy.tell(strategy.pool.library[:40], scorer(strategy.pool.library[:40]))
    guided, shares = [], []
    best = strategy.memory.ranked[:10]
    for stagnation, share in ((Stagnation(), 1), (Stagnation(best, 1), 1), (Stagnation(best, 20), 1), (Stagnation(), 0)):
        strategy.stagnation, strategy.waiting = stagnation, []
        strategy.breeding = replace(strategy.breeding, guided_share=share)
        strategy.ask(10)  # one more choice that brought nothing, but for the first of a search
        guided.append(strategy.contributions is not None)
        shares.append(strategy.guided_share)
    assert guided == [False, True, True, False]
    assert shares == [0, pytest.approx(2 / 6), 1, 0]


@pytest.mark.parametrize(
    ("setting", "bounds"),
    [
        ("explorer.reserved_share=2", "between 0 and 1, not 2"),
        ("breeding.guided_share=2", "between 0 and 1, not 2"),
        ("operators.graft_rate=2", "between 0 and 1, not 2"),
        ("operators.sharpness=-1", "at least 0, not -1"),
        ("explorer.population=-1", "at least 0, not -1"),
        ("acquisition.kappa_mean=-1", "at least 0, not -1"),
        ("library=0", "at least 1, not 0"),
        ("learning.training_size=0", "at least 1, not 0"),
        ("initial_design=0", "at least 1, not 0"),
        ("breeding.offspring=0", "at least 1, not 0"),
        ("model.sample=0", "at least 1, not 0"),
    ],
)
def test_a_setting_out_of_bounds_is_named(setting: str, bounds: str) -> None:
    with pytest.raises(ConfigError, match=rf"search\.{setting.split('=')[0]}: must be {bounds}"):
        make(f"search.{setting}")


def test_what_is_scored_in_another_form_is_proposed_once() -> None:
    """A fresh search that is told of a database finds its ions there as neutral molecules, and asks for each again, but once."""
    scorer = Scorer.from_config("drug_like")
    strategy, oracle = make("search.initial_design=20", rules=scorer.rules()), Oracle(scorer, 40, scorer.standardizer)
    scores = oracle(strategy.pool.allowed_library[:18])
    ions = {*strategy.pool.allowed_library[:18]} - {*scores.smiles}
    assert len(ions) >= 20 - 18  # as many as are asked for until the initial design has twenty
    strategy.tell(scores.smiles, scores)
    asked: list[str] = []
    search(strategy, oracle, 10, lambda proposals, scores: asked.extend(plain_smiles(proposals)))
    assert oracle.used == 40
    assert all(asked.count(ion) <= 1 for ion in ions)
    again = make(rules=scorer.rules())
    again.load_state_dict(json.loads(json.dumps(strategy.state_dict())))
    assert again.aliases == strategy.aliases  # one that is resumed doesn't ask for them either
    assert again.aliases & ions


def scored(strategy: Strategy, scorer: Scorer, asked: Sequence[Proposal]) -> None:
    strategy.receive(asked, scorer(plain_smiles(asked)))


def test_what_is_to_spare_is_of_the_library_then_bred_then_ranked_behind_a_choice() -> None:
    scorer = Scorer.from_config("pmo/albuterol_similarity")
    strategy = make(rules=scorer.rules())
    asked = strategy.ask(100)
    library = strategy.spare()
    assert {each.operator for each in library} == {"prior"}
    assert not set(plain_smiles(library)) & set(plain_smiles(asked))
    assert strategy.spare() == []
    while not strategy.initial_design.complete:
        scored(strategy, scorer, asked)
        asked = strategy.ask(100)
    assert asked == []  # offspring are bred first, so that workers have more than the library while the model is fitted
    offspring = strategy.spare()
    assert {each.operator for each in offspring} <= {"crossover", "crossover+mutation", "mutation"}
    assert all(each.parents and set(each.parents) <= strategy.memory.rewards.keys() for each in offspring)
    chosen, rest = strategy.ask(100), strategy.spare()
    assert len(chosen) == 10
    assert rest
    assert not set(plain_smiles(rest)) & set(plain_smiles(chosen))
    assert not set(plain_smiles(rest)) & strategy.memory.rewards.keys()
    model = strategy.acquisition
    values = model.values(strategy.pool.candidates(plain_smiles([*chosen, *rest])), 0.0)
    assert np.mean([values[each.smiles] for each in chosen]) > np.mean([values[each.smiles] for each in rest])


def test_more_is_bred_where_all_that_was_ranked_was_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molgen.search.bayesian.spares.BRED", (30, 100))
    scorer = Scorer.from_config("pmo/albuterol_similarity")
    strategy = make(rules=scorer.rules())

    def told_all() -> int:
        """Offspring bred before the next choice, if all that there is was scored."""
        asked = [*strategy.ask(100), *strategy.spare()]
        scored(strategy, scorer, asked)
        return strategy.spares.bred

    assert [told_all() for _ in range(4)] == [0, 0, 30, 60]
    strategy.ask(100)
    assert strategy.spares.bred == 100
    scored(strategy, scorer, strategy.spare()[:1])
    strategy.ask(100)
    assert strategy.spares.bred == 50


def test_a_search_that_waits_for_scores_chooses_what_it_would_without_spares() -> None:
    scorer = Scorer.from_config("pmo/albuterol_similarity")
    strategy = make(rules=scorer.rules())
    search(strategy, Oracle(scorer, 60), 20, lambda asked, scores: None)
    assert not strategy.spares.wanted
    assert strategy.spares.bred == 0
