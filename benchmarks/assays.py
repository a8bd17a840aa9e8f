"""What `data.assay` is worth: one endpoint, measured in three assays that differ by known offsets and noises.

    python -m benchmarks.assays    written to benchmarks/results/assays.json and docs/benchmarks/assays.md (ten minutes)
    python -m benchmarks.assays activity/chembl204_ki      another set, printed alone

Of a public set 800 molecules are drawn; the scaffold split keeps a fifth back, whose published values are the truth. Each of the
others is measured in one of three assays, whose values are the published ones plus an offset and normal noise (`ASSAYS`); values
of the first are to be predicted. `mixed`: which assay measures a molecule is drawn, and a tenth is measured in another one, too.
`series`: each assay has scaffolds of its own, as where every series has its laboratory, and no molecule is measured twice.

Learnt from, with `predictor=boosted`: the first assay alone, all values as if they were of one assay, all with `data.assay`, and
all with their true offset taken off and their true noise as `data.error`. The figure is the mean absolute error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.results import ROOT, save, show, write_between
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group
from molgen.data.assay import Assay
from molgen.data.curation import curate, read_dataset
from molgen.data.dataset import Dataset
from molgen.data.splits import scaffold_folds, split_dataset

SETS = ("activity/chembl4005_ki",)
LAYOUTS = ("mixed", "series")
ASSAYS = {"A": (0.0, 0.2), "B": (0.6, 0.3), "C": (-0.8, 0.6)}  # offset and noise
NUMBER, TEST, TWICE, SEEDS = 800, 0.2, 0.1, (0, 1)
WAYS: dict[str, dict[str, Any]] = {
    "first assay": {"only": "A"},
    "pooled": {},
    "data.assay": {"assay": "assay", "reference": "A"},
    "offsets known": {"known": True},
}
PAGE, BEGIN = ROOT / "docs" / "benchmarks" / "assays.md", "<!-- assays -->\n"


def measured(dataset: Dataset, layout: str, rng: np.random.Generator) -> pd.DataFrame:
    """A table of values by assays: columns smiles, pKi, assay, true (without offset) and noise."""
    n = len(dataset)
    assay, again = rng.integers(0, len(ASSAYS), n), np.empty(0, int)
    if layout == "series":
        for k, (_, rows) in enumerate(scaffold_folds(dataset.molecules, len(ASSAYS), int(rng.integers(1000)))):
            assay[rows] = k
    else:
        again = rng.permutation(n)[: int(TWICE * n)]
    molecules = np.concatenate([np.arange(n), again])
    assay = np.concatenate([assay, (assay[again] + 1) % len(ASSAYS)])
    offset, noise = np.array(list(ASSAYS.values())).T
    true = dataset.labels[molecules, 0] + noise[assay] * rng.standard_normal(len(molecules))
    smiles = [dataset.molecules.smiles[i] for i in molecules]
    names = np.array(list(ASSAYS))[assay]
    return pd.DataFrame({"smiles": smiles, "pKi": true + offset[assay], "assay": names, "true": true, "noise": noise[assay]})


def learnt(table: pd.DataFrame, way: str) -> tuple[Dataset, list[dict[str, Any]]]:
    """The data set as one of `WAYS` makes it, and what is known of the assays."""
    how = dict(WAYS[way])
    known = table[table["assay"] == how.pop("only")] if "only" in how else table
    if how.pop("known", False):
        known, how = known.assign(pKi=known["true"]), {"error": "noise"}
    columns = ["smiles", "pKi", *(key for key in ("assay", "noise") if key in how.values())]
    dataset, report = curate(known[columns], Assay(labels=["pKi"], **how))
    return dataset, report.assays


def measure(name: str, layout: str, seed: int) -> dict[str, Any]:
    """A row of the table: errors by way, and of the offsets."""
    rng = np.random.default_rng(seed)
    whole, _ = read_dataset(compose_group("data", name))
    rows = np.sort(rng.permutation(len(whole))[:NUMBER])
    drawn = replace(whole.take(rows), molecules=Molecules([whole.molecules.smiles[i] for i in rows], STANDARD))
    kept, tested = (drawn.take(rows) for rows in split_dataset(drawn, "scaffold", TEST, seed))
    table = measured(kept, layout, rng)
    found: dict[str, Any] = {"data": name, "layout": layout, "seed": seed}
    for way in WAYS:
        dataset, assays = learnt(table, way)
        predictor = compose_group("predictor", "boosted", [])
        predictor.fit(dataset)
        found[way] = float(np.abs(predictor.predict(tested.molecules).mean[:, 0] - tested.labels[:, 0]).mean())
        for one in assays[1:]:
            off = one["offset"] - ASSAYS[one["name"]][0]
            found |= {f"offset {one['name']}": off, f"error {one['name']}": one["offset_error"]}
    print(found, flush=True)
    return found


def summed(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each set and layout: means over seeds, and the furthest offset in standard errors."""
    for (name, layout), part in pd.DataFrame(rows).groupby(["data", "layout"], sort=False):
        off = np.abs(part[["offset B", "offset C"]].to_numpy())
        error = part[["error B", "error C"]].to_numpy()
        yield {
            "data": name,
            "layout": layout,
            **{way: float(part[way].mean()) for way in WAYS},
            "offsets miss by": float(off.mean()),
            "standard error": float(error.mean()),
            "most, in standard errors": float((off / error).max()),
        }


def written(rows: Sequence[dict[str, Any]], page: Path = PAGE) -> None:
    """Put the table into the page."""
    shown = [{key: f"{value:.3g}" if isinstance(value, float) else value for key, value in row.items()} for row in rows]
    lines = ["| " + " | ".join(shown[0]) + " |", "|" + "---|" * len(shown[0])]
    lines += ["| " + " | ".join(map(str, row.values())) + " |" for row in shown]
    write_between(page, BEGIN, "\n".join(lines) + "\n")


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Measure what knowing the assay is worth."""
    rows = [measure(name, layout, seed) for name in names or SETS for layout in LAYOUTS for seed in SEEDS]
    table = list(summed(rows))
    show("mean absolute error on held-out scaffolds, as the first assay measures", table)
    if not names:
        save("assays", {"runs": rows, "means": table})
        written(table)


if __name__ == "__main__":
    main()
