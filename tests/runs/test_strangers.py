"""Run folders, sweeps and screens from strangers run nothing: every case would leave a marker."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from molgen.cli.commands import main
from molgen.config import build, compose, to_plain
from molgen.errors import CampaignError, ConfigError
from molgen.reports.report import drawn_components
from molgen.runs.losses import read_losses
from molgen.runs.settings import CONFIG, design_config
from molgen.runs.sweep import Sweep
from molgen.screening.parts import scored_chunks
from molgen.trust import trusted_names
from tests.runs.small import QUICK
from tests.strangers import calls, objective, written


@pytest.fixture
def run(finished: Path, strangers: Path) -> Path:
    """A finished run in the strangers' folder."""
    run = strangers / "run"
    run.mkdir()
    for name in (CONFIG, "campaign.sqlite"):
        shutil.copy(finished / name, run / name)
    return run


@pytest.fixture
def config(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((run / CONFIG).read_text())
    return found


def test_settings_of_a_run_run_nothing(run: Path, config: dict[str, Any], strangers: Path, marker: Path) -> None:
    """The `config.yaml` that `resume=` reads, with a call in each of its groups."""
    for node in calls(marker)[::6]:
        for key in ("scoring", "search", "makeable", "cluster", "standardize", "campaign"):
            written(run, config | {key: node}, CONFIG)
            told = CliRunner().invoke(main, ["design", f"resume={run}"])
            assert told.exit_code == 1, told.output
            assert isinstance(told.exception, SystemExit), (node, told.exception)
            assert not marker.exists(), node


def test_a_report_runs_nothing(run: Path, config: dict[str, Any], strangers: Path, marker: Path) -> None:
    """It is drawn without what isn't trusted, and says so."""
    found = calls(marker)
    call = found[0]
    terms = {f"t{number}": {"component": node} for number, node in enumerate(found)}
    written(run, config | {"scoring": {"terms": terms}, "search": call, "cluster": call}, CONFIG)
    told = CliRunner().invoke(main, ["report", str(run)])
    assert told.exit_code == 0, told.output
    for name in terms:
        assert f"drawn without scoring.terms.{name}.component" in told.output
    assert (run / "report.html").exists()
    assert not marker.exists()
    for scoring in (3, [], {"terms": 3}, {"terms": {"a": 3}}, {"terms": {"a": {"component": [call]}}}, call):
        _, left_out = drawn_components(scoring)
        assert not marker.exists(), scoring
        assert all("scoring.terms.a.component" in line for line in left_out)


def test_a_report_shows_what_a_trusted_component_draws(run: Path, config: dict[str, Any], strangers: Path, marker: Path) -> None:
    written(run, config | {"scoring": objective({"_target_": f"{strangers}/stranger.py:Mine"})}, CONFIG)
    told = CliRunner().invoke(main, ["report", str(run), "trust=[stranger]"])
    assert "drawn without" not in told.output
    assert marker.read_text() == "imported"


def test_a_sweep_runs_nothing(strangers: Path, marker: Path) -> None:
    sweep = Sweep(strangers / "sweep", ["scoring=drug_like", "seed=0"], ["seed"])
    sweep.add([["scoring=drug_like", "search=genetic", "campaign.budget=20", "seed=0", *QUICK]])
    (name,) = sweep.jobs
    path = strangers / "sweep" / name / CONFIG
    config = yaml.safe_load(path.read_text())
    for node in calls(marker)[::9]:
        path.write_text(yaml.safe_dump(config | {"scoring": objective(node)}))
        told = CliRunner().invoke(main, ["design", f"resume={sweep.folder}"])
        assert told.exit_code == 1, told.output
        CliRunner().invoke(main, ["report", str(sweep.folder)])
        assert not marker.exists(), node
    for setting in ("hydra/launcher=stranger.yaml", "hydra.launcher._target_=subprocess.Popen", "hydra/launcher=../../x"):
        held = yaml.safe_load((sweep.folder / "sweep.yaml").read_text())
        written(sweep.folder, held | {"settings": [*held["settings"], setting, "trust=[stranger,command]"]}, "sweep.yaml")
        written(strangers, {"_target_": f"{strangers}/stranger.py:Mine"}, "stranger.yaml")
        assert CliRunner().invoke(main, ["design", f"resume={sweep.folder}"]).exit_code == 1
        assert not marker.exists(), setting
        assert not trusted_names()


@pytest.mark.parametrize("name", ["../run", "/tmp/run", ".", ".."])
def test_the_jobs_of_a_sweep_lie_in_its_folder(name: str, tmp_path: Path) -> None:
    written(tmp_path, {"settings": [], "keys": ["seed"], "jobs": {name: ["seed=0"]}}, "sweep.yaml")
    with pytest.raises(CampaignError, match="no folder of a job"):
        Sweep.read(tmp_path)


def test_a_screen_and_stages_run_nothing(strangers: Path, marker: Path) -> None:
    goal = written(strangers, objective({"_target_": "stranger.Mine"}))
    with pytest.raises(ConfigError, match=r"trust=\[stranger\]"):
        build(design_config([f"stages=[{{scoring: {goal}, budget: 5}}]"])["stages"], "stages")
    folder = strangers / "screen"
    (folder / "parts").mkdir(parents=True)
    config = to_plain(compose("screen", ["library=fda_approved", "scoring=drug_like"]))
    written(
        folder, config | {"scoring": objective({"_target_": "subprocess.Popen", "args": ["touch", str(marker)]})}, "screen.yaml"
    )
    told = CliRunner().invoke(main, ["screen", f"resume={folder}"])
    assert told.exit_code == 1
    assert "can't be named in a file" in told.output
    assert not marker.exists()


def test_a_folder_connects_to_no_strangers_cluster(run: Path, config: dict[str, Any]) -> None:
    cluster = {"_target_": "molgen.cluster.ray_cluster.RayCluster", "address": "203.0.113.1:6379"}
    written(run, config | {"cluster": cluster}, CONFIG)
    told = CliRunner().invoke(main, ["design", f"resume={run}"])
    assert told.exit_code == 1
    assert "its cluster.address=203.0.113.1:6379 connects to a Ray cluster" in told.output
    assert "trust=[cluster]" in told.output


SCRIPT = "<script>alert(1)</script>"
ENDLESS = (
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) "
    "SELECT n AS molecule, 'a' AS name, n AS raw, n AS scaled FROM t"
)


