"""The ADMET benchmark group with the recipe of the shipped predictor.

    python -m benchmarks.admet                      scaffold 5-fold cross-validation of all 22 tasks
    python -m benchmarks.admet herg dili            of some, whose rows are renewed in the results
    python -m benchmarks.admet --folds 1 caco2_wang with other folds; printed, not stored
    python -m benchmarks.admet --maplight caco2_wang  MapLight on the same folds (needs pip install '.[peers]'; slow)
    python -m benchmarks.admet --train FILE --test FILE --metric auroc

The second way trains on one file and scores another, with five seeds; its last line is JSON. Trees of numbers learn the
median where the metric is an absolute error, as in the shipped bundle, and else the mean. The reference figures are
of the official test sets, the figures of cross-validation are not: the two don't compare number by number, but with
MapLight's on the same folds they do.
"""

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group, options
from molgen.data.catalog import Molfile
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset
from molgen.data.leakage import leakage
from molgen.data.readers import read_table
from molgen.data.splits import scaffold_folds
from molgen.metrics.prediction import CLASSIFICATION, METRICS, calibration_error, calibration_floor, coverage
from molgen.predictors.features import NEUTRAL, feature_matrix

RESULTS = Path(__file__).parent / "results" / "admet.json"
FOLDS = 5
REFERENCE = json.loads((Path(__file__).parent / "reference" / "admet.json").read_text())["tasks"]


def fitted(train: Dataset, metric: str, seed: int) -> Any:
    """The recipe, fitted; ranks and squares want the mean, absolute errors the median."""
    predictor = compose_group(
        "predictor", "boosted", [f"predictor.seed={seed}", f"predictor.trees.objective={'l1' if metric == 'mae' else 'l2'}"]
    )
    predictor.fit(train)
    return predictor


def cross_validate(task: str, seed: int) -> dict[str, Any]:
    """Figures of one task over five folds of scaffolds."""
    dataset, metric, y = _task(task)
    values, mean, low, high, inside = [], *np.empty((3, len(dataset))), np.empty(len(dataset), bool)
    start = time.perf_counter()
    for train, test in scaffold_folds(dataset.molecules, FOLDS, seed):
        found = fitted(dataset.take(train), metric, seed=0).predict(dataset.molecules.take(test.tolist()))
        mean[test], low[test], high[test], inside[test] = found.mean[:, 0], found.low[:, 0], found.high[:, 0], found.in_domain
        values.append(METRICS[metric](y[test], found.mean[:, 0]))
    row = {"task": task, "molecules": len(dataset), "metric": metric, "cross-validation": np.mean(values), "std": np.std(values)}
    row |= {name: REFERENCE[task][name] for name in ("leaderboard_best_2024", "mole", "minimol")}
    if metric in CLASSIFICATION:
        row |= {"coverage": "", "calibration error": calibration_error(y, mean), "if perfect": calibration_floor(mean)}
    else:
        row |= {"coverage": coverage(y, low, high), "calibration error": "", "if perfect": ""}
    return row | {"in domain": inside.mean(), "seconds": time.perf_counter() - start}


def maplight(task: str, seed: int) -> dict[str, Any]:
    """What MapLight's model makes of the same folds: CatBoost with its settings, on the features that its recipe names."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    dataset, metric, y = _task(task)
    x, values = feature_matrix(dataset.molecules)[:, :NEUTRAL], []
    settings = {"random_strength": 2, "random_seed": 1, "verbose": 0, "allow_writing_files": False}
    logarithmic, start = metric == "spearman", time.perf_counter()
    for train, test in scaffold_folds(dataset.molecules, FOLDS, seed):
        if metric in CLASSIFICATION:
            mean = CatBoostClassifier(**settings).fit(x[train], y[train].astype(int)).predict_proba(x[test])[:, 1]
        else:
            known = np.log1p(y[train]) if logarithmic else y[train]
            mean = CatBoostRegressor(loss_function="MAE", **settings).fit(x[train], known).predict(x[test])
        values.append(METRICS[metric](y[test], mean))
    return {"maplight": np.mean(values), "maplight seconds": time.perf_counter() - start}


def _task(name: str) -> tuple[Dataset, str, np.ndarray]:
    """A task's molecules, its metric, and its labels."""
    dataset, _ = read_dataset(compose_group("data", f"admet/{name}"))
    return dataset, REFERENCE[name]["metric"].lower(), dataset.labels[:, 0]


def score_files(train: Path, test: Path, metric: str, column: str, label: str, seeds: int) -> dict[str, Any]:
    """Mean and standard deviation over seeds of the metric on `test`, for every row of it."""
    known, report = read_dataset(Molfile(str(train), column, labels=(label,)))
    for line in report.lines():
        click.echo(line)
    table = read_table(test, column).training()
    asked = Dataset(Molecules(table["smiles"].tolist(), STANDARD), table[[label]].to_numpy(float), known.endpoints)
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
@click.option("--seeds", default=5, help="Of the models, for a pair of files.")
@click.option("--folds", default=0, help="Seed of the folds; only those of 0 are stored.")
@click.option("--maplight", "peer", is_flag=True, help="MapLight's model in place of ours.")
def main(
    tasks: tuple[str, ...],
    train: Path | None,
    test: Path | None,
    metric: str | None,
    column: str,
    label: str,
    seeds: int,
    folds: int,
    peer: bool,
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
        found = maplight(task, folds) if peer else cross_validate(task, folds)
        rows[task] = rows.get(task, {}) | found
        if folds == 0:
            save("admet", [rows[name] for name in everything if name in rows])
    show("ADMET: scaffold 5-fold cross-validation, beside published figures of the test sets", [rows[n] for n in tasks or rows])


if __name__ == "__main__":
    main()
