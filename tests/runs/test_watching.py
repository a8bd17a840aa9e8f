"""A run that is read while it is being written."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molgen.errors import CampaignError
from molgen.runs.database import FILE
from molgen.runs.store import RunStore
from molgen.runs.watching import RunReader, read_outline
from molgen.scoring.scores import Scores
from molgen.search.strategy import KNOWN, Proposal

NAMES = ("qed", "weight")


def commit(store: RunStore, smiles: list[str], total: list[float], operator: str = "mutation", **given: str) -> None:
    values = np.array([[score, np.nan] for score in total])
    asked = [Proposal(text, operator, ("C",), **given) for text in smiles]
    store.commit(asked, Scores(smiles, np.array(total), [None] * len(smiles), NAMES, 3 * values, values), {})


def test_a_reader_has_what_the_store_has_as_it_grows(tmp_path: Path) -> None:
    reader = RunReader(tmp_path)
    assert not reader.refresh()  # no database yet
    store = RunStore(tmp_path)
    assert not reader.refresh()
    commit(store, ["CCO", "CCN"], [0.5, 0.25])
    assert reader.refresh()
    assert not reader.refresh()
    commit(store, ["CCC"], [1.0], route="{}")
    assert reader.refresh()
    expected = store.to_pandas().drop(columns=["batch"])
    found = reader.molecules.assign(parents='["C"]')[expected.columns]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert reader.names == list(NAMES)
    assert reader.molecules["parents"].tolist() == [["C"]] * 3


def test_an_outline_leaves_out_what_was_known(tmp_path: Path) -> None:
    assert read_outline(tmp_path).calls == 0
    store = RunStore(tmp_path)
    commit(store, ["CCCC"], [1.0], KNOWN)
    commit(store, ["CCO", "CCN", "CCC"], [0.5, 0.75, 0.25])
    found = read_outline(tmp_path)
    assert found.calls == 4
    assert found.best == (("CCN", 0.75), ("CCO", 0.5), ("CCC", 0.25))
    assert found.top10 == pytest.approx(0.5)


def test_reading_writes_nothing(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    commit(store, ["CCO"], [0.5])
    store.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    RunReader(tmp_path).refresh()
    read_outline(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE molecules SET score = 'high'", "damaged"),
        ("UPDATE molecules SET parents = '7'", "damaged"),
        ("UPDATE molecules SET smiles = x'ff'", "damaged"),
        ("UPDATE scores SET name = 'score' WHERE name = 'qed'", "damaged"),
        ("ALTER TABLE molecules DROP COLUMN operator", "can't be read"),
        ("CREATE VIEW endless AS SELECT 1", "it holds 'endless', which molgen never makes"),
    ],
)
def test_what_molgen_does_not_write_is_damage(tmp_path: Path, change: str, said: str) -> None:
    store = RunStore(tmp_path)
    commit(store, ["CCO"], [0.5])
    store.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute(change)
    with pytest.raises(CampaignError, match=said):
        RunReader(tmp_path).refresh()


def test_a_run_of_an_older_version_has_no_routes(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    commit(store, ["CCO"], [0.5])
    store.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DROP TABLE routes")
    reader = RunReader(tmp_path)
    assert reader.refresh()
    assert reader.molecules["smiles"].tolist() == ["CCO"]


def test_an_objective_may_have_no_terms(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    none = np.empty((1, 0))
    store.commit([Proposal("CCO")], Scores(["CCO"], np.array([0.5]), [None], (), none, none), {})
    reader = RunReader(tmp_path)
    assert reader.refresh()
    assert (reader.names, reader.molecules["score"].tolist()) == ([], [0.5])


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    RunStore(tmp_path).close()
    (tmp_path / "run" / FILE).symlink_to(tmp_path / FILE)
    with pytest.raises(CampaignError, match="is a link"):
        read_outline(tmp_path / "run")
