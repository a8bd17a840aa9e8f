"""What a run has stored so far, read while another process may be writing it; nothing is written."""

import hashlib
import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.campaigns import CAMPAIGN, read_campaign, tables_in
from molgen.reports.routes import ROUTE
from molgen.search.strategy import KNOWN

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
    judged
        Facts that chemists have stated, withdrawals among them.
    learnt
        What is another text once all of it was scored anew.
    """

    calls: int
    seconds: float
    best: tuple[tuple[str, float], ...]
    top10: float
    judged: int = 0
    learnt: str = ""


def read_outline(folder: Path) -> Outline:
    """What the run in `folder` has found so far; all zero before its first molecule.

    Raises
    ------
    CampaignError
        Its database can't be read.
    """
    nothing = Outline(0, 0.0, (), float("nan"))

    def work(connection: sqlite3.Connection) -> Outline:
        if "scores" not in (tables := tables_in(connection)):
            return nothing
        judged = connection.execute("SELECT count(*) FROM judgements").fetchone()[0] if "judgements" in tables else 0
        calls, seconds = connection.execute("SELECT count(*), max(seconds) FROM molecules").fetchone()
        best = connection.execute(
            "SELECT smiles, score FROM molecules WHERE operator != ? ORDER BY score DESC, id LIMIT 10", (KNOWN,)
        ).fetchall()
        found = [(str(smiles), float(score)) for smiles, score in best]
        mean = sum(score for _, score in found) / len(found) if found else float("nan")
        return Outline(int(calls), float(seconds or 0), tuple(found[:SHOWN]), mean, int(judged), _learnt(connection, tables))

    return read_campaign(folder, work) if _is_there(folder) else nothing


def _learnt(connection: sqlite3.Connection, tables: Collection[str]) -> str:
    """By which objective all is scored, as one word; empty where that has always been the one of the settings."""
    rows = connection.execute("SELECT name, digest FROM learnt ORDER BY name").fetchall() if "learnt" in tables else []
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16] if rows else ""


def _is_there(folder: Path) -> bool:
    """Whether there is a database; a process that has just begun makes one in a moment."""
    return (folder / CAMPAIGN).is_file() and (folder / CAMPAIGN).stat().st_size > 0


class RunReader:
    """The molecules of a run, of which `refresh` reads those that are new.

    Attributes
    ----------
    molecules
        As of `RunStore.to_pandas`, with the columns that a reader needs and `parents` as lists of SMILES.
    names
        Of the terms and filters.
    learnt
        What is another text once all of it was scored anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str]
        self._forget()

    def _forget(self) -> None:
        self.names, self.learnt = [], ""
        self.molecules = pd.DataFrame(columns=COLUMNS).astype(dict.fromkeys(NUMBERS, float))

    def __len__(self) -> int:
        return len(self.molecules)

    def refresh(self) -> bool:
        """Read what has been added, or all of it where the run was scored anew; whether there was anything.

        Raises
        ------
        CampaignError
            The database can't be read, or is damaged.
        """
        rows = read_campaign(self.folder, self._added) if _is_there(self.folder) else None
        if rows is None:
            return False
        self.molecules = rows if not len(self) else pd.concat([self.molecules, rows], ignore_index=True)
        return True

    def _added(self, connection: sqlite3.Connection) -> pd.DataFrame | None:
        tables = tables_in(connection)
        if "scores" not in tables:
            return None
        connection.execute("BEGIN")  # one state of the file for all that is read
        learnt = _learnt(connection, tables)
        if learnt != self.learnt:
            self._forget()
            self.learnt = learnt
        last = int(self.molecules["id"].iloc[-1]) if len(self) else 0
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
