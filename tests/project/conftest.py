import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, event

from molgen.project.project import Project

GOALS = """# what we want
goals:
  potency: {measured: pIC50, at_least: 8, weight: 2} # nanomolar
  herg: {measured: hERG pIC50, at_most: 5, hard: true}
  clearance: {measured: CLint, lowest: true}
"""


RESULTS = """id,pIC50,hERG IC50 (uM),date,status
thrombin-001-001,6.5,>30,2026-04-03,made
thrombin-001-001,6.7,,2026-04-03,made
thrombin-001-001,6.7,,2026-04-03,made
thrombin-001-003,,,,not made
"""


@pytest.fixture
def goals(tmp_path: Path) -> Path:
    path = tmp_path / "goals.yaml"
    path.write_text(GOALS)
    return path


@pytest.fixture
def project(tmp_path: Path, goals: Path) -> Project:
    """A project with a round of four: ethanol, ethylamine as its hydrochloride, L-alanine, phenylacetic acid."""
    made, _ = Project.new(tmp_path / "thrombin", goals)
    made.record_proposed(["CCO", "CCN.Cl", "C[C@H](N)C(=O)O", "OC(=O)Cc1ccccc1"])
    return made


def table(**columns: str | list[str]) -> pd.DataFrame:
    """A table of text; a single text is a row."""
    return pd.DataFrame(
        {name.replace("__", " "): [cells] if isinstance(cells, str) else cells for name, cells in columns.items()}
    )


def killed(act: Callable[[], Any], statement: int) -> bool:
    """Run `act` in a fork that is killed when it begins an SQL statement; whether it got so far."""
    if not (child := os.fork()):
        seen = iter(range(statement))

        @event.listens_for(Engine, "before_cursor_execute")
        def count(*_: Any) -> None:
            if next(seen, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
