"""Islands as processes on a real Ray: what they ask, and what a killed one costs."""

import contextlib
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
import ray
from ray import cloudpickle

from molgen import design
from molgen.cluster.connect import connected
from molgen.cluster.islands import Island
from molgen.cluster.ray_cluster import RayCluster
from molgen.errors import ClusterError, ConfigError
from molgen.scoring.scores import Scores
from molgen.search.pending import load_with_told
from molgen.search.strategy import Proposal, State, Strategy, plain_smiles

cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Counting(Strategy):
    """Proposes ever longer alkanes; `seen` are the lengths that it was told of."""

    def __init__(self, seen: Sequence[int] = ()) -> None:
        self.length = 0
        self.seen = list(seen)

    def ask(self, n: int) -> list[Proposal]:
        if self.length == 100:
            os.kill(os.getpid(), signal.SIGKILL)
        self.length += n
        return [Proposal("C" * (self.length - i), str(os.getpid()), (str(len(self.seen)),)) for i in range(n)]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        if "F" in smiles:
            raise ConfigError("no fluorine")
        self.seen += [len(text) for text in smiles]

    def state_dict(self) -> State:
        return {"length": self.length, "seen": self.seen}

    def for_new_objective(self, state: State) -> State:
        return {"length": state["length"]}

    def load_state_dict(self, state: State) -> None:
        self.length, self.seen = state["length"], state["seen"]


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    """Ray on this machine."""
    with connected(None):
        yield


def answer(island: Island, n: int) -> list[Proposal]:
    while not (asked := island.ask(n)):
        ray.wait(list(island.thinking), num_returns=1)
    return asked


def told(island: Island, *smiles: str) -> None:
    island.tell(smiles, Scores(smiles, np.ones(len(smiles)), [None] * len(smiles)))


def test_thinks_elsewhere_and_says_when_it_is_done() -> None:
    island = Island(Counting)
    assert island.ask(2) == []
    assert len(island.thinking) == 1
    asked = answer(island, 2)
    assert plain_smiles(asked) == ["CC", "C"]
    assert int(asked[0].operator) != os.getpid()
    assert not island.thinking


def test_a_killed_one_goes_on_from_its_state_and_what_it_was_told_since() -> None:
    island = Island(Counting)
    first = answer(island, 4)
    told(island, "CCCC")
    assert island.state_dict() == {"length": 4, "seen": [4]}
    told(island, "CC", "C")
    os.kill(int(first[0].operator), signal.SIGKILL)
    second = answer(island, 4)
    assert second[0].smiles == "C" * 8
    assert second[0].operator != first[0].operator
    assert island.state_dict() == {"length": 8, "seen": [4, 2, 1]}


class Slow(Counting):
    """Thinks until a file is there."""

    def __init__(self, until: Path) -> None:
        super().__init__()
        self.until = until

    def ask(self, n: int) -> list[Proposal]:
        while not self.until.exists():
            time.sleep(0.02)
        return super().ask(n)

    def spare(self) -> list[Proposal]:
        return [Proposal("S" * self.length)]


def test_a_state_is_there_while_it_thinks_with_what_it_was_told_since(tmp_path: Path) -> None:
    island = Island(partial(Slow, tmp_path / "done"))
    told(island, "CCC")
    assert island.ask(2) == []
    told(island, "CC", "C")
    state = island.state_dict()
    assert island.thinking
    fresh = Counting()
    load_with_told(fresh, state)
    assert (fresh.length, fresh.seen) == (0, [3, 2, 1])
    (tmp_path / "done").touch()
    assert plain_smiles(answer(island, 2)) == ["CC", "C"]
    assert plain_smiles(island.spare()) == ["SS"]
    assert island.spare() == []
    assert island.state_dict() == {"length": 2, "seen": [3, 2, 1]}


def test_one_killed_as_it_thinks_is_told_again_what_its_last_state_lacks(tmp_path: Path) -> None:
    island = Island(partial(Slow, tmp_path / "done"))
    assert island.ask(2) == []
    told(island, "CCCC")
    island.state_dict()
    told(island, "CC")
    ray.kill(island.actor)
    assert ray.wait(list(island.thinking), timeout=60)[0]  # before it is dead, it could still answer
    (tmp_path / "done").touch()
    assert plain_smiles(answer(island, 2)) == ["CC", "C"]
    assert island.state_dict() == {"length": 2, "seen": [4, 2]}


def test_a_single_strategy_has_a_process_of_its_own_if_it_thinks_for_long() -> None:
    def deliberate() -> Strategy:
        strategy = Counting()
        strategy.deliberate = True
        return strategy

    (elsewhere,) = RayCluster().strategies([deliberate])
    (here,) = RayCluster().strategies([Counting])
    (inline,) = RayCluster(deterministic=True).strategies([deliberate])
    assert [type(each) for each in (elsewhere, here, inline)] == [Island, Counting, Counting]


def test_what_survives_a_change_of_objective_is_said_there() -> None:
    assert Island(Counting).for_new_objective({"length": 4, "seen": [4]}) == {"length": 4}


def test_one_that_dies_again_and_again_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("molgen.cluster.islands.TRIES", 2)
    island = Island(Counting)
    island.load_state_dict({"length": 100, "seen": []})
    with pytest.raises(ClusterError, match="died 2 times in a row"):
        answer(island, 1)


def test_an_error_of_learning_is_raised_here() -> None:
    island = Island(Counting)
    told(island, "F")
    with pytest.raises(ConfigError, match="no fluorine"):
        answer(island, 1)


def is_thinker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # it has just ended
        return "".join(process.cmdline()[:1]).startswith("ray::_Thinker")
    return False


def islands_of(folder: Path) -> set[int]:
    """Whose molecules a run has."""
    with (
        contextlib.suppress(sqlite3.OperationalError),  # it has just begun
        contextlib.closing(sqlite3.connect(f"file:{folder / 'campaign.sqlite'}?mode=ro", uri=True)) as database,
    ):
        return {island for (island,) in database.execute("SELECT DISTINCT island FROM molecules")}
    return set()


def test_a_campaign_with_a_killed_island_scores_as_many_molecules_and_says_whose_they_are(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.touch()

    def slowly(smiles: list[str]) -> list[float]:
        with calls.open("a") as lines:
            lines.write("." * len(smiles))
        is_waiting = calls.stat().st_size > 50 and not (tmp_path / "killed").exists()  # the other one may take long to begin
        time.sleep((2.0 if is_waiting else 0.02) * len(smiles))
        return [text.count("C") / len(text) for text in smiles]

    def kill_one() -> None:
        while calls.stat().st_size < 30 or islands_of(tmp_path / "run") != {0, 1}:
            time.sleep(0.05)
        while not (found := [each for each in psutil.Process().children(recursive=True) if is_thinker(each)]):
            time.sleep(0.05)
        thinker = found[0]
        thinker.kill()
        killed.append(thinker)
        (tmp_path / "killed").touch()

    killed: list[psutil.Process] = []
    killer = threading.Thread(target=kill_one)
    killer.start()
    settings = ["cluster=local", "search.islands=2", "search.exchange=20"]
    run = design(slowly, 100, "genetic", folder=tmp_path / "run", overrides=settings)
    killer.join()
    assert killed
    assert len(run.molecules) == run.molecules["smiles"].nunique() == 100
    assert set(run.molecules["island"]) == {0, 1}
