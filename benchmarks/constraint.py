"""What it costs that every molecule has to be made.

    python -m benchmarks.constraint                                     the default campaign's objective, 1,000 calls
    python -m benchmarks.constraint --objective docking/parp1 scoring.terms.docking.component.max_evals=100000
    python -m benchmarks.constraint --stocks real_blocks --seeds 0,1,2

The same campaign by `search=surrogate` and by `search=routes` with each stock: the best score, the mean of the ten best and its
area over the calls; of the hundred best the mean synthetic accessibility (Ertl and Schuffenhauer, 1 is easy and 10 is hard), the
share with one of 4 at most, and the share that passes the filters of the default campaign. A run that was killed goes on where it
stood.
"""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.pmo import quality
from benchmarks.results import RESULTS, save, show
from molgen.chem.molecules import Molecules
from molgen.chem.synthesis import sa_score
from molgen.config import compose, to_plain
from molgen.metrics.ranking import auc_top
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore

ANY = "any molecule"


def found(folder: Path, choices: list[str]) -> pd.DataFrame:
    """The molecules of a run, which is started, continued or just read."""
    resume = (folder / CONFIG).exists()
    if not (folder / "report.html").exists():
        settings = [*choices, f"campaign.folder={folder}"]
        run_config(read_config(folder) if resume else to_plain(compose("design", settings)), resume=resume)
    return RunStore(folder).to_pandas()


def figures(table: pd.DataFrame, budget: int) -> dict[str, float]:
    """What a run found."""
    scores = table["score"].tolist()
    hundred = table.nlargest(100, "score")["smiles"].tolist()
    return {
        "best": max(scores),
        "ten best": float(table["score"].nlargest(10).mean()),
        "area": auc_top(scores, 10, budget),
        "SA": float(np.mean(Molecules(hundred).map(sa_score))),
        **{name: value for name, value in quality(hundred).items() if name in ("SA <= 4", "filters")},
        "s": float(table["seconds"].max()),
    }


@click.command()
@click.argument("overrides", nargs=-1)
@click.option("--objective", default="osimertinib_like", show_default=True)
@click.option("--budget", default=1000, show_default=True)
@click.option("--stocks", default="common_blocks,sigma_stock,real_blocks", show_default=True)
@click.option("--seeds", default="0", show_default=True)
@click.option("--folder", default="runs/constraint", show_default=True, type=Path)
def main(overrides: tuple[str, ...], objective: str, budget: int, stocks: str, seeds: str, folder: Path) -> None:
    """Run and compare; OVERRIDES hold for all runs."""
    name = f"constraint-{objective.replace('/', '-')}"
    path = RESULTS / f"{name}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text())["figures"] if path.exists() else []
    for stock in (ANY, *stocks.split(",")):
        search = ["search=surrogate"] if stock == ANY else ["search=routes", f"search.makeable.stock={stock}"]
        for seed in seeds.split(","):
            choices = [f"scoring={objective}", *search, f"campaign.budget={budget}", f"seed={seed}", *overrides]
            table = found(folder / f"{objective.replace('/', '-')}-{stock.split()[0]}-{seed}", choices)
            row = {"from": stock, "seed": int(seed), "calls": budget, **figures(table, budget)}
            same = [each for each in rows if (each["from"], each["seed"], each["calls"]) == (stock, int(seed), budget)]
            rows = [each for each in rows if each not in same] + [row]
            save(name, rows)
    shown = pd.DataFrame([each for each in rows if each["calls"] == budget]).drop(columns="calls")
    means = shown.groupby("from", sort=False).mean().drop(columns="seed").reset_index()
    show(f"{objective}, {budget:,} calls", means.to_dict("records"))


if __name__ == "__main__":
    main()
