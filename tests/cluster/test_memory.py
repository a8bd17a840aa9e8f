"""Workers, islands and jobs that Ray's memory monitor kills, for they eat more than there is; what that costs."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import ray
from ray import cloudpickle
from ray._common.utils import get_system_memory
from ray._private.utils import get_used_memory

from molgen.cluster.connect import connected
from molgen.cluster.islands import Island
from molgen.cluster.pool import Pool
from molgen.cluster.ray_jobs import OnRay
from molgen.cluster.workers import Workers
from molgen.errors import ClusterError
from molgen.scoring.objective import Function
from molgen.scoring.scores import Scores
from molgen.search.strategy import State, Strategy, plain_smiles

cloudpickle.register_pickle_by_value(sys.modules[__name__])
ROOM = 5e9  # bytes until the monitor kills; what else runs here must not use it up


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    """Ray on this machine, with a memory monitor that is soon alarmed."""
    total, used = get_system_memory(), get_used_memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_memory_usage_threshold", str((used + min(ROOM, 0.5 * (total - used))) / total))
        patch.setenv("RAY_memory_monitor_refresh_ms", "50")
        with connected(None):
            yield


def eat() -> None:
    kept = []
    while True:
        kept.append(np.ones(10_000_000))
        time.sleep(0.005)


class Growing(Strategy):
    """Proposes ever longer alkanes; eats without end when it is to propose the third, the first time."""

    def __init__(self, eaten: Path) -> None:
        self.eaten = eaten
        self.length = 0

    def ask(self, n: int) -> list[str]:
        if self.length == 2 and not self.eaten.exists():
            self.eaten.touch()
            eat()
        self.length += 1
        return ["C" * self.length]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        pass

    def state_dict(self) -> State:
        return {"length": self.length}

    def load_state_dict(self, state: State) -> None:
        self.length = state["length"]


def test_a_molecule_that_eats_up_the_memory_is_recorded_as_failed_and_costs_no_other() -> None:
    def score(smiles: list[str]) -> list[float]:
        if "CCC" in smiles:
            eat()
        return [len(text) / 100 for text in smiles]

    alkanes = ["C" * n for n in range(1, 13)]
    with Pool(Function(score), Workers(number=2, num_cpus=0.5, batch=4, tries=2)) as pool:
        scores = pool(alkanes)
    assert scores.problem == [None, None, "failed: its worker ran out of memory, 2 times", *[None] * 9]
    np.testing.assert_allclose(scores.total, [0.01, 0.02, 0, *(n / 100 for n in range(4, 13))])


def test_an_island_that_runs_out_of_memory_goes_on_from_its_state(tmp_path: Path) -> None:
    island = Island(lambda: Growing(tmp_path / "eaten"))
    asked = []
    for _ in range(4):
        while not (found := island.ask(1)):
            ray.wait(list(island.thinking), num_returns=1)
        asked += plain_smiles(found)
        island.state_dict()
    assert (tmp_path / "eaten").exists()
    assert asked == ["C", "CC", "CCC", "CCCC"]


def test_a_job_that_runs_out_of_memory_is_begun_again_but_not_for_ever(tmp_path: Path) -> None:
    def job(name: str) -> str:
        with (tmp_path / name).open("a") as begun:
            begun.write(".")
        if name == "always" or (name == "once" and (tmp_path / name).stat().st_size == 1):
            eat()
        return name

    names = ["never", "once", "always"]
    found = dict(OnRay(num_cpus=1.0, tries=2).run(job, {name: name for name in names}))
    assert (found["never"], found["once"]) == ("never", "once")
    assert isinstance(found["always"], ClusterError)
    assert "ran out of memory, 2 times" in str(found["always"])
    assert (tmp_path / "always").read_text() == ".."
