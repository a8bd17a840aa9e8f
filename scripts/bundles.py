"""Shipped predictors of several public data sets: one `boosted` model an endpoint, cross-validated, joined and written.

An endpoint that is done is kept in train/NAME: a killed run resumes after it.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from molgen.config import compose_group
from molgen.data.catalog import PublicSet
from molgen.data.dataset import Dataset, merge
from molgen.data.splits import scaffold_folds
from molgen.files import write_atomically
from molgen.learn.shipped import WEIGHTS
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.class_sets import class_sets
from molgen.predictors.features import NAMES
from molgen.predictors.support_vectors import SupportVectors
from molgen.predictors.trees import Trees
from scripts.held_out_figures import class_figures, number_figures
from scripts.wanted import Wanted

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
TRAIN = Path("train")
FOLDS = 5


@dataclass(frozen=True)
class Bundle:
    """A predictor that ships.

    Attributes
    ----------
    name
        Of the predictor, and of the results of its cross-validation.
    wanted
        What it learns.
    sources
        Whose data these are, and what was learnt from that benchmarks hold out: a text for the card.
    """

    name: str
    wanted: tuple[Wanted, ...]
    sources: str

    @property
    def results(self) -> Path:
        """The file of figures."""
        return RESULTS / f"{self.name}.json"

    def make(self, *, card_only: bool) -> None:
        """Train it, measure it, and write it with its card to molgen/weights; or only renew the card."""
        predictor = Boosted.load(WEIGHTS / f"{self.name}.safetensors") if card_only else self._train()
        measured = json.loads(self.results.read_text())
        about: dict[str, Any] = {
            "sources": self.sources,
            "trained_by": f"scripts/train_{self.name}.py",
            "measured_by": f"python -m scripts.train_{self.name} (scaffold 5-fold cross-validation of models like these)",
            "held_out": measured["figures"],
            "curation": measured["curation"],
        }
        ship(self.name, predictor, [wanted.source for wanted in self.wanted], about)

    def _train(self) -> Boosted:
        tables = {wanted.data: wanted.read() for wanted in self.wanted}
        names = [data for data, (table, _) in tables.items() for _ in table.endpoints]
        merged = merge([table for table, _ in tables.values()])
        molecules = as_molecules(merged.molecules)  # once, and with them their features
        done, rows = list[Boosted](), list[dict[str, Any]]()
        for j, data in enumerate(names):
            one, found = trained(self.name, Dataset(molecules, merged.labels[:, [j]], merged.endpoints[j : j + 1]))
            done.append(one)
            rows.append({"data": data} | found)
            click.echo(json.dumps(rows[-1]))
        curation = {data: counts for data, (_, counts) in tables.items()}
        write_atomically(self.results, (json.dumps({"figures": rows, "curation": curation}, indent=1) + "\n").encode())
        return joined(done)


def ship(name: str, predictor: Boosted, sources: Iterable[PublicSet], about: dict[str, Any]) -> Path:
    """Write a predictor to molgen/weights, with a card that names its data sets."""
    path = WEIGHTS / f"{name}.safetensors"
    files = {source.name: {"url": source.url, "sha256": source.sha256} for source in sources}
    predictor.save(path, {"data": files, "trained_on": len(predictor.training)} | about)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(predictor.training)} molecules")
    return path


def folds_of(table: Dataset) -> NDArray[np.int64]:
    """The number of each molecule's fold [n]: scaffolds of those with a value stay together, the others only scale features."""
    y, fold = table.labels[:, 0], np.arange(len(table)) % FOLDS
    measured = np.flatnonzero(~np.isnan(y))
    for k, (_, test) in enumerate(scaffold_folds(table.molecules.take(measured.tolist()), FOLDS, 0, y[measured])):
        fold[measured[test]] = k
    return fold


def train(table: Dataset) -> tuple[Boosted, dict[str, Any]]:
    """A predictor of one endpoint, and its figures on held-out scaffolds.

    Parameters
    ----------
    table
        The molecules of all endpoints, with the values of this one.
    """
    begun, fold, y = time.process_time(), folds_of(table), table.labels[:, 0]
    mean, low, high, inside = *np.full((3, len(table)), np.nan), np.zeros(len(table), bool)
    sets = np.full(len(table), None, object)
    predictors = compose_group("predictor", "boosted").cross_fit(
        table, [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]
    )
    for k in range(FOLDS):
        test = np.flatnonzero((fold == k) & ~np.isnan(y))
        found = next(predictors).predict(table.molecules.take(test.tolist()))
        mean[test], low[test], high[test], inside[test] = found.mean[:, 0], found.low[:, 0], found.high[:, 0], found.in_domain
        sets[test] = class_sets(found.endpoints[0], found.mean[:, 0])
    known = ~np.isnan(y)
    if table.endpoints[0].task == "classification":
        figures = class_figures(y[known], mean[known], sets[known].tolist())
    else:
        figures = number_figures(y[known], mean[known], low[known], high[known])
    return next(predictors), {
        "endpoint": table.endpoints[0].name,
        "molecules": int(known.sum()),
        **figures,
        "in domain": float(inside[known].mean()),
        "CPU seconds": time.process_time() - begun,
    }


def trained(bundle: str, table: Dataset) -> tuple[Boosted, dict[str, Any]]:
    """What `train` gave before for the same molecules, values and settings, or gives now."""
    name = table.endpoints[0].name
    path, figures = TRAIN / bundle / f"{name}.safetensors", TRAIN / bundle / f"{name}.figures.json"
    if path.exists() and figures.exists():
        before = Boosted.load(path)
        same = np.array_equal(before.training.labels, table.labels.astype(np.float32), equal_nan=True)
        same &= before.training.smiles == list(table.molecules.smiles) and before.training.scaling.size == len(NAMES)
        if same and recipe_of(before) == recipe_of(compose_group("predictor", "boosted")):
            click.echo(f"{name}: done before")
            return before, json.loads(figures.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    predictor, found = train(table)
    predictor.save(path, {})
    write_atomically(figures, json.dumps(found).encode())
    return predictor, found


def joined(parts: list[Boosted]) -> Boosted:
    """One predictor with the endpoints of several, which were fitted to the same molecules with the same settings."""
    first = parts[0]
    for part in parts[1:]:
        if part.training.smiles != first.training.smiles or recipe_of(part) != recipe_of(first):
            raise click.ClickException("predictors of other molecules or settings can't be joined: delete the checkpoints")
    predictor = Boosted(first.trees, first.machine, first.folds, first.seed)
    predictor.endpoints = tuple(endpoint for part in parts for endpoint in part.endpoints)
    predictor.models = [model for part in parts for model in part.models]
    known = [part.training for part in parts]
    predictor.training = replace(
        first.training,
        labels=np.concatenate([each.labels for each in known], axis=1),
        relations=np.concatenate([each.relations for each in known], axis=1),
        bounds=np.concatenate([each.bounds for each in known], axis=1),
    )
    return predictor


def recipe_of(predictor: Boosted) -> tuple[Trees, SupportVectors, int, int]:
    """The settings that it is fitted with."""
    return predictor.trees, predictor.machine, predictor.folds, predictor.seed
