"""Train the shipped predictor `activity` on public data, and write it with its card to molgen/weights.

    python -m scripts.train_activity           seven minutes of one core
    python -m scripts.train_activity --card    only renew the card

Each endpoint is cross-validated over five folds of scaffolds. What is held out gives the figures of the card, which are also
written to benchmarks/results/activity.json. An endpoint that is done is kept in train/activity: a killed run resumes after it.
"""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from molgen.config import compose_group
from molgen.data.catalog import PublicSet
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset, Endpoint, merge
from molgen.data.splits import scaffold_folds
from molgen.data.units import P_UNIT
from molgen.files import write_atomically
from molgen.learn.shipped import WEIGHTS
from molgen.metrics.bootstrap import interval_figures, regression_figures
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from scripts.bundles import joined, recipe_of, ship

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "activity.json"
SOURCES = (
    "ChEMBL (CC BY-SA 3.0), by way of MoleculeACE (van Tilborg et al., J. Chem. Inf. Model. 62, 5938, 2022); for bace1 "
    "MoleculeNet (Wu et al., Chem. Sci. 9, 513, 2018). Their test parts were learnt from, too: on these benchmarks nothing is "
    "held out."
)
FOLDER = Path("train") / "activity"
FOLDS = 5
NANO = 9.0  # -log10(mol/L) less -log10(nM), which MoleculeACE's files have


@dataclass(frozen=True)
class Wanted:
    """One endpoint: the name of its data set, and what is added to the values there."""

    data: str
    endpoint: Endpoint
    shift: float = 0.0

    @property
    def source(self) -> PublicSet:
        """The data set, of which only this endpoint is read."""
        found: PublicSet = compose_group("data", self.data)
        return replace(found, labels=(self.endpoint,))

    def read(self) -> Dataset:
        """Molecules and values, in the endpoint's unit."""
        known, _ = read_dataset(self.source)
        known.labels[:] += self.shift
        return known


def _potency(name: str, about: str, column: str) -> Endpoint:
    return Endpoint(name, unit=P_UNIT, about=about, poor=6.0, good=8.0, column=column)


def _chembl(name: str, about: str, target: str, kind: str = "Ki") -> Wanted:
    column = f"{target}_{kind}"
    return Wanted(f"activity/{column.lower()}", _potency(name, f"p{kind} at {about}", column), NANO)


WANTED = (
    _chembl("thrombin", "thrombin", "CHEMBL204"),
    _chembl("factor_xa", "coagulation factor Xa", "CHEMBL244"),
    Wanted("moleculenet/bace", _potency("bace1", "pIC50 at beta-secretase 1", "pIC50")),
    _chembl("pi3k_alpha", "PI3 kinase alpha", "CHEMBL4005"),
    _chembl("dopamine_d4", "the dopamine receptor D4", "CHEMBL219"),
    _chembl("ppar_gamma", "PPAR gamma", "CHEMBL235", "EC50"),
)


def folds_of(table: Dataset) -> NDArray[np.int64]:
    """The number of each molecule's fold [n]: scaffolds of those with a value stay together, the others only scale features."""
    measured, fold = np.flatnonzero(~np.isnan(table.labels[:, 0])), np.arange(len(table)) % FOLDS
    for k, (_, test) in enumerate(scaffold_folds(table.molecules.take(measured.tolist()), FOLDS, seed=0)):
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
    predictors = compose_group("predictor", "boosted").cross_fit(
        table, [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]
    )
    for k in range(FOLDS):
        test = np.flatnonzero((fold == k) & ~np.isnan(y))
        found = next(predictors).predict(table.molecules.take(test.tolist()))
        mean[test], low[test], high[test], inside[test] = found.mean[:, 0], found.low[:, 0], found.high[:, 0], found.in_domain
    known = ~np.isnan(y)
    figures, covered = regression_figures(y[known], mean[known]), known & ~np.isnan(low)
    return next(predictors), {
        "endpoint": table.endpoints[0].name,
        "molecules": int(known.sum()),
        "mae": figures["mae"].value,
        "mae interval": [figures["mae"].low, figures["mae"].high],
        "mae of the median": float(np.abs(y[known] - np.median(y[known])).mean()),
        "r2": figures["r2"].value,
        "spearman": figures["spearman"].value,
        "coverage": interval_figures(y[covered], low[covered], high[covered])["coverage"].value,
        "in domain": float(inside[known].mean()),
        "CPU seconds": time.process_time() - begun,
    }


def trained(table: Dataset) -> tuple[Boosted, dict[str, Any]]:
    """What `train` gave before for the same molecules, values and settings, or gives now."""
    name = table.endpoints[0].name
    path, figures = FOLDER / f"{name}.safetensors", FOLDER / f"{name}.figures.json"
    if path.exists() and figures.exists():
        before = Boosted.load(path)
        same = np.array_equal(before.training.labels, table.labels.astype(np.float32), equal_nan=True)
        same &= before.training.smiles == list(table.molecules.smiles)
        if same and recipe_of(before) == recipe_of(compose_group("predictor", "boosted")):
            click.echo(f"{name}: done before")
            return before, json.loads(figures.read_text())
    predictor, found = train(table)
    predictor.save(path, {})
    write_atomically(figures, json.dumps(found).encode())
    return predictor, found


def line_of(row: dict[str, Any]) -> str:
    """The line of an endpoint in docs/benchmarks/activity.md."""
    low, high = row["mae interval"]
    cells = [
        row["endpoint"],
        f"`{row['data']}`",
        f"{row['molecules']:,}",
        f"{row['mae']:.2f} ({low:.2f} to {high:.2f})",
        *(f"{row[name]:.2f}" for name in ("mae of the median", "r2", "spearman")),
        *(f"{row[name]:.3f}" for name in ("coverage", "in domain")),
    ]
    return f"| {' | '.join(cells)} |"


@click.command()
@click.option("--card", "card_only", is_flag=True, help="Keep the model, renew its card.")
def main(card_only: bool) -> None:
    """Train the predictor of activities."""
    if card_only:
        predictor = Boosted.load(WEIGHTS / "activity.safetensors")
    else:
        merged, done, rows = merge([wanted.read() for wanted in WANTED]), list[Boosted](), list[dict[str, Any]]()
        molecules = as_molecules(merged.molecules)  # once, and with them their features
        FOLDER.mkdir(parents=True, exist_ok=True)
        for j, wanted in enumerate(WANTED):
            one, found = trained(Dataset(molecules, merged.labels[:, [j]], merged.endpoints[j : j + 1]))
            done.append(one)
            rows.append({"data": wanted.data} | found)
            click.echo(json.dumps(rows[-1]))
        predictor = joined(done)
        write_atomically(RESULTS, (json.dumps({"figures": rows}, indent=1) + "\n").encode())
    about: dict[str, Any] = {
        "sources": SOURCES,
        "trained_by": "scripts/train_activity.py",
        "measured_by": "python -m scripts.train_activity (scaffold 5-fold cross-validation of models like these)",
        "held_out": json.loads(RESULTS.read_text())["figures"],
    }
    ship("activity", predictor, [wanted.source for wanted in WANTED], about)


if __name__ == "__main__":
    main()
