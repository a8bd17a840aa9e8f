"""The ADMET benchmark group with the recipe of the shipped predictor.

    python -m benchmarks.admet                      scaffold 5-fold cross-validation of all 22 tasks
    python -m benchmarks.admet herg dili            of some, whose rows are renewed in the results
    python -m benchmarks.admet --train FILE --test FILE --metric auroc

The second way trains on one file and scores another, with five seeds; its last line is JSON. Trees of numbers learn the
median where the metric is an absolute error, as in the shipped bundle, and else the mean. The reference figures are
of the official test sets, the figures of cross-validation are not: the two don't compare number by number.
"""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from molgen.config import compose_group, options
from molgen.data.catalog import Molfile
from molgen.data.curation import leakage, read_dataset
from molgen.data.dataset import Dataset
from molgen.data.readers import read_table
from molgen.data.splits import scaffold_folds
from molgen.metrics.prediction import CLASSIFICATION, METRICS, calibration_error, coverage

RESULTS = Path(__file__).parent / "results" / "admet.json"
REFERENCE = json.loads((Path(__file__).parent / "reference" / "admet.json").read_text())["tasks"]


def fitted(train: Dataset, metric: str, seed: int) -> Any:
    """The recipe, fitted; ranks and squares want the mean, absolute errors the median."""
    predictor = compose_group(
        "predictor", "boosted", [f"predictor.seed={seed}", f"predictor.trees.loss={'l1' if metric == 'mae' else 'l2'}"]
    )
    predictor.fit(train)
    return predictor


def cross_validate(task: str) -> dict[str, Any]:
    """Figures of one task over five folds of scaffolds."""
    dataset, _ = read_dataset(compose_group("data", f"admet/{task}"))
    metric = REFERENCE[task]["metric"].lower()
    values, mean, low, high, inside = [], *np.empty((3, len(dataset))), np.empty(len(dataset), bool)
    start = time.perf_counter()
    y = dataset.labels[:, 0]
    for train, test in scaffold_folds(dataset.molecules, 5, seed=0):
        found = fitted(dataset.take(train), metric, seed=0).predict(dataset.molecules.take(test.tolist()))
        mean[test], low[test], high[test], inside[test] = found.mean[:, 0], found.low[:, 0], found.high[:, 0], found.in_domain
        values.append(METRICS[metric](y[test], found.mean[:, 0]))
    row = {"task": task, "molecules": len(dataset), "metric": metric, "cross-validation": np.mean(values), "std": np.std(values)}
    row |= {name: REFERENCE[task][name] for name in ("leaderboard_best_2024", "mole", "minimol")}
    if metric in CLASSIFICATION:
        row |= {"coverage": "", "calibration error": calibration_error(y, mean)}
    else:
        row |= {"coverage": coverage(y, low, high), "calibration error": ""}
    return row | {"in domain": inside.mean(), "seconds": time.perf_counter() - start}


def score_files(train: Path, test: Path, metric: str, column: str, label: str, seeds: int) -> dict[str, Any]:
    """Mean and standard deviation over seeds of the metric on `test`, for every row of it."""
    known, report = read_dataset(Molfile(str(train), column, (label,)))
    for line in report.lines():
        click.echo(line)
    table = read_table(test, column)
    asked = replace(known, molecules=known.molecules.__class__(table["smiles"].tolist()), labels=table[[label]].to_numpy(float))
    for line in leakage(known, asked).lines():
        click.echo(line)
    y, values = asked.labels[:, 0], []
    for seed in range(seeds):
        mean = fitted(known, metric, seed).predict(asked.molecules).mean[:, 0]
        guessed = np.where(np.isnan(mean), np.nanmedian(known.labels), mean)  # what can't be parsed counts too
        values.append(float(METRICS[metric](y[~np.isnan(y)], guessed[~np.isnan(y)])))
        click.echo(f"seed {seed}: {metric} {values[-1]:.4f}")
    return {"metric": metric, "value": float(np.mean(values)), "std": float(np.std(values)), "values": values}


@click.command()
@click.argument("tasks", nargs=-1)
@click.option("--train", type=click.Path(exists=True, path_type=Path))
@click.option("--test", type=click.Path(exists=True, path_type=Path))
@click.option("--metric", type=click.Choice(list(METRICS), case_sensitive=False))
@click.option("--column", default="Drug", help="Where the SMILES are.")
@click.option("--label", default="Y", help="Where the labels are.")
@click.option("--seeds", default=5)
def main(
    tasks: tuple[str, ...], train: Path | None, test: Path | None, metric: str | None, column: str, label: str, seeds: int
) -> None:
    """Cross-validate TASKS (by default all), or score a pair of files."""
    if train or test or metric:
        if not (train and test and metric):
            raise click.UsageError("--train, --test and --metric belong together")
        click.echo(json.dumps(score_files(train, test, metric, column, label, seeds)))
        return
    from benchmarks.results import save, show  # here, so that `python benchmarks/admet.py --train ...` needs no package

    everything = [name.removeprefix("admet/") for name in options("data") if name.startswith("admet/")]
    rows = {row["task"]: row for row in json.loads(RESULTS.read_text())["figures"]} if RESULTS.exists() else {}
    for task in tasks or everything:
        rows[task] = cross_validate(task)
        save("admet", [rows[name] for name in everything if name in rows])
    show("ADMET: scaffold 5-fold cross-validation, beside published figures of the test sets", list(rows.values()))


if __name__ == "__main__":
    main()
