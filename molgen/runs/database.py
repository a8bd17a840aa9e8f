"""The tables of a campaign in SQLite, how they are opened, and what their errors mean."""

import sqlite3
from pathlib import Path

import pandas as pd
from sqlalchemy import Column, Engine, Float, ForeignKey, Integer, MetaData, String, Table, create_engine, event, select, text
from sqlalchemy.exc import DatabaseError

from molgen.data.campaigns import CAMPAIGN, STRANGE
from molgen.folders import no_link, remedy, why_unwritable

FILE = CAMPAIGN
METADATA = MetaData()
MOLECULES = Table(
    "molecules",
    METADATA,
    Column("id", Integer, primary_key=True, doc="number of the oracle call"),
    Column("smiles", String, nullable=False, unique=True),
    Column("score", Float, nullable=False),
    Column("problem", String),
    Column("batch", Integer, nullable=False),
    Column("seconds", Float, nullable=False, doc="of work since the campaign began"),
    Column("operator", String, nullable=False),
    Column("parents", String, nullable=False, doc="JSON list of SMILES"),
    Column("island", Integer, doc="that proposed it, from 0; null where there is one strategy"),
)
VALUES = Table(
    "scores",
    METADATA,
    Column("molecule", Integer, ForeignKey("molecules.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("raw", Float),
    Column("scaled", Float),
)
ROUTES = Table(
    "routes",
    METADATA,
    Column("molecule", Integer, ForeignKey("molecules.id"), primary_key=True),
    Column("route", String, nullable=False, doc="JSON: how the molecule is made"),
)
STATE = Table(
    "state",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("batch", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)
RUN = Table(
    "run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, doc="tells this run from all others"),
    Column("calls", Integer, nullable=False, doc="molecules there must be"),
    Column("digest", String, doc="of the state file that goes with state.batch; empty once the objective has learnt since"),
)
JUDGEMENTS = Table(
    "judgements",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("time", String, nullable=False, doc="UTC"),
    Column("who", String, nullable=False),
    Column("kind", String, nullable=False, doc="star, reject, prefer or withdraw"),
    Column("given", String, nullable=False, doc="SMILES, of a preference the better molecule's"),
    Column("smiles", String, nullable=False, doc="of its standard parent"),
    Column("key", String, nullable=False, doc="what all drawings of the compound share"),
    Column("twins", String, nullable=False, doc="what it shares with its stereoisomers"),
    Column("over_given", String, nullable=False, doc="of a preference the worse molecule; else empty"),
    Column("over", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("withdraws", Integer, ForeignKey("judgements.id"), doc="the fact that holds no longer"),
)
LEARNT = Table(
    "learnt",
    METADATA,
    Column("name", String, primary_key=True, doc="of a term that learns from judgements"),
    Column("digest", String, nullable=False, doc="of those that all its values go back to"),
)


def connect(path: Path) -> Engine:
    """An engine for the file at `path`, which is made if need be.

    Raises
    ------
    CampaignError
        It, or a file that SQLite keeps beside it, is a link.
    """
    for end in ("", "-wal", "-shm", "-journal"):
        no_link(path.with_name(f"{path.name}{end}"))
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: object, _: object) -> None:
    """A write-ahead log that is synced and folded into the file at every commit: a copied file holds nearly everything."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA wal_autocheckpoint=1")
    cursor.close()


def damage(engine: Engine) -> str | None:
    """What SQLite finds wrong with the file; None if nothing."""
    with engine.connect() as connection:
        strange = connection.execute(text(STRANGE)).scalar()
        if strange is not None:  # a view may be of endless rows, and a trigger changes what is written
            return f"it holds '{strange}', which molgen never makes"
        found = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
        size = int(connection.execute(text("PRAGMA page_size")).scalar_one())
    path = Path(str(engine.url.database))
    log = path.with_name(f"{path.name}-wal")
    if path.stat().st_size % size and not (log.exists() and log.stat().st_size):  # SQLite fills a page that is cut with zeros
        return "its last page is cut short"
    return None if found == "ok" else " ".join(found.split())


def read(engine: Engine, table: Table) -> pd.DataFrame:
    """All rows of a table, numbers as numbers; SQLite itself keeps text in a column of numbers.

    Raises
    ------
    ValueError
        A column isn't there, something else is in it, or nothing where there must be something.
    """
    try:
        with engine.connect() as connection:
            found = pd.read_sql(select(table), connection)
    except pd.errors.DatabaseError as error:
        raise ValueError(str(error.__cause__).splitlines()[0]) from error
    for column in table.columns:
        values, is_text = found[column.name], isinstance(column.type, String)
        if not column.nullable and values.isna().any():
            raise ValueError(f"{table.name}.{column.name} has no value in a row")
        if values.isna().all():
            found[column.name] = values.astype(object if is_text else float)
        elif is_text == pd.api.types.is_numeric_dtype(values) or pd.api.types.infer_dtype(values) in ("mixed", "bytes"):
            raise ValueError(f"{table.name}.{column.name} holds no {'text' if is_text else 'number'} in a row")
    return found


def is_damage(error: DatabaseError) -> bool:
    """Whether the content of the file is wrong, not the access to it."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA)


def cause(error: DatabaseError | OSError, folder: Path) -> tuple[str, str]:
    """What kept us from writing in `folder`, and what helps against it."""
    if isinstance(error, OSError):
        return error.strerror or str(error), remedy(error)
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full", "free space"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"another program has locked {FILE}", "close that"
    if (found := why_unwritable(folder)) is not None:  # SQLite knows less: "disk I/O error", "unable to open database file"
        return found.strerror or str(found), remedy(found)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return str(error.orig), f"allow writing {FILE}"
    return str(error.orig), "mend that"


def _code(error: DatabaseError) -> int:
    return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
