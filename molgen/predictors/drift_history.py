"""The history of a monitored predictor: a line of JSON for each table."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from molgen.errors import DataError

HISTORY = "monitor.jsonl"


def append_history(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a line, in one piece, after all others; a line that was cut off before is left behind as it is.

    Raises
    ------
    OSError
        It can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            cut = file.read(1) != b"\n"
        else:
            cut = False
        file.write(b"\n" * cut + json.dumps(entry, allow_nan=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_history(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The entries, the oldest first, and what can't be read, a line each.

    Raises
    ------
    DataError
        The file is no history.
    """
    if not path.exists():
        return [], []
    entries, problems = [], []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: no history of molgen monitor (not text); name another: history=...") from error
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict) and isinstance(found.get("when"), str) and isinstance(found.get("endpoints"), dict):
            entries.append(found)
        elif line.strip():
            problems.append(f"{path}: line {number} can't be read and is left out")
    if lines and not entries:
        raise DataError(f"{path}: no history of molgen monitor; name another: history=...")
    return entries, problems
