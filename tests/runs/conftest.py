"""A finished run."""

import subprocess
from pathlib import Path

import pytest

from tests.runs.small import COMMAND


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 150 calls."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    subprocess.run([*COMMAND, "campaign.budget=150", f"campaign.folder={folder}"], check=True, capture_output=True)
    return folder
