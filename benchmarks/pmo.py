"""The PMO benchmark: area under the curve of the best molecules over 10,000 oracle calls.

    python -m benchmarks.pmo perindopril_mpo median1              two objectives, strategy hybrid, seed 0
    python -m benchmarks.pmo --strategy genetic --seeds 0,1,2     all twenty, three seeds
    python -m benchmarks.pmo median1 search.agent.sigma=100       with changed settings (give them a --label)

A run that was killed goes on where it stood; a finished one isn't repeated. Diversity filters are off: the
benchmark asks for none.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.results import RESULTS, save, show
from molgen.campaign.settings import CONFIG, read_config
from molgen.campaign.stages import run_config
from molgen.campaign.store import RunStore
from molgen.config import compose, options, to_plain
from molgen.metrics.ranking import auc_top

TASKS = [name.removeprefix("pmo/") for name in options("scoring") if name.startswith("pmo/")]
REFERENCE = json.loads(Path(__file__).with_name("reference").joinpath("pmo.json").read_text())["methods"]


def run(task: str, strategy: str, seed: int, budget: int, folder: Path, overrides: tuple[str, ...]) -> dict[str, float]:
    """Figures of one run, which is started, continued or just read."""
    if (folder / CONFIG).exists():
        config, resume = read_config(folder), True
    else:
        settings = [f"scoring=pmo/{task}", f"search={strategy}", f"seed={seed}", f"campaign.folder={folder}"]
        settings += [f"campaign.budget={budget}", "campaign.title=PMO"]
        settings += ["search.diversity.bucket=0"] if strategy != "screen" else []
        config, resume = to_plain(compose("design", [*settings, *overrides])), False
    if not (folder / "report.html").exists():
        run_config(config, resume=resume)
    table = RunStore(folder).to_pandas()
    scores = table["score"].tolist()
    figures = {f"top{k}": round(auc_top(scores, k, budget), 4) for k in (1, 10, 100)}
    return figures | {"best": round(max(scores), 4), "calls": len(scores), "seconds": round(float(table["seconds"].max()), 1)}


@click.command()
@click.argument("tasks", nargs=-1)
@click.option("--strategy", default="hybrid", show_default=True)
@click.option("--seeds", default="0", show_default=True, help="Separated by commas.")
@click.option("--budget", default=10_000, show_default=True)
@click.option("--label", help="Name of the result; by default the strategy's.")
@click.option("--folder", default="runs/pmo", show_default=True, type=Path)
def main(tasks: tuple[str, ...], strategy: str, seeds: str, budget: int, label: str | None, folder: Path) -> None:
    """Run TASKS (all twenty if none is named); KEY=VALUE among them changes settings."""
    overrides = tuple(text for text in tasks if "=" in text)
    chosen = [text for text in tasks if "=" not in text] or TASKS
    if unknown := set(chosen) - set(TASKS):
        raise click.UsageError(f"no task {', '.join(unknown)}; known: {', '.join(TASKS)}")
    label = label or (strategy if budget == 10_000 else f"{strategy}-{budget}")
    path = RESULTS / f"pmo-{label}.json"
    results: dict[str, Any] = {}
    for task in chosen:
        for seed in seeds.split(","):
            found = run(task, strategy, int(seed), budget, folder / label / f"{task}-{seed}", overrides)
            results = json.loads(path.read_text())["figures"] if path.exists() else {}
            results.setdefault(task, {})[seed] = found
            save(f"pmo-{label}", results)
    rows = [row(task, results[task]) for task in sorted(results)]
    show(f"PMO, {label}, {budget:,} calls: AUC, mean over seeds; top-10 of others beside it", rows)
    sums = {name: sum(float(row[name]) for row in rows) for name in rows[0] if name.startswith("top10") or name in REFERENCE}
    print(f"sum over these {len(rows)}: " + ", ".join(f"{name} {value:.3f}" for name, value in sums.items()))


def row(task: str, seeds: dict[str, dict[str, float]]) -> dict[str, Any]:
    """A line of the table."""

    def mean(key: str) -> float:
        return float(np.mean([figures[key] for figures in seeds.values()]))

    line = {"task": task, "seeds": len(seeds)} | {key: mean(key) for key in ("top1", "top10", "top100", "seconds")}
    return line | {name: float(method["tasks"][task]) for name, method in REFERENCE.items() if task in method["tasks"]}


if __name__ == "__main__":
    main()
