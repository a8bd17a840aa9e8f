"""What workers on a Ray cluster cost, how they scale, and what is lost when they are killed.

    python -m benchmarks.cluster               all parts, some minutes
    python -m benchmarks.cluster overhead      one

Overhead: a cheap objective, batches of 256, by two workers and in this process. Scaling: an objective that waits 0.2 s a
molecule without using the processor, an asynchronous search of 2,000 calls, by a strategy that takes no time and by a genetic
one; ideal are as many molecules/s as workers wait for. Faults: 400 such calls, during which a worker, or a node, is killed by
signal; recovery is the time until as many workers as before have scored something since.
"""

import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from ray.cluster_utils import Cluster

from benchmarks.results import save, show
from molgen import load_generator
from molgen.cluster.pool import Pool
from molgen.cluster.ray_cluster import connected
from molgen.cluster.workers import Workers
from molgen.config import compose_group
from molgen.scoring.objective import Function
from molgen.scoring.scores import Scores
from molgen.search.loop import search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import State, Strategy

BATCH = 256
BATCHES = 40
WAIT = 0.2
CALLS = 2000
FAULTY_CALLS = 400
WORKERS = 8


def lengths(smiles: Sequence[str]) -> list[float]:
    """A cheap objective."""
    return [len(text) / 100 for text in smiles]


class Waiting:
    """An objective that waits, and notes which process scored what, and when."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, smiles: Sequence[str]) -> list[float]:
        """Scores [n]."""
        for text in smiles:
            time.sleep(WAIT)
            with self.path.open("a") as file:
                file.write(f"{text} {os.getpid()} {time.time()}\n")
        return lengths(smiles)

    def noted(self) -> list[tuple[str, int, float]]:
        """What was noted so far."""
        rows = [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []
        return [(text, int(process), float(when)) for text, process, when in rows]


def overhead() -> list[dict[str, Any]]:
    """Microseconds a molecule."""
    smiles = list(dict.fromkeys(load_generator("prior").sample(BATCH * BATCHES, seed=0)))
    batches = [smiles[i : i + BATCH] for i in range(0, len(smiles), BATCH)]
    rows = []
    with connected(None), Pool(Function(lengths), Workers(number=2)) as pool:
        pool.warm_up()
        for name, score in (("inline", Function(lengths)), ("local", pool)):
            start = time.perf_counter()
            for batch in batches:
                score(batch)
            seconds = time.perf_counter() - start
            row = {"cluster": name, "molecules/s": len(smiles) / seconds, "microseconds a molecule": 1e6 * seconds / len(smiles)}
            rows.append(row)
    return rows


class Queue(Strategy):
    """Proposes molecules that were written before, in their order: a search that takes no time."""

    def __init__(self, smiles: Sequence[str]) -> None:
        self.left = list(reversed(smiles))

    def ask(self, n: int) -> list[str]:
        """See `Strategy.ask`."""
        return [self.left.pop() for _ in range(min(n, len(self.left)))]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """Nothing is learnt."""

    def state_dict(self) -> State:
        """There is none."""
        return {}

    def load_state_dict(self, state: State) -> None:
        """There is none."""


def _search(pool: Pool, calls: int, strategy: Strategy) -> Oracle:
    oracle = Oracle(pool, calls)
    search_asynchronously(strategy, oracle, 32, pool.capacity, lambda told, scores: None)
    return oracle


def _genetic() -> Strategy:
    return compose_group("search", "genetic", ["+seed=0"])


def scaling() -> list[dict[str, Any]]:
    """Molecules/s beside the ideal, by a search that takes no time and by a genetic one."""
    written = load_generator("prior").sample(2 * CALLS, seed=0)
    rows = []
    for number in (4, 16, 64):
        with tempfile.TemporaryDirectory() as folder, connected(None):
            function = Waiting(Path(folder) / "noted")
            with Pool(Function(function), Workers(number=number, num_cpus=0)) as pool:
                pool.warm_up()
                for name, strategy in (("queue", Queue(written)), ("genetic", _genetic())):
                    start = time.perf_counter()
                    oracle = _search(pool, CALLS, strategy)
                    rate = oracle.used / (time.perf_counter() - start)
                    row = {"workers": number, "search": name, "calls": oracle.used, "molecules/s": rate}
                    rows.append(row | {"share of ideal": rate * WAIT / number})
    return rows


def faults() -> list[dict[str, Any]]:
    """What a killed worker and a killed node cost."""
    return [_after_killing(victim) for victim in ("worker", "node")]


def _after_killing(victim: str) -> dict[str, Any]:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=4) for _ in range(2)]
    killed: list[float] = []
    with tempfile.TemporaryDirectory() as folder, connected(cluster.address):
        function = Waiting(Path(folder) / "noted")

        def kill() -> None:
            while len(function.noted()) < FAULTY_CALLS // 4:
                time.sleep(0.01)
            if victim == "worker":
                os.kill(function.noted()[0][1], signal.SIGKILL)
            else:
                cluster.remove_node(nodes[0], allow_graceful=False)
            killed.append(time.time())

        with Pool(Function(function), Workers(number=WORKERS, num_cpus=0.5)) as pool:
            pool.warm_up()
            killer = threading.Thread(target=kill)
            killer.start()
            oracle = _search(pool, FAULTY_CALLS, _genetic())
            killer.join()
        noted = function.noted()
    cluster.shutdown()
    times = Counter(text for text, _, _ in noted)
    since: dict[int, float] = {}
    for _, process, when in noted:
        if when > killed[0] + WAIT:
            since.setdefault(process, when)
    return {
        "killed": victim,
        "workers lost": len({process for _, process, when in noted if when < killed[0]} - set(since)),
        "calls": oracle.used,
        "lost": len(set(oracle.known) - set(times)),
        "scored twice": sum(count > 1 for count in times.values()),
        "recovery, s": sorted(since.values())[WORKERS - 1] - killed[0],
    }


PARTS = {"overhead": overhead, "scaling": scaling, "faults": faults}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PARTS)))
def main(names: tuple[str, ...]) -> None:
    """Measure the parts NAMES, by default all."""
    for name in names or PARTS:
        rows = PARTS[name]()
        show(name.capitalize(), rows)
        save(f"cluster-{name}", rows)


if __name__ == "__main__":
    main()
