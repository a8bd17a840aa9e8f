"""When which strategy is the right one: all of them on the same objectives, with the same calls, and with the same time.

    python -m benchmarks.strategies
    python -m benchmarks.strategies --strategies genetic,pareto --seeds 0 osimertinib_like

The area under the ten best scores and the ten best themselves; the share of the space of desirabilities that the molecules
dominate (hypervolume of all terms); seconds. `in the surrogate's time` is the ten best of what a strategy that thinks less
had scored when `surrogate` had spent its calls, with a budget of ten times the calls. A run that was killed goes on where it
stood.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.constraint import found
from benchmarks.results import RESULTS, save, show
from molgen.metrics.front import hypervolume
from molgen.metrics.ranking import auc_top, top_mean

NAME = "strategies"
OBJECTIVES = ("osimertinib_like", "pmo/perindopril_mpo", "pmo/ranolazine_mpo")
QUICK = ("genetic", "pareto")  # that spend ten times the calls in less time than the surrogate spends one
MORE = 10


def figures(table: pd.DataFrame, budget: int) -> dict[str, float]:
    """What a run found with its calls."""
    scores = table["score"].tolist()
    fair = table[table["problem"].isna()]
    terms = fair[[name for name in fair if name.endswith("_scaled")]].to_numpy(float)
    return {
        "area": auc_top(scores, 10, budget),
        "ten best": top_mean(scores, 10),
        "hypervolume": hypervolume(terms),
        "s": float(table["seconds"].max()),
    }


def means(rows: list[dict[str, Any]], budget: int) -> list[dict[str, Any]]:
    """Over the seeds, a row for each strategy and objective; the surrogate's time is that of the same seed."""
    here = [row for row in rows if row["calls"] == budget]
    table = pd.DataFrame(here)
    spread = table.groupby(["objective", "strategy"], sort=False)["area"].std().rename("± of area")
    found = table.drop(columns=["seed", "calls"]).groupby(["objective", "strategy"], sort=False).mean()
    return found.join(spread).reset_index().to_dict("records")  # type: ignore[return-value]


@click.command()
@click.argument("objectives", nargs=-1)
@click.option("--strategies", default="surrogate,genetic,pareto,policy,genetic_policy,latent", show_default=True)
@click.option("--budget", default=1000, show_default=True)
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--folder", default="runs/strategies", show_default=True, type=Path)
def main(objectives: tuple[str, ...], strategies: str, budget: int, seeds: str, folder: Path) -> None:
    """Run and compare; with `surrogate` among the strategies first, its time is known for the others."""
    path = RESULTS / f"{NAME}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text())["figures"] if path.exists() else []
    for objective in objectives or OBJECTIVES:
        for seed in map(int, seeds.split(",")):
            for strategy in strategies.split(","):

                def run(calls: int, strategy: str = strategy, seed: int = seed, objective: str = objective) -> pd.DataFrame:
                    choices = [f"scoring={objective}", f"search={strategy}", f"seed={seed}", f"campaign.budget={calls}"]
                    return found(folder / f"{objective.replace('/', '-')}-{strategy}-{seed}-{calls}", choices)

                key = {"objective": objective, "strategy": strategy, "seed": seed, "calls": budget}
                row = key | figures(run(budget), budget)
                limit = next((each["s"] for each in rows if each | key | {"strategy": "surrogate"} == each), None)
                if strategy in QUICK and limit is not None:
                    longer = run(MORE * budget)
                    within = longer[longer["seconds"] <= limit]["score"].tolist()
                    row |= {"in the surrogate's time": top_mean(within, 10), "calls in it": len(within)}
                rows = [each for each in rows if each | key != each] + [row]
                save(NAME, rows)
    shown = [
        {name: "" if isinstance(value, float) and np.isnan(value) else value for name, value in row.items()}
        for row in means(rows, budget)
    ]
    show(f"{budget:,} calls, means of seeds", shown)


if __name__ == "__main__":
    main()
