"""How often `molgen monitor` raises an alarm: falsely, and where it should.

    python -m benchmarks.drift                  written to benchmarks/results/drift.json (ten minutes on one core)

A predictor learns from 60 % of a public set, drawn at random. Tables are random subsets of what it learnt from (`learnt`), of the
rest (`like`), of the rest with one unit added to the values (`shifted labels`), and of ZINC (`ZINC`). The share of tables that
raise an alarm is told for two thresholds; the two that are alike should raise it at most as often as the threshold says.
"""

import click
import numpy as np
import pandas as pd

from benchmarks.results import save, show
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset
from molgen.predictors.base import Prediction
from molgen.predictors.evaluation import cross_validate
from molgen.predictors.monitoring import Reference, judge_all, monitored

SETS = ("moleculenet/esol", "activity/chembl235_ec50")
SIZES, THRESHOLDS, EFFECT, TIMES = (20, 100, 1000), (0.01, 0.05), 0.1, 100


def _rows(found: Prediction, rows: np.ndarray) -> Prediction:
    parts = (getattr(found, part)[rows] for part in ("mean", "std", "low", "high", "similarity", "outside"))
    return Prediction(found.molecules.take(rows.tolist()), found.endpoints, *parts)


def measured(name: str) -> list[dict[str, object]]:
    """The rows of the table of one set."""
    dataset, _ = read_dataset(compose_group("data", name))
    order = np.random.default_rng(0).permutation(len(dataset))
    cut = int(0.6 * len(dataset))
    train, rest = dataset.take(np.sort(order[:cut])), dataset.take(np.sort(order[cut:]))
    predictor = compose_group("predictor", "boosted", [])
    _, tables, _ = cross_validate(predictor, train, 5, None, 0, print)

    reference = Reference.of(predictor, predictor.endpoints[0], None, pd.concat(tables, ignore_index=True))
    zinc = compose_group("data", "zinc250k").smiles()
    other = Molecules([zinc[i] for i in np.random.default_rng(1).permutation(len(zinc))[:2000]], STANDARD)
    unlabelled = Dataset(other, np.full((len(other), 1), np.nan), dataset.endpoints)
    shifted = Dataset(rest.molecules, rest.labels + 1, rest.endpoints)
    found = []
    for kind, whole in (("learnt", train), ("like", rest), ("shifted labels", shifted), ("ZINC", unlabelled)):
        predicted = predictor.predict(whole.molecules)
        for size in SIZES:
            if size > len(whole):
                continue
            rng, alarms = np.random.default_rng(size), np.zeros(len(THRESHOLDS))
            for _ in range(TIMES):
                rows = np.sort(rng.permutation(len(whole))[:size])
                part, own = whole.take(rows), _rows(predicted, rows)
                one = monitored(reference, part.molecules, own, None if kind == "ZINC" else (part, own), with_figures=False)
                alarms += [bool(judge_all([one], threshold, EFFECT)[0].alarms) for threshold in THRESHOLDS]
            row = {"data": name, "tables": kind, "molecules": size}
            found.append(row | {f"alarms at {t:g}": float(a / TIMES) for t, a in zip(THRESHOLDS, alarms, strict=True)})
            print(found[-1], flush=True)
    return found


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(SETS))
def main(names: tuple[str, ...]) -> None:
    """Count alarms."""
    rows = [row for name in names or SETS for row in measured(name)]
    show("share of tables with an alarm", rows)
    save("drift", rows)


if __name__ == "__main__":
    main()
