"""A run goes on whatever became of its states, and scores nothing twice; or says in a line why it can't."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from molgen import design
from molgen.cli.commands import main
from molgen.config import compose, to_plain
from molgen.errors import CampaignError
from molgen.runs.run import Campaign, begin, run_campaign
from molgen.runs.settings import CONFIG, check_run_folder, design_config, make_strategy, read_config
from molgen.runs.stages import run_config
from molgen.runs.store import RunStore
from tests.runs.small import COMMAND, carbons, molecules
from tests.runs.test_kills import Scattered, committed

SECOND = "campaign.batch=10"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 40 calls, as a kill would leave it: both states, and its database 20 calls before."""
    folder = tmp_path_factory.mktemp("begun") / "run"
    design(carbons, 20, "genetic", folder=folder, overrides=[SECOND, "search.initial_design=10"])
    shutil.copy(folder / "campaign.sqlite", folder.parent / "older.sqlite")
    design(carbons, 40, "genetic", folder=folder, overrides=[SECOND, "search.initial_design=10"], resume=True)
    for name in ("top.csv", "top.sdf", "report.html"):
        (folder / name).unlink()
    return folder


def emptied(folder: Path) -> None:
    """What a power cut leaves of pages that were never written."""
    for path in folder.glob("state-*"):
        path.write_bytes(b"")


def zeroed(folder: Path) -> None:
    for path in folder.glob("state-*"):
        path.write_bytes(bytes(path.stat().st_size))


def lost(folder: Path) -> None:
    for path in folder.glob("state-*"):
        path.unlink()


def of_an_older_database(folder: Path) -> None:
    shutil.copy(folder.parent / "older.sqlite", folder / "campaign.sqlite")


def of_another_run(folder: Path) -> None:
    other = folder.parent / "other"
    design(carbons, 40, "genetic", seed=7, folder=other, overrides=[SECOND, "search.initial_design=10"])
    theirs = max(other.glob("state-*"))  # which of the two there is goes by how many batches it took
    for path in folder.glob("state-*"):
        shutil.copy(theirs, path)


def of_another_version(folder: Path) -> None:
    store = RunStore(folder)
    state = store.state()
    assert state is not None
    digest = store.states.write(store.batch, {key: value for key, value in state.items() if key != "rewards"})
    store.engine.dispose()
    with sqlite3.connect(folder / "campaign.sqlite") as connection:
        connection.execute("update run set digest = ?", [digest])


