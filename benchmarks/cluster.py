"""What workers on a Ray cluster cost, how they scale, and what is lost when they are killed.

    python -m benchmarks.cluster               all parts, some minutes
    python -m benchmarks.cluster overhead      one

Overhead: a cheap objective, batches of 256, by two workers and in this process. Scaling: an objective that waits 0.2 s a
molecule without using the processor, an asynchronous genetic search of 2,000 calls; ideal are as many molecules/s as workers
wait for. Faults: 400 such calls, during which a worker, or a node, is killed by signal; recovery is the time until as many
workers as before have scored something since.
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
from molgen.search.loop import search_asynchronously
from molgen.search.oracle import Oracle

BATCH = 256
BATCHES = 40
WAIT = 0.2
CALLS = 2000
FAULTY_CALLS = 400


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


def _search(pool: Pool, calls: int) -> Oracle:
    oracle = Oracle(pool, calls)
    search_asynchronously(compose_group("search", "genetic", ["+seed=0"]), oracle, 32, pool.capacity, lambda told, scores: None)
    return oracle


def scaling() -> list[dict[str, Any]]:
    """Molecules/s beside the ideal."""
    rows = []
    for number in (4, 16, 64):
        with tempfile.TemporaryDirectory() as folder, connected(None):
            function = Waiting(Path(folder) / "noted")
            with Pool(Function(function), Workers(number=number, num_cpus=0)) as pool:
                pool.warm_up()
                start = time.perf_counter()
                oracle = _search(pool, CALLS)
                rate = oracle.used / (time.perf_counter() - start)
            rows.append({"workers": number, "calls": oracle.used, "molecules/s": rate, "share of ideal": rate * WAIT / number})
    return rows


def faults() -> list[dict[str, Any]]:
    """What a killed worker and a killed node cost."""
    return [_after_killing(victim, workers) for victim, workers in (("worker", 8), ("node", 4))]


def _after_killing(victim: str, workers: int) -> dict[str, Any]:
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

        with Pool(Function(function), Workers(number=workers)) as pool:
            pool.warm_up()
            killer = threading.Thread(target=kill)
            killer.start()
            oracle = _search(pool, FAULTY_CALLS)
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
        "calls": oracle.used,
        "lost": len(set(oracle.known) - set(times)),
        "scored twice": sum(count > 1 for count in times.values()),
        "recovery, s": sorted(since.values())[workers - 1] - killed[0],
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
