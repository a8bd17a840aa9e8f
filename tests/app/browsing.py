"""What tests in a browser share."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AXE = (Path(__file__).parent / "axe.min.js").read_text()
WAIT = 120_000  # ms
BOND, BENZENE = (14, 118), (34, 202)  # where the editor of structures has these tools, in px
Open = Callable[..., Any]


def chromium() -> str:
    """Where Chromium is; in CI it is installed as Debian's package where it is missing, elsewhere the test is skipped."""
    if not (program := _found()) and os.environ.get("CI"):
        with (Path(tempfile.gettempdir()) / "molgen-tests-chromium.lock").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)  # against other workers of pytest
            if not _found():
                for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
                    subprocess.run(["apt-get", "-qq", *command], check=True)
        program = _found()
    if program is None:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    return program


def _found() -> str | None:
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def faults(page: Any) -> list[str]:
    """What axe calls serious or critical, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in ("serious", "critical")]


def press(page: Any, place: str, tool: tuple[int, int]) -> None:
    """Take a tool of the editor in `place`."""
    page.locator(f"{place} canvas").first.click(position={"x": tool[0], "y": tool[1]})


def draw(page: Any, place: str, x: int, y: int) -> None:
    """Click on the drawing in `place`."""
    page.locator(f"{place} canvas").nth(1).click(position={"x": x, "y": y})
