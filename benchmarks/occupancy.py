"""How busy a search keeps many workers, and what it loses by choosing molecules before it has seen the scores of others.

    python -m benchmarks.occupancy                                     64 workers, 0.2 s a molecule, 10,000 calls
    python -m benchmarks.occupancy median1 --budget 2000 --seeds 0,1   2,000 calls of one objective with two seeds
    python -m benchmarks.occupancy --waiting                           a search that waits for all scores, to compare areas with
    python -m benchmarks.occupancy --islands 4                         four islands share the workers and the budget
    python -m benchmarks.occupancy median1 search.batch.share=0.1      with a changed setting

The search is the real one, and so are its scores. Workers, and a processor for every island to think on, are simulated: a
molecule takes the seconds that are given on average, from half to one and a half times as many, a thought the seconds of the
processor that it took. So 64 workers need no 64 processes; a busy machine makes thoughts longer nevertheless, for its processors
share their caches. benchmarks/cluster.py says what handing out molecules costs.

Per run: the share of the workers' time, from the first molecule handed out to the last score, in which they score; calls/s;
choices of the search and their mean and longest seconds (asks that take more than a twentieth of a second); the area under the
curve of the ten best.
"""

import heapq
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
import numpy as np

from benchmarks.results import RESULTS, save, show
from molgen import Scorer
from molgen.config import compose, to_plain
from molgen.metrics.ranking import auc_top
from molgen.runs.run import Campaign
from molgen.runs.settings import maker, split_islands
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores
from molgen.search.islands import Islands
from molgen.search.loop import search, search_asynchronously
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, State, Strategy, as_proposals

OBJECTIVES = "osimertinib_mpo", "median1", "ranolazine_mpo"
CHOICE = 0.05  # s; an ask that takes less hands out what was chosen before


class Clock:
    """The time of a simulation, s."""

    now = 0.0


