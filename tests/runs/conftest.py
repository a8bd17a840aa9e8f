"""A finished run."""

from pathlib import Path

import pytest

from tests.runs.small import ARGUMENTS, typed


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 150 calls."""
    folder = tmp_path_factory.mktemp("runs") / "finished"
    typed(*ARGUMENTS, "campaign.budget=150", f"campaign.folder={folder}")
    return folder
