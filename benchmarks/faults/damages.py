"""Faults that aren't kills: two writers, disks, and files that are damaged, missing or of another time."""

import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.faults.kills import Tally, helpful, last_line, undisturbed
from benchmarks.faults.subjects import BUDGET, Subject, design, running, screen, sweep, train

FULL = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
# takes from root the right to write where the mode of a file forbids it (Linux): CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
AS_ANYBODY = "import ctypes\nfor capability in 1, 2:\n    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)"
STATES = "state-*.safetensors"


def emptied(pattern: str, folder: Path) -> None:
    """Files of no length, as a power cut leaves them."""
    for path in folder.glob(pattern):
        path.write_bytes(b"")


def halved(pattern: str, folder: Path) -> None:
    """Files that end in their middle."""
    for path in folder.glob(pattern):
        os.truncate(path, path.stat().st_size // 2)


def missing(pattern: str, folder: Path) -> None:
    """Files that are gone."""
    for path in folder.glob(pattern):
        path.unlink()


def garbled(pattern: str, folder: Path) -> None:
    """Files with other bytes in their middle."""
    for path in folder.glob(pattern):
        data = bytearray(path.read_bytes())
        data[len(data) // 3 : 2 * len(data) // 3] = bytes(len(data) // 3)
        path.write_bytes(data)


Damage = Callable[[Path], None]
DAMAGES: dict[str, tuple[Callable[[Path], Subject], Damage]] = {}
for name, act in (("emptied", emptied), ("halved", halved), ("garbled", garbled), ("missing", missing)):
    DAMAGES |= {
        f"states {name}": (partial(design, strategy="genetic"), partial(act, STATES)),
        f"one state {name}": (partial(design, strategy="genetic"), partial(act, "state-0.safetensors")),
        f"database {name}": (partial(design, strategy="genetic"), partial(act, "campaign.sqlite")),
        f"config.yaml {name}": (partial(design, strategy="genetic"), partial(act, "config.yaml")),
        f"log of the database {name}": (partial(design, strategy="genetic"), partial(act, "campaign.sqlite-wal")),
        f"sweep.yaml {name}": (sweep, partial(act, "sweep.yaml")),
        f"config.yaml of jobs {name}": (sweep, partial(act, "*/config.yaml")),
        f"screen.yaml {name}": (screen, partial(act, "screen.yaml")),
        f"a chunk {name}": (screen, partial(act, "parts/00000001.parquet")),
        f"training state {name}": (train, partial(act, "state.safetensors")),
    }
GONE = ("database", "log of the database", "a chunk", "training state")  # what was committed is gone with them


def half_way(subject: Subject, place: Path) -> None:
    """Begin, and kill as soon as a third is committed."""
    with running(subject.begin, place, "half") as process:
        end = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < end and sum(map(len, subject.committed().values())) < _third(subject):
            time.sleep(0.05)
        process.kill()


def _third(subject: Subject) -> int:
    return BUDGET // 3 if subject.logs else 2


def judged(tally: Tally, subject: Subject, errors: str, before: dict[str, set[str]], asked: dict[str, list[str]]) -> Tally:
    """`tally` after a fault: it went on, or says what to do."""
    tally.faults += 1
    tally.compare(subject, {} if tally.kind.startswith(GONE) else before, asked)
    if subject.finished():
        tally.notes.append("went on")
    elif helpful(errors):
        tally.notes.append(last_line(errors))
    else:
        tally.dead_ends += 1
        tally.notes.append(f"DEAD END: {last_line(errors)}")
    return tally


def refused(tally: Tally, errors: str, well: bool) -> None:
    """Note what a command said that couldn't go on yet."""
    tally.dead_ends += not well
    tally.notes.append(f"{'' if well else 'NO WORD: '}{last_line(errors)}")


def damage(kind: str, place: Path) -> Tally:
    """One of DAMAGES, done to something that was killed half way."""
    make, act = DAMAGES[kind]
    subject = make(place)
    half_way(subject, place)
    before, asked = subject.committed(), subject.asked()
    act(subject.folder)
    return judged(Tally(kind), subject, undisturbed(subject.resume, place), before, asked)


def other_states(place: Path, older: bool) -> Tally:
    """States of the same run from earlier, or of another run."""
    tally = Tally("states of earlier" if older else "states of another run")
    subject = design(place, "genetic")
    if older:
        half_way(subject, place)
        kept = place / "kept"
        shutil.copytree(subject.folder, kept)
        with running(subject.resume, place, "older") as process:
            begun, end = sum(map(len, subject.committed().values())), time.monotonic() + 300
            while process.poll() is None and time.monotonic() < end and sum(map(len, subject.committed().values())) < begun + 30:
                time.sleep(0.05)
            process.kill()
    else:
        (place / "other").mkdir()
        other = design(place / "other", "genetic", "seed=7")
        half_way(other, place / "other")
        kept = other.folder
        half_way(subject, place)
    for state in kept.glob(STATES):
        shutil.copy(state, subject.folder)
    before, asked = subject.committed(), subject.asked()
    return judged(tally, subject, undisturbed(subject.resume, place), before, asked)


def two_resumes(make: Callable[[Path], Subject], kind: str, place: Path) -> Tally:
    """Two processes go on with the same folder."""
    tally, subject = Tally(kind), make(place)
    half_way(subject, place)
    before, asked = subject.committed(), subject.asked()
    (place / "second").mkdir()
    with running(subject.resume, place, "first") as first:
        errors = undisturbed(subject.resume, place / "second", "second")
        first.wait(600)
    tally.notes.append(last_line(errors) if errors.strip() else "both ended")
    if not subject.finished():
        errors = undisturbed(subject.resume, place)
    return judged(tally, subject, errors, before, asked)


def full_disk(make: Callable[[Path], Subject], kind: str, place: Path, limit: int) -> Tally:
    """A limit on the size of files stands for it; afterwards there is room again."""
    tally, subject = Tally(kind), make(place)
    half_way(subject, place)
    before, asked = subject.committed(), subject.asked()
    errors = undisturbed(subject.resume, place, first=FULL.format(limit=limit))
    refused(tally, errors, subject.finished() or helpful(errors))
    tally.compare(subject, before, asked)
    before, asked = subject.committed(), subject.asked()
    return judged(tally, subject, undisturbed(subject.resume, place), before, asked)


def read_only(make: Callable[[Path], Subject], kind: str, place: Path) -> Tally:
    """The folder can't be written into; afterwards it can."""
    tally, subject = Tally(kind), make(place)
    half_way(subject, place)
    before, asked = subject.committed(), subject.asked()
    modes = {path: path.stat().st_mode for path in [subject.folder, *subject.folder.rglob("*")]}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    errors = undisturbed(subject.resume, place, first=AS_ANYBODY)
    for path, mode in modes.items():
        path.chmod(mode)
    refused(tally, errors, helpful(errors))
    return judged(tally, subject, undisturbed(subject.resume, place), before, asked)


OTHERS: dict[str, Callable[[Path], Tally]] = {
    "states of earlier": partial(other_states, older=True),
    "states of another run": partial(other_states, older=False),
}
for name, make in {"design": partial(design, strategy="genetic"), "sweep": sweep, "screen": screen, "train": train}.items():
    OTHERS |= {
        f"two at once, {name}": partial(two_resumes, make, f"two at once, {name}"),
        f"full disk, {name}": partial(full_disk, make, f"full disk, {name}", limit=20_000),
        f"read-only folder, {name}": partial(read_only, make, f"read-only folder, {name}"),
    }
CASES: dict[str, Callable[[Path], Tally]] = {**OTHERS, **{kind: partial(damage, kind) for kind in DAMAGES}}
