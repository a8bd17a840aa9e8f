"""Search while molecules are being scored: budgets, order, and nothing asked twice."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from molgen.learn.checkpoint import pack, unpack
from molgen.scoring.scores import Scores, joined
from molgen.search.loop import search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.pending import TOLD, load_with_told, with_told
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


class Thoughtful(Alkanes):
    """Proposes four alkanes after every thought, which takes as long as twelve asks; silanes are to spare."""

    def __init__(self) -> None:
        super().__init__()
        self.asks = self.given = 0

    @property
    def thinking(self) -> Sequence[Any]:
        return [self] if self.asks else []

    def ask(self, n: int) -> list[Proposal]:
        self.asks += 1
        if self.asks <= 12:
            return []
        self.asks = 0
        return super().ask(4)

    def spare(self) -> list[Proposal]:
        self.given += 1
        return [Proposal("C" * (100 * self.given + i) + "[SiH3]", "spare") for i in range(20)] if self.given < 4 else []


def test_while_a_strategy_thinks_workers_get_what_it_has_to_spare_where_they_would_be_idle() -> None:
    busy: list[int] = []

    class Noting(Shuffled):
        capacity = 20

        def submit(self, smiles: Sequence[str]) -> None:
            busy.extend([len(self.waiting)] if any("Si" in text for text in smiles) else [])
            super().submit(smiles)

    strategy = Thoughtful()
    scorer = Noting(lengths)
    assert search_asynchronously(strategy, Oracle(scorer, 60), 4, 20, lambda told, scores: None, spare=1.0)
    spared = [text for text in scorer.submitted if "Si" in text]
    assert 20 < len(spared) < 60 == len(set(scorer.submitted)) == len(scorer.submitted)
    assert max(busy) < 12


@pytest.mark.parametrize(("spare", "most"), [(0.0, 0), (0.1, 6)])
def test_only_a_share_of_the_budget_goes_to_spares_between_two_choices(spare: float, most: int) -> None:
    class Idle(Shuffled):
        capacity = 20

        def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
            return super().collect() if self.waiting else []

    strategy, scorer, told = Thoughtful(), Idle(lengths), list[Proposal]()
    search_asynchronously(strategy, Oracle(scorer, 60), 4, 20, lambda asked, scores: told.extend(asked), spare=spare)
    order = "".join("s" if "Si" in text else "c" for text in scorer.submitted)
    assert len(order) == 60
    assert max(map(len, order.split("c"))) == most


def test_what_was_spared_is_told_too() -> None:
    strategy, scorer = Thoughtful(), Shuffled(lengths)
    search_asynchronously(strategy, Oracle(scorer, 60), 4, 5, lambda told, scores: None, spare=1.0)
    assert any("Si" in text for text in scorer.submitted)
    assert set(strategy.told) == set(scorer.submitted)


def test_a_state_is_completed_by_what_was_told_since() -> None:
    """Through a file, with a value that failed, a route and parents."""
    scores = Scores(
        ["CCO", "CCN"], np.array([0.5, 0.0]), [None, "failed: x"], ("a",), np.array([[3.0], [np.nan]]), np.ones((2, 1))
    )
    proposals = [Proposal("OCC", "mutation", ("CC", "C"), route="{}"), Proposal("NCC", island=2)]
    got: list[tuple[str, Sequence[Proposal], Scores]] = []

    class Listening(Alkanes):
        def load_state_dict(self, state: State) -> None:
            assert state == {"length": 4}

        def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
            got.append(("receive", proposals, scores))

        def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
            got.append(("hear", proposals, scores))

    state = with_told({"length": 4}, [("receive", proposals, scores), ("hear", proposals[:1], joined([(scores, 0)]))])
    load_with_told(Listening(), unpack(pack(state), Path("state")))
    assert [how for how, _, _ in got] == ["receive", "hear"]
    assert got[0][1] == proposals
    assert got[1][1] == proposals[:1]
    told = got[0][2]
    assert (list(told.smiles), told.problem, told.names) == (["CCO", "CCN"], scores.problem, ("a",))
    np.testing.assert_array_equal(told.total, scores.total)
    np.testing.assert_array_equal(told.raw, scores.raw)
    np.testing.assert_array_equal(told.scaled, scores.scaled)


def test_scores_without_terms_are_told_too_and_a_state_with_nothing_to_tell_is_as_it_was() -> None:
    strategy = Alkanes()
    load_with_told(strategy, with_told({}, [("receive", [Proposal("CCC")], lengths(["CCC"]))]))
    assert strategy.told == ["CCC"]
    assert with_told({"length": 4}, []) == {"length": 4}
    assert TOLD not in with_told({}, [])
