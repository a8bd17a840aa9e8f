"""Writes the results of `benchmarks.pmo` into docs/benchmarks/designing.md, between the markers of their label.

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

PAGE = ROOT / "docs" / "benchmarks" / "designing.md"
PEERS = [name for name, method in REFERENCE.items() if method["league"] == "no prescreen"]
SCREENED = [name for name, method in REFERENCE.items() if method["league"] == "prescreen"]
SHOWN = {
    "SynGBO": "SynGBO",
    "InVirtuoGen (no prescreen)": "InVirtuoGen",
    "GP BO": "GP BO",
    "Gen. GFN": "Gen. GFN",
    "Mol GA (SynGA table)": "Mol GA",
    "REINVENT (SynGA table)": "REINVENT",
    "Graph GA": "Graph GA",
}
DETAILS = {"no alerts": ".2f", "filters": ".2f", "SA <= 4": ".2f", "scaffolds": ".0f", "seconds": ".0f"}
Results = dict[str, dict[str, dict[str, Any]]]


def read(label: str) -> Results:
    """The figures of benchmarks/results/pmo-LABEL.json."""
    results: Results = json.loads((RESULTS / f"pmo-{label}.json").read_text())["figures"]
    return results


def mean(seeds: dict[str, dict[str, Any]], key: str) -> float:
    """Over the seeds of a task."""
    return float(np.mean([figures[key] for figures in seeds.values()]))


def area(figures: dict[str, Any]) -> float:
    """Under the curve of the ten best over 10,000 calls; where fewer were spent, what a full run can't fall below."""
    return float(figures.get("top10, held", figures["top10"]))


def best_of(methods: list[str], task: str) -> tuple[float, str]:
    """The largest published area of a task, and whose it is."""
    return max((REFERENCE[name]["tasks"][task], SHOWN.get(name, name)) for name in methods)


def table(results: Results) -> str:
    """Markdown: areas of ours, with the deviation of seeds, and of others; the best of those that don't pre-screen is bold."""
    calls = max(int(figures["calls"]) for seeds in results.values() for figures in seeds.values())
    ours = "molgen" if calls == FULL else f"molgen, {calls:,} calls, held"
    names = ["objective", ours, *SHOWN.values(), "best without pre-screening", "best with pre-screening"]
    lines = [names, ["---"] * len(names)]
    columns = []
    for task, seeds in sorted(results.items()):
        areas = [area(figures) for figures in seeds.values()]
        shown = [REFERENCE[name]["tasks"][task] for name in SHOWN]
        limits = [best_of(PEERS, task)[0], best_of(SCREENED, task)[0]]
        league = [float(np.mean(areas)), *shown, *limits]
        columns.append(league)
        first, *others = _bold(league[:-1])
        deviation = f" ± {np.std(areas):.3f}" if len(seeds) > 1 else ""
        lines.append([task, first + deviation, *others, f"{limits[1]:.3f}"])
    sums = np.sum(columns, 0).tolist()
    lines.append([f"sum of {len(results)}", *_bold(sums[:-1]), f"{sums[-1]:.3f}"])
    return _markdown(lines)


def details(results: Results) -> str:
    """Markdown: what the hundred best molecules are like, and the time of a run."""
    lines = [["objective", *DETAILS], ["---"] * (1 + len(DETAILS))]
    for task, seeds in sorted(results.items()):
        lines.append([task, *(f"{mean(seeds, key):{form}}" for key, form in DETAILS.items())])
    return _markdown(lines)


def _markdown(lines: list[list[str]]) -> str:
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
    results = read(label)
    write_between(PAGE, f"<!-- written by benchmarks.pmo_table {label} -->\n", table(results))
    if label == "surrogate":
        write_between(PAGE, f"<!-- details, written by benchmarks.pmo_table {label} -->\n", details(results))
        curves(results, ROOT / "docs" / "images" / f"pmo-{label}.png")


if __name__ == "__main__":
    main()
