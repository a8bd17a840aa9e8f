"""Campaigns from the first call to the report, killed, resumed, and on a full disk."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen import Scorer, design
from molgen.campaign.run import Campaign, run_campaign
from molgen.campaign.settings import check_design, design_config, make_strategy
from molgen.campaign.store import RunStore
from molgen.cluster.base import Inline
from molgen.config import build, compose, to_plain
from molgen.errors import CampaignError, CheckpointError, ConfigError, DataError
from molgen.search.strategy import Proposal, Strategy
from tests.conftest import ASPIRIN
from tests.search.conftest import Shuffled

QUICK = ["campaign.batch=20", "search.founders=30"]
COMMAND = [sys.executable, "-m", "molgen.cli", "design", "scoring=drug_like", "search=genetic", "seed=5", *QUICK]


def carbons(smiles: list[str]) -> list[float]:
    return [text.upper().count("C") / len(text) for text in smiles]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 150 calls."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    subprocess.run([*COMMAND, "campaign.budget=150", f"campaign.folder={folder}"], check=True, capture_output=True)
    return folder


def molecules(folder: Path) -> pd.DataFrame:
    return RunStore(folder).to_pandas()


class TestFinishedRun:
    def test_has_its_files(self, finished: Path) -> None:
        names = {path.name for path in finished.iterdir()}
        assert names >= {"config.yaml", "campaign.sqlite", "top.csv", "top.sdf", "report.html"}
        assert not [name for name in names if name.startswith(".")]

    def test_holds_every_molecule_with_its_terms_and_origin(self, finished: Path) -> None:
        table = molecules(finished)
        assert len(table) == table["smiles"].nunique() == 150
        assert table["id"].tolist() == list(range(1, 151))
        assert table["smiles"].map(Chem.CanonSmiles).tolist() == table["smiles"].tolist()
        scores = Scorer.from_config("drug_like")(table["smiles"].tolist())
        np.testing.assert_allclose(table["score"], scores.total)
        np.testing.assert_allclose(table["qed"], scores.raw[:, 0])
        np.testing.assert_allclose(table["synthesis_scaled"], scores.scaled[:, 1])
        assert set(table["operator"]) <= {"prior", "mutation", "crossover", "crossover+mutation"}
        assert (table["operator"][:30] == "prior").all()
        assert table["seconds"].is_monotonic_increasing

    def test_names_parents_that_were_scored_before(self, finished: Path) -> None:
        import json

        table = molecules(finished)
        for row in table[table["operator"] != "prior"].itertuples():
            parents = json.loads(row.parents)
            assert 1 <= len(parents) <= 2
            assert set(parents) <= set(table["smiles"][: row.id - 1])

    def test_can_be_read_by_any_sqlite(self, finished: Path) -> None:
        with sqlite3.connect(finished / "campaign.sqlite") as connection:
            assert connection.execute("select count(*), max(score) from molecules").fetchone()[0] == 150
            assert connection.execute("select count(*) from scores where name = 'qed'").fetchone()[0] == 150

    def test_top_files_are_ranked(self, finished: Path) -> None:
        top = pd.read_csv(finished / "top.csv")
        assert len(top) == 100
        assert top["score"].is_monotonic_decreasing
        assert top["score"][0] == pytest.approx(molecules(finished)["score"].max())
        written = list(Chem.SDMolSupplier(str(finished / "top.sdf")))
        assert [Chem.MolToSmiles(mol) for mol in written] == top["smiles"].tolist()
        assert float(written[0].GetProp("score")) == pytest.approx(top["score"][0])

    def test_report_stands_alone_and_shows_the_best(self, finished: Path) -> None:
        page = (finished / "report.html").read_text()
        assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
            "http://creativecommons.org", ""
        ).replace("http://www.rdkit.org", "")
        assert "<script" not in page
        assert pd.read_csv(finished / "top.csv")["smiles"][0].replace("&", "&amp;") in page
        assert page.count("<svg") > 24
        for heading in ("Best molecules", "Score over calls", "Scaffold diversity", "Properties", "Configuration", "_target_"):
            assert heading in page

    def test_report_can_be_drawn_again(self, finished: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(finished, copy)
        before = (copy / "report.html").read_text()
        (copy / "report.html").unlink()
        subprocess.run([sys.executable, "-m", "molgen.cli", "report", str(copy)], check=True, capture_output=True)
        assert len((copy / "report.html").read_text()) == pytest.approx(len(before), rel=0.05)

    def test_is_not_overwritten(self, finished: Path) -> None:
        done = subprocess.run([*COMMAND, f"campaign.folder={finished}"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "exists already" in done.stderr
        assert f"resume={finished}" in done.stderr
        assert len(molecules(finished)) == 150


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
    subprocess.run([sys.executable, "-m", "molgen.cli", "design", f"resume={folder}"], check=True, capture_output=True)
    after, undisturbed = molecules(folder), molecules(finished)
    pd.testing.assert_frame_equal(after[: len(before)], before)
    kept = [name for name in after if name != "seconds"]
    pd.testing.assert_frame_equal(after[kept], undisturbed[kept])
    assert (folder / "report.html").exists()


def test_a_killed_hybrid_run_ends_with_the_molecules_of_an_undisturbed_one(tmp_path: Path) -> None:
    """The agent's weights and its optimizer resume too; the run is cut by an objective that gives up."""
    settings = ["campaign.batch=16", "search.library=100", "search.founders=20", "search.agent.updates=2"]
    undisturbed = design(carbons, 64, "hybrid", folder=tmp_path / "a", overrides=settings)

    def dies(smiles: list[str]) -> list[float]:
        dies.left -= 1  # type: ignore[attr-defined]
        if not dies.left:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return carbons(smiles)

    dies.left = 3  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        design(dies, 64, "hybrid", folder=tmp_path / "b", overrides=settings)
    assert len(molecules(tmp_path / "b")) == 20
    resumed = design(carbons, 64, "hybrid", folder=tmp_path / "b", overrides=settings, resume=True)
    assert resumed.molecules["smiles"].tolist() == undisturbed.molecules["smiles"].tolist()
    assert (tmp_path / "b" / "agent.safetensors").exists()


