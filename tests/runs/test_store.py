"""The record of a campaign, and the state of its search."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import torch

from molgen import Scorer
from molgen.errors import CampaignError, CheckpointError, MolgenError
from molgen.runs.store import RunStore
from molgen.search.strategy import Proposal, as_proposals


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
            store.commit(as_proposals([smiles]), Scorer.from_config("drug_like")([smiles]), {"value": value})
        return store

    def test_is_that_of_the_last_commit(self, store: RunStore) -> None:
        assert RunStore(store.path.parent).state() == {"value": 1}
        store.close()
        assert len(list(store.path.parent.glob("state-*"))) == 1
        assert RunStore(store.path.parent).state() == {"value": 1}

    def test_molecules_after_the_state_are_known_with_their_origin(self, store: RunStore) -> None:
        late = [Proposal("CCF", "grown", ("CC",), 3), Proposal("CCCl", "grown", ("CC",), 3)]
        for proposal in late:
            store.commit([proposal], Scorer.from_config("drug_like")([proposal.smiles]), None)
        again = RunStore(store.path.parent)
        assert again.state() == {"value": 1}
        assert again.after_state() == late
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
        whole = path.read_bytes()
        for spoilt in (b"", whole[:20], whole[:-1], bytes(len(whole)), whole.replace(b"value", b"valve")):
            path.write_bytes(spoilt)
            with pytest.raises(CheckpointError, match=r"^state-0\.safetensors is damaged$"):
                RunStore(store.path.parent).state()
        path.unlink()
        with pytest.raises(CheckpointError, match=r"state-0\.safetensors: No such file"):
            RunStore(store.path.parent).state()
        path.mkdir()
        with pytest.raises(CheckpointError, match=r"state-0\.safetensors: Is a directory"):
            RunStore(store.path.parent).state()

    def test_whose_tensors_lost_a_page_to_a_power_cut_is_noticed(self, store: RunStore) -> None:
        store.commit([], Scorer.from_config("drug_like")([]), {"weights": torch.ones(5000)})
        path = store.path.parent / "state-1.safetensors"
        content = path.read_bytes()
        path.write_bytes(content[:-4096] + bytes(4096))
        with pytest.raises(CheckpointError, match=r"state-1\.safetensors is damaged"):
            RunStore(store.path.parent).state()

    def test_of_another_run_is_refused(self, store: RunStore, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        twin = RunStore(other)
        for value, smiles in enumerate(["CCO", "CCN"]):
            twin.commit(as_proposals([smiles]), Scorer.from_config("drug_like")([smiles]), {"value": value})
        shutil.copy(other / "state-0.safetensors", tmp_path / "state-0.safetensors")
        with pytest.raises(CheckpointError, match=r"state-0\.safetensors is of another run"):
            RunStore(tmp_path).state()


class TestEmptied:
    """A database that says less than the files beside it."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        store = RunStore(tmp_path)
        store.commit(as_proposals(["CCO"]), Scorer.from_config("drug_like")(["CCO"]), {"value": 0})
        store.close()
        return tmp_path

    @pytest.mark.parametrize("left", ["state-1.safetensors", "top.csv", "report.html", "agent.safetensors"])
    def test_is_refused_and_not_begun_anew(self, folder: Path, left: str) -> None:
        for path in folder.glob("state-*"):
            if path.name != left:
                path.unlink()
        (folder / left).touch()
        database = folder / "campaign.sqlite"
        for emptied in (None, b""):
            database.unlink(missing_ok=True)
            if emptied is not None:
                database.write_bytes(emptied)
            with pytest.raises(CampaignError, match=rf"campaign\.sqlite: .*{left} of a run beside it: restore a copy"):
                RunStore(folder)
            assert database.exists() == (emptied is not None)

    def test_is_noticed_where_its_rows_were_deleted(self, folder: Path) -> None:
        with sqlite3.connect(folder / "campaign.sqlite") as connection:
            connection.execute("delete from scores")
            connection.execute("delete from molecules")
        with pytest.raises(CampaignError, match="has no molecules, which counts 1 calls: restore a copy"):
            RunStore(folder)

    def test_is_noticed_where_another_runs_empty_one_lies_in_its_place(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "new").mkdir()
        RunStore(tmp_path / "new").close()
        shutil.copy(tmp_path / "new" / "campaign.sqlite", folder)
        with pytest.raises(CampaignError, match=r"state-1\.safetensors of a run beside it"):
            RunStore(folder)

    def test_before_the_first_commit_is_none(self, tmp_path: Path) -> None:
        """A process killed between its first state and the commit of that batch."""
        store = RunStore(tmp_path)
        store.states.write(1, {"value": 0})
        again = RunStore(tmp_path)
        assert (len(again), again.state()) == (0, None)


