"""What a run has stored so far, read while another process may be writing it; nothing is written."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.errors import CampaignError
from molgen.folders import no_link
from molgen.reports.routes import ROUTE
from molgen.runs.database import FILE, STRANGE
from molgen.search.strategy import KNOWN

PATIENCE = 2.0  # s that SQLite waits for another process
SHOWN = 4  # molecules of an outline
COLUMNS = ["id", "smiles", "score", "problem", "seconds", "operator", "parents", "island"]
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


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / FILE
    for end in ("", "-wal", "-shm", "-journal"):
        no_link(path.with_name(f"{path.name}{end}"))
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
        try:
            if (strange := connection.execute(STRANGE).fetchone()) is not None:
                raise _damaged(path, f"it holds '{strange[0]}', which molgen never makes")
            yield connection
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        raise CampaignError(f"{path}: can't be read ({error}); if no campaign runs there, restore a copy") from error
    except (sqlite3.DatabaseError, pd.errors.DatabaseError, ValueError, TypeError) as error:
        raise _damaged(path, str(error).splitlines()[0]) from error


def _damaged(path: Path, what: str) -> CampaignError:
    return CampaignError(f"{path}: damaged ({what}); restore a copy, or begin a new run in another folder")


def outline(folder: Path) -> Outline:
    """What the run in `folder` has found so far; all zero before its first molecule.

    Raises
    ------
    CampaignError
        Its database can't be read.
    """
    if not _has_tables(folder):
        return Outline(0, 0.0, (), float("nan"))
    with _reading(folder) as connection:
        calls, seconds = connection.execute("SELECT count(*), max(seconds) FROM molecules").fetchone()
        best = connection.execute(
            "SELECT smiles, score FROM molecules WHERE operator != ? ORDER BY score DESC, id LIMIT 10", (KNOWN,)
        ).fetchall()
        found = [(str(smiles), float(score)) for smiles, score in best]
        mean = sum(score for _, score in found) / len(found) if found else float("nan")
        return Outline(int(calls), float(seconds or 0), tuple(found[:SHOWN]), mean)


def _has_tables(folder: Path) -> bool:
    """Whether there is a database; a process that has just begun makes its tables in a moment."""
    if not (folder / FILE).is_file() or not (folder / FILE).stat().st_size:
        return False
    with _reading(folder) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'scores'").fetchone() is not None


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
        """  # noqa: DOC501 (raised by another function, or caught there)
        if not _has_tables(self.folder):
            return False
        last = int(self.molecules["id"].iloc[-1]) if len(self) else 0
        with _reading(self.folder) as connection:
            connection.execute("BEGIN")  # one state of the file for all that is read
            rows = _rows(connection, f"SELECT {', '.join(COLUMNS)} FROM molecules WHERE id > ? ORDER BY id", last)
            if rows.empty:
                return False
            values = _rows(connection, "SELECT molecule, name, raw, scaled FROM scores WHERE molecule > ?", last)
            routes = _rows(connection, "SELECT molecule, route FROM routes WHERE molecule > ?", last)
            rows[NUMBERS] = rows[NUMBERS].apply(pd.to_numeric)
            rows["parents"] = rows["parents"].map(_listed)
            if not rows["smiles"].map(lambda text: isinstance(text, str)).all():
                raise ValueError("molecules.smiles holds no text in a row")
            rows = rows.join(self._wide(values), on="id")
            if len(routes):
                rows[ROUTE] = rows["id"].map(routes.set_index("molecule")["route"])
        self.molecules = rows if not len(self) else pd.concat([self.molecules, rows], ignore_index=True)
        return True

    def _wide(self, values: pd.DataFrame) -> pd.DataFrame:
        """A row per molecule, with `NAME` and `NAME_scaled` for every term."""
        self.names = list(dict.fromkeys([*self.names, *map(str, values["name"])]))
        values[["raw", "scaled"]] = values[["raw", "scaled"]].apply(pd.to_numeric)
        wide = values.pivot(index="molecule", columns="name", values=["raw", "scaled"])
        return pd.DataFrame({f"{name}{end}": wide[kind, name] for kind, end in (("raw", ""), ("scaled", "_scaled"))
                             for name in dict.fromkeys(values["name"])})  # fmt: skip


def _rows(connection: sqlite3.Connection, query: str, last: int) -> pd.DataFrame:
    return pd.read_sql(query, connection, params=(last,))


def _listed(text: Any) -> list[str]:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("molecules.parents is no list")
    return [str(smiles) for smiles in found]
