"""A project in a browser: from the first results to a second round, on a phone, in two tabs, and while the server is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from molgen.app.uploads import waiting
from molgen.project.project import Project
from tests.app.browsing import Open, faults
from tests.app.test_projects import FIRST, GOALS

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
VENDOR = ["CCOc1ccccc1", "CCCc1ccccc1", "CCNc1ccncc1", "OCc1ccccc1", "CC(C)c1ccncc1", "NCc1ccco1", "CCSc1ccccc1", "COCc1ccncc1"]


def send(page: Any, path: Path) -> None:
    """Choose a file and look at what it says."""
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_url("**/project/preview/**")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without measurements, a first table, and compounds that can be had."""
    (tmp_path / "goals.yaml").write_text(GOALS)
    (tmp_path / "assay.csv").write_bytes(FIRST)
    (tmp_path / "vendor.smi").write_text("\n".join(VENDOR))
    Project.new(tmp_path / "thrombin", tmp_path / "goals.yaml")
    return tmp_path / "thrombin"


def propose(page: Any, n: str) -> None:
    """Ask for a round from what can be had."""
    page.get_by_role("radio", name="library").check()
    page.get_by_label("File of compounds", exact=True).fill("vendor.smi")
    page.get_by_label("Compounds", exact=True).fill(n)
    page.get_by_role("button", name="Propose").click()


def test_two_rounds_from_the_first_results_on(visit: Open, folder: Path, tmp_path: Path) -> None:
    page = visit("/")
    page.get_by_role("link", name="thrombin").click()
    page.get_by_role("heading", name="thrombin").wait_for()
    other = visit("/projects/thrombin")
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("Choose a file first.").wait_for()
    send(page, tmp_path / "assay.csv")
    page.get_by_text("row 4: left out, 'nonsense'").wait_for()
    assert faults(page) == []
    assert Project.open(folder).facts() == []
    other.get_by_role("link", name="assay.csv").wait_for()  # without a reload
    page.get_by_role("button", name="Record 5 facts").click()
    page.get_by_text("5 new facts recorded.").wait_for()
    other.get_by_text("5.92").first.wait_for()
    other.get_by_role("link", name="assay.csv").wait_for(state="detached")
    for number in (1, 2):
        page.locator("#stop").wait_for(state="detached")  # the command of the round before has ended
        propose(page, "3")
        page.get_by_role("heading", name=f"Round {number}", exact=True).wait_for()
        other.get_by_role("heading", name=f"Round {number}", exact=True).wait_for()
        assert page.locator(".proposal").count() == 3
        assert faults(page) == []
        ids = [fact.name for fact in Project.open(folder).propositions(number)]
        page.get_by_role("button", name=f"Not made: {ids[2]}").click()
        page.get_by_label("Why").fill("impure")
        assert faults(page) == []
        page.get_by_role("button", name="Record", exact=True).click()
        page.locator(f'#of-{ids[2]}[data-state="not made"]').get_by_text("impure").wait_for()
        (tmp_path / "results.csv").write_text(f"id,IC50 (nM)\n{ids[0]},{90 / number}\n{ids[1]},>1000\n")
        send(page, tmp_path / "results.csv")
        page.get_by_role("button", name="Record 2 facts").click()
        page.locator(f'#of-{ids[0]}[data-state="measured"]').wait_for()
    page.get_by_text("too few measured values to tell").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "thrombin-002-003" in download.value.path().read_text()
    project = Project.open(folder)
    assert len(project.measurements()) == 8
    assert [fact.reason for fact in project.not_made()] == ["not made", "impure", "impure"]
    assert len({fact.compound for fact in project.propositions()}) == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_project_fits_a_phone_and_is_read_aloud(visit: Open, folder: Path, tmp_path: Path, scheme: str) -> None:
    project = Project.open(folder)
    project.observe(tmp_path / "assay.csv")
    project.record_proposed(VENDOR[:4])
    (tmp_path / "more.csv").write_bytes(FIRST.replace(b"1200", b"1300"))
    page = visit("/projects/thrombin", 390, scheme)
    for locator in (".proposal", "#history .pictured img"):
        page.locator(locator).first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert faults(page) == []
    send(page, tmp_path / "more.csv")
    page.get_by_role("button", name="Record 1 fact").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert faults(page) == []
    page.get_by_label("It holds").select_option("correct")  # is read at once
    page.get_by_text("values corrected").wait_for()


def test_a_server_that_is_killed_before_the_button_loses_nothing(browser: Any, folder: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "molgen.cli", "app", str(tmp_path), f"app.port={port}", "app.browser=false"]

    def served() -> Any:
        process = subprocess.Popen(command, cwd=tmp_path)
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as asked:
                if not asked.connect_ex(("127.0.0.1", port)):
                    return process
            time.sleep(0.1)
        raise AssertionError("the server doesn't answer")

    process = served()
    try:
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"http://127.0.0.1:{port}/projects/thrombin")
        send(page, tmp_path / "assay.csv")
        page.get_by_role("button", name="Record 5 facts").wait_for()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert Project.open(folder).facts() == []
        assert [upload.name for upload in waiting(folder)] == ["assay.csv"]
        process = served()
        page.get_by_role("button", name="Record 5 facts").click()
        page.get_by_text("5 new facts recorded.").wait_for()
        page.close()
    finally:
        process.kill()
        process.wait()
    assert len(Project.open(folder).facts()) == 5
    assert waiting(folder) == []
