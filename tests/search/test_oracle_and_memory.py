from collections.abc import Sequence

import numpy as np
import pytest

from molgen.scoring.scores import Scores
from molgen.search.islands import Islands
from molgen.search.loop import search
from molgen.search.memory import Memory, ScaffoldFilter
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy


class Counting:
    """Scores by the length of the SMILES and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, smiles: list[str]) -> Scores:
        self.asked += smiles
        return Scores(smiles, np.array([len(text) / 10 for text in smiles]), [None] * len(smiles))


def test_only_distinct_valid_unknown_molecules_are_charged() -> None:
    scorer = Counting()
    oracle = Oracle(scorer, 10)
    oracle(["CCO"])
    scores = oracle(["OCC", "CCN", "x(", "NCC", "CCO", "CC"])
    assert scorer.asked == ["CCO", "CCN", "CC"]
    assert oracle.used == 3
    assert oracle.remaining == 7
    np.testing.assert_allclose(scores.total, [0.3, 0.3, 0, 0.3, 0.3, 0.2])
    assert list(scores.smiles) == ["CCO", "CCN", "x(", "CCN", "CCO", "CC"]
    assert scores.problem[2] is not None
    assert scores.problem[2].startswith("invalid")


def test_the_batch_is_cut_exactly_at_the_budget() -> None:
    scorer = Counting()
    oracle = Oracle(scorer, 2)
    scores = oracle(["C", "C", "CC", "C", "x(", "CCC", "CCCC"])
    assert scorer.asked == ["C", "CC"]
    assert len(scores) == 5
    assert oracle.remaining == 0
    assert len(oracle(["C"])) == 1
    assert len(oracle(["CCC"])) == 0


class Stubborn(Strategy):
    """Proposes the same molecules for ever."""

    def ask(self, n: int) -> list[str]:
        return ["CCO", "CCN"][:n]

    def tell(self, smiles: object, scores: Scores) -> None:
        pass

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


def test_a_strategy_without_ideas_does_not_run_for_ever() -> None:
    oracle = Oracle(Counting(), 10)
    assert not search(Stubborn(), oracle, 5, lambda asked, scores: None)
    assert oracle.used == 2


class OfStrings(Strategy):
    """One of a user's, which knows nothing of proposals."""

    def __init__(self) -> None:
        self.best: dict[str, float] = {}

    def ask(self, n: int) -> list[str]:
        return ["C" * (len(self.best) + i + 1) for i in range(n)]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        self.best |= dict(zip(smiles, scores.total.tolist(), strict=True))

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        pass


@pytest.mark.parametrize("islands", [False, True])
def test_a_strategy_of_plain_smiles_is_told_plain_smiles(islands: bool) -> None:
    own = OfStrings()
    committed: list[Proposal] = []
    first = [Proposal("CO", "start")]
    search(Islands([own]) if islands else own, Oracle(Counting(), 5), 2, lambda asked, scores: committed.extend(asked), first)
    assert own.best == {"CO": 0.2, "CC": 0.2, "CCC": 0.3, "CCCC": 0.4, "CCCCC": 0.5}
    assert committed[0] == Proposal("CO", "start")
    assert committed[1] == Proposal("CC", "given", (), 0 if islands else None)


def scores_of(molecules: dict[str, float]) -> Scores:
    return Scores(list(molecules), np.array(list(molecules.values())), [None] * len(molecules))


def test_a_full_bucket_takes_the_reward_but_not_the_score() -> None:
    memory = Memory(ScaffoldFilter(bucket=2, minimum=0.4))
    memory.add(scores_of({"Cc1ccccc1": 0.9, "CCc1ccccc1": 0.8, "c1ccccc1": 0.3, "Oc1ccccc1": 0.7, "Cc1ccncc1": 0.6}))
    assert memory.rewards == {"Cc1ccccc1": 0.9, "CCc1ccccc1": 0.8, "c1ccccc1": 0.3, "Oc1ccccc1": 0.0, "Cc1ccncc1": 0.6}


def test_a_bucket_of_zero_switches_the_filter_off() -> None:
    memory = Memory(ScaffoldFilter(bucket=0))
    memory.add(scores_of({f"{'C' * n}c1ccccc1": 0.9 for n in range(1, 60)}))
    assert set(memory.rewards.values()) == {0.9}


def test_beliefs_rank_before_rewards() -> None:
    memory = Memory(ScaffoldFilter(bucket=0))
    memory.add(scores_of({"C": 0.9, "CC": 0.5, "CCC": 0.4}))
    assert memory.ranked == ["C", "CC", "CCC"]
    memory.set_posterior_means({"C": 0.3})
    assert memory.ranked == ["CC", "CCC", "C"]
    assert list(memory.estimates.items()) == [("C", 0.3), ("CC", 0.5), ("CCC", 0.4)]
    memory.set_posterior_means({})
    assert memory.ranked == ["C", "CC", "CCC"]


def test_molecules_are_drawn_by_rank() -> None:
    """With sharpness s and N molecules the odds of rank r are 1 / (s N + r)."""
    memory = Memory(ScaffoldFilter(bucket=0))
    molecules = {"C" * n: n / 10 for n in range(1, 6)}
    memory.add(scores_of(molecules))
    rng = np.random.default_rng(0)
    draws = [memory.draw(1, rng, sharpness=0.2)[0] for _ in range(4000)]
    odds = 1 / (0.2 * 5 + np.arange(1, 6))
    observed = [draws.count("C" * n) / 4000 for n in (5, 4, 3, 2, 1)]
    np.testing.assert_allclose(observed, odds / odds.sum(), atol=0.03)


def test_drawing_more_than_there_are_gives_all() -> None:
    memory = Memory(ScaffoldFilter(bucket=0))
    memory.add(scores_of({"C": 0.1, "CC": 0.2}))
    assert sorted(memory.draw(10, np.random.default_rng(0))) == ["C", "CC"]
    assert memory.draw(10, np.random.default_rng(0), top=1) == ["CC"]


@pytest.mark.parametrize("problem", ["invalid: syntax", None])
def test_invalid_molecules_are_not_remembered(problem: str | None) -> None:
    memory = Memory(ScaffoldFilter(bucket=0))
    memory.add(Scores(["C"], np.zeros(1), [problem]))
    assert list(memory.rewards) == ([] if problem else ["C"])
