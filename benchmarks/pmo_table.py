"""Writes the results of `benchmarks.pmo` into README.md, between the markers of their label, and their curves into docs.

Usage: python -m benchmarks.pmo_table surrogate
"""

import json
from pathlib import Path
from typing import Any

import click
import matplotlib
import numpy as np

from benchmarks.pmo import FULL, REFERENCE
from benchmarks.results import RESULTS, ROOT, write_between

matplotlib.use("Agg")
from matplotlib import pyplot as plt

PEERS = [name for name, method in REFERENCE.items() if method["league"] == "no prescreen"]
SCREENED = [name for name, method in REFERENCE.items() if method["league"] == "prescreen"]
DETAILS = {"no alerts": ".2f", "filters": ".2f", "SA <= 4": ".2f", "scaffolds": ".0f", "seconds": ".0f"}
Results = dict[str, dict[str, dict[str, Any]]]


def mean(seeds: dict[str, dict[str, Any]], key: str) -> float:
    """Over the seeds of a task."""
    return float(np.mean([figures[key] for figures in seeds.values()]))


def table(results: Results) -> str:
    """Markdown: areas of ours, with the deviation of seeds, and of others; the best that doesn't pre-screen is bold.

    Then what our hundred best are like, and the time of a run.
    """
    calls = max(int(figures["calls"]) for seeds in results.values() for figures in seeds.values())
    ours = "molgen" if calls == FULL else f"molgen, {calls:,} calls, held"
    names = ["objective", ours, *PEERS, "best with pre-screening", *DETAILS]
    lines = [names, ["---"] * len(names)]
    columns = []
    for task, seeds in sorted(results.items()):
        league = [mean(seeds, "top10, held"), *(REFERENCE[name]["tasks"][task] for name in PEERS)]
        screened = max(REFERENCE[name]["tasks"][task] for name in SCREENED)
        columns.append([*league, screened])
        first, *others = _bold(league)
        deviation = f" ± {np.std([figures['top10, held'] for figures in seeds.values()]):.3f}" if len(seeds) > 1 else ""
        details = (f"{mean(seeds, key):{form}}" for key, form in DETAILS.items())
        lines.append([task, first + deviation, *others, f"{screened:.3f}", *details])
    sums = np.sum(columns, 0).tolist()
    lines.append([f"sum of {len(results)}", *_bold(sums[:-1]), f"{sums[-1]:.3f}", *[""] * len(DETAILS)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _bold(values: list[float]) -> list[str]:
    return [f"**{value:.3f}**" if value == max(values) else f"{value:.3f}" for value in values]


def curves(results: Results, path: Path) -> None:
    """A panel a task: the mean of the ten best after so many calls, a line a seed."""
    figure, axes = plt.subplots(
        -(-len(results) // 5), 5, figsize=(15, 2.4 * -(-len(results) // 5)), sharey=True, squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(results) :]:
        axis.axis("off")
    for axis, (task, seeds) in zip(axes.flat, sorted(results.items()), strict=False):
        for figures in seeds.values():
            axis.plot(list(map(int, figures["curve"])), list(figures["curve"].values()), color="tab:blue")
        axis.set(title=task, ylim=(0, 1.03), xlim=(0, None))
        axis.grid(alpha=0.3)
    figure.supxlabel("oracle calls")
    figure.supylabel("mean of the ten best")
    figure.savefig(path, dpi=80)


@click.command()
@click.argument("label")
def main(label: str) -> None:
    """Write the figures of benchmarks/results/pmo-LABEL.json."""
    results = json.loads((RESULTS / f"pmo-{label}.json").read_text())["figures"]
    write_between(ROOT / "README.md", f"<!-- written by benchmarks.pmo_table {label} -->\n", table(results))
    curves(results, ROOT / "docs" / f"pmo-{label}.png")


if __name__ == "__main__":
    main()
