"""The same rounds with BayBE 0.15.0 and with molgen: how long a choice takes, and how soon the best 2 % are found.

    python -m benchmarks.baybe                                        960 molecules, one seed, the default encoding: see --help
    python -m benchmarks.baybe --pools activity/chembl219_ki --encodings MORDRED ECFP --minutes 60

BayBE is set up as its documentation does: a campaign with one SubstanceParameter, decorrelated, and the default recommender
(random choices without a measurement, else sequential greedy qLogEI). It runs in a virtual environment of its own, made on the
first run (some hundred MB from the package index), with as many threads and the same PyTorch as molgen. Replays are those of
`benchmarks.replay` (24 of the worse half, ten batches of 24). molgen's default and random choices are played beside it with the
same seed. A replay that BayBE doesn't finish in time is compared as far as it came.
"""

import argparse
import itertools
import json
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import pooch

from benchmarks.environments import interpreter
from benchmarks.replay import at_random, silent
from benchmarks.results import RESULTS, ROOT, save, show, write_between
from molgen.config import compose_group
from molgen.data.curation import read_dataset
from molgen.project.choice.rules import DEFAULT, RULES
from molgen.project.models.base import Observations
from molgen.project.models.gaussian_process import EndpointProcess
from molgen.project.replay import ByModel, MeasuredPool, Proposer, ReplayedBatch, ReplaySettings, replay

BAYBE = "0.15.0"
SCRIPT = Path(__file__).with_name("baybe_proposals.py")
DOCS = ROOT / "docs" / "explanation" / "lab-rounds.md"
BEGIN = "<!-- written by benchmarks.baybe -->\n"
KEYS = ("pool", "encoding", "seed")  # of a row


class OutOfTimeError(Exception):
    """BayBE would have answered later than was allowed."""


class Answers:
    """A process that answers a line of JSON by another.

    Parameters
    ----------
    command
        Starts the process.
    seconds
        It may take, all answers together; then it is stopped.
    """

    def __init__(self, command: Sequence[str | Path], seconds: float) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._late = threading.Event()
        self._timer = threading.Timer(seconds, self.stop)
        self._timer.start()

    def stop(self) -> None:
        """No further question is answered in time."""
        self._late.set()
        self._process.kill()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question.

        Raises
        ------
        OutOfTimeError
            There is none in time.
        RuntimeError
            The process ended without one.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        if self._late.is_set():
            raise OutOfTimeError
        raise RuntimeError(f"the process ended with status {self._process.wait()} and without an answer")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.communicate()


@dataclass
class Asked:
    """Proposes what another process does, and notes what each batch took there."""

    answers: Answers
    took: list[dict[str, float]] = field(default_factory=list)

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """See `Proposer`."""
        question = {"rows": observed.rows.tolist(), "values": observed.values.tolist(), "number": number}
        answer = self.answers.ask(question)
        self.took.append({"seconds": answer["seconds"], "processor": answer["processor"]})
        return silent(answer["rows"])


