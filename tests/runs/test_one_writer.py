"""One process writes in a folder; a dead one holds nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from molgen import design
from molgen.errors import CampaignError
from molgen.folders import create, sweep_up, writing
from tests.runs.small import QUICK, carbons, molecules

HOLD = """
import os, subprocess, sys, time
from pathlib import Path
from molgen.folders import writing
with writing(Path(sys.argv[1])):
    if "fork" in sys.argv:
        heard, told = os.pipe()
        if not os.fork():
            os.write(told, b"1")
            time.sleep(60)
        os.read(heard, 1)  # the child runs, and has let go of the lock
    if "start" in sys.argv:
        subprocess.Popen(["sleep", "60"], close_fds=False)
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holder(folder: Path, *children: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock, in a group of its own with its children."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *children], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("children", [[], ["fork"], ["start"]])
def test_a_second_is_told_the_number_of_the_first_and_a_dead_one_holds_nothing(tmp_path: Path, children: list[str]) -> None:
    with holder(tmp_path, *children) as process:
        with pytest.raises(CampaignError, match=rf"{tmp_path}: process {process.pid} on .* is writing there"), writing(tmp_path):
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with writing(tmp_path):
            assert f"process {os.getpid()} on" in (tmp_path / "run.lock").read_text()
    assert not list(tmp_path.iterdir())


def test_locks_of_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(CampaignError, match=f"process {os.getpid()}"), writing(tmp_path):
        pass
    with writing(tmp_path):
        pass


def test_many_that_want_the_same_folder_have_it_one_after_the_other(tmp_path: Path) -> None:
    """Each adds one to a number that it has read before: with two at a time a sum is lost."""
    add = """
import sys, time
from pathlib import Path
from molgen.errors import CampaignError
from molgen.folders import writing
folder, number = Path(sys.argv[1]), Path(sys.argv[1]) / "number"
for _ in range(30):
    while True:
        try:
            with writing(folder):
                value = int(number.read_text())
                time.sleep(0.001)
                number.write_text(str(value + 1))
            break
        except CampaignError:
            time.sleep(0.0005)
"""
    (tmp_path / "number").write_text("0")
    processes = [subprocess.Popen([sys.executable, "-c", add, str(tmp_path)]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert (tmp_path / "number").read_text() == "120"


def test_a_second_resume_scores_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    design(carbons, 20, "genetic", folder=folder, overrides=QUICK)
    scored: list[str] = []

    def noting(smiles: list[str]) -> list[float]:
        scored.extend(smiles)
        return carbons(smiles)

    with holder(folder) as process, pytest.raises(CampaignError, match=f"process {process.pid}"):
        design(noting, 40, "genetic", folder=folder, overrides=QUICK, resume=True)
    assert not scored
    design(noting, 40, "genetic", folder=folder, overrides=QUICK, resume=True)
    assert len(scored) == len(molecules(folder)) - 20 == 20


def test_temporaries_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    (tmp_path / f".{dead.pid}.top.csv").write_text("half")
    (tmp_path / f".{dead.pid}.parts").mkdir()
    (tmp_path / f".{dead.pid}.parts" / "a").write_text("half")
    kept = [tmp_path / f".{os.getpid()}.top.csv", tmp_path / ".5mm.csv", tmp_path / "1.2.csv", tmp_path / ".hidden"]
    for path in kept:
        path.write_text("whole")
    with writing(tmp_path):
        pass
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    sweep_up(tmp_path / "missing")


def test_a_folder_appears_with_all_its_files_or_not_at_all(tmp_path: Path) -> None:
    create(tmp_path / "a" / "run", {"config.yaml": b"x", "parts/1": b"y"})
    assert (tmp_path / "a" / "run" / "parts" / "1").read_bytes() == b"y"
    with pytest.raises(OSError, match="not empty"):
        create(tmp_path / "a" / "run", {"config.yaml": b"other"})
    with pytest.raises(FileNotFoundError):
        create(tmp_path / "a" / "two", {"config.yaml": b"x", "b/c/d": b"y"})
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["run"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    other_user = """
import os
from pathlib import Path
from molgen.folders import writing
from molgen.errors import MolgenError
os.setgid(65534); os.setuid(65534)
try:
    with writing(Path(".")): pass
except MolgenError as error:
    print(error)
"""
    tmp_path.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", other_user], capture_output=True, text=True, check=False, cwd=tmp_path,
                          env=os.environ | {"PYTHONPATH": str(Path.cwd())})  # fmt: skip
    assert done.stdout == ".: can't be written (Permission denied); allow writing there\n", done.stderr
    assert not list(tmp_path.iterdir())
