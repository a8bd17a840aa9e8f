"""What workers on a Ray cluster cost, how they scale, and what is lost when they are killed.

    python -m benchmarks.cluster               all parts, some minutes (and half an hour for the screen)
    python -m benchmarks.cluster overhead      one

Overhead: a cheap objective, batches of 256, by two workers and in this process. Scaling: an objective that waits 0.2 s a
molecule without using the processor, an asynchronous search of 2,000 calls, by a strategy that takes no time and by a genetic
one; ideal are as many molecules/s as workers wait for. Faults: 400 such calls, during which a worker, or a node, is killed by
signal; recovery is the time until as many workers as before have scored something since. Islands: 800 such calls by four genetic
searches in processes of their own. Screening: a million amides and ureas, enumerated, by QED and similarity to a drug. Nodes:
what one molecule costs each part of a campaign that there is only one of, and how many workers that part could keep busy if a
molecule takes a minute.
"""

import os
import resource
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
import pandas as pd
import psutil
from ray.cluster_utils import Cluster
from rdkit import Chem

from benchmarks.results import save, show
from molgen import load_generator
from molgen.chem.molecules import Molecules
from molgen.cluster.base import Inline
from molgen.cluster.connect import connected
from molgen.cluster.islands import Island
from molgen.cluster.pool import Pool
from molgen.cluster.ray_cluster import RayCluster
from molgen.cluster.workers import Workers
from molgen.config import compose_group
from molgen.data.readers import read_chunks
from molgen.runs.store import RunStore
from molgen.scoring.components.qed import QED
from molgen.scoring.components.similarity import Similarity
from molgen.scoring.objective import Function
from molgen.scoring.scorer import Scorer, Term
from molgen.scoring.scores import Scores
from molgen.screening.screen import screen
from molgen.search.islands import Islands
from molgen.search.loop import search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import State, Strategy, as_proposals

BATCH = 256
BATCHES = 40
WAIT = 0.2
CALLS = 2000
FAULTY_CALLS = 400
WORKERS = 8
ISLANDS, ISLAND_CALLS = 4, 800
LIBRARY, CHUNK, HITS = 1_000_000, 5000, 1000
IBUPROFEN = "CC(C)Cc1ccc(cc1)C(C)C(=O)O"
MINUTE, CORES = 60.0, 64  # a molecule's, and a node's


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


def _genetic(seed: int = 0) -> Strategy:
    return compose_group("search", "genetic", [f"+seed={seed}"])


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


def islands() -> list[dict[str, Any]]:
    """Seconds of a search by four islands, the more workers the fewer."""
    rows = []
    for number in (4, 16, 64):
        with tempfile.TemporaryDirectory() as folder, connected(None):
            with Pool(Function(Waiting(Path(folder) / "noted")), Workers(number=number, num_cpus=0)) as pool:
                pool.warm_up()
                searches = [Island(partial(_genetic, seed)) for seed in range(ISLANDS)]
                for search in searches:
                    search.state_dict()
                start = time.perf_counter()
                oracle = _search(pool, ISLAND_CALLS, Islands(searches))
                seconds = time.perf_counter() - start
            ideal = oracle.used * WAIT / number
            rows.append(
                {"workers": number, "islands": ISLANDS, "calls": oracle.used, "s": seconds, "share of ideal": ideal / seconds}
            )
    return rows


def library(path: Path) -> None:
    """A million distinct molecules: each of a thousand groups of drug-like molecules beside each other, as amides and ureas."""
    groups: dict[str, None] = {}
    for text in load_generator("prior").sample(3000, seed=0):
        mol = Chem.MolFromSmiles(text)
        bonds = mol.GetSubstructMatches(Chem.MolFromSmarts("[!#1;R]-!@[!#1]")) if mol else ()
        for a, b in bonds[:2]:
            pieces = Chem.FragmentOnBonds(mol, [mol.GetBondBetweenAtoms(a, b).GetIdx()], dummyLabels=[(0, 0)])
            for piece in Chem.GetMolFrags(pieces, asMols=True):
                dummy = next(atom.GetIdx() for atom in piece.GetAtoms() if atom.GetAtomicNum() == 0)
                written = Chem.MolToSmiles(piece, rootedAtAtom=dummy, isomericSmiles=False)
                if 4 < piece.GetNumAtoms() < 16 and written.startswith("*") and "=" not in written[:2]:
                    groups.setdefault(written[1:])
    chosen = list(groups)[: int((LIBRARY / 2) ** 0.5) + 1]
    lines = (line for acid in chosen for amine in chosen for line in (f"C(=O)({acid})N{amine}\n", f"C(=O)(N{acid})N({amine})C\n"))
    with path.open("w") as file:
        file.writelines(islice(lines, LIBRARY))


