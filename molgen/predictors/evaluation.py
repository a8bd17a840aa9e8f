"""Train a predictor with everything that shows how far to trust it: cross-validation, a held-out set, its own intervals."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.data.chronology import Timeline
from molgen.data.dataset import Dataset, Endpoint
from molgen.data.leakage import leakage
from molgen.data.quality import QualityReport
from molgen.data.splits import grouped_folds, split_dataset
from molgen.errors import ConfigError, DataError, nearest
from molgen.metrics.prediction import CLASSIFICATION, METRICS, calibration_error, coverage
from molgen.predictors.base import Prediction, Predictor
from molgen.predictors.class_sets import set_figures
from molgen.predictors.future import future_figures
from molgen.predictors.held_out import CURVE, HELD_OUT, held_out_table, untested, write_held_out

Figures = dict[str, dict[str, float]]
CURVE_SHARES = (0.125, 0.25, 0.5)
OTHER_FOLDS = {"butina": "folds of Butina clusters instead", "random": "folds are random, and their figures flatter"}


def evaluate(predictor: Predictor, test: Dataset, metric: str | None = None) -> Figures:
    """Figures of each endpoint on labelled molecules: the metric, the share in domain, and calibration error or coverage.

    They are those of measured values; where there are bounds, `bound_error` is by how much predictions violate them on average.
    """
    return figures_of(predictor.predict(test.molecules), test, metric)


def figures_of(found: Prediction, test: Dataset, metric: str | None = None) -> Figures:
    """As `evaluate`, of predictions that were made already."""
    values, relations = test.values_and_relations()
    figures = {}
    for j, endpoint in enumerate(test.endpoints):
        rows = np.flatnonzero(~np.isnan(test.labels[:, j]) & ~np.isnan(found.mean[:, j]))
        y, mean = test.labels[rows, j], found.mean[rows, j]
        name = metric_for(endpoint, metric)
        if len(rows) < 2 or (name in CLASSIFICATION and len(np.unique(y)) < 2):
            continue
        figures[endpoint.name] = {
            name: float(METRICS[name](y, mean)),
            "in_domain": float(found.in_endpoint_domain[rows, j].mean()),
        }
        if endpoint.task == "classification":
            figures[endpoint.name]["calibration_error"] = calibration_error(y, mean)
            figures[endpoint.name] |= set_figures(found.endpoints[j], mean, y)
        elif len(known := rows[~np.isnan(found.low[rows, j])]):
            figures[endpoint.name]["coverage"] = coverage(test.labels[known, j], found.low[known, j], found.high[known, j])
        bounded = np.flatnonzero((relations[:, j] != 0) & ~np.isnan(found.mean[:, j]))
        if len(bounded):
            beyond = relations[bounded, j] * (values[bounded, j] - found.mean[bounded, j])
            figures[endpoint.name]["bound_error"] = float(np.maximum(beyond, 0).mean())
    return figures


def metric_for(endpoint: Endpoint, metric: str | None) -> str:
    """The metric asked for, or AUROC for classes and the mean absolute error for numbers.

    Raises
    ------
    ConfigError
        There is no such metric, or it is not for this kind of endpoint.
    """
    if metric is None:
        return "auroc" if endpoint.task == "classification" else "mae"
    if metric not in METRICS:
        raise ConfigError(f"metric={metric}: no such metric{nearest(metric, METRICS)}; known: {', '.join(METRICS)}")
    if (metric in CLASSIFICATION) != (endpoint.task == "classification"):
        raise ConfigError(f"metric={metric}: is not for {endpoint.name}, whose labels make it a {endpoint.task}")
    return metric


def cross_validate(
    predictor: Predictor, dataset: Dataset, folds: int, metric: str | None, seed: int, say: Callable[[str], None]
) -> tuple[Figures, list[pd.DataFrame], str]:
    """Fit a predictor to a data set, and those with its settings to all folds but one each.

    Returns
    -------
    figures : dict
        Mean and standard deviation of the metric over folds, for each endpoint.
    tables : list of DataFrame
        What was said of each fold, see `held_out_table`.
    kind : str
        What folds keep together: `scaffold`, else `butina` or `random`, of which `say` is told.

    Raises
    ------
    DataError
        The labels are too few for so many folds.
    """
    kind, drawn = grouped_folds(dataset.molecules, folds, seed)
    if kind != "scaffold":
        say(f"scaffolds can't be spread over {folds} folds: {OTHER_FOLDS[kind]}")
    fitted = predictor.cross_fit(dataset, drawn)
    parts, tables = [], []
    for k, (train, test) in enumerate(drawn, 1):
        try:
            without = next(fitted)
        except DataError as error:
            raise DataError(f"folds={folds}: {error}; or leave cross-validation out: folds=0") from error
        asked = dataset.take(test).to_judge()
        found = without.predict(asked.molecules)
        parts.append(figures_of(found, asked, metric))
        tables.append(held_out_table(found, dataset.take(train), asked, f"fold {k}"))
    next(fitted)
    summary = {}
    for endpoint in dataset.endpoints:
        name = metric_for(endpoint, metric)
        values = [part[endpoint.name][name] for part in parts if endpoint.name in part]
        if values:
            summary[endpoint.name] = {name: float(np.mean(values)), "std": float(np.std(values)), "folds": len(values)}
    return summary, tables, kind


def learning_curve(
    make: Callable[[], Predictor], known: Dataset, test: Dataset, seed: int, say: Callable[[str], None]
) -> list[pd.DataFrame]:
    """What predictors that learnt from random eighths, a quarter and half of a data set say of `test`; see `held_out_table`."""
    order = np.random.default_rng(seed).permutation(len(known))
    tables = []
    for share in CURVE_SHARES:
        part = known.take(np.sort(order[: round(share * len(known))]))
        predictor = make()
        try:
            predictor.fit(part)
        except DataError as error:
            say(f"learning curve: not from {len(part)} molecules: {error}")
            continue
        tables.append(held_out_table(predictor.predict(test.molecules), part, test, CURVE))
    return tables


def train_and_evaluate(
    make: Callable[[], Predictor],
    dataset: Dataset,
    quality: QualityReport,
    *,
    split_by: str,
    test: float,
    folds: int,
    metric: str | None,
    allow_leakage: bool,
    seed: int,
    path: Path,
    card: dict[str, Any],
    say: Callable[[str], None],
    with_curve: bool = False,
    timeline: Timeline | None = None,
    threshold: float = 0.5,
) -> None:
    """Cross-validate, measure on a held-out part, then fit to all molecules and save, beside `evaluation.csv`.

    Parameters
    ----------
    make
        A new, unfitted predictor.
    with_curve
        Whether to measure on the held-out part, too, what was learnt from fewer molecules; see `learning_curve`.
    timeline
        What says which molecules are of the future, which is then the held-out part.
    threshold
        Probability from which on a molecule is taken for class 1.
    say
        Is given the lines of the reports.

    Raises
    ------
    ConfigError
        There are more folds than molecules.
    DataError
        The held-out part repeats molecules of the training part.
    """
    for endpoint in dataset.endpoints:
        metric_for(endpoint, metric)
    if len(dataset) < max(folds, 2):
        raise ConfigError(f"folds={folds}: there are only {len(dataset)} molecules; give fewer folds, or folds=0")
    kept, tested = (dataset.take(rows) for rows in split_dataset(dataset, split_by, test, seed, timeline))
    future = _told_future(timeline, dataset, kept, tested) if timeline else {}
    said = [f" until {future['past_until']}", f" from {future['future_from']} on"] if future else ["", ""]
    say(f"split={split_by}: {len(kept)} molecules{said[0]} to train on, {len(tested)}{said[1]} to test on")
    if undated := future.get("undated"):
        say(f"{undated} molecules without a date or round are in neither part; only the predictor that is saved learns from them")
    found = leakage(kept, tested)
    for line in found.lines():
        say(line)
    if found.same_skeleton and not allow_leakage and not timeline:  # later work on known molecules is what the future brings
        raise DataError(
            f"split={split_by}: {found.same_skeleton} test molecules differ from training molecules in stereochemistry at most; "
            f"choose {'another split' if split_by == 'scaffold' else 'split=scaffold'}, or allow it: leakage=allow"
        )
    predictor, validated, kind = make(), Figures(), None
    if folds:
        validated, tables, kind = cross_validate(predictor, kept, folds, metric, seed, say)
    else:
        predictor.fit(kept)
        tables = [untested(kept)]
    for name, figures in validated.items():
        say(f"{name}: cross-validation " + ", ".join(f"{key} {value:.3g}" for key, value in figures.items()))
    predictions, judged = predictor.predict(tested.molecules), tested.to_judge()
    measured = figures_of(predictions, judged, metric)
    tables.append(held_out_table(predictions, kept, judged, HELD_OUT))
    for name, figures in measured.items():
        say(f"{name}: held-out {split_by} " + ", ".join(f"{key} {value:.3g}" for key, value in figures.items()))
    for name in [endpoint.name for endpoint in dataset.endpoints if endpoint.name not in measured]:
        say(f"{name}: no held-out figures, for the test labels are fewer than two or of one class")
    table = pd.concat(tables, ignore_index=True)
    for endpoint in dataset.endpoints if future else ():
        compared = future_figures(table[table["endpoint"] == endpoint.name], endpoint, threshold)
        future["endpoints"][endpoint.name] = {name: one.plain() for name, one in compared.items()}
        for one in list(compared.values())[:1]:
            name = next(iter(compared))
            say(
                f"{endpoint.name}: {name} {one.future.value:.3g} in the future, {one.folds.value:.3g} in the folds of the past: "
                f"{one.word} (change {one.change.value:+.3g}, 95 % interval {one.change.low:+.3g} to {one.change.high:+.3g})"
            )
    if with_curve:
        tables += learning_curve(make, kept, judged, seed, say)
    final = make()
    final.fit(dataset)
    measured_molecules = int((~np.isnan(dataset.labels)).any(axis=1).sum())
    reports = {"quality": asdict(quality), "leakage": asdict(found), "cross_validation": validated, "held_out": measured}
    about = {"trained_on": measured_molecules, "split": split_by, "test": test, "folds": folds, "folds_keep_together": kind}
    if future:
        about["future"] = future
    about["evaluation"] = write_held_out(path.parent, tables)
    final.save(path, card | about | reports)


def _told_future(timeline: Timeline, dataset: Dataset, past: Dataset, future: Dataset) -> dict[str, Any]:
    """What a card says of a cut between past and future."""
    return {
        "column": timeline.column,
        "past_until": timeline.text(past.when.max()),
        "future_from": timeline.text(future.when.min()),
        "past": len(past),
        "future": len(future),
        "undated": len(dataset) - len(past) - len(future),
        "endpoints": {},
    }
