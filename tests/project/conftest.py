from pathlib import Path

import pandas as pd
import pytest

from molgen.project.project import Project

GOALS = """# what we want
goals:
  potency: {measured: pIC50, at_least: 8, weight: 2} # nanomolar
  herg: {measured: hERG pIC50, at_most: 5, hard: true}
  clearance: {measured: CLint, lowest: true}
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
