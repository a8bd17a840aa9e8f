"""Campaigns that are killed, or run out of disk, and go on later."""

import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from molgen import design
from molgen.cluster.base import Inline
from molgen.config import compose, to_plain
from molgen.runs import run
from molgen.runs.run import Campaign, run_campaign
from molgen.runs.settings import make_strategy
from molgen.runs.store import RunStore
from molgen.search.strategy import Strategy
from tests.runs.small import COMMAND, carbons, molecules, typed
from tests.search.conftest import Shuffled


def kill_after(folder: Path, calls: int) -> None:
    """Start the run and kill -9 it as soon as `calls` molecules are committed."""
    process = subprocess.Popen(
        [*COMMAND, "campaign.budget=150", f"campaign.folder={folder}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    database = folder / "campaign.sqlite"
    while process.poll() is None:
        if database.exists() and committed(database) >= calls:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.01)
    assert process.wait() == -signal.SIGKILL


def committed(database: Path) -> int:
    try:
        with sqlite3.connect(database, timeout=0.1) as connection:
            return int(connection.execute("select count(*) from molecules").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.parametrize("calls", [1, 80])
def test_a_killed_run_ends_with_the_molecules_of_an_undisturbed_one(finished: Path, tmp_path: Path, calls: int) -> None:
    folder = tmp_path / "killed"
    kill_after(folder, calls)
    before = molecules(folder)
    assert calls <= len(before) < 150
    typed("design", f"resume={folder}")
    after, undisturbed = molecules(folder), molecules(finished)
    pd.testing.assert_frame_equal(after[: len(before)], before)
    kept = [name for name in after if name != "seconds"]
    pd.testing.assert_frame_equal(after[kept], undisturbed[kept])
    assert (folder / "report.html").exists()


def test_a_killed_run_of_an_agent_ends_with_the_molecules_of_an_undisturbed_one(tmp_path: Path) -> None:
    """The agent's weights and its optimizer resume too; the run is cut by an objective that gives up."""
    settings = ["campaign.batch=8", "search.agent.samples=16", "search.agent.updates=2"]
    undisturbed = design(carbons, 32, "genetic_policy", folder=tmp_path / "a", overrides=settings)

    def dies(smiles: list[str]) -> list[float]:
        dies.left -= 1  # type: ignore[attr-defined]
        if not dies.left:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return carbons(smiles)

    dies.left = 2  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        design(dies, 32, "genetic_policy", folder=tmp_path / "b", overrides=settings)
    assert len(molecules(tmp_path / "b")) == 8
    resumed = design(carbons, 32, "genetic_policy", folder=tmp_path / "b", overrides=settings, resume=True)
    assert resumed.molecules["smiles"].tolist() == undisturbed.molecules["smiles"].tolist()
    assert (tmp_path / "b" / "agent.safetensors").exists()


class Scattered(Inline):
    """Scores one molecule at a time, in random order."""

    asynchronous = True  # type: ignore[assignment]

    @contextmanager
    def scoring(self, objective: Any, name: str = "") -> Iterator[Any]:
        yield Shuffled(objective)


@pytest.mark.parametrize("islands", [1, 3])
def test_a_killed_asynchronous_run_scores_nothing_twice_and_tells_what_the_state_lacks(
    tmp_path: Path, islands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STATE_PAUSE", 1e6)  # the first state is the only one, however slow the machine is
    scored: list[str] = []

    def dies(smiles: list[str]) -> list[float]:
        if len(scored) == 70:
            raise KeyboardInterrupt
        scored.extend(smiles)
        return carbons(smiles)

    def objective(smiles: list[str]) -> list[float]:
        scored.extend(smiles)
        return carbons(smiles)

    nodes = [to_plain(compose("group", ["+search=genetic", f"+seed={i}"]))["search"] for i in range(islands)]
    makers = [partial(make_strategy, node) for node in nodes]
    campaign = Campaign(str(tmp_path / "run"), budget=120)
    with pytest.raises(KeyboardInterrupt):
        run_campaign(dies, makers, campaign, {}, cluster=Scattered())
    assert len(molecules(tmp_path / "run")) == 70
    assert RunStore(tmp_path / "run").after_state()
    told: list[str] = []

    def noting(node: dict[str, Any]) -> Strategy:
        strategy = make_strategy(node)
        tell = strategy.tell
        strategy.tell = lambda smiles, scores: (told.extend(scores.smiles), tell(smiles, scores))[1]  # type: ignore[method-assign]
        return strategy

    late = RunStore(tmp_path / "run").after_state()
    found = run_campaign(objective, [partial(noting, node) for node in nodes], campaign, {}, cluster=Scattered(), resume=True)
    assert len(found.molecules) == 120
    assert len(scored) == len(set(scored)) == 120
    known = set(found.molecules["smiles"][:70])
    before = next(i for i, smiles in enumerate(told) if smiles not in known)  # islands are told of each other's, too
    assert {proposal.smiles for proposal in late} <= set(told[:before])


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the same calls."""
    folder = tmp_path / "full"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    done = subprocess.run(
        [*COMMAND, "campaign.budget=1500", f"campaign.folder={folder}"],
        capture_output=True, text=True, check=False, preexec_fn=limit, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("molgen:")]
    assert len(errors) == 1
    assert f"resume={folder}" in errors[0]
    assert "Traceback" not in done.stderr
    before = molecules(folder)["smiles"].tolist()
    assert before
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("budget: 1500", f"budget: {len(before) + 20}"))
    typed("design", f"resume={folder}")
    assert molecules(folder)["smiles"].tolist()[: len(before)] == before
    assert len(molecules(folder)) == len(before) + 20
