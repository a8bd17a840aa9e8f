"""What is disturbed: commands that begin something, that go on with it, and what they have committed."""

import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from rdkit import Chem

BUDGET = 100
STRATEGIES = {
    "genetic": ["search.initial_design=20"],
    "pareto": ["search.initial_design=20"],
    "policy": ["search.agent.samples=16", "search.agent.updates=1"],
    "genetic_policy": ["search.agent.samples=16", "search.agent.updates=1"],
    "surrogate": [
        "search.library=100",
        "search.initial_design=20",
        "search.breeding.offspring=20",
    ],
    "latent": ["search.initial_design=20"],
    "screen": [],
}
OBJECTIVE = '''
import os
import time
from dataclasses import dataclass

import numpy as np

from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity


@dataclass(frozen=True)
class Logged(Component):
    """The share of carbon; every molecule that it is asked for is a line of `log`."""

    log: str

    def __call__(self, molecules):
        with open(self.log, "a") as log:
            log.write("".join(f"{text}\\n" for text in molecules.smiles))
        time.sleep(0.01 * len(molecules.smiles))
        return np.array([text.upper().count("C") / max(len(text), 1) for text in molecules.smiles])

    def desirability(self):
        return Identity()
'''
GOAL = """
_target_: molgen.scoring.scorer.Scorer
terms:
  logged:
    _target_: molgen.scoring.scorer.Term
    component: {{_target_: faults_objective.Logged, log: {log}}}
"""


@dataclass
class Subject:
    """One thing that is disturbed.

    Attributes
    ----------
    begin, resume
        Commands.
    committed
        What there is by now, by the name of the file that the objective wrote it into.
    end
        The file that is there when all is done.
    """

    folder: Path
    begin: list[str]
    resume: list[str]
    committed: Callable[[], dict[str, set[str]]]
    end: str
    logs: list[Path] = field(default_factory=list)

    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return (self.folder / self.end).exists()

    def asked(self) -> dict[str, list[str]]:
        """What the objective was asked for so far, by the name of its file."""
        return {log.name: log.read_text().splitlines() if log.exists() else [] for log in self.logs}


@contextmanager
def running(command: list[str], place: Path, mark: str, first: str = "") -> Iterator[subprocess.Popen[str]]:
    """A molgen command in `place`, whose processes can be told by `mark`; its process runs the Python code `first` before."""
    environment = os.environ | {"FAULTS": mark, "MOLGEN_TRUST": "faults_objective", "OMP_NUM_THREADS": "1"}
    environment |= {"PYTHONPATH": os.pathsep.join([*sys.path[:1], os.environ.get("PYTHONPATH", "")])}
    start = ["-c", f"{first}\nimport os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])"] if first else []
    with (place / "errors.txt").open("w+") as log, subprocess.Popen(
        [sys.executable, *start, "-m", "molgen.cli", *command], cwd=place, env=environment, text=True,
        stdout=subprocess.DEVNULL, stderr=log,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def scored(database: Path) -> set[str]:
    """The molecules in a run's database."""
    if not database.exists():
        return set()
    try:
        with closing(sqlite3.connect(database, timeout=10)) as connection:
            return {plain(row[0]) for row in connection.execute("select smiles from molecules")}
    except sqlite3.DatabaseError:
        return set()


def plain(smiles: str) -> str:
    """One text for a molecule."""
    mol = Chem.MolFromSmiles(smiles)
    return smiles if mol is None else Chem.MolToSmiles(mol)


def design(place: Path, strategy: str, *more: str) -> Subject:
    """A campaign."""
    run, log = place / "run", place / "log.txt"
    own = [f"search.library.path={library(place)}"] if strategy == "screen" else []
    begin = ["design", f"scoring={goal(place, log)}", f"search={strategy}", *STRATEGIES[strategy], *own, *more]
    begin += [f"campaign.budget={BUDGET}", "campaign.batch=10", f"campaign.folder={run}"]
    return Subject(run, begin, ["design", f"resume={run}"], lambda: {log.name: scored(run / "campaign.sqlite")}, "top.csv", [log])


def sweep(place: Path) -> Subject:
    """Two campaigns of one command, each with a log of its own."""
    run, logs = place / "sweep", [place / "log-a.txt", place / "log-b.txt"]
    begin = ["design", "-m", f"scoring={goal(place, logs[0])}", "search=genetic", "search.initial_design=20", "campaign.batch=10"]
    begin += [
        f"scoring.terms.logged.component.log={logs[0]},{logs[1]}",
        f"campaign.budget={BUDGET // 2}",
        f"hydra.sweep.dir={run}",
    ]

    def committed() -> dict[str, set[str]]:
        folders = sorted(path for path in run.glob("0*") if path.is_dir())
        return {log.name: scored(folder / "campaign.sqlite") for log, folder in zip(logs, folders, strict=False)}

    return Subject(run, begin, ["design", f"resume={run}"], committed, "sweep.html", logs)


def screen(place: Path) -> Subject:
    """A library of 300 molecules, 20 at a time."""
    run, log = place / "screen", place / "log.txt"
    begin = ["screen", f"library={library(place)}", f"scoring={goal(place, log)}", "batch=20", f"folder={run}"]

    def committed() -> dict[str, set[str]]:
        if (run / "scores.csv").exists():
            with (run / "scores.csv").open() as table:
                return {log.name: {plain(row["smiles"]) for row in csv.DictReader(table)}}
        return {
            log.name: {plain(text) for part in (run / "parts").glob("[0-9]*.parquet") for text in pd.read_parquet(part)["smiles"]}
        }

    return Subject(run, begin, ["screen", f"resume={run}"], committed, "hits.csv", [log])


def train(place: Path) -> Subject:
    """A small network, whose epochs are what is committed."""
    run = place / "train"
    begin = ["train", "generator=recurrent", "generator.width=32", "generator.embedding=16", "generator.batch_tokens=1024"]
    begin += [f"data={library(place)}", "trainer.epochs=6", "trainer.checkpoint_minutes=0", f"folder={run}"]

    def committed() -> dict[str, set[str]]:
        history = run / "history.json"
        records = json.loads(history.read_text()) if history.exists() else []
        return {"": {f"{i}: {record['train']}" for i, record in enumerate(records)}}

    return Subject(run, begin, begin, committed, "generator.safetensors")


def goal(place: Path, log: Path) -> Path:
    """An objective that writes into `log` what it is asked for."""
    (place / "faults_objective.py").write_text(OBJECTIVE)
    path = place / "goal.yaml"
    path.write_text(GOAL.format(log=log))
    return path


def library(place: Path) -> Path:
    """Three hundred molecules."""
    path, draw = place / "library.smi", random.Random(1)
    if not path.exists():
        parts = ["C", "CC", "C(C)C", "c1ccccc1", "C1CCNCC1", "OC", "N", "C(=O)N", "F", "c1ccncc1"]
        found = {
            plain("C" * i + "".join(draw.choices(["C", "O", "CN", "CC(C)"], k=5)) + draw.choice(parts))
            for i in range(1, 30)
            for _ in range(40)
        }
        path.write_text("".join(f"{text}\n" for text in sorted(found)[:300]))
    return path


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    **{f"design {name}": lambda place, name=name: design(place, name) for name in STRATEGIES},  # type: ignore[misc]
    "cluster=local": lambda place: design(place, "genetic", "cluster=local", "cluster.workers.number=1"),
    "sweep": sweep,
    "screen": screen,
    "train": train,
}
