"""How fast the surrogate search is beside an earlier commit, run by run on the same machine.

    python -m benchmarks.search_speed                                 10,000 calls of three objectives, three seeds (hours)
    python -m benchmarks.search_speed ranolazine_mpo --budget 2000    2,000 calls of one
    python -m benchmarks.search_speed --cores 1                       on one core
    python -m benchmarks.search_speed --against v0.1 --seeds 0        beside another commit

The earlier commit is put into a temporary folder. Every objective and seed is run by both, one after the other, in processes of
their own; which of them begins takes turns, since a machine's speed changes in an hour. `function` is osimertinib_mpo as a Python
function, whose terms the search doesn't know.

Per run: seconds from the beginning of the campaign to the first scores and to the last, the area under the curve of the ten best,
and the peak memory of the process, without those that it starts.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np

ROOT = Path(__file__).parents[1]
OBJECTIVES = "ranolazine_mpo", "osimertinib_mpo", "function"
EARLIER = "cc0e4fe"

RUN = """
import json, os, resource, sys
name, seed, budget, folder, cores = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
from molgen import Scorer, design
from molgen.metrics.ranking import auc_top
scorer = Scorer.from_config("pmo/" + ("osimertinib_mpo" if name == "function" else name))
objective = (lambda smiles: scorer(smiles).total.tolist()) if name == "function" else scorer
table = design(objective, budget, "surrogate", seed, folder, overrides=["search.diversity.bucket=0"]).molecules
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
area = auc_top(table["score"].tolist(), 10, budget)
print(json.dumps({"first": table["seconds"].min(), "seconds": table["seconds"].max(), "area": area, "GiB": peak}))
"""


def check_out(commit: str, place: Path) -> None:
    """Put the files of `commit` into a folder."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(place, filter="data")


def run(code: Path, objective: str, seed: int, budget: int, cores: int) -> dict[str, float]:
    """Figures of one campaign by the molgen in `code`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", RUN, objective, str(seed), str(budget), f"{folder}/run", str(cores)]
        paths = {"PYTHONPATH": str(code), "OMP_NUM_THREADS": str(cores)}
        done = subprocess.run(command, cwd=folder, env=os.environ | paths, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{code}, {objective}, seed {seed}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def row(objective: str, pairs: list[tuple[dict[str, float], dict[str, float]]]) -> dict[str, Any]:
    """Means over the pairs (earlier, now) of one objective; the ratio is the mean of the pairs' ratios."""
    line: dict[str, Any] = {"objective": objective, "seeds": len(pairs)}
    for key in ("first", "seconds", "area", "GiB"):
        for i, when in enumerate(("earlier", "now")):
            line[f"{key}, {when}"] = float(np.mean([pair[i][key] for pair in pairs]))
    return line | {"ratio": float(np.mean([now["seconds"] / earlier["seconds"] for earlier, now in pairs]))}


@click.command()
@click.argument("objectives", nargs=-1)
@click.option("--seeds", default="0,1,2", show_default=True, help="Separated by commas.")
@click.option("--budget", default=10_000, show_default=True)
@click.option("--cores", default=2, show_default=True)
@click.option("--against", default=EARLIER, show_default=True, help="The earlier commit.")
@click.option("--label", default="search_speed", show_default=True, help="Name of the result.")
def main(objectives: tuple[str, ...], seeds: str, budget: int, cores: int, against: str, label: str) -> None:
    """Run OBJECTIVES (names under conf/scoring/pmo, or `function`; by default three) by the earlier commit and by this one."""
    from benchmarks.results import save, show

    figures: dict[str, Any] = {"against": against, "budget": budget, "cores": cores, "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        earlier = Path(folder)
        check_out(against, earlier)
        for objective in objectives or OBJECTIVES:
            pairs = []
            for i, seed in enumerate(map(int, seeds.split(","))):
                order = (earlier, ROOT)[:: 1 if i % 2 == 0 else -1]
                found = {code: run(code, objective, seed, budget, cores) for code in order}
                pairs.append((found[earlier], found[ROOT]))
                print(objective, seed, *({k: round(v, 3) for k, v in each.items()} for each in pairs[-1]), flush=True)
            figures["runs"][objective] = pairs
            save(label, figures)
    show(f"{budget:,} calls on {cores} cores, beside {against}", [row(name, pairs) for name, pairs in figures["runs"].items()])


if __name__ == "__main__":
    main()
