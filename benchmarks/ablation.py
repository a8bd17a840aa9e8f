"""Which part of `search=surrogate` earns how much: it is run with each part left out.

    python -m benchmarks.ablation                                  six objectives, three seeds, 1,000 calls: hours
    python -m benchmarks.ablation --seeds 0 --budget 500 grafts
    python -m benchmarks.ablation --write                          writes the table into docs/explanation/search.md, too

Figures are areas under the ten best of the PMO benchmark. A run that was killed goes on where it stood; a finished one isn't
repeated.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.pmo import run
from benchmarks.results import RESULTS, ROOT, save, show, write_between

TASKS = ("perindopril_mpo", "amlodipine_mpo", "median1", "sitagliptin_mpo", "celecoxib_rediscovery", "zaleplon_mpo")
FOREST = ("~search.model.sample", "~search.model.growth", "+search.model.n_estimators=100", "+search.model.min_samples_leaf=2")
VARIANTS: dict[str, tuple[str, ...]] = {
    "whole": (),
    "terms": ("search.learning.by_term=false",),
    "process": ("search.model._target_=molgen.search.bayesian.models.forest.Forest", *FOREST),
    "annealing": ("search.explorer.population=0", "search.breeding.offspring=1200"),
    "exploration": ("search.acquisition.kappa_mean=0",),
    "plausibility": ("search.acquisition.rarity_weight=0",),
    "diversity": ("search.batch.per_scaffold=0",),
    "library": ("search.library=1000",),
    "grafts": ("search.operators.graft_rate=0",),
    "guidance": ("search.breeding.guided_share=0",),
    "small choices": ("search.batch.share=0.5",),
}
DOCS = ROOT / "docs" / "explanation" / "search.md"
BEGIN = "<!-- written by benchmarks.ablation -->\n"
Areas = dict[str, dict[str, dict[str, float]]]  # variant, task, seed


def row(name: str, areas: Areas) -> dict[str, Any]:
    """Means over the seeds, their sum, and what the part earns: the whole's sum less this one, with its standard error."""
    tasks = areas[name]
    means = {task: float(np.mean(list(seeds.values()))) for task, seeds in tasks.items()}
    values = [list(areas[each][task].values()) for each in ("whole", name) for task in tasks]
    error = np.sqrt(sum(np.var(seeds, ddof=1) / len(seeds) for seeds in values if len(seeds) > 1))
    earned = sum(float(np.mean(list(areas["whole"][task].values()))) for task in tasks) - sum(means.values())
    return {"without": name, **means, "sum": sum(means.values()), "earns": earned, "±": float(error)}


def table(areas: Areas) -> str:
    """Markdown, what earns most first."""
    rows = sorted((row(name, areas) for name in areas), key=lambda each: (each["without"] != "whole", -each["earns"]))
    rows[0] |= {"without": "nothing", "earns": 0.0, "±": 0.0}
    names = list(rows[0])[:-1]
    lines = [names, ["---"] * len(names)]
    for each in rows:
        *figures, earned = (f"{each[name]:.3f}" for name in names[1:])
        lines.append([each["without"], *figures, f"{earned} ± {each['±']:.3f}" if each["±"] else ""])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(VARIANTS)))
@click.option("--tasks", default=",".join(TASKS), help="Separated by commas.")
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--budget", default=1000, show_default=True)
@click.option("--folder", default="runs/ablation", show_default=True, type=Path)
@click.option("--write", is_flag=True, help="Write the table into docs/explanation/search.md.")
def main(names: tuple[str, ...], tasks: str, seeds: str, budget: int, folder: Path, write: bool) -> None:
    """Run the search without each of NAMES, by default without each of all, beside the whole."""
    path = RESULTS / f"ablation-{budget}.json"
    areas: Areas = {}
    for name in dict.fromkeys(["whole", *(names or VARIANTS)]):
        for task in tasks.split(","):
            for seed in seeds.split(","):
                place = folder / f"{name}-{budget}" / f"{task}-{seed}"
                found = run(f"pmo/{task}", "surrogate", int(seed), budget, place, VARIANTS[name], None)
                areas = json.loads(path.read_text())["figures"] if path.exists() else {}
                areas.setdefault(name, {}).setdefault(task, {})[seed] = found["top10"]
                save(path.stem, areas)
    show(f"Areas after {budget:,} calls", [row(name, areas) for name in areas])
    if write:
        write_between(DOCS, BEGIN, table(areas))


if __name__ == "__main__":
    main()