@pytest.mark.parametrize("spoil", [emptied, zeroed, lost, of_an_older_database, of_another_run, of_another_version])
def test_without_its_state_a_run_goes_on_from_its_database(
    begun: Path, tmp_path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(begun, folder)
    shutil.copy(begun.parent / "older.sqlite", tmp_path)
    spoil(folder)
    before = molecules(folder)
    scored: list[str] = []

    def noting(smiles: list[str]) -> list[float]:
        scored.extend(smiles)
        return carbons(smiles)

    run = design(noting, 60, "genetic", folder=folder, overrides=[SECOND, "search.initial_design=10"], resume=True)
    assert run.complete
    assert len(run.molecules) == run.molecules["smiles"].nunique() == 60
    assert run.molecules["smiles"].tolist()[: len(before)] == before["smiles"].tolist()
    assert sorted(scored) == sorted(run.molecules["smiles"][len(before) :])
    assert set(run.molecules["operator"][len(before) :]) <= {"mutation", "crossover", "crossover+mutation"}
    (line,) = [record.getMessage() for record in caplog.records if "state of its search" in record.getMessage()]
    assert f"a fresh one that is told of all {len(before)} molecules" in line
    caplog.clear()
    design(carbons, 70, "genetic", folder=folder, overrides=[SECOND, "search.initial_design=10"], resume=True)
    assert not caplog.records


@pytest.mark.parametrize("islands", [1, 2])
def test_so_do_islands_and_asynchronous_searches(tmp_path: Path, islands: int) -> None:
    nodes = [
        to_plain(compose("group", ["+search=genetic", f"+seed={i}", "search.initial_design=10"]))["search"]
        for i in range(islands)
    ]
    makers = [partial(make_strategy, node) for node in nodes]
    run_campaign(carbons, makers, Campaign(str(tmp_path / "run"), budget=40), {}, cluster=Scattered())
    emptied(tmp_path / "run")
    scored: list[str] = []

    def noting(smiles: list[str]) -> list[float]:
        scored.extend(smiles)
        return carbons(smiles)

    campaign = Campaign(str(tmp_path / "run"), budget=60)
    run = run_campaign(noting, makers, campaign, {}, cluster=Scattered(), resume=True)
    assert len(run.molecules) == run.molecules["smiles"].nunique() == 60
    assert len(scored) == 20


def test_a_stage_whose_state_is_lost_is_followed_by_one_that_begins_afresh(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = ["search=genetic", "search.initial_design=10", "campaign.batch=10", "scoring=pmo/qed", "campaign.budget=20"]
    stages = "stages=[{scoring: drug_like, budget: 20}]"
    config = design_config([*settings, stages, f"campaign.folder={tmp_path / 'run'}"])
    run_config(config)
    lost(tmp_path / "run" / "stage-1")
    for path in (tmp_path / "run").iterdir():
        if path.is_file() and path.name != "config.yaml":
            path.unlink()
    run = run_config(read_config(tmp_path / "run"), resume=True)
    assert len(run.molecules) == 20
    assert len(molecules(tmp_path / "run" / "stage-1")) == 20
    assert "what the stage before has learnt can't be used (state-" in caplog.text


def test_a_folder_that_holds_its_settings_alone_is_begun(tmp_path: Path) -> None:
    """What a kill leaves right after the folder was made."""
    folder = tmp_path / "run"
    show = CliRunner().invoke(main, ["design", "--show", *COMMAND[4:], "campaign.budget=20", f"campaign.folder={folder}"])
    begin(folder, yaml.safe_load(show.output))
    assert [path.name for path in folder.iterdir()] == ["config.yaml"]
    done = CliRunner().invoke(main, ["design", f"resume={folder}"])
    assert done.exit_code == 0, done.output
    assert len(molecules(folder)) == 20


def test_a_missing_database_beside_results_is_one_line(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "run" / "campaign.sqlite").unlink()
    done = CliRunner().invoke(main, ["design", f"resume={tmp_path / 'run'}"])
    assert done.exit_code == 1
    assert [line for line in done.stderr.splitlines() if "restore a copy of it" in line]
    assert not (tmp_path / "run" / "campaign.sqlite").exists()


def test_of_two_designs_that_begin_at_once_one_is_refused(tmp_path: Path) -> None:
    command = [*COMMAND, "campaign.budget=40", f"campaign.folder={tmp_path / 'run'}"]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    refused = said[[process.returncode for process in both].index(1)]
    assert "exists already" in refused or "is writing there" in refused
    assert "Traceback" not in refused
    assert len(molecules(tmp_path / "run")) == molecules(tmp_path / "run")["smiles"].nunique() == 40


def test_of_two_resumes_at_once_one_is_refused_and_nothing_is_lost(begun: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = subprocess.Popen(
        [*COMMAND, "campaign.budget=3000", f"campaign.folder={folder}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not committed(folder / "campaign.sqlite"):
            assert first.poll() is None
        second = subprocess.run(
            [sys.executable, "-m", "molgen.cli", "design", f"resume={folder}"], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert f"molgen: {folder}: process {first.pid} on " in second.stderr
        assert first.poll() is None
    finally:
        first.kill()
        first.wait()
    table = molecules(folder)
    assert len(table) == table["smiles"].nunique()


def minding_signals() -> None:
    """Where the tests run in the background signals may be ignored, and so by what they start."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_says_how_to_go_on(tmp_path: Path, number: signal.Signals, code: int) -> None:
    folder = tmp_path / "run"
    command = [*COMMAND, "campaign.budget=3000", f"campaign.folder={folder}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=minding_signals)
    try:
        while not committed(folder / "campaign.sqlite"):
            assert process.poll() is None
        os.kill(process.pid, number)
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
    assert process.returncode == code, said
    assert f"stopped; nothing is lost: molgen design resume={folder}" in said
    assert "Traceback" not in said
    assert not (folder / "run.lock").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        b"\xff\xfe",
        b"\0",
        b"[" * 3000,
        b"a: 2020-13-45",
        b"!!python/name:os.system",
        b"campaign: 3",
        b"campaign: {a: 1}",
    ],
)
def test_damaged_settings_are_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(CampaignError, match=r"config\.yaml: damaged \(.*\); restore a copy") as error:
        read_config(tmp_path)
    assert "\n" not in str(error.value)


def test_settings_cut_short_anywhere_or_of_other_types_are_one_line(finished: Path, tmp_path: Path) -> None:
    text = (finished / "config.yaml").read_text()
    tree = yaml.safe_load(text)
    contents = [text[:n] for n in range(0, len(text), len(text) // 40)]
    contents += [yaml.safe_dump(tree | {key: value}) for key in tree for value in (None, [], {}, "x", -1, True, {"a": 1})]
    for content in contents:
        (tmp_path / "config.yaml").write_text(content)
        done = CliRunner().invoke(main, ["design", "--show", f"resume={tmp_path}"])
        assert isinstance(done.exception, SystemExit | None), f"{done.exception!r}: {content[-300:]}"
        assert all(line.startswith("molgen: ") for line in done.stderr.splitlines())


def test_a_run_whose_settings_are_missing_says_what_to_do(finished: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(finished, tmp_path / "run")
    (folder / CONFIG).unlink()
    with pytest.raises(CampaignError, match=r"no config.yaml, .*restore a copy"):
        check_run_folder(folder)
