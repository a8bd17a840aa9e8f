"""Goals as somebody types them, as a file that can be read."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from molgen.errors import MolgenError


@contextmanager
def goals_as_file(text: str, root: Path) -> Iterator[Path]:
    """The goals as a file in the workspace: the files that they name are looked for from there."""
    with tempfile.NamedTemporaryFile("w", dir=root, prefix=f".{os.getpid()}.", suffix=".yaml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        yield Path(file.name)


def said_of_goals(error: MolgenError, path: Path) -> str:
    """What is wrong, without the name of a file that nobody knows."""
    return str(error).splitlines()[0].replace(f"{path}: ", "").replace(str(path), "the goals")
