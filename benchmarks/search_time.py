"""Where the processor time of a surrogate search goes.

    python -m benchmarks.search_time                                     2,000 calls of ranolazine_mpo
    python -m benchmarks.search_time osimertinib_mpo --budget 10000 --strategy routes search.makeable.stock=real_blocks

Everything happens in one process on one core. Each second counts once, for the innermost of the named parts that it is spent in:

    describing   fingerprints, composition, scaffold and rarity of molecules
    breeding     crossover, mutation and grafts, or edits of syntheses, with their SMILES and constraints
    kernels      similarities between candidates and training molecules
    weights      the likelihood that decides how much each kernel counts
    triangles    factors of covariance matrices, and the solutions for predictions
    annealing    moves of the exploration population, and ranks
    scoring      the objective
    library      the prior's molecules, or syntheses at random, and the reference chemistry
    rest         everything else
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before anything reads it: no other process, no other thread

import time
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any

import click

from benchmarks.results import save, show
from molgen import Scorer
from molgen.config import build, group_node
from molgen.search.bayesian import offspring, pool
from molgen.search.bayesian.explorer import Explorer
from molgen.search.bayesian.models import gaussian_process
from molgen.search.bayesian.plausibility import ReferenceChemistry
from molgen.search.bayesian.strategy import Surrogate
from molgen.search.loop import search
from molgen.search.oracle import Oracle
from molgen.search.routes import job
from molgen.search.routes import pool as route_pool

REST = "rest"
STEP = 500  # calls between two lines of progress


class Clock:
    """Processor seconds by part, each counted for the innermost part that runs."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.running, self.since = [REST], time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self.running[-1]] += now - self.since
        self.since = now

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, whose time counts for `part`."""

        def timed(*arguments: Any, **more: Any) -> Any:
            self._turn()
            self.running.append(part)
            try:
                return function(*arguments, **more)
            finally:
                self._turn()
                self.running.pop()

        return timed

    def watch(self, part: str, owner: Any, *names: str) -> None:
        """Time functions of a module, or methods and cached properties of a class, from now on."""
        for name in names:
            found = vars(owner)[name]
            if isinstance(found, cached_property):
                timed = cached_property(self.timed(part, found.func))
                timed.__set_name__(owner, name)
                setattr(owner, name, timed)
            elif isinstance(found, classmethod):
                setattr(owner, name, classmethod(self.timed(part, found.__func__)))
            else:
                setattr(owner, name, self.timed(part, found))


def watched() -> Clock:
    """A clock that watches every part of a search."""
    clock = Clock()
    for module in (offspring, pool, route_pool):
        clock.watch("describing", module, "describe_candidate")
    clock.watch("breeding", offspring.OffspringJob, "run")
    clock.watch("breeding", pool.CandidatePool, "project")
    clock.watch("breeding", route_pool.RoutePool, "project")
    clock.watch("kernels", gaussian_process, "kernels", "diagonals", "usual_sizes")
    clock.watch("weights", gaussian_process, "_most_likely")
    clock.watch("triangles", gaussian_process._Process, "fitted", "predict")
    clock.watch("annealing", Explorer, "explore")
    clock.watch("scoring", Oracle, "__call__")
    clock.watch("library", pool.CandidatePool, "library", "_linked")
    clock.watch("library", ReferenceChemistry, "with_molecules")
    clock.watch("library", job.RandomRoutes, "run")
    return clock


@click.command()
@click.argument("objective", default="ranolazine_mpo")
@click.argument("overrides", nargs=-1)
@click.option("--budget", default=2000, show_default=True)
@click.option("--strategy", default="surrogate", show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--label", default="search_time", show_default=True, help="Name of the result.")
def main(objective: str, overrides: tuple[str, ...], budget: int, strategy: str, seed: int, label: str) -> None:
    """Search OBJECTIVE (a name under conf/scoring/pmo), with settings such as search.makeable.stock=FILE."""
    scorer = Scorer.from_config(f"pmo/{objective}")
    node = group_node("search", strategy, [f"+seed={seed}", "search.diversity.bucket=0", *overrides])
    clock, done = watched(), 0
    searching = build(node, "search")
    assert isinstance(searching, Surrogate)
    searching.use_rules(scorer.rules())

    def tell(asked: Any, scores: Any) -> None:
        nonlocal done
        if (done + len(asked)) // STEP > done // STEP:
            print(f"{done + len(asked)} calls, {sum(clock.seconds.values()):.0f} s of a processor", flush=True)
        done += len(asked)

    clock.timed(REST, search)(searching, Oracle(scorer, budget), 20, tell)
    total = sum(clock.seconds.values())
    rows = [{"part": part, "s": seconds, "share": seconds / total} for part, seconds in clock.seconds.most_common()]
    save(label, {"objective": objective, "strategy": strategy, "budget": budget, "seed": seed, "seconds": dict(clock.seconds)})
    show(f"{strategy}, {objective}, {budget:,} calls: {total:.0f} s of a processor", rows)


if __name__ == "__main__":
    main()
