"""When a search begins anew, and what it breeds from then."""

import json

import numpy as np

from molgen import Scorer
from molgen.search.bayesian.restart import FEWEST, Lineage
from tests.search.small import make


def test_a_lineage_is_over_when_its_ten_best_creep_for_as_many_choices_as_one_is_patient() -> None:
    lineage = Lineage(born=3)
    assert not lineage.over(1000, 1)
    still = []
    standing = dict.fromkeys("ABC", 0.9)
    for text, score in {"C": 0.5, "CC": 0.505, "CCC": 0.509, "CO": 0.511, "CCO": 0.52, "CN": 0.522}.items():
        for _ in range(10):
            standing[f"{text} {len(standing)}"] = score
        lineage.watch(standing)
        still.append(lineage.still)
    assert still == [0, 1, 2, 0, 1, 0]  # 2 % above 0.5 is 0.51, and 2 % above 0.511 is 0.5212
    lineage.watch(standing)
    assert lineage.over(1000, 1)
    assert not lineage.over(1000, 2)


def test_the_ten_best_rise_where_they_turn_out_to_be_worth_less_and_others_more() -> None:
    lineage = Lineage()
    lineage.watch({"C": 0.8, "CC": 0.2})
    lineage.watch({"C": 0.3, "CC": 0.2})
    assert lineage.still == 1
    lineage.watch({"C": 0.3, "CC": 0.2, "CCC": 0.6})
    assert lineage.still == 0


def test_a_young_lineage_is_not_over() -> None:
    lineage = Lineage(begun=1000, still=50)
    assert not lineage.over(1000 + FEWEST - 1, 10)
    assert lineage.over(1000 + FEWEST, 10)


def test_a_lineage_of_its_own_begins_after_a_standstill_and_joins_the_others_after_the_next() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.patience=2")
    strategy.tell(strategy.nursery.library[:40], scorer(strategy.nursery.library[:40]))
    strategy.lineage = Lineage(begun=-FEWEST, best=strategy.memory.ranked[:10], still=2)
    first = strategy.ask(20)
    assert {proposal.operator for proposal in first} == {"prior"}  # type: ignore[attr-defined]
    assert not set(first) & set(strategy.nursery.library[:40])
    strategy.tell(first, scorer(first))
    bred = strategy.ask(10)
    assert {parent for proposal in bred for parent in proposal.parents} <= set(first)  # type: ignore[attr-defined]
    again = make("search.patience=2")
    again.load_state_dict(json.loads(json.dumps(strategy.state_dict())))
    assert again._bred_from == strategy._bred_from
    assert set(strategy._bred_from) == set(first)
    strategy.tell(bred, scorer(bred))
    strategy.lineage = Lineage(born=40, begun=-FEWEST, best=strategy.memory.ranked[:10], still=2)
    strategy.ask(10)
    assert set(strategy._bred_from) >= {*strategy.memory.ranked[:40]}


def test_a_lineage_begins_with_what_the_model_likes_of_the_library() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.patience=2")
    strategy.tell(strategy.nursery.library[:100], scorer(strategy.nursery.library[:100]))
    strategy.lineage = Lineage(begun=-FEWEST, best=strategy.memory.ranked[:10], still=2)
    liked = scorer(strategy.ask(20)).total
    rest = scorer(strategy.nursery.library[100:]).total
    assert liked.mean() > rest.mean() + 2 * rest.std() / np.sqrt(20)


def test_where_nothing_of_the_library_is_left_no_lineage_begins() -> None:
    scorer = Scorer.from_config("pmo/mestranol_similarity")
    strategy = make("search.patience=2")
    strategy.tell(strategy.nursery.library, scorer(strategy.nursery.library))
    over = Lineage(begun=-FEWEST, best=strategy.memory.ranked[:10], still=4)
    strategy.lineage = over
    assert strategy._next_lineage() == []
    assert strategy.lineage is over


def test_fewer_are_chosen_at_once_in_a_young_lineage() -> None:
    strategy = make()
    strategy.memory.rewards = {str(n): 0.5 for n in range(3000)}
    assert strategy._number == 180  # 6 % of all
    strategy.lineage = Lineage(begun=2990)
    assert strategy._number == 90  # of half of all
