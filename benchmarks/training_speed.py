"""How fast `molgen train predictor=boosted` is, and how good what it trains, beside an earlier commit.

    python -m benchmarks.training_speed                        four sets, by this code
    python -m benchmarks.training_speed --beside cc0e4fe       also by an earlier commit, in the same run
    python -m benchmarks.training_speed herg --cores 1         one set on one core
    python -m benchmarks.training_speed zinc250k --rows 30000  30,000 molecules; what is learnt is logP, plus noise of 0.3

A set is read by this code and written to a CSV, which both commits train on with the command's defaults: cross-validation, a
held-out set, calibration and card. Each training is a process of its own; which commit begins takes turns.

Per training: seconds and CPU seconds with everything that it starts, the peak memory of its largest process, the metric over the
folds with its standard error, and the metric on the held-out set. `better by` is the mean difference over the folds, with its
standard error, where both commits drew the same ones.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from benchmarks.results import save, show
from benchmarks.search_speed import EARLIER, ROOT, check_out

SETS = "activity/chembl204_ki", "admet/caco2_wang", "admet/clearance_microsome_az", "admet/herg"
NOISE = 0.3  # standard deviation of the errors of computed values

RUN = """
import hashlib, json, os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[1])])
try:
    from molgen.cli.commands import main
except ImportError:  # in earlier commits
    from molgen.cli import main
from molgen.predictors import evaluation
name = "figures_of" if hasattr(evaluation, "figures_of") else "evaluate"  # in earlier commits
figures, measured = [], getattr(evaluation, name)
def recorded(given, test, *rest):
    found = measured(given, test, *rest)
    figures.append({"test": hashlib.sha1(" ".join(sorted(test.molecules.smiles)).encode()).hexdigest(), **found["y"]})
    return found
setattr(evaluation, name, recorded)
main(sys.argv[2:], standalone_mode=False)
print(json.dumps(figures))
"""


def write_set(name: str, rows: int, path: Path) -> int:
    """Write the molecules and the values of a set to a CSV; the number of molecules."""
    from molgen.config import compose_group
    from molgen.data.curation import read_dataset

    if name == "zinc250k":
        from rdkit.Chem import Crippen

        from molgen.chem.molecules import Molecules

        library = pd.read_csv(compose_group("data", "zinc250k").fetch())["smiles"].str.strip()
        smiles = library.sample(rows, random_state=0).tolist()
        y = Molecules(smiles).map(Crippen.MolLogP) + np.random.default_rng(0).normal(0, NOISE, rows)
    else:
        dataset, _ = read_dataset(compose_group("data", name if "/" in name else f"admet/{name}"))
        smiles, y = dataset.molecules.canonical, dataset.labels[:, 0]
    pd.DataFrame({"smiles": smiles, "y": y}).to_csv(path, index=False)
    return len(y)


def train(code: Path, table: Path, cores: int) -> dict[str, Any]:
    """Figures of one training by the molgen in `code`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", RUN, str(cores), "train", "predictor=boosted", f"data={table}", "data.column=smiles"]
        paths = {"PYTHONPATH": str(code), "OMP_NUM_THREADS": str(cores)}
        output, begun = Path(folder) / "output.txt", time.perf_counter()
        with output.open("w") as file:
            process = subprocess.Popen(
                [*command, "data.labels=[y]", f"folder={folder}/run"],
                cwd=folder, env=os.environ | paths, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
        seconds, said = time.perf_counter() - begun, output.read_text()
    if status:
        raise SystemExit(f"{code}: {said[-2000:]}")
    *folds, held_out = json.loads(said.splitlines()[-1])
    metric = next(key for key in held_out if key in ("mae", "auroc"))
    return {
        "seconds": seconds,
        "CPU seconds": used.ru_utime + used.ru_stime,
        "GiB": used.ru_maxrss / 2**20,
        "metric": metric,
        "folds": [fold[metric] for fold in folds],
        "tested on": [fold["test"] for fold in folds],
        "held out": {key: value for key, value in held_out.items() if key != "test"},
    }


def row(name: str, molecules: int, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A line of the table."""
    line: dict[str, Any] = {"set": name.split("/")[-1], "molecules": molecules}
    for when, each in found.items():
        mark = f", {when}" if len(found) > 1 else ""
        line |= {f"{key}{mark}": each[key] for key in ("seconds", "CPU seconds", "GiB")}
        line[f"{each['metric'] if len(found) == 1 else 'metric'}{mark}"] = _with_error(each["folds"])
        line[f"held out{mark}"] = each["held out"][each["metric"]]
    if len(found) == 2:
        earlier, now = found.values()
        if earlier["tested on"] == now["tested on"]:
            sign = 1 if now["metric"] == "auroc" else -1
            line["better by"] = _with_error(sign * (np.array(now["folds"]) - earlier["folds"]))
    return line


def _with_error(folds: Any) -> str:
    return f"{np.mean(folds):.4f} ± {np.std(folds, ddof=1) / len(folds) ** 0.5:.4f}"


@click.command()
@click.argument("sets", nargs=-1)
@click.option("--beside", help=f"An earlier commit, such as {EARLIER}.")
@click.option("--rows", default=30_000, show_default=True, help="Molecules of zinc250k.")
@click.option("--cores", default=2, show_default=True)
@click.option("--label", default="training_speed", show_default=True, help="Name of the result.")
def main(sets: tuple[str, ...], beside: str | None, rows: int, cores: int, label: str) -> None:
    """Train on SETS: names under conf/data, those under admet also without it, and zinc250k."""
    figures: dict[str, Any] = {"beside": beside, "cores": cores, "sets": {}}
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        codes = {"now": ROOT}
        if beside:
            codes = {"earlier": Path(folder) / "earlier", **codes}
            codes["earlier"].mkdir()
            check_out(beside, codes["earlier"])
        for i, name in enumerate(sets or SETS):
            table = Path(folder) / "table.csv"
            molecules = write_set(name, rows, table)
            runs = {when: train(codes[when], table, cores) for when in list(codes)[:: 1 if i % 2 == 0 else -1]}
            figures["sets"][name] = {"molecules": molecules} | {when: runs[when] for when in codes}
            lines.append(row(name, molecules, {when: runs[when] for when in codes}))
            print(lines[-1], flush=True)
            save(label, figures)
    show(f"molgen train predictor=boosted, cores: {cores}{f', beside {beside}' if beside else ''}", lines)


if __name__ == "__main__":
    main()
