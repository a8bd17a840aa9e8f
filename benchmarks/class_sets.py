"""How often sets of classes hold the true one on scaffolds that weren't learnt from, and how often they can't decide.

    python -m benchmarks.class_sets               written to benchmarks/results/class_sets.json and docs/benchmarks/shift.md
                                                  (five minutes on two free cores)

Each fifth of a public set, with scaffolds of its own, is predicted by a `predictor=boosted` that learnt from the others and is
calibrated within them. `with 0` and `with 1` are the shares of molecules of a class whose set holds it, nine tenths by promise,
with their 95 % intervals (Clopper and Pearson); `undecided` the share of molecules with both classes in their set.
"""

from typing import Any

import click
import numpy as np
import pandas as pd
from scipy.stats import binomtest

from benchmarks.results import ROOT, save, show, write_between
from molgen.config import compose_group
from molgen.data.curation import read_dataset
from molgen.data.splits import grouped_folds
from molgen.metrics.prediction import METRICS
from molgen.predictors.class_sets import BOTH, NEITHER, class_sets

SETS = ("admet/dili", "admet/herg", "admet/hia_hou")
PAGE, BEGIN = ROOT / "docs" / "benchmarks" / "shift.md", "<!-- class sets -->\n"


def measured(name: str) -> dict[str, Any]:
    """A row of the table."""
    dataset, _ = read_dataset(compose_group("data", name))
    _, folds = grouped_folds(dataset.molecules, 5, 0)
    predictor = compose_group("predictor", "boosted", [])
    fitted, parts = predictor.cross_fit(dataset, folds), []
    for _, test in folds:
        without, asked = next(fitted), dataset.take(test)
        probability = without.predict(asked.molecules).mean[:, 0]
        sets = class_sets(without.endpoints[0], probability)
        parts.append(pd.DataFrame({"y": asked.labels[:, 0], "p": probability, "set": sets}).dropna())
    rows = pd.concat(parts)
    row: dict[str, Any] = {
        "data": name,
        "molecules": len(rows),
        "AUROC": METRICS["auroc"](rows["y"].to_numpy(), rows["p"].to_numpy()),
    }
    for k in ("0", "1"):
        own = rows[rows["y"] == int(k)]
        held = binomtest(int(own["set"].str.contains(k).sum()), len(own))
        low, high = held.proportion_ci(method="exact")
        row |= {f"of class {k}": len(own), f"with {k}": held.statistic, f"interval {k}": f"{low:.3f}-{high:.3f}"}
    return row | {"undecided": float(np.mean(rows["set"] == BOTH)), "neither": float(np.mean(rows["set"] == NEITHER))}


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Measure sets of classes."""
    rows = []
    for name in names or SETS:
        rows.append(measured(name))
        print(rows[-1], flush=True)
    show("sets of classes on held-out scaffolds", rows)
    if not names:
        save("class_sets", rows)
        shown = [{key: f"{value:.3f}" if isinstance(value, float) else str(value) for key, value in row.items()} for row in rows]
        lines = ["| " + " | ".join(shown[0]) + " |", "|" + "---|" * len(shown[0])]
        write_between(PAGE, BEGIN, "\n".join([*lines, *("| " + " | ".join(row.values()) + " |" for row in shown)]) + "\n")


if __name__ == "__main__":
    main()
