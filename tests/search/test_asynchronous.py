"""Search while molecules are being scored: budgets, order, and nothing asked twice."""

from collections.abc import Sequence

import numpy as np
import pytest

from molgen.scoring.scores import Scores, joined
from molgen.search.loop import search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy, as_proposals, plain_smiles
from tests.search.conftest import Shuffled


def lengths(smiles: list[str]) -> Scores:
    return Scores(smiles, np.array([float(len(text)) for text in smiles]), [None] * len(smiles))


class Alkanes(Strategy):
    """Proposes alkanes in order, each twice, and notes what it is told."""

    def __init__(self, longest: int = 10_000) -> None:
        self.asked = 0
        self.longest = longest
        self.told: list[str] = []

    def ask(self, n: int) -> list[Proposal]:
        numbers = [(self.asked + i) // 2 + 1 for i in range(n)]
        self.asked += n
        return [Proposal("C" * number, "grown", ("C",)) for number in numbers if number <= self.longest]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        assert list(scores.smiles) == list(smiles)
        assert scores.total.tolist() == [float(len(text)) for text in smiles]
        self.told += smiles

    def state_dict(self) -> State:
        return {}

    def load_state_dict(self, state: State) -> None:
        return


def test_spends_the_budget_exactly_and_learns_in_the_order_of_arrival() -> None:
    scorer, strategy, committed = Shuffled(lengths), Alkanes(), list[Proposal]()
    oracle = Oracle(scorer, 40)
    assert search_asynchronously(strategy, oracle, 4, 5, lambda told, scores: committed.extend(told))
    assert len(scorer.submitted) == len(set(scorer.submitted)) == 40
    assert list(oracle.known) == list(dict.fromkeys(strategy.told)) == plain_smiles(committed)
    assert plain_smiles(committed) != sorted(plain_smiles(committed), key=len)
    assert all(proposal.operator == "grown" for proposal in committed)


def test_no_more_is_in_flight_than_the_capacity() -> None:
    scorer, most = Shuffled(lengths), 0
    oracle = Oracle(scorer, 40)

    def note(told: Sequence[str], scores: Scores) -> None:
        nonlocal most
        most = max(most, len(scorer.waiting) + len(told))

    search_asynchronously(Alkanes(), oracle, 4, 5, note)
    assert most == 5


def test_known_molecules_to_begin_from_come_first() -> None:
    scorer, start = Shuffled(lengths), [Proposal("CCO", "start"), Proposal("CCN", "start")]
    search_asynchronously(Alkanes(), Oracle(scorer, 10), 4, 5, lambda told, scores: None, start)
    assert scorer.submitted[:2] == ["CCO", "CCN"]


def test_ends_when_nothing_new_is_proposed_and_all_has_come_back() -> None:
    strategy, oracle = Alkanes(longest=7), Oracle(Shuffled(lengths), 40)
    assert not search_asynchronously(strategy, oracle, 4, 5, lambda told, scores: None)
    assert sorted(map(len, strategy.told)) == [1, 2, 3, 4, 5, 6, 7]
    assert not oracle.in_flight


def test_what_is_in_flight_counts_against_the_budget_and_is_not_asked_again() -> None:
    scorer = Shuffled(lengths)
    oracle = Oracle(scorer, 3)
    assert oracle.submit(as_proposals(["CC", "CC", "x", "C"])) == (2, [])
    assert oracle.remaining == 1
    assert oracle.submit(as_proposals(["CC", "CCC", "CCCC"])) == (1, [])
    assert scorer.submitted == ["CC", "C", "CCC"]
    told, scores = oracle.collect()
    assert len(told) == len(scores) == 1
    assert (oracle.used, oracle.remaining) == (1, 0)
    assert oracle.submit([*told, Proposal("CCCC")]) == (0, told)


def test_an_asynchronous_scorer_as_a_function_keeps_the_order() -> None:
    smiles = ["C" * n for n in range(1, 20)]
    assert Shuffled(lengths)(smiles).total.tolist() == list(range(1, 20))


def test_rows_of_scores_are_joined_and_failed_ones_have_no_values() -> None:
    whole = Scores(["C", "N"], np.array([0.1, 0.2]), [None, None], ("a",), np.array([[1.0], [2.0]]), np.array([[0.1], [0.2]]))
    failed = Scores(["O"], np.zeros(1), ["failed: its worker died"])
    scores = joined([(whole, 1), (failed, 0), (whole, 0)])
    assert list(scores.smiles) == ["N", "O", "C"]
    assert scores.raw[:, 0] == pytest.approx([2, np.nan, 1], nan_ok=True)
    assert scores.problem == [None, "failed: its worker died", None]