@dataclass
class Timed:
    """Proposes as another proposer does, and notes what each batch took."""

    proposer: Proposer
    took: list[dict[str, float]] = field(default_factory=list)

    def __call__(
        self, pool: MeasuredPool, observed: Observations, number: int, rng: np.random.Generator, proposed: int
    ) -> ReplayedBatch:
        """See `Proposer`."""
        wall, processor = time.perf_counter(), time.process_time()
        batch = self.proposer(pool, observed, number, rng, proposed)
        self.took.append({"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor})
        return batch


def played(pool: MeasuredPool, proposer: Asked | Timed, settings: ReplaySettings) -> dict[str, Any]:
    """What a replay found and took, round by round, as far as there was time."""
    curve: list[float] = []
    with suppress(OutOfTimeError):
        replay(pool, proposer, settings, lambda _, share: curve.append(share))
    return {"curve": curve} | {key: [each[key] for each in proposer.took] for key in ("seconds", "processor")}


def compare(name: str, encoding: str, settings: ReplaySettings, python: Path, seconds: float) -> dict[str, Any]:
    """The rounds of BayBE, of molgen and of random choices: one row of the results."""
    dataset, _ = read_dataset(compose_group("data", name))
    wall, processor = time.perf_counter(), time.process_time()
    pool = MeasuredPool.of(dataset, lower=name.startswith("replay/"))
    setup = {"set-up": time.perf_counter() - wall, "set-up processor": time.process_time() - processor}
    row: dict[str, Any] = {"pool": name, "encoding": encoding, "seed": settings.seed, "molecules": len(pool)}
    row["molgen"] = played(pool, Timed(ByModel(EndpointProcess, RULES[DEFAULT])), settings) | setup
    row["random"] = played(pool, Timed(at_random), settings)
    smiles = list(dataset.measured(0).molecules.used)
    with Answers([python, "-I", SCRIPT], seconds) as answers:
        try:
            first = answers.ask({"smiles": smiles, "encoding": encoding, "seed": settings.seed})
        except OutOfTimeError:
            return row | {"baybe": {"curve": [], "seconds": [], "processor": []}}
        row["numbers"] = first["numbers"]
        row["baybe"] = played(pool, Asked(answers), settings)
        row["baybe"] |= {"set-up": first["seconds"], "set-up processor": first["processor"]}
    return row


def mean(values: Sequence[float], rounds: int) -> float:
    """The mean of the first rounds; nan without a round."""
    return float(np.mean(values[:rounds])) if rounds else float("nan")


def summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the table: set-ups, and means over the rounds that BayBE finished."""
    baybe, molgen, rounds = row["baybe"], row["molgen"], len(row["baybe"]["curve"])
    seconds, processor = (tuple(mean(each[key], rounds) for each in (baybe, molgen)) for key in ("seconds", "processor"))
    return {
        "pool": f"{row['pool'].split('/')[1]} ({row['molecules']:,})",
        "encoding": row["encoding"],
        "seed": str(row["seed"]),
        "rounds": rounds,
        "BayBE's set-up, s": baybe.get("set-up", float("nan")),
        "molgen's": molgen["set-up"],
        "BayBE's batch, s": seconds[0],
        "molgen's batch, s": seconds[1],
        "times": seconds[0] / seconds[1],
        "times, processor": processor[0] / processor[1],
        "BayBE found": mean(baybe["curve"], rounds),
        "molgen found": mean(molgen["curve"], rounds),
        "random found": mean(row["random"]["curve"], rounds),
    }


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table of the docs."""
    lines = [summary(row) for row in rows]
    cells = [[f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in line.values()] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in [list(lines[0]), ["---"] * len(lines[0]), *cells])


def main() -> None:
    """Play, print, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pools", nargs="+", default=["activity/chembl4005_ki"])
    parser.add_argument("--encodings", nargs="+", default=["MORDRED"], help="of BayBE's SubstanceParameter")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=30.0, help="BayBE may take for one pool, encoding and seed")
    parser.add_argument("--environment", type=Path, default=Path(pooch.os_cache("molgen")) / f"baybe-{BAYBE}")
    parser.add_argument("--write", action="store_true", help="write the table into docs/explanation/lab-rounds.md")
    options = parser.parse_args()
    path = RESULTS / "baybe.json"
    figures: dict[str, Any] = json.loads(path.read_text())["figures"] if path.exists() else {"rows": []}
    torch = f"torch=={version('torch').split('+')[0]}"
    python = interpreter(options.environment, [torch, f"baybe[chem]=={BAYBE}"])
    for case in itertools.product(options.pools, options.encodings, range(options.first, options.first + options.seeds)):
        name, encoding, seed = case
        row = compare(name, encoding, ReplaySettings(rounds=options.rounds, seed=seed), python, 60 * options.minutes)
        show("means over the rounds that BayBE finished", [summary(row)])
        others = [other for other in figures["rows"] if tuple(other[key] for key in KEYS) != case]
        figures |= {"baybe": BAYBE, "threads": os.environ.get("OMP_NUM_THREADS", "all"), "rows": [*others, row]}
        save("baybe", figures)
    if options.write:
        write_between(DOCS, BEGIN, markdown(figures["rows"]))


if __name__ == "__main__":
    main()
