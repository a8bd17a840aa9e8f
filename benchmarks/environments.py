"""Virtual environments of their own, kept in the user's cache, for programs that molgen is compared with or scored by."""

import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path

from molgen.errors import MolgenError


class EnvironmentMissingError(MolgenError):
    """The package index doesn't give what an environment needs."""


def interpreter(folder: Path, requirements: Sequence[str]) -> Path:
    """The Python of an environment, which is made if there is none.

    Raises
    ------
    EnvironmentMissingError
        It can't be made, or pip couldn't install the requirements.
    """
    python = folder / "bin" / "python"
    finished = folder / "finished"
    if not finished.exists():
        print(f"making {folder} with {', '.join(requirements)}", flush=True)
        try:
            venv.create(folder, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EnvironmentMissingError(
                f"{folder}: no environment can be made ({error}); is Python's venv installed?"
            ) from error
        pip(python, ["install", *requirements], folder)
        finished.touch()
    return python


def pip(python: Path, arguments: Sequence[str | Path], folder: Path) -> None:
    """Run pip in an environment.

    Raises
    ------
    EnvironmentMissingError
        It failed; the message has the last thing that it said.
    """
    found = subprocess.run([python, "-m", "pip", "--quiet", *arguments], stderr=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        said = [line for line in found.stderr.splitlines() if line.startswith("ERROR")] or ["ERROR: it said nothing"]
        why = said[0].removeprefix("ERROR: ")
        words = " ".join(map(str, arguments))
        raise EnvironmentMissingError(f"{folder}: 'pip {words}' failed: {why}; reach a package index, and run this again")
