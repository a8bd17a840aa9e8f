"""SQLite files that other processes may be writing, read without leaving a trace."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from molgen.errors import CampaignError
from molgen.folders import no_link

CAMPAIGN = "campaign.sqlite"  # the database of a run folder
STRANGE = "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
PATIENCE = 2.0  # s that SQLite waits for another process
T = TypeVar("T")


def read_campaign(folder: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` reads from the database of `folder`.

    Where no process has it open, it has no write-ahead log, and is read as a file that doesn't change, or SQLite would leave a
    log behind; where one opens it meanwhile, it is read again.

    Raises
    ------
    CampaignError
        It can't be read, or is damaged.
    """
    path = folder / CAMPAIGN
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        return _attempt(path, "mode=ro", work)
    before = _stamp(path)
    try:
        found = _attempt(path, "immutable=1", work)
    except CampaignError:
        if not log.exists() and _stamp(path) == before:
            raise
    else:
        if not log.exists() and _stamp(path) == before:
            return found
    return _attempt(path, "mode=ro", work)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What is different once a process has written the file, even if it has closed it again."""
    return (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None


def _attempt(path: Path, how: str, work: Callable[[sqlite3.Connection], T]) -> T:
    for end in ("", "-wal", "-shm", "-journal"):
        no_link(path.with_name(f"{path.name}{end}"))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=PATIENCE)) as connection:
            if (strange := connection.execute(STRANGE).fetchone()) is not None:
                raise _damaged(path, f"it holds '{strange[0]}', which molgen never makes")
            return work(connection)
    except sqlite3.OperationalError as error:
        raise CampaignError(f"{path}: can't be read ({error}); if no campaign runs there, restore a copy") from error
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise _damaged(path, str(error).splitlines()[0]) from error


def _damaged(path: Path, what: str) -> CampaignError:
    return CampaignError(f"{path}: damaged ({what}); restore a copy, or begin a new run in another folder")


def tables_in(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables that there are."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
