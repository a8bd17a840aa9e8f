"""One command line in a process of its own, and what became of it."""

import contextlib
import math
import multiprocessing
import os
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.fuzz.cases import Case
from benchmarks.fuzz.files import ROWS

ALWAYS = {
    "in.csv": f"smiles,value,label\n{ROWS}".encode(),
    "in.pdb": b"ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n",
    "empty.csv": b"",
    "bytes.csv": b"\x00\xff",
    "bad.yaml": b"a: [",
    "bad.safetensors": b"1",
    "goal.yaml": b"1",
}
ERRORS, PRINTED = ".stderr", ".stdout"
LINES = 3  # of an error, at most


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `made` are the files that a refused one left."""

    case: Case
    code: int | None  # None: it was neither done nor at work when its time was over
    seconds: float
    errors: str = ""
    made: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it did something, or was at it when its time was over."""
        return self.code in (0, None, -signal.SIGXCPU)

    @property
    def hung(self) -> bool:
        """Whether it was still at work on what takes no time, or waited for what never came."""
        return self.code in (None, -signal.SIGXCPU) and self.case.quick

    @property
    def crashed(self) -> bool:
        """Whether Python or the system ended it, or a traceback was printed on the way."""
        return "Traceback (most recent call last)" in self.errors or not (self.accepted or (self.code or 0) > 0)

    @property
    def lines(self) -> int:
        """Of the error."""
        return 0 if self.accepted or self.crashed else len(self.errors.splitlines())

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, a line each."""
        found = [f"code {self.code}, {' / '.join(self.errors.splitlines()[-12:])}"] if self.crashed else []
        found += [f"left {', '.join(self.made)}"] if self.made else []
        found += [f"an error of {self.lines} lines: {' / '.join(self.errors.splitlines())}"] if self.lines > LINES else []
        found += [f"a refusal that says nothing (code {self.code})"] if not self.accepted and not self.errors.strip() else []
        found += [f"hung for {self.seconds:.0f} s"] if self.hung else []
        return [f"molgen {' '.join(map(repr, self.case.arguments))[:600]}: {text[:2000]}" for text in found]


def start() -> None:
    """Begin to import molgen, for the processes of all cases."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["benchmarks.fuzz.running", "benchmarks.fuzz.warm"])
    forkserver.ensure_running()


def prepare(folder: Path, case: Case) -> None:
    """The files that every case finds, and those of its own."""
    (folder / "folder").mkdir(parents=True)
    (folder / "folder.yaml").mkdir()
    (folder / "loop.csv").symlink_to("loop.csv")
    for name, content in (ALWAYS | case.files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run(case: Case, seconds: float, patience: float) -> Outcome:
    """Run a case in an empty folder, for so many seconds of a processor; with patience where none of its numbers is large."""
    limit = math.ceil(patience if case.quick else seconds)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        prepare(folder / "files", case)
        before = _state(folder / "files")
        begun = time.monotonic()
        process = multiprocessing.get_context("forkserver").Process(target=_command, args=(str(folder), case.arguments, limit))
        process.start()
        process.join(seconds if case.serves else 60 + 10 * limit)
        code = process.exitcode
        _end(process)
        took, errors = time.monotonic() - begun, (folder / ERRORS).read_text(errors="replace")
        if code in (0, None, -signal.SIGXCPU) or any(map(_scored, (folder / "files").rglob("campaign.sqlite"))):
            return Outcome(case, code, took, errors)
        after = _state(folder / "files")
        return Outcome(case, code, took, errors, tuple(sorted(path for path in after if before.get(path) != after[path])))


def _command(folder: str, arguments: tuple[str, ...], seconds: int) -> None:
    """What the process of a case does: `molgen ARGUMENTS`, its files and outputs in a folder."""
    from molgen.cli.commands import main

    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    os.chdir(Path(folder) / "files")
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, f"{folder}/{PRINTED}", os.O_CREAT | os.O_WRONLY),
        (2, f"{folder}/{ERRORS}", os.O_CREAT | os.O_WRONLY | os.O_APPEND),
    ):
        os.dup2(os.open(path, flags), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", errors="backslashreplace")  # noqa: SIM115
    main(list(arguments), prog_name="molgen")


def _end(process: BaseProcess) -> None:
    """End what the process of a case has begun, too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()
    process.close()


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {
        str(path.relative_to(folder)): (0, 0) if path.is_dir() else (path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
    }


def _scored(database: Path) -> bool:
    """Whether a campaign had begun: what it found is kept, whatever stopped it."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as connection:
        return bool(connection.execute("select count(*) from molecules").fetchone()[0])
    return False
