"""molgen as a user installs it: a wheel, and a folder that it was installed in."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("molgen", "conf", "pyproject.toml", "README.md", "LICENSE")


class Reader:
    """A process that runs pages with an installed molgen, far from the sources: see tests/pages.py."""

    def __init__(self, installation: Path, environment: dict[str, str], log: Path) -> None:
        (log.parent / "sources").mkdir()
        (log.parent / "sources" / "tests").symlink_to(ROOT / "tests")  # without molgen beside it
        environment = environment | {"PYTHONPATH": f"{environment['PYTHONPATH']}{os.pathsep}{log.parent / 'sources'}"}
        command = [sys.executable, "-P", "-m", "tests.pages", str(installation)]
        self.log = log
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log.open("w")}
        self.process = subprocess.Popen(command, env=environment, cwd=log.parent, text=True, **pipes)

    def __call__(self, **request: Any) -> int:
        """How many blocks or lines were run; they must succeed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({name: str(value) for name, value in request.items()}) + "\n")
        self.process.stdin.flush()
        try:
            line = self.process.stdout.readline()
        except BaseException:  # it has taken too long
            self.process.kill()
            raise
        assert line, f"the reader has ended:\n{self.log.read_text()[-4000:]}"
        answer = json.loads(line)
        assert answer["problem"] is None, f"{answer['problem']}\n{self.log.read_text()[-2000:]}"
        return answer["ran"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, which neither gets nor gives what other builds have left."""
    folder = tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "."]
    subprocess.run(command, check=True, cwd=folder)
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the wheel is installed, without what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="session")
def elsewhere(installation: Path) -> dict[str, str]:
    """The environment of somebody who has only the installation."""
    path = f"{installation / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PYTHONPATH": str(installation), "PATH": path, "MOLGEN_TRUST": ""}


@pytest.fixture(scope="session")
def reader(
    installation: Path, elsewhere: dict[str, str], samples: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    """Runs pages; the public set that they name is a small local one, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data").mkdir()
    small = folder / "data" / "approved.csv"
    small.write_text("smiles\n" + "".join(f"{text}\n" for text in samples[:30]))
    node = installation / "molgen" / "conf" / "data" / "fda_approved.yaml"
    digest = hashlib.sha256(small.read_bytes()).hexdigest()
    text = re.sub(r"(?m)^file: .*$", f"file: {small.name}", node.read_text())
    node.write_text(re.sub(r"(?m)^sha256: .*$", f"sha256: {digest}", text))
    process = Reader(installation, elsewhere | {"MOLGEN_DATA": str(small.parent)}, folder / "log")
    yield process
    process.process.communicate()
