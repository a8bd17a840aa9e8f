"""Drug-target affinity on Davis and KIBA: cold splits first, then DeepDTA's test folds.

    python -m benchmarks.affinity                  everything, an hour and a half on two cores
    python -m benchmarks.affinity davis drug warm  some, whose rows are renewed in the results
    python -m benchmarks.affinity davis warm --set predictor.members=1 --set predictor.network.graph=true   printed, not stored

`drug`, `target` and `both` hold out a fifth of the drugs, of the targets (by sequence, mutants with their wild type), or
of both; `warm` is DeepDTA's split. Killed runs resume: state is kept in train/benchmark-affinity.
"""

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.results import save, show
from molgen.config import compose_group
from molgen.metrics.prediction import concordance_index, rm2

REFERENCE = json.loads((Path(__file__).parent / "reference" / "affinity.json").read_text())
RESULTS = Path(__file__).parent / "results" / "affinity.json"
SPLITS = ("both", "drug", "target", "warm")
EPOCHS = {"davis": 60, "kiba": 25}
NAMES = {"drug": "unseen_drug", "target": "unseen_target", "both": "both_unseen"}


def parts(data: str, kind: str) -> tuple[Any, Any]:
    """Training and test pairs."""
    source = compose_group("data", data)
    pairs = source.pairs()
    if kind == "warm":
        folds, test = source.folds()
        return pairs.take([row for fold in folds for row in fold]), pairs.take(test)
    rng = np.random.default_rng(0)
    new_drug = (rng.random(len(pairs.drugs)) < 0.2)[pairs.drug]
    sequences = list(dict.fromkeys(pairs.sequences))
    new_target = (rng.random(len(sequences)) < 0.2)[[sequences.index(text) for text in pairs.sequences]][pairs.target]
    test = {"drug": new_drug, "target": new_target, "both": new_drug & new_target}[kind]
    train = {"drug": ~new_drug, "target": ~new_target, "both": ~new_drug & ~new_target}[kind]
    return pairs.take(np.flatnonzero(train)), pairs.take(np.flatnonzero(test))


def measure(data: str, kind: str, settings: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row for the shipped recipe and each of its two halves, then the published ones."""
    train, test = parts(data, kind)
    folder = "train/benchmark-affinity/" + "-".join([data, kind, *settings]).replace("predictor.", "")
    start = time.perf_counter()
    changes = [f"trainer.epochs={EPOCHS[data]}", f"trainer.folder={folder}"]
    predictor = compose_group("predictor", "pairs", [f"predictor.{change}" for change in changes] + list(settings))
    predictor.fit(train)
    about = {"data": data, "split": kind}
    figures = predictor.measure(test, train) | {"seconds": time.perf_counter() - start}
    rows = [about | {"model": "molgen", "pairs": len(test)} | figures]
    _, process, networks, _ = predictor.models.score_pairs(test, train)
    for name, mean in {"  its Gaussian process": process, "  its networks": networks}.items():
        error = float(((test.affinity - mean) ** 2).mean())
        rows.append(about | {"model": name, "pairs": len(test), "MSE": error, "CI": concordance_index(test.affinity, mean),
                             "rm2": rm2(test.affinity, mean)})  # fmt: skip
    published = REFERENCE.get(data if kind == "warm" else f"{data}_{NAMES[kind]}", {})
    for name, (error, index, correlation) in published.items():
        rows.append(about | {"model": name, "MSE": error, "CI": index, "rm2": "" if correlation is None else correlation})
    return rows


@click.command()
@click.argument("what", nargs=-1)
@click.option("--set", "settings", multiple=True, help="predictor.members=1, say.")
def main(what: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Measure the sets and splits in WHAT, by default all."""
    sets = [name for name in ("davis", "kiba") if name in what] or ["davis", "kiba"]
    kinds = [kind for kind in SPLITS if kind in what] or list(SPLITS)
    order = [(kind, data) for kind in SPLITS for data in EPOCHS]
    rows = json.loads(RESULTS.read_text())["figures"] if RESULTS.exists() else []
    for kind in kinds:
        for data in sets:
            new = measure(data, kind, settings)
            show(f"{data}, {kind}", new)
            rows = [row for row in rows if (row["split"], row["data"]) != (kind, data)] + new
            rows.sort(key=lambda row: order.index((row["split"], row["data"])))
            if not settings:
                save("affinity", rows)


if __name__ == "__main__":
    main()
