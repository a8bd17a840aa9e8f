"""Strategies side by side: who is told what, budgets, states."""

from collections.abc import Sequence
from typing import Any

import pytest

from molgen.errors import ConfigError
from molgen.search.islands import Islands
from molgen.search.loop import search, search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy, as_proposals
from tests.search.conftest import MakeStrategy, Shuffled, count_carbons, count_nitrogens


class Chains(Strategy):
    """Proposes chains that end in an atom of its own, and notes what it is told."""

    def __init__(self, end: str) -> None:
        self.end = end
        self.length = 0
        self.told: list[str] = []

    def ask(self, n: int) -> list[Proposal]:
        self.length += n
        return [Proposal("C" * (self.length - i) + self.end, "grown") for i in range(n)]

    def tell(self, smiles: Sequence[str], scores: Any) -> None:
        assert len(smiles) == len(scores)
        self.told += scores.smiles

    def state_dict(self) -> State:
        return {"length": self.length}

    def load_state_dict(self, state: State) -> None:
        self.length = state["length"]


def chains(**settings: int) -> Islands:
    return Islands([Chains("O"), Chains("N"), Chains("F")], **settings)


def nothing(told: Sequence[str], scores: Any) -> None:
    return


def test_islands_take_turns_and_say_who_they_are() -> None:
    islands = chains()
    asked = [islands.ask(2) for _ in range(4)]
    assert [[text.island for text in batch] for batch in asked] == [[0, 0], [1, 1], [2, 2], [0, 0]]
    assert [each.smiles[-1] for batch in asked for each in batch] == list("OONNFFOO")
    assert asked[0][0].operator == "grown"


def test_an_island_receives_its_proposals_as_it_made_them() -> None:
    received: list[Proposal] = []

    class Receiver(Chains):
        def receive(self, proposals: Sequence[Proposal], scores: Any) -> None:
            received.extend(proposals)

    islands = Islands([Receiver("O"), Chains("N")])
    asked = [*islands.ask(1), *islands.ask(1)]
    islands.receive(asked, count_carbons([each.smiles for each in asked]))
    assert received == [Proposal("CO", "grown")]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_one_budget_is_shared_and_each_learns_from_its_own(asynchronous: bool) -> None:
    islands = chains(migrants=0)
    oracle = Oracle(Shuffled(count_carbons), 30)
    if asynchronous:
        assert search_asynchronously(islands, oracle, 4, 5, nothing)
    else:
        assert search(islands, oracle, 4, nothing)
    assert oracle.used == 30
    for island in islands.islands:
        assert {text[-1] for text in island.told} == {island.end}
    assert sum(len(island.told) for island in islands.islands) == 30


def test_the_best_are_told_to_the_others_every_so_many_calls() -> None:
    islands = chains(exchange=12, migrants=2)
    search(islands, Oracle(count_carbons, 12), 4, nothing)
    best = ["CCCCO", "CCCCN", "CCCCF"]  # 0.8 carbon each; the first two told are the best two
    oxygen, nitrogen, fluorine = (island.told[4:] for island in islands.islands)
    assert sorted(oxygen + nitrogen + fluorine) == sorted([best[0], best[0], best[1], best[1]])
    assert best[0] not in oxygen
    assert best[1] not in nitrogen


def test_all_are_told_to_the_others_if_nothing_else_is_said_and_why_some_are_refused() -> None:
    """A model learns from poor molecules too, and from those that a filter refused."""
    heard: list[tuple[list[Proposal], Any]] = []

    class Hearing(Chains):
        def hear(self, proposals: Sequence[Proposal], scores: Any) -> None:
            heard.append((list(proposals), scores))

    islands = Islands([Chains("O"), Hearing("N")], exchange=3)
    asked = islands.ask(4)
    scores = count_carbons([each.smiles for each in asked])
    scores.problem[:2] = ["filter: too long", "invalid: no molecule"]
    islands.receive(asked, scores)
    ((proposals, told),) = heard
    assert [each.smiles for each in proposals] == ["CCCCO", "CCO", "CO"]
    assert told.problem == ["filter: too long", None, None]
    assert told.raw[:, 0].tolist() == told.total.tolist() == [4 / 5, 2 / 3, 1 / 2]


def test_molecules_to_begin_from_are_told_to_all() -> None:
    islands = chains()
    search(islands, Oracle(count_carbons, 4), 4, nothing, [Proposal("CCBr", "start"), Proposal("CBr", "start")])
    assert all(island.told[:2] == ["CCBr", "CBr"] for island in islands.islands)


def test_another_islands_molecule_costs_no_call_and_is_told() -> None:
    scorer, islands = Shuffled(count_carbons), chains(migrants=0)
    oracle = Oracle(scorer, 8)
    oracle(["CO", "CCO"])
    search_asynchronously(islands, oracle, 4, 5, nothing)
    assert len(scorer.submitted) == len(set(scorer.submitted)) == oracle.used == 8
    assert {"CO", "CCO"} <= set(islands.islands[0].told)


def test_a_state_brings_back_all_islands(make: MakeStrategy) -> None:
    def run(islands: Islands, oracle: Oracle) -> list[str]:
        asked: list[str] = []
        search(islands, oracle, 4, lambda told, scores: asked.extend(told))
        return asked

    first = Islands([make(0), make(1)], exchange=6)
    run(first, Oracle(count_carbons, 20))
    second = Islands([make(0), make(1)], exchange=6)
    second.load_state_dict(first.state_dict())
    assert second.ask(4) == first.ask(4)
    assert second.best == first.best


def test_islands_go_on_with_another_objective(make: MakeStrategy) -> None:
    first = Islands([make(0), make(1)], exchange=6)
    search(first, Oracle(count_carbons, 16), 4, nothing)
    second = Islands([make(0), make(1)], exchange=6)
    if (kept := second.for_new_objective(first.state_dict())) is not None:
        assert kept["recent"] == {}
        second.load_state_dict(kept)
    oracle = Oracle(count_nitrogens, 16)
    assert search(second, oracle, 4, nothing)
    assert oracle.used == 16


@pytest.mark.parametrize("settings", [{"exchange": 0}, {"migrants": -1}])
def test_settings_are_checked(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=rf"search\.{next(iter(settings))}: must be at least"):
        chains(**settings)


def test_what_is_heard_is_remembered_without_training_an_agent(make: MakeStrategy) -> None:
    strategy = make()
    heard = ["CCCCO", "CCCCN"]
    before = {name: value.clone() for name, value in strategy.state_dict().items() if name.startswith("agent.")}
    strategy.hear(as_proposals(heard), count_carbons(heard))
    after = strategy.state_dict()
    assert all(after[name].equal(value) for name, value in before.items())
    known = after.get("rewards", after.get("scores"))
    assert set(heard) <= set(known)