def changed(run: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(run / "campaign.sqlite", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return run


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["UPDATE molecules SET score = 'high'"], "molecules.score holds no number"),
        (["UPDATE scores SET raw = 'high' WHERE molecule = 3"], "scores.raw holds no number"),
        (["UPDATE molecules SET seconds = x'00' WHERE id = 3"], "molecules.seconds holds no number"),
        (["UPDATE molecules SET smiles = x'43' WHERE id = 3"], "molecules.smiles holds no text"),
        (["UPDATE molecules SET problem = x'43' WHERE id = 3"], "molecules.problem holds no text"),
        (["UPDATE molecules SET smiles = CAST(x'43ff' AS TEXT) WHERE id = 3"], "UTF-8"),
        ([f"UPDATE molecules SET smiles = '{SCRIPT}' WHERE id = 3"], "is no SMILES"),
        (["UPDATE molecules SET smiles = '' WHERE id = 3"], "is no SMILES"),
        (["UPDATE molecules SET parents = '{'"], "molecules.parents is no list"),
        (["UPDATE scores SET name = 'smiles' WHERE name = 'qed'"], "have one name"),
        (["UPDATE scores SET name = 'qed_scaled' WHERE name = 'synthesis'"], "have one name"),
        (["ALTER TABLE molecules DROP COLUMN operator"], "no such column"),
        (["UPDATE state SET batch = 'x'"], "are no numbers"),
        (["UPDATE run SET calls = 'x'"], "are no numbers"),
        (["CREATE TRIGGER t AFTER INSERT ON molecules BEGIN DELETE FROM molecules; END"], "holds 't', which molgen never makes"),
        (["DROP TABLE scores", f"CREATE VIEW scores AS {ENDLESS}"], "holds 'scores', which molgen never makes"),
    ],
)
def test_a_record_that_molgen_never_wrote_is_refused(run: Path, statements: list[str], says: str) -> None:
    changed(run, *statements)
    for command in (["report", str(run)], ["design", f"resume={run}"]):
        if command[0] == "report" and "parents" in says:  # not shown
            continue
        told = CliRunner().invoke(main, command)
        assert isinstance(told.exception, SystemExit), (command, told.exception)
        assert says in told.output
        assert "campaign.sqlite" in told.output
        assert len(told.output.strip().splitlines()) == 1


def test_what_a_report_shows_is_text(run: Path, config: dict[str, Any]) -> None:
    """And names are no formulas: Matplotlib would set what is between dollars."""
    changed(
        run,
        f"UPDATE molecules SET operator = '{SCRIPT}$\\foo$', problem = '{SCRIPT}'",
        f"UPDATE scores SET name = '{SCRIPT}$\\foo$' WHERE name = 'qed'",
        f"UPDATE molecules SET smiles = 'C* |$;{SCRIPT}$|', score = 0.99 WHERE id = 3",
        "UPDATE scores SET raw = NULL, scaled = NULL WHERE name = 'synthesis'",
    )
    written(run, config | {"campaign": config["campaign"] | {"title": SCRIPT}, "more": SCRIPT}, CONFIG)
    (run / "workers.json").write_text(f'{{"{SCRIPT}": 3}}')
    told = CliRunner().invoke(main, ["report", str(run)])
    assert told.exit_code == 0, told.output
    page = (run / "report.html").read_text()
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)") > 9


