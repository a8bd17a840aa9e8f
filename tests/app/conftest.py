"""Runs as a campaign writes them, and the pages that show them."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import yaml
from fastapi.testclient import TestClient

from molgen.app.application import page_app
from molgen.app.settings import AppSettings
from molgen.app.workspace import Workspace
from molgen.runs.store import RunStore
from molgen.scoring.scores import Scores
from molgen.search.strategy import KNOWN, Proposal
from tests.app.browsing import WAIT, Open, chromium
from tests.servers import serving

Make = Callable[..., Path]
MOLECULES = ["CCO", "c1ccccc1O", "CC(=O)Oc1ccccc1C(=O)O", "c1ccncc1", "CCN", "Cc1ccncc1"]
SCORES = [0.9, 0.3, 0.8, 0.4, 0.5, 0.7]
CONFIG = {
    "campaign": {"_target_": "molgen.runs.run.Campaign", "folder": "x", "budget": 10, "title": "Small"},
    "scoring": {"terms": {"tpsa": {"descriptor": "tpsa", "transform": {"linear": {"low": 0, "high": 100}}}}, "filters": {}},
    "search": {"_target_": "molgen.search.genetic.genetic.Genetic"},
}


def commit(store: RunStore, smiles: Sequence[str], scores: Sequence[float], parents: Sequence[str] = ()) -> None:
    """What a campaign writes once it has scored molecules; their one term is a hundred times the score."""
    total = np.array(scores)
    asked = [Proposal(text, "mutation", tuple(parents)) for text in smiles]
    store.commit(asked, Scores(smiles, total, [None] * len(smiles), ("tpsa",), 100 * total[:, None], total[:, None]), {})


def end_campaigns(folder: Path) -> list[int]:
    """End what this process has begun in `folder`, with all that it began itself; the numbers of these processes."""
    ended = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            while not (words := child.cmdline()):  # it is being begun; of one that has ended this is an error
                time.sleep(0.01)
            if any(str(folder) in word for word in words):
                processes = [*child.children(recursive=True), child]
                for process in processes:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
                psutil.wait_procs(processes, 30)
                ended += [process.pid for process in processes]
    return ended


@pytest.fixture(autouse=True)
def _no_campaign_outlives_its_test(tmp_path: Path) -> Iterator[None]:
    yield
    end_campaigns(tmp_path)


@pytest.fixture
def make_run(tmp_path: Path) -> Make:
    """Makes a run below the workspace: six molecules and a lead that is the best of all."""

    def make(name: str, title: str = "Small") -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        config = CONFIG | {"campaign": {**CONFIG["campaign"], "title": title, "folder": str(folder)}}
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        store = RunStore(folder)
        lead = Scores(["CCCC"], np.ones(1), [None], ("tpsa",), np.full((1, 1), 100.0), np.ones((1, 1)))
        store.commit([Proposal("CCCC", KNOWN)], lead, {})
        commit(store, MOLECULES, SCORES, ["CCCC"])
        store.close()
        return folder

    return make


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser at the machine that the pages run on; its forms come from these pages."""
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    app = page_app(Workspace(tmp_path), AppSettings())
    with TestClient(app, "http://localhost", headers=headers, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; while it runs, nothing else of this process can have an event loop."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
    program = chromium()
    playwright.expect.set_options(timeout=WAIT)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens pages of the workspace; none may complain on its console."""
    said: list[str] = []

    def complain(message: Any) -> None:
        is_form = message.location["url"] == message.page.url and "status of 422" in message.text  # it says what is wrong
        of_driver = "GL Driver Message" in message.text  # drawing in 3D without a graphics card is slow
        given_up = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))  # for a check of what was typed since
        if message.type in ("error", "warning") and not (is_form or of_driver or given_up):
            said.append(message.text)

    with serving(page_app(Workspace(tmp_path), AppSettings()), AppSettings()) as address:
        contexts = []

        def visit(path: str, width: int = 1280, scheme: str = "light") -> Any:
            contexts.append(browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme))
            page = contexts[-1].new_page()
            page.set_default_timeout(WAIT)
            page.on("console", complain)
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(f"{address}{path}")
            return page

        yield visit
        for context in contexts:
            context.close()
    assert said == []