def test_a_database_cut_short_anywhere_is_refused_in_a_line_or_whole(finished: Path, tmp_path: Path) -> None:
    whole = (finished / "campaign.sqlite").read_bytes()
    shutil.copytree(finished, tmp_path / "run")
    database = tmp_path / "run" / "campaign.sqlite"
    for size in [0, 1, 99, 100, 4095, 4096, *range(5000, len(whole), len(whole) // 15), len(whole) - 1]:
        for left in database.parent.glob("campaign.sqlite-*"):
            left.unlink()
        database.write_bytes(whole[:size])
        says = r"damaged \(.*\); restore a copy, or begin" if size >= 100 else "has no molecules, .* restore a copy"
        with pytest.raises(MolgenError, match=rf"campaign\.sqlite: {says}") as error:
            RunStore(tmp_path / "run")
        assert "\n" not in str(error.value)


def test_what_sqlite_recovers_can_be_gone_on_with(finished: Path, tmp_path: Path) -> None:
    """Rows without the last: numbers go on behind the highest, and no state fits."""
    store = RunStore(tmp_path)
    scorer = Scorer.from_config("drug_like")
    for smiles in ("CCO", "CCN", "CCF"):
        store.commit(as_proposals([smiles]), scorer([smiles]), {"value": smiles})
    with sqlite3.connect(tmp_path / "campaign.sqlite") as connection:
        connection.execute("delete from molecules where smiles = 'CCN'")
    again = RunStore(tmp_path)
    with pytest.raises(CheckpointError, match="lacks 1 of 3 molecules"):
        again.state()
    again.commit(as_proposals(["CCCl"]), scorer(["CCCl"]), {"value": 4})
    assert RunStore(tmp_path).to_pandas()["id"].tolist() == [1, 3, 4]
    assert RunStore(tmp_path).state() == {"value": 4}


def test_a_copy_of_the_file_alone_holds_every_commit(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "copy").mkdir()
    store = RunStore(tmp_path / "run")
    scorer = Scorer.from_config("drug_like")
    for n in range(1, 8):
        store.commit(as_proposals(["C" * n]), scorer(["C" * n]), {"n": n})
        shutil.copy(tmp_path / "run" / "campaign.sqlite", tmp_path / "copy")
        with sqlite3.connect(tmp_path / "copy" / "campaign.sqlite") as connection:
            assert connection.execute("select count(*) from molecules").fetchone() == (n,)


class TestCauses:
    """What keeps the database from being written, and what helps."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> RunStore:
        return RunStore(tmp_path)

    def commit(self, store: RunStore) -> str:
        with pytest.raises(CampaignError) as error:
            store.commit(as_proposals(["CCO"]), Scorer.from_config("drug_like")(["CCO"]), None)
        assert "\n" not in str(error.value)
        return str(error.value)

    def test_locked(self, store: RunStore) -> None:
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("begin immediate")
            said = self.commit(store)
        assert "(another program has locked campaign.sqlite); nothing is lost: close that, then" in said

    def test_full(self, store: RunStore) -> None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("pragma max_page_count=1")  # more than there are is refused
        alkanes = ["C" * n for n in range(1, 90)]
        with pytest.raises(CampaignError) as error:
            store.commit(as_proposals(alkanes), Scorer.from_config("drug_like")(alkanes), None)
        said = str(error.value)
        assert "(the disk is full); nothing is lost: free space, then" in said

    def test_read_only(self, store: RunStore) -> None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("pragma query_only=1")
        said = self.commit(store)
        assert "(attempt to write a readonly database); nothing is lost: allow writing campaign.sqlite, then" in said
        assert "free space" not in said

    def test_removed_while_it_is_written(self, store: RunStore) -> None:
        """SQLite would go on writing what has no name any more."""
        shutil.rmtree(store.path.parent)
        said = self.commit(store)
        assert "removed, moved or replaced while the campaign was writing it; put it back, then continue with" in said
        assert not store.path.parent.exists()