@pytest.fixture
def elsewhere(strangers: Path) -> Path:
    """A folder outside of the run that must stay as it is."""
    folder = strangers / "elsewhere"
    folder.mkdir()
    (folder / "file").write_text("mine")
    return folder


def unchanged(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == ["file"] and (folder / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["report.html", "top.csv", "top.sdf", "state-0.safetensors", "workers.json"])
@pytest.mark.parametrize("target", ["file", "nothing"])
def test_a_link_in_the_place_of_a_result_is_replaced(run: Path, elsewhere: Path, name: str, target: str) -> None:
    (run / name).symlink_to(elsewhere / target)
    for command in (["report", str(run)], ["design", f"resume={run}"]):
        told = CliRunner().invoke(main, command)
        assert told.exit_code == 0, told.output
    assert unchanged(elsewhere)
    assert not (run / name).is_symlink() or name.startswith(("state", "workers"))


@pytest.mark.parametrize("name", ["run.lock", "campaign.sqlite", "campaign.sqlite-wal", "campaign.sqlite-journal"])
@pytest.mark.parametrize("target", ["file", "nothing"])
def test_a_link_in_the_place_of_the_record_or_the_lock_is_refused(run: Path, elsewhere: Path, name: str, target: str) -> None:
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(elsewhere / target)
    told = CliRunner().invoke(main, ["design", f"resume={run}"])
    assert told.exit_code == 1
    assert told.output.startswith(f"molgen: {run / name}: is a link, and what is written there would be elsewhere; ")
    assert len(told.output.splitlines()) == 1
    CliRunner().invoke(main, ["report", str(run)])
    assert unchanged(elsewhere)


def test_a_link_in_the_place_of_a_folder_is_refused(run: Path, config: dict[str, Any], elsewhere: Path) -> None:
    written(run, config | {"stages": [{"scoring": config["scoring"], "budget": 10, "until": None}]}, CONFIG)
    (run / "stage-1").symlink_to(elsewhere)
    told = CliRunner().invoke(main, ["design", f"resume={run}"])
    assert "stage-1: is a link" in told.output
    (run / "parts").symlink_to(elsewhere)
    with pytest.raises(CampaignError, match="parts: is a link"):
        next(scored_chunks(run / "parts", []))
    assert unchanged(elsewhere)


def test_a_link_in_the_place_of_a_temporary_file_is_replaced(run: Path, elsewhere: Path) -> None:
    (run / f".{os.getpid()}.report.html").symlink_to(elsewhere / "file")
    (run / f".{os.getpid()}.top.csv").symlink_to(elsewhere / "file")
    assert CliRunner().invoke(main, ["design", f"resume={run}"]).exit_code == 0
    assert unchanged(elsewhere)


def test_huge_molecules_are_reported_at_once(run: Path) -> None:
    """The coordinates of 3,000 atoms, and RDKit's search for rings to keep, take a minute each."""
    huge = [
        f"UPDATE molecules SET smiles = '{text}', score = 0.99 WHERE id = {i}"
        for i, text in enumerate(["C" * 3000, "C" * 300, "C1CCCCC1" * 50], 1)
    ]
    changed(run, *huge)
    began = time.process_time()
    told = CliRunner().invoke(main, ["report", str(run)])
    assert told.exit_code == 0, told.output
    assert time.process_time() - began < 60
    assert "3,000 atoms, not drawn" in (run / "report.html").read_text()


def test_counts_that_are_none_are_named_in_a_line(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    for text in ('{"a": 1e999}', "[" * 100_000, "[1]", '{"a": null}', "\xff"):
        (run / "workers.json").write_text(text, encoding="latin-1")
        assert not read_losses(run)
        assert "workers.json: can't be read" in caplog.text
        caplog.clear()


def test_errors_give_a_terminal_no_orders(strangers: Path) -> None:
    goal = written(strangers, objective({"_target_": "\x1b]0;mine\x07.A"}))
    (strangers / "in.smi").write_text("C\n")
    told = CliRunner().invoke(main, ["score", str(strangers / "in.smi"), f"scoring={goal}"])
    assert told.exit_code == 1
    assert "mine" in told.output
    assert not set("\x1b\x07") & set(told.output)
