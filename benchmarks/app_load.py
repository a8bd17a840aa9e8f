"""What a campaign of 100 molecules a second does to the page that watches it, and to the memory of its server.

    python -m benchmarks.app_load [--minutes 10]

This process writes a run as `molgen design` does; `molgen app` serves it, and Chromium watches its page, scrolled to the map
and to the table in turns. Every ten seconds it clicks the head of a column. Printed are, per interval: molecules written, what
the server and its helper processes hold, the click's time to the next frame (Event Timing), and the longest task.

Memory is fitted over the second half, as slopes per minute and per 1,000 molecules: while molecules come, and then while none
come but the page goes on being sorted.
"""

import itertools
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import psutil
import yaml
from playwright.sync_api import sync_playwright

from benchmarks.results import save, show
from molgen.folders import writing
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal

TERMS = {name: {"descriptor": name, "transform": {"linear": {"low": 0, "high": 100}}} for name in ("tpsa", "weight")}
CONFIG = {
    "campaign": {"_target_": "molgen.runs.run.Campaign", "folder": "x", "budget": 1_000_000, "title": "Load"},
    "scoring": {"terms": TERMS, "filters": {}},
    "search": {"_target_": "molgen.search.genetic.genetic.Genetic"},
}
PARTS = ["C", "CC", "OC", "OCC", "NC", "F", "Cl", "C#N", "CO", "CN(C)C", "OC(F)F", "C(=O)N", "CCO", "SC", "N1CCOCC1", "C1CC1"]
CORES = [
    "c1c({})cc({})c2c1C(=O)N({})C2",
    "c1cc({})nc({})c1-c1ccc({})cc1",
    "C1C({})CN(C(=O)c2cc({})ccc2{})C1",
    "c1({})nc({})sc1C{}",
]
WATCH = """() => {
    window.tasks = []; window.clicks = [];
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(each => each.duration))).observe({type: 'longtask'});
    new PerformanceObserver(list => clicks.push(...list.getEntries().filter(each => each.name === 'click')
        .map(each => each.duration))).observe({type: 'event', durationThreshold: 16});
}"""


def molecules() -> Iterator[str]:
    """Different SMILES without an end: 16,384, then with longer chains."""
    for length in itertools.count():
        for parts in itertools.product(PARTS, PARTS, PARTS):
            for core in CORES:
                yield f"{'C' * length}" + core.format(*parts)


class Writer(threading.Thread):
    """Writes to a run, ten times a second, until it is stopped."""

    def __init__(self, folder: Path, rate: int) -> None:
        super().__init__(daemon=True)
        self.folder, self.rate, self.written, self.stopped = folder, rate, 0, threading.Event()

    def run(self) -> None:
        """See threading.Thread."""
        source, rng = molecules(), np.random.default_rng(0)
        store, began = RunStore(self.folder), time.monotonic()
        with writing(self.folder):
            while not self.stopped.wait(0.1):
                due = int((time.monotonic() - began) * self.rate) - self.written
                smiles = list(itertools.islice(source, due))
                raw = rng.random((due, 2)) * 100
                total = raw.mean(1) / 100
                store.commit([Proposal(text, "mutation", ()) for text in smiles],
                             Scores(smiles, total, [None] * due, ("tpsa", "weight"), raw, raw / 100), {})  # fmt: skip
                self.written += due
        store.close()


def resident(process: psutil.Process) -> tuple[float, float]:
    """MB that a server holds, and those of its helpers."""
    helpers = sum(child.memory_info().rss for child in process.children(recursive=True))
    return process.memory_info().rss / 1e6, helpers / 1e6


def slope(rows: list[dict[str, Any]], against: str) -> float:
    """MB of the server per unit of a column."""
    return float(np.polyfit([row[against] for row in rows], [row["server (MB)"] for row in rows], 1)[0])


def watched(page: Any, process: psutil.Process, writer: Writer, minutes: float, phase: str) -> list[dict[str, Any]]:
    """A row for every ten seconds."""
    rows, began = [], time.monotonic()
    while (now := time.monotonic()) - began < 60 * minutes:
        page.evaluate("window.tasks.length = window.clicks.length = 0")
        page.locator("#map" if len(rows) % 2 else "#table").scroll_into_view_if_needed()
        page.wait_for_timeout(4000)
        page.locator("#heads [data-column=score] button").click()
        page.wait_for_timeout(max(100.0, 10_000 - 1000 * (time.monotonic() - now)))
        clicks, tasks = page.evaluate("[window.clicks, window.tasks]")
        server, helpers = resident(process)
        row = {"phase": phase, "minutes": (time.monotonic() - began) / 60, "molecules": writer.written}
        row |= {"server (MB)": server, "helpers (MB)": helpers}
        rows.append(row | {"click (ms)": max([16.0, *clicks]), "longest task (ms)": max([0.0, *tasks])})
        print(*(f"{name} {value:.1f}" if isinstance(value, float) else value for name, value in rows[-1].items()), flush=True)
    return rows


@click.command()
@click.option("--minutes", default=10.0, help="Time for which molecules come.")
@click.option("--after", default=3.0, help="Time that the page is watched when none come any more.")
@click.option("--rate", default=100, help="Molecules a second.")
def main(minutes: float, after: float, rate: int) -> None:
    """Write, serve and watch a run."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as place, socket.socket() as free, sync_playwright() as driver:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        folder = Path(place) / "runs/load"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
        writer = Writer(folder, rate)
        command = [sys.executable, "-m", "molgen.cli", "app", place, f"app.port={port}", "app.browser=false"]
        with subprocess.Popen(command, cwd=place) as server:
            writer.start()
            try:
                browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                while True:
                    try:
                        page.goto(f"http://127.0.0.1:{port}/campaigns/runs/load")
                        break
                    except Exception:  # it isn't there yet
                        time.sleep(0.5)
                page.locator("#body tr:not(.gap)").first.wait_for()
                page.evaluate(WATCH)
                process = psutil.Process(server.pid)
                rows = watched(page, process, writer, minutes, "molecules come")
                writer.stopped.set()
                writer.join()
                rows += watched(page, process, writer, after, "none come")
                browser.close()
            finally:
                writer.stopped.set()
                server.terminate()
    summary = []
    for phase in dict.fromkeys(row["phase"] for row in rows):
        own = [row for row in rows if row["phase"] == phase]
        late = own[len(own) // 2 :]
        grows = slope(late, "molecules") * 1000 if late[-1]["molecules"] > late[0]["molecules"] else 0.0
        clicks, tasks = ([row[name] for row in own] for name in ("click (ms)", "longest task (ms)"))
        summary.append({"phase": phase, "minutes": own[-1]["minutes"], "molecules": own[-1]["molecules"],
                        "server (MB)": own[-1]["server (MB)"], "MB a minute": slope(late, "minutes"), "MB per 1,000": grows,
                        "click, median": float(np.median(clicks)), "worst": max(clicks), "task, median": float(np.median(tasks)),
                        "longest": max(tasks)})  # fmt: skip
    show("A campaign's page under load", summary)
    save("app_load", {"summary": summary, "rows": rows})


if __name__ == "__main__":
    main()