class Scattered(Inline):
    """Scores one molecule at a time, in random order."""

    asynchronous = True  # type: ignore[assignment]

    @contextmanager
    def scoring(self, objective: Any) -> Iterator[Any]:
        yield Shuffled(objective)


@pytest.mark.parametrize("islands", [1, 3])
def test_a_killed_asynchronous_run_scores_nothing_twice_and_tells_what_the_state_lacks(tmp_path: Path, islands: int) -> None:
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
    run = run_campaign(objective, [partial(noting, node) for node in nodes], campaign, {}, cluster=Scattered(), resume=True)
    assert len(run.molecules) == 120
    assert len(scored) == len(set(scored)) == 120
    assert set(told[: len(late)]) == set(late)


def test_a_full_disk_is_one_line_and_the_run_goes_on_later(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: writing fails in the same calls."""
    folder = tmp_path / "full"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))

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
    subprocess.run([sys.executable, "-m", "molgen.cli", "design", f"resume={folder}"], check=True, capture_output=True)
    assert molecules(folder)["smiles"].tolist()[: len(before)] == before
    assert len(molecules(folder)) == len(before) + 20


def test_a_damaged_record_is_refused_by_name(finished: Path, tmp_path: Path) -> None:
    copy = tmp_path / "damaged"
    shutil.copytree(finished, copy)
    (copy / "campaign.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(CheckpointError, match=r"campaign\.sqlite"):
        RunStore(copy)


class TestState:
    """Two batches of a store: the second left its state in one file, the first in the other."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> RunStore:
        store = RunStore(tmp_path)
        assert store.state() is None
        for value, smiles in enumerate(["CCO", "CCN"]):
            store.commit([smiles], Scorer.from_config("drug_like")([smiles]), {"value": value})
        return store

    def test_is_that_of_the_last_commit(self, store: RunStore) -> None:
        assert RunStore(store.path.parent).state() == {"value": 1}
        store.close()
        assert len(list(store.path.parent.glob("state-*"))) == 1
        assert RunStore(store.path.parent).state() == {"value": 1}

    def test_molecules_after_the_state_are_known_with_their_origin(self, store: RunStore) -> None:
        late = [Proposal("CCF", "grown", ["CC"], 3), Proposal("CCCl", "grown", ["CC"], 3)]
        for text in late:
            store.commit([text], Scorer.from_config("drug_like")([text]), None)
        again = RunStore(store.path.parent)
        assert again.state() == {"value": 1}
        assert again.after_state() == late
        assert [(text.operator, text.parents, text.island) for text in again.after_state()] == [("grown", ("CC",), 3)] * 2
        again.commit([], Scorer.from_config("drug_like")([]), {"value": 2})
        assert RunStore(store.path.parent).state() == {"value": 2}
        assert RunStore(store.path.parent).after_state() == []

    def test_survives_a_kill_between_the_two_writes(self, store: RunStore) -> None:
        (store.path.parent / "state-1.safetensors").write_bytes(b"half of batch 3")
        assert RunStore(store.path.parent).state() == {"value": 1}

    def test_of_another_batch_is_refused(self, store: RunStore) -> None:
        folder = store.path.parent
        shutil.copy(folder / "state-1.safetensors", folder / "state-0.safetensors")
        with pytest.raises(CheckpointError, match="not of batch 2"):
            RunStore(folder).state()

    def test_damaged_or_lost_is_refused_by_name(self, store: RunStore) -> None:
        path = store.path.parent / "state-0.safetensors"
        path.write_bytes(path.read_bytes()[:20])
        with pytest.raises(CheckpointError, match=r"state-0\.safetensors"):
            RunStore(store.path.parent).state()
        path.unlink()
        with pytest.raises(CheckpointError, match=r"state-0\.safetensors: No such file"):
            RunStore(store.path.parent).state()


def test_what_another_version_made_is_not_gone_on_with(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    design(carbons, 20, "genetic", folder=folder, overrides=QUICK)
    store = RunStore(folder)
    state = store.state()
    assert state is not None
    state.pop("rewards")
    store.commit([], Scorer.from_config("drug_like")([]), state)
    with pytest.raises(CheckpointError, match=f"{folder}: its state has no 'rewards': another version of molgen"):
        design(carbons, 40, "genetic", folder=folder, overrides=QUICK, resume=True)


@pytest.mark.parametrize("command", [["design", "resume={}"], ["report", "{}"]])
def test_what_is_no_run_folder_is_refused(tmp_path: Path, command: list[str]) -> None:
    arguments = [part.format(tmp_path) for part in command]
    done = subprocess.run([sys.executable, "-m", "molgen.cli", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not a run folder" in done.stderr


class TestStart:
    DRUGS = ("CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(C(C)C(=O)O)cc1", "Cn1c(=O)c2c(ncn2C)n(C)c1=O")

    def test_is_scored_first_and_bred_from(self, tmp_path: Path) -> None:
        run = design(carbons, 60, "genetic", folder=tmp_path / "run", start=self.DRUGS, overrides=["search.founders=4"])
        table = run.molecules
        assert set(table["smiles"][:4]) == {Chem.CanonSmiles(text) for text in self.DRUGS}
        assert table["operator"][:4].tolist() == ["start"] * 4
        assert not table["operator"][4:].isin(["start", "prior"]).any()

    def test_may_be_a_file_whose_duplicates_and_broken_lines_are_left_out(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = tmp_path / "series.smi"
        path.write_text("CCO ethanol\nOCC again\nC1CC broken\nCCN ethylamine\n")
        table = design(carbons, 20, "genetic", folder=tmp_path / "run", start=path, overrides=QUICK).molecules
        assert table["smiles"][table["operator"] == "start"].tolist() == ["CCO", "CCN"]
        assert "1 of 4 are no molecules and left out ('C1CC'" in caplog.text

    def test_does_not_exceed_the_budget(self, tmp_path: Path) -> None:
        table = design(carbons, 3, "genetic", folder=tmp_path / "run", start=self.DRUGS).molecules
        assert table["operator"].tolist() == ["start"] * 3

    def test_is_not_scored_again_after_a_kill(self, tmp_path: Path) -> None:
        settings = ["campaign.batch=2", "search.founders=10"]
        a, b = tmp_path / "a", tmp_path / "b"
        undisturbed = design(carbons, 20, "genetic", folder=a, start=self.DRUGS, overrides=settings)
        design(carbons, 2, "genetic", folder=b, start=self.DRUGS, overrides=settings)
        resumed = design(carbons, 20, "genetic", folder=b, start=self.DRUGS, overrides=settings, resume=True)
        assert resumed.molecules["smiles"].tolist() == undisturbed.molecules["smiles"].tolist()

    @pytest.mark.parametrize(("start", "message"), [("missing.smi", "no such file"), (["C1CC"], "no valid molecule in it")])
    def test_without_a_molecule_is_refused_before_the_folder_is_made(
        self, tmp_path: Path, start: str | list[str], message: str
    ) -> None:
        with pytest.raises(DataError, match=message):
            design(carbons, 10, folder=tmp_path / "run", start=start)
        assert not (tmp_path / "run").exists()


class TestDesignFromPython:
    def test_takes_any_function(self, tmp_path: Path) -> None:
        run = design(carbons, 60, "genetic", seed=1, folder=tmp_path / "run", overrides=QUICK)
        assert run.complete
        assert len(run.molecules) == 60
        np.testing.assert_allclose(run.molecules["score"], carbons(run.molecules["smiles"].tolist()))
        assert run.top(3)["score"].is_monotonic_decreasing

    def test_records_the_error_of_a_molecule_and_goes_on(self, tmp_path: Path) -> None:
        def fragile(smiles: list[str]) -> list[float]:
            if any("n" in text for text in smiles):
                raise ValueError("no pyridine here")
            return [float("nan") if "Cl" in text else 0.5 for text in smiles]

        run = design(fragile, 60, "genetic", seed=1, folder=tmp_path / "run", overrides=QUICK)
        table = run.molecules
        failed = table[table["smiles"].str.contains("n")]
        assert len(table) == 60
        assert len(failed) > 3
        assert (failed["problem"] == "objective: ValueError: no pyridine here").all()
        assert (failed["score"] == 0).all()
        assert (table[table["problem"].isna()]["score"] == 0.5).all()

    def test_refuses_a_wrong_number_of_scores_and_keeps_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="shape"):
            design(lambda smiles: [1.0], 60, "genetic", folder=tmp_path / "run", overrides=QUICK)

    def test_refuses_an_unknown_strategy(self) -> None:
        with pytest.raises(ConfigError, match="did you mean 'hybrid'"):
            design(carbons, 10, "hybird")

    def test_refuses_a_folder_that_holds_something(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        with pytest.raises(CampaignError, match="exists already"):
            design(carbons, 10, "genetic", folder=tmp_path)


def test_goals_have_short_names(tmp_path: Path) -> None:
    (tmp_path / "lead.smi").write_text(ASPIRIN)
    overrides = [f"start={tmp_path / 'lead.smi'}", "must_contain=[F,Cl]", "forbid=['[Br]','[I]']", "windows={logp: [null, 3]}"]
    config = design_config(["search=surrogate", *overrides, "similarity=0.3"])
    check_design(config)
    wanted = {"must_contain": "[F,Cl]", "forbid": ["[Br]", "[I]"], "windows": {"logp": [None, 3]}, "similarity": 0.3}
    assert config["search"]["constraints"].items() >= wanted.items()
    assert build(config["search"]["constraints"], "search.constraints").leads == [ASPIRIN]