@contextmanager
def _memory() -> Iterator[dict[str, float]]:
    """Peak memory, GiB, of this process and of the largest of Ray's workers, sampled twice a second."""
    peak = {"driver, GiB": 0.0, "largest worker, GiB": 0.0}
    stop = threading.Event()

    def sample() -> None:
        me = psutil.Process()
        while not stop.wait(0.5):
            peak["driver, GiB"] = max(peak["driver, GiB"], me.memory_info().rss / 2**30)
            for process in me.children(recursive=True):
                try:
                    if process.cmdline()[:1] and process.cmdline()[0].startswith("ray::_Worker"):
                        peak["largest worker, GiB"] = max(peak["largest worker, GiB"], process.memory_info().rss / 2**30)
                except psutil.Error:
                    continue

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def screening() -> list[dict[str, Any]]:
    """Molecules/s and memory of a screen of a million by workers, of a tenth of it in this process, and whether both agree."""
    scorer = Scorer({"qed": Term(QED()), "like": Term(Similarity(IBUPROFEN))})
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library(folder / "whole.smi")
        tenth = LIBRARY // 10
        with (folder / "whole.smi").open() as whole, (folder / "tenth.smi").open("w") as part:
            part.writelines(islice(whole, tenth))
        for cluster, place, file in (("local", RayCluster(), "whole"), ("inline", Inline(), "tenth")):
            start = time.perf_counter()
            with _memory() as peak:
                chunks = partial(read_chunks, folder / f"{file}.smi", rows=CHUNK)
                found = screen(chunks, scorer, folder / cluster, hits=HITS, cluster=place)
            seconds = time.perf_counter() - start
            row = {"cluster": cluster, "molecules": found.molecules, "invalid": found.invalid, "s": seconds}
            rows.append(row | {"molecules/s": found.molecules / seconds} | peak)
            show("Screening", rows)
        everything = pd.read_csv(folder / "local" / "scores.csv")
        for table, row, place in ((everything, rows[0], "local"), (everything.head(tenth), rows[1], "inline")):
            best = table.nlargest(HITS, "score", keep="first").reset_index(drop=True)
            row["hits are the best by workers"] = best.equals(pd.read_csv(folder / place / "hits.csv"))
    return rows


def nodes() -> list[dict[str, Any]]:
    """What a molecule costs the parts that a campaign has one of, and what they could keep busy."""
    smiles = list(dict.fromkeys(load_generator("prior").sample(CALLS, seed=0)))
    costs: dict[str, float] = {}
    with connected(None), tempfile.TemporaryDirectory() as folder:
        with Pool(Function(lengths), Workers(number=2, timeout=60)) as pool:
            pool.warm_up()
            costs["driver: hand out, collect, one by one"] = _cpu(lambda: _search(pool, 1000, Queue(smiles))) / 1000
        with Pool(Function(lengths), Workers(number=2)) as pool:
            pool.warm_up()
            pool(smiles[:BATCH])
            costs["driver: the same, a cheap objective"] = _cpu(lambda: _search(pool, 1000, Queue(smiles))) / 1000
        island = Island(_genetic)
        island.state_dict()
        scores = Function(lengths)(smiles[:16])
        costs["driver: tell 8 islands, 16 at a time"] = _cpu(lambda: [island.tell(smiles[:16], scores) for _ in range(100)]) / 200
        store = RunStore(Path(folder))
        costs["store: one by one"] = (
            _seconds(lambda: [store.commit(as_proposals([s]), Function(lengths)([s]), None) for s in smiles[:500]]) / 500
        )
        rest = [smiles[i : i + 32] for i in range(500, len(smiles) - 32, 32)]
        costs["store: 32 at a time"] = _seconds(
            lambda: [store.commit(as_proposals(b), Function(lengths)(b), None) for b in rest]
        ) / (32 * len(rest))
    valid = [text for text in Molecules(smiles[:500]).canonical if text]
    search = _genetic()
    search.tell(valid, Function(lengths)(valid))
    costs["an island: breed"] = _seconds(lambda: [search.ask(16) for _ in range(20)]) / 320
    return [
        {
            "part": part,
            "microseconds a molecule": 1e6 * cost,
            "molecules/s": 1 / cost,
            "workers kept busy": MINUTE / cost,
            "nodes of 64 cores": MINUTE / cost / CORES,
        }
        for part, cost in costs.items()
    ]


def _cpu(work: Callable[[], Any]) -> float:
    """Seconds of the processor that this process, with all its threads, takes for `work`."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


PARTS = {
    "overhead": overhead,
    "scaling": scaling,
    "faults": faults,
    "islands": islands,
    "nodes": nodes,
    "screening": screening,
}


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
