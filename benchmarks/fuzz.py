"""What the command line makes of settings and files that nobody would mean.

    python -m benchmarks.fuzz --cases 2000

For every key that a command's configuration and the constructors behind it know, hypothesis draws values of its type and of any
other; beside it sometimes another setting, or a damaged file, or an objective put together from components at random. Every case
runs in a folder of its own, in this process, for `--seconds` at most: what is at work by then was accepted. An exception is a
traceback, a file left by what was refused is half-written. Ray, the net and public data sets stay out of it.
"""

import contextlib
import os
import signal
import sqlite3
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.fuzz_cases import COMMANDS, ROWS, Case, cases, targets
from benchmarks.results import show
from molgen.cli import main


class Enough(BaseException):
    """The time of a case is over."""


@dataclass
class Outcome:
    """What became of a case; `made` are the files that a refused one left."""

    case: Case
    accepted: bool
    lines: int = 0
    traceback: str = ""
    made: tuple[str, ...] = ()

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, a line each."""
        found = [self.traceback] if self.traceback else []
        found += [f"left {', '.join(self.made)}"] if self.made else []
        found += [f"an error of {self.lines} lines"] if self.lines > 3 else []
        return [f"{' '.join(map(repr, self.case.arguments))[:600]}: {text}" for text in found]


@contextlib.contextmanager
def _time(seconds: float) -> Iterator[None]:
    def over(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_globals.get("__name__", "").startswith(("hydra", "omegaconf", "importlib")):
                return  # what is left half done there stays so for the next case; the timer comes again
            frame = frame.f_back
        raise Enough

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def prepare(folder: Path, case: Case) -> None:
    """The files that every case finds, and those of its own."""
    (folder / "folder").mkdir(parents=True)
    (folder / "folder.yaml").mkdir()
    (folder / "in.csv").write_text(f"smiles,value,label\n{ROWS}")
    (folder / "in.pdb").write_text("ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n")
    (folder / "loop.csv").symlink_to("loop.csv")
    for name, content in {
        "empty.csv": b"",
        "bytes.csv": b"\x00\xff",
        "bad.yaml": b"a: [",
        "bad.safetensors": b"1",
        "goal.yaml": b"1",
    }.items():
        (folder / name).write_bytes(content)
    for name, content in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {
        str(path.relative_to(folder)): (0, 0) if path.is_dir() else (path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
    }


def _scored(database: Path) -> bool:
    """Whether a campaign had begun: what it found is kept, whatever stopped it."""
    with contextlib.closing(sqlite3.connect(database)) as connection, contextlib.suppress(sqlite3.Error):
        return bool(connection.execute("select count(*) from molecules").fetchone()[0])
    return False


def run(case: Case, seconds: float) -> Outcome:
    """Run a case in an empty folder."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        prepare(folder, case)
        before = _state(folder)
        try:
            with _time(seconds):
                result = CliRunner().invoke(main, list(case.arguments))
        except Enough:
            return Outcome(case, accepted=True)
        if result.exit_code == 0:
            return Outcome(case, accepted=True)
        error = None if isinstance(result.exception, SystemExit) else result.exception
        trace = "".join(traceback.format_exception(error)[-3:]).strip() if error else ""
        after = _state(folder)
        begun = any(_scored(path) for path in folder.rglob("campaign.sqlite"))
        made = () if begun else tuple(sorted(path for path in after if before.get(path) != after[path]))
        lines = [line for line in result.stderr.splitlines() if line.startswith("molgen: ")]
        return Outcome(case, False, len(lines), trace, made)


def outcomes(number: int, seconds: float) -> Iterator[Outcome]:
    """What became of about so many cases, always the same."""
    found: list[Outcome] = []
    each = targets()
    share = number / sum(target.weight for target in each)
    for turn, target in enumerate(each):
        examples = int(share * target.weight * (turn + 1)) - int(share * target.weight * turn)  # less than one a key, by turns
        if not examples:
            continue

        @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @seed(turn)
        @given(cases(target, turn))
        def try_one(case: Case) -> None:
            found.append(run(case, seconds))

        try_one()
        yield from found
        found.clear()


@click.command()
@click.option("--cases", "number", default=2000, help="Commands to run.")
@click.option("--seconds", default=5.0, help="That a case may take.")
def fuzz(number: int, seconds: float) -> None:
    """Run the cases, print what is wrong with any, and a table."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    found = []
    for outcome in outcomes(number, seconds):
        found.append(outcome)
        for fault in outcome.faults:
            print(fault, end="\n\n", flush=True)
    rows = []
    for command in [*COMMANDS, "all"]:
        own = [outcome for outcome in found if command in (outcome.case.command, "all")]
        rows.append({"command": command, "cases": len(own), "accepted": sum(each.accepted for each in own),
                     "refused": sum(not each.accepted for each in own), "tracebacks": sum(bool(each.traceback) for each in own),
                     "half-written": sum(bool(each.made) for each in own),
                     "longest error (lines)": max((each.lines for each in own), default=0)})  # fmt: skip
    show(f"{len(found):,} cases", rows)


if __name__ == "__main__":
    fuzz()
