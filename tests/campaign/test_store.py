"""The record of a campaign, and the state of its search."""

import shutil
from pathlib import Path

import pytest

from molgen import Scorer, design
from molgen.campaign.store import RunStore
from molgen.errors import CheckpointError
from molgen.search.strategy import Proposal
from tests.campaign.small import QUICK, carbons


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