class Thinker(Strategy):
    """A strategy that thinks on a processor of its own, as `molgen.cluster.islands.Island` does in a process."""

    def __init__(self, strategy: Strategy, clock: Clock, waits: bool) -> None:
        self.strategy, self.clock, self.waits = strategy, clock, waits
        self.asked: tuple[list[Proposal], list[Proposal]] | None = None  # and what is ranked behind that
        self.done = 0.0
        self.given: list[Proposal] = []
        self.late: list[tuple[Callable[..., None], Sequence[Proposal], Scores]] = []
        self.choices: list[float] = []

    @property
    def thinking(self) -> Sequence[float]:
        """When it will have thought."""
        return [] if self.asked is None else [self.done]

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        if self.asked is None:
            start = time.process_time()
            for learn, proposals, scores in self.late:
                learn(proposals, scores)
            self.late = []
            self.asked = as_proposals(self.strategy.ask(n)), [] if self.waits else self.strategy.spare()
            seconds = time.process_time() - start
            self.done = self.clock.now + seconds
            self.choices += [seconds] if seconds > CHOICE else []
        if self.waits:
            self.clock.now = max(self.clock.now, self.done)
        if self.done > self.clock.now:
            return []
        (found, spare), self.asked = self.asked, None
        self.given = spare or self.given
        return found

    def spare(self) -> list[Proposal]:
        """See `Strategy.spare`."""
        given, self.given = self.given, []
        return given

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.receive(as_proposals(smiles), scores)

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`."""
        self.late.append((self.strategy.receive, proposals, scores))

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.hear`."""
        self.late.append((self.strategy.hear, proposals, scores))

    def state_dict(self) -> State:
        """Nothing is kept."""
        return {}

    def load_state_dict(self, state: State) -> None:
        """Nothing is kept."""


class Workers(AsynchronousScorer):
    """Workers that are nothing but times at which they will be done."""

    def __init__(self, score: Scorer, workers: int, seconds: float, clock: Clock) -> None:
        self.score, self.number, self.seconds, self.clock = score, workers, seconds, clock
        self.waiting: list[str] = []
        self.ends: list[tuple[float, str]] = []
        self.rng, self.worked = np.random.default_rng(0), 0.0

    @property
    def capacity(self) -> int:
        """As of `molgen.cluster.pool.Pool`."""
        return 2 * self.number

    def submit(self, smiles: Sequence[str]) -> None:
        """See `AsynchronousScorer.submit`."""
        self.waiting += smiles
        self._begin()

    def _begin(self) -> None:
        while self.waiting and len(self.ends) < self.number:
            seconds = self.seconds * self.rng.uniform(0.5, 1.5)
            self.worked += seconds
            heapq.heappush(self.ends, (self.clock.now + seconds, self.waiting.pop(0)))

    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """See `AsynchronousScorer.collect`."""
        self.clock.now = max(self.clock.now, min([*wake, *(end for end, _ in self.ends[:1])], default=self.clock.now))
        done = []
        while self.ends and self.ends[0][0] <= self.clock.now:
            done.append(heapq.heappop(self.ends)[1])
        self._begin()
        return [self.score(done)] if done else []


def run(
    name: str,
    seed: int,
    budget: int,
    workers: int,
    seconds: float,
    islands: int,
    waits: bool,
    spare: float,
    overrides: Sequence[str],
) -> dict[str, float]:
    """Figures of one search."""
    settings = ["search.diversity.bucket=0", f"seed={seed}", f"search.islands={islands}", *overrides]
    nodes, exchange = split_islands(to_plain(compose("design", settings))["search"])
    scorer, clock = Scorer.from_config(f"pmo/{name}"), Clock()
    thinkers = [Thinker(maker(node)(), clock, waits) for node in nodes]
    for each in thinkers:
        each.strategy.use_rules(scorer)
    strategy = thinkers[0] if len(thinkers) == 1 else Islands(thinkers, **exchange)
    totals: list[float] = []

    def note(told: Sequence[Proposal], scores: Scores) -> None:
        totals.extend(scores.total.tolist())

    pool = Workers(scorer, workers, seconds, clock)
    oracle = Oracle(pool, budget)
    strategy.ask(1)  # the library is made, or read, before the clock starts
    clock.now = 0.0
    if waits:
        search(strategy, oracle, 32, note)
    else:
        search_asynchronously(strategy, oracle, 32, pool.capacity, note, spare=spare)
    totals = [result.total for result in oracle.known.values()]
    choices = np.array([spent for each in thinkers for spent in each.choices])
    return {
        "busy": pool.worked / (workers * clock.now),
        "calls/s": oracle.used / clock.now,
        "choices": len(choices),
        "s a choice": float(choices.mean()),
        "longest, s": float(choices.max()),
        "area": auc_top(totals, 10, budget),
        "area, 1,000 calls": auc_top(totals[:1000], 10, min(1000, budget)),
        "best ten": float(np.mean(sorted(totals)[-10:])),
    }


@click.command()
@click.argument("objectives", nargs=-1)
@click.option("--seeds", default="0", show_default=True, help="Separated by commas.")
@click.option("--budget", default=10_000, show_default=True)
@click.option("--workers", default=64, show_default=True)
@click.option("--seconds", default=0.2, show_default=True, help="That a worker takes for a molecule.")
@click.option("--islands", default=1, show_default=True)
@click.option("--waiting", is_flag=True, help="All that is asked is scored before the search goes on.")
@click.option("--spare", default=Campaign.spare, show_default=True, help="See campaign.spare.")
@click.option("--label", default="occupancy", show_default=True, help="Name of the result.")
def main(
    objectives: tuple[str, ...],
    seeds: str,
    budget: int,
    workers: int,
    seconds: float,
    islands: int,
    waiting: bool,
    spare: float,
    label: str,
) -> None:
    """Run OBJECTIVES (names under conf/scoring/pmo, by default three); KEY=VALUE among them changes settings."""
    overrides = [text for text in objectives if "=" in text]
    names = [text for text in objectives if "=" not in text] or OBJECTIVES
    path = RESULTS / f"{label}.json"
    how = "waiting" if waiting else f"{workers} workers, {seconds:g} s"
    setting = ", ".join(
        [f"{budget} calls", how, f"{islands} islands", *([f"spare {spare:g}"] if spare != Campaign.spare else []), *overrides]
    )
    rows = []
    for name in names:
        found = []
        for seed in map(int, seeds.split(",")):
            found.append(run(name, seed, budget, workers, seconds, islands, waiting, spare, overrides))
            print(name, seed, setting, {key: round(value, 3) for key, value in found[-1].items()}, flush=True)
            figures = json.loads(path.read_text())["figures"] if path.exists() else {}
            figures.setdefault(setting, {}).setdefault(name, {})[seed] = found[-1]
            save(label, figures)
        rows.append({"objective": name} | {key: float(np.mean([each[key] for each in found])) for key in found[0]})
    show(setting, rows)


if __name__ == "__main__":
    main()
