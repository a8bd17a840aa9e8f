"""When a search restarts, and what it breeds from then."""

import json

import numpy as np

from molgen import Scorer
from molgen.search.bayesian.restart import FEWEST, Restart
from molgen.search.strategy import plain_smiles
from tests.search.small import make


def test_it_is_over_when_the_ten_best_stagnate_for_as_many_choices_as_patience_says() -> None:
    restart = Restart(offset=3)
    assert not restart.is_over(1000, 1)
    stagnation = []
    estimates = dict.fromkeys("ABC", 0.9)
    for text, score in {"C": 0.5, "CC": 0.505, "CCC": 0.509, "CO": 0.511, "CCO": 0.52, "CN": 0.522}.items():
        for _ in range(10):
            estimates[f"{text} {len(estimates)}"] = score
        restart.observe(estimates)
        stagnation.append(restart.stagnation)
    assert stagnation == [0, 1, 2, 0, 1, 0]  # 2 % above 0.5 is 0.51, and 2 % above 0.511 is 0.5212
    restart.observe(estimates)
    assert restart.is_over(1000, 1)
    assert not restart.is_over(1000, 2)


def test_the_ten_best_rise_where_their_estimates_fall_and_others_rise() -> None:
    restart = Restart()
    restart.observe({"C": 0.8, "CC": 0.2})
    restart.observe({"C": 0.3, "CC": 0.2})
    assert restart.stagnation == 1
    restart.observe({"C": 0.3, "CC": 0.2, "CCC": 0.6})
    assert restart.stagnation == 0


def test_it_is_not_over_before_a_thousand_molecules() -> None:
    restart = Restart(started_at=1000, stagnation=50)
    assert not restart.is_over(1000 + FEWEST - 1, 10)
    assert restart.is_over(1000 + FEWEST, 10)


def test_a_restart_follows_stagnation_and_all_is_bred_from_after_the_next() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.restarts.patience=2")
    strategy.tell(strategy.pool.library[:40], scorer(strategy.pool.library[:40]))
    strategy.restart = Restart(started_at=-FEWEST, best=strategy.memory.ranked[:10], stagnation=2)
    first = strategy.ask(20)
    started = plain_smiles(first)
    assert {proposal.operator for proposal in first} == {"prior"}
    assert not set(started) & set(strategy.pool.library[:40])
    strategy.tell(started, scorer(started))
    bred = strategy.ask(10)
    assert {parent for proposal in bred for parent in proposal.parents} <= set(started)
    again = make("search.restarts.patience=2")
    again.load_state_dict(json.loads(json.dumps(strategy.state_dict())))
    stock = strategy.restart.breeding_stock(strategy.memory.rewards, 300)
    assert again.restart.breeding_stock(again.memory.rewards, 300) == stock
    assert set(stock) == set(started)
    strategy.tell(plain_smiles(bred), scorer(plain_smiles(bred)))
    strategy.restart = Restart(offset=40, started_at=-FEWEST, best=strategy.memory.ranked[:10], stagnation=2)
    strategy.ask(10)
    assert set(strategy.restart.breeding_stock(strategy.memory.rewards, 300)) >= {*strategy.memory.ranked[:40]}


def test_a_restart_begins_with_what_the_model_ranks_first_in_the_library() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.restarts.patience=2")
    strategy.tell(strategy.pool.library[:100], scorer(strategy.pool.library[:100]))
    strategy.restart = Restart(started_at=-FEWEST, best=strategy.memory.ranked[:10], stagnation=2)
    chosen = scorer(plain_smiles(strategy.ask(20))).total
    rest = scorer(strategy.pool.library[100:]).total
    assert chosen.mean() > rest.mean() + 2 * rest.std() / np.sqrt(20)


def test_no_restart_where_nothing_of_the_library_is_left() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.restarts.patience=2")
    strategy.tell(strategy.pool.library, scorer(strategy.pool.library))
    over = Restart(started_at=-FEWEST, best=strategy.memory.ranked[:10], stagnation=4)
    strategy.restart = over
    asked = strategy.ask(10)
    assert asked
    assert not {*plain_smiles(asked)} & {*strategy.pool.library}
    assert strategy.restart is over


def test_batches_are_smaller_after_a_restart() -> None:
    strategy = make()
    strategy.memory.rewards = {str(n): 0.5 for n in range(3000)}
    assert strategy.batch_size == 180  # 6 % of all
    strategy.restart = Restart(started_at=2990)
    assert strategy.batch_size == 90  # of half of all
