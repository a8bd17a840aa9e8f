"""What can't be sent to workers is named by the attribute that holds it."""

import sqlite3
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ray import cloudpickle

from molgen.cluster.sending import sendable
from molgen.errors import ClusterError


class Holder:
    """Holds something."""

    def __init__(self, held: Any) -> None:
        self.name = "holder"
        self.held = held

    def score(self, smiles: list[str]) -> list[float]:
        return [0.0 for _ in smiles]


class Careful(Holder):
    """Leaves out what can't be sent, but not what it was told to keep."""

    def __init__(self, held: Any, kept: Any) -> None:
        super().__init__(held)
        self.kept = kept

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept}


def test_the_innermost_attribute_is_named(tmp_path: Path) -> None:
    connection, lock = sqlite3.connect(tmp_path / "x"), threading.Lock()
    file = (tmp_path / "y").open("w")
    cases = {
        "objective.held (sqlite3.Connection)": Holder(connection),
        "objective.components['dock'].held.held (_thread.lock)": type("Part", (), {})(),
        "objective.keywords['lock'] (_thread.lock)": partial(print, lock=lock),
        "objective.held[1] (_io.TextIOWrapper)": Holder([1, file]),
        "objective.__self__.held (_thread.lock)": Holder(lock).score,
        "objective.lock (_thread.lock)": lambda smiles: [float(lock.locked()) for _ in smiles],
        "objective.kept (_thread.lock)": Careful(connection, lock),
    }
    list(cases.values())[1].components = {"qed": Holder(1), "dock": Holder(Holder(lock))}
    for named, thing in cases.items():
        with pytest.raises(ClusterError) as error, sendable("objective", thing):
            cloudpickle.dumps(thing)
        assert str(error.value).startswith(f"{named} can't be sent to workers: ")
        assert "\n" not in str(error.value)


def test_what_goes_wrong_otherwise_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError), sendable("objective", Holder(1)):
        raise KeyError("x")
