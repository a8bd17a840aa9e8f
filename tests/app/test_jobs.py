"""Campaigns as processes: how they stand, and which process is asked to end."""

import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from molgen.app.jobs import Jobs
from molgen.app.processes import LOG
from molgen.errors import CampaignError
from molgen.folders import LOCK, Writer, writer_of, writing
from tests.app.conftest import Make, end_campaigns


def test_the_writer_of_a_folder_is_who_holds_its_lock(tmp_path: Path) -> None:
    assert writer_of(tmp_path) is None
    with writing(tmp_path):
        assert writer_of(tmp_path) == Writer(os.getpid(), True)
    assert writer_of(tmp_path) is None
    (tmp_path / LOCK).write_text(f"process {os.getpid()} on {platform.node()}\n")  # left behind, and the number used again
    assert writer_of(tmp_path) is None


def test_asking_for_the_writer_keeps_nobody_out(tmp_path: Path) -> None:
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            writer_of(tmp_path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            with writing(tmp_path):
                pass
    finally:
        ended.set()
        asking.join()


def test_a_folder_cannot_have_another_process_ended(make_run: Make) -> None:
    folder = make_run("runs/hostile")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        (folder / LOCK).write_text(f"process {other.pid} on {platform.node()}\n")
        with pytest.raises(CampaignError, match="hostile: isn't running"):
            Jobs().stop(folder)
        time.sleep(0.2)
        assert other.poll() is None
        other.kill()


def test_why_a_campaign_failed_is_known_after_a_restart(make_run: Make) -> None:
    folder = make_run("runs/f")
    jobs = Jobs()
    assert jobs.state(folder) == "stopped"
    (folder / LOG).write_text("10/100 calls\nmolgen: scoring.terms.x: no component\n")
    assert jobs.state(folder) == "failed"
    assert jobs.said(folder)[-1] == "molgen: scoring.terms.x: no component"
    os.utime(folder / LOG, (0, 0))  # somebody has gone on since, in a terminal
    assert jobs.state(folder) == "stopped"


def test_what_runs_or_has_ended_is_not_resumed(make_run: Make) -> None:
    folder = make_run("runs/e")
    with writing(folder), pytest.raises(CampaignError, match="e: is running, and can't be resumed"):
        Jobs().go_on(folder)
    for name in ("top.csv", "report.html"):
        (folder / name).touch()
    with pytest.raises(CampaignError, match="e: is finished, and can't be resumed"):
        Jobs().go_on(folder)


def test_no_campaign_outlives_its_test(make_run: Make, tmp_path: Path) -> None:
    jobs = Jobs()
    jobs.go_on(make_run("runs/left"))
    assert jobs.state(tmp_path / "runs/left") in ("starting", "running")
    assert len(end_campaigns(tmp_path)) >= 1
    assert jobs.state(tmp_path / "runs/left") == "stopped"
    assert end_campaigns(tmp_path) == []


def test_a_log_is_never_written_elsewhere(make_run: Make, tmp_path: Path) -> None:
    folder = make_run("runs/l")
    (folder / LOG).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CampaignError, match="is a link"):
        Jobs().go_on(folder)
    assert not (tmp_path / "elsewhere").exists()
