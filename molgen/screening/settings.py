"""The settings of a screen in its folder."""

from pathlib import Path
from typing import Any

from molgen.config import expect
from molgen.errors import ConfigError, DataError
from molgen.runs.saved import damaged, read_saved
from molgen.screening.screen import PARTS, SCORES, SCREEN

KINDS: dict[str, Any] = {"library": str, "label": str | None, "hits": int, "batch": int, "column": str | None, "table": dict}


def screen_ended(folder: Path) -> bool:
    """Whether the screen in `folder` has written all of its results."""
    return (folder / SCORES).exists() and not (folder / PARTS).exists()


def read_screen(folder: Path) -> dict[str, Any]:
    """The settings of the screen in `folder`, which is to go on.

    Raises
    ------
    DataError
        There is none, or it has ended.
    CampaignError
        Its settings are damaged.
    """  # noqa: DOC501 (raised by another function, or caught here)
    path = folder / SCREEN
    if not path.is_file() or screen_ended(folder):
        if path.is_file() or not (folder / PARTS).exists():
            raise DataError(f"{folder}: no screen that could go on: it has ended, or never begun; name another")
        raise DataError(f"{path}: is missing; restore a copy")
    config = read_saved(path)
    objects = {key: dict for key in ("scoring", "cluster", "standardize") if key in config or key == "scoring"}
    if missing := [key for key in (*KINDS, *objects) if key not in config]:
        raise damaged(path, f"no {missing[0]} in it")
    try:
        expect({key: config[key] for key in (*KINDS, *objects)}, **KINDS, **objects)
    except ConfigError as error:
        raise damaged(path, str(error).splitlines()[0]) from error
    if config["hits"] < 1 or config["batch"] < 1:
        raise damaged(path, "hits and batch must be positive")
    return config
