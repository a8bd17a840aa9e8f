"""SIGKILL at random moments, and what becomes of it."""

import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults.subjects import Subject, plain, running

PATIENCE = 600  # s, for a command that nobody disturbs
REMEDY = re.compile(
    r"resume|restore|allow|put|close|mend|delete|remove|free|choose|another|begin|start|wait|stop|name|copy|again|set ",
    re.IGNORECASE,
)


@dataclass
class Tally:
    """What one kind of fault did.

    Attributes
    ----------
    lost
        Molecules (of a training, epochs) that were committed before a fault and aren't there after it.
    doubled
        Molecules that were scored though they were committed, or by two processes at once.
    dead_ends
        Times that nothing went on, and no line said what to do.
    left
        Processes of a killed command that were still there after ten seconds.
    """

    kind: str
    faults: int = 0
    lost: int = 0
    doubled: int = 0
    dead_ends: int = 0
    left: int = 0
    seconds: int = 0
    notes: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """For the table."""
        return asdict(self) | {"notes": "; ".join(dict.fromkeys(self.notes))}

    def compare(self, subject: Subject, before: Mapping[str, set[str]], asked: Mapping[str, list[str]]) -> None:
        """Count what a command has lost or doubled that began when there was `before`, and `asked` had been asked for."""
        now = subject.committed()
        self.lost += sum(len(held - now.get(name, set())) for name, held in before.items())
        for name, lines in subject.asked().items():
            new = Counter(map(plain, lines[len(asked.get(name, [])) :]))
            self.doubled += sum(number for text, number in new.items() if text in before.get(name, set()))
            self.doubled += sum(number - 1 for text, number in new.items() if text not in before.get(name, set()))


def helpful(errors: str) -> bool:
    """Whether a command that gave up says in a few lines what to do."""
    lines = [line for line in errors.splitlines() if line.startswith("molgen: ") or "resume=" in line]
    return "Traceback" not in errors and 1 <= len(lines) <= 3 and any(map(REMEDY.search, lines))


def last_line(errors: str) -> str:
    """The end of what a command said."""
    return (errors.strip().splitlines() or ["no word"])[-1][:160]


def finish(subject: Subject, tally: Tally, place: Path) -> bool:
    """Let what was disturbed go on to its end, in whichever way there is."""
    before, asked = subject.committed(), subject.asked()
    for command in (subject.resume, subject.begin):
        errors = undisturbed(command, place)
        if subject.finished():
            tally.compare(subject, before, asked)
            return True
        if any(before.values()):  # to begin anew would lose it
            break
    tally.dead_ends += 1
    tally.notes.append(last_line(errors))
    return False


def undisturbed(command: list[str], place: Path, mark: str = "alone", first: str = "") -> str:
    """What a command that runs to its end says about errors."""
    with running(command, place, mark, first) as process, suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    errors = (place / "errors.txt").read_text()
    return errors if process.returncode is not None and process.returncode >= 0 else f"{errors}\nno end after {PATIENCE} s"


def leftovers(mark: str) -> list[psutil.Process]:
    """The processes that are left of the command with this mark, ten seconds after it was killed at the latest."""
    for _ in range(20):
        found = [process for process in psutil.process_iter() if _has_mark(process, mark)]
        if not found:
            return []
        time.sleep(0.5)
    return found


def _has_mark(process: psutil.Process, mark: str) -> bool:
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get("FAULTS") == mark
    return False


def kill_often(make: Any, kind: str, kills: int, place: Path, draw: random.Random) -> Tally:
    """Kill what `make` makes `kills` times, each time after a random while; what was killed goes on until it is done."""
    tally, window, round_ = Tally(kind), 20.0, 0
    while tally.faults < kills and round_ < 3 * kills + 3:
        here = place / str(round_)
        here.mkdir(parents=True)
        subject, command, round_ = make(here), None, round_ + 1
        while tally.faults < kills and not subject.finished():
            command = subject.resume if command and subject.folder.exists() else subject.begin
            before, asked = subject.committed(), subject.asked()
            mark, began = f"{here}-{tally.faults}", time.monotonic()
            with running(command, here, mark) as process:
                try:
                    process.wait(draw.uniform(0, window))
                except subprocess.TimeoutExpired:
                    process.kill()
                    tally.faults += 1
            if process.returncode > 0:  # it ended by itself, with an error: the other way on must be one
                break
            if process.returncode == 0:
                window = 0.9 * (time.monotonic() - began)
            elif before == subject.committed():
                window = min(1.2 * window, 120.0)
            left = leftovers(mark)
            tally.left += len(left)
            for process_left in left:
                with suppress(psutil.Error):
                    process_left.kill()
            tally.compare(subject, before, asked)
        if not subject.finished() and not finish(subject, tally, here):
            break
    return tally
