"""What a run has stored so far, read while another process may be writing it; nothing is written."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from molgen.errors import CampaignError
from molgen.folders import no_link
from molgen.reports.routes import ROUTE
from molgen.runs.database import FILE, STRANGE
from molgen.search.strategy import KNOWN

PATIENCE = 2.0  # s that SQLite waits for another process
SHOWN = 4  # molecules of an outline
COLUMNS = ["id", "smiles", "score", "problem", "seconds", "operator", "parents", "island"]
T = TypeVar("T")
NUMBERS = ["id", "score", "seconds", "island"]


@dataclass(frozen=True)
class Outline:
    """A run in a few numbers.

    Attributes
    ----------
    calls
        Molecules scored.
    seconds
        Of work.
    best
        The best designed molecules, SMILES and score, best first.
    top10
        Mean score of the ten best of them; nan where there is none.
    """

    calls: int
    seconds: float
    best: tuple[tuple[str, float], ...]
    top10: float


def _read(folder: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` reads from the database of `folder`.

    Where no process has it open, it has no write-ahead log, and is read as a file that doesn't change, or SQLite would leave a
    log behind; where one opens it meanwhile, it is read again.

    Raises
    ------
    CampaignError
        It can't be read, or is damaged.
    """
    path = folder / FILE
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        return _attempt(path, "mode=ro", work)
    try:
        found = _attempt(path, "immutable=1", work)
    except CampaignError:
        if not log.exists():
            raise
    else:
        if not log.exists():
            return found
    return _attempt(path, "mode=ro", work)


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


def read_outline(folder: Path) -> Outline:
    """What the run in `folder` has found so far; all zero before its first molecule.

    Raises
    ------
    CampaignError
        Its database can't be read.
    """
    nothing = Outline(0, 0.0, (), float("nan"))

    def work(connection: sqlite3.Connection) -> Outline:
        if "scores" not in _tables(connection):
            return nothing
        calls, seconds = connection.execute("SELECT count(*), max(seconds) FROM molecules").fetchone()
        best = connection.execute(
            "SELECT smiles, score FROM molecules WHERE operator != ? ORDER BY score DESC, id LIMIT 10", (KNOWN,)
        ).fetchall()
        found = [(str(smiles), float(score)) for smiles, score in best]
        mean = sum(score for _, score in found) / len(found) if found else float("nan")
        return Outline(int(calls), float(seconds or 0), tuple(found[:SHOWN]), mean)

    return _read(folder, work) if _is_there(folder) else nothing


def _is_there(folder: Path) -> bool:
    """Whether there is a database; a process that has just begun makes one in a moment."""
    return (folder / FILE).is_file() and (folder / FILE).stat().st_size > 0


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


class RunReader:
    """The molecules of a run, of which `refresh` reads those that are new.

    Attributes
    ----------
    molecules
        As of `RunStore.to_pandas`, with the columns that a reader needs and `parents` as lists of SMILES.
    names
        Of the terms and filters.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []
        self.molecules = pd.DataFrame(columns=COLUMNS).astype(dict.fromkeys(NUMBERS, float))

    def __len__(self) -> int:
        return len(self.molecules)

    def refresh(self) -> bool:
        """Read what has been added; whether there was anything.

        Raises
        ------
        CampaignError
            The database can't be read, or is damaged.
        """
        rows = _read(self.folder, self._added) if _is_there(self.folder) else None
        if rows is None:
            return False
        self.molecules = rows if not len(self) else pd.concat([self.molecules, rows], ignore_index=True)
        return True

    def _added(self, connection: sqlite3.Connection) -> pd.DataFrame | None:
        tables = _tables(connection)
        if "scores" not in tables:
            return None
        last = int(self.molecules["id"].iloc[-1]) if len(self) else 0
        connection.execute("BEGIN")  # one state of the file for all that is read
        rows = _rows(connection, f"SELECT {', '.join(COLUMNS)} FROM molecules WHERE id > ? ORDER BY id", last)
        if rows.empty:
            return None
        rows[NUMBERS] = rows[NUMBERS].apply(pd.to_numeric)
        rows["parents"] = rows["parents"].map(_listed)
        if not rows["smiles"].map(lambda text: isinstance(text, str)).all():
            raise ValueError("molecules.smiles holds no text in a row")
        values = _rows(connection, "SELECT molecule, name, raw, scaled FROM scores WHERE molecule > ?", last)
        rows = rows.join(self._wide(values), on="id")
        if "routes" in tables:  # not in runs of older versions
            routes = _rows(connection, "SELECT molecule, route FROM routes WHERE molecule > ?", last)
            if len(routes):
                rows[ROUTE] = rows["id"].map(routes.set_index("molecule")["route"])
        return rows

    def _wide(self, values: pd.DataFrame) -> pd.DataFrame:
        """A row per molecule, with `NAME` and `NAME_scaled` for every term."""
        if values.empty:  # a function is an objective without terms
            return pd.DataFrame()
        self.names = list(dict.fromkeys([*self.names, *map(str, values["name"])]))
        values[["raw", "scaled"]] = values[["raw", "scaled"]].apply(pd.to_numeric)
        wide = values.pivot(index="molecule", columns="name", values=["raw", "scaled"])
        return pd.DataFrame({f"{name}{end}": wide[kind, name] for kind, end in (("raw", ""), ("scaled", "_scaled"))
                             for name in dict.fromkeys(values["name"])})  # fmt: skip


def _rows(connection: sqlite3.Connection, query: str, last: int) -> pd.DataFrame:
    cursor = connection.execute(query, (last,))
    return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])


def _listed(text: Any) -> list[str]:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("molecules.parents is no list")
    return [str(smiles) for smiles in found]
