"""Which part of `search=surrogate` earns how much: it is run with each part left out.

    python -m benchmarks.ablation                                  six objectives, three seeds, 1,000 calls: hours
    python -m benchmarks.ablation --seeds 0 --budget 500 whole grafts

Each figure is the area under the ten best of the PMO benchmark, summed over the objectives; the mean and the deviation of the
seeds. A run that was killed goes on where it stood.
"""

from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.pmo import run
from benchmarks.results import save, show

TASKS = ("perindopril_mpo", "amlodipine_mpo", "median1", "sitagliptin_mpo", "celecoxib_rediscovery", "zaleplon_mpo")
FOREST = ("~search.model.sample", "~search.model.growth", "+search.model.trees=100", "+search.model.leaf=2")
VARIANTS: dict[str, tuple[str, ...]] = {
    "whole": (),
    "terms": ("search.by_term=false",),
    "exploration": ("search.exploration=0",),
    "plausibility": ("search.prior_weight=0",),
    "diversity": ("search.per_scaffold=0",),
    "annealing": ("search.annealed=0", "search.children=400"),
    "guidance": ("search.guided=0",),
    "lineages": ("search.patience=1000000",),
    "library": ("search.library=1000",),
    "grafts": ("search.operators.graft_rate=0",),
    "generations": ("search.generations=1", "search.children=450"),
    "small choices": ("search.chosen=0.5",),
    "process": ("search.model._target_=molgen.search.surrogates.forest.Forest", *FOREST),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(VARIANTS)))
@click.option("--tasks", default=",".join(TASKS), help="Separated by commas.")
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--budget", default=1000, show_default=True)
@click.option("--folder", default="runs/ablation", show_default=True, type=Path)
def main(names: tuple[str, ...], tasks: str, seeds: str, budget: int, folder: Path) -> None:
    """Run the search without each of NAMES, by default without all of them in turn; `whole` leaves nothing out."""
    rows: list[dict[str, Any]] = []
    for name in names or VARIANTS:
        areas = []
        for seed in map(int, seeds.split(",")):
            place = [(task, folder / f"{name}-{budget}" / f"{task}-{seed}") for task in tasks.split(",")]
            areas.append([run(task, "surrogate", seed, budget, path, VARIANTS[name], 0.0)["top10"] for task, path in place])
        each = dict(zip(tasks.split(","), np.mean(areas, 0).tolist(), strict=True))
        sums = np.sum(areas, 1)
        rows.append({"without": name, **each, "sum": float(sums.mean()), "deviation": float(sums.std())})
        save(f"ablation-{budget}", rows)
    show(f"Areas after {budget:,} calls", rows)


if __name__ == "__main__":
    main()
