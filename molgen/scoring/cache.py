"""Values that components have measured, in a database that campaigns share."""

import contextlib
import functools
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pooch
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    Engine,
    Float,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    extract,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from molgen.errors import ConfigError, DataError
from molgen.trust import ask

METADATA = MetaData()
MEASUREMENTS = Table(
    "measurements",
    METADATA,
    Column("settings", String(64), primary_key=True, doc="hash of what the value depends on besides the molecule"),
    Column("smiles", Text, primary_key=True),
    Column("value", Float, doc="null while it is being measured"),
    Column("record", Text, doc="what can be shown: a pose as an SD record"),
    Column("owner", String(32), nullable=False),
    Column("since", Float, nullable=False, doc="Unix time of the claim"),
)
NOW = extract("epoch", func.now())
HINT = "sqlite:///FILE, or postgresql+psycopg://... (pip install 'molgen-design[postgres]')"
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg", "postgresql+psycopg2")
PARAMETERS = ("application_name", "connect_timeout", "sslmode", "target_session_attrs")  # of PostgreSQL, those that read no files
PAUSE = 0.2  # s between two checks for values that others measure
ASKED = 500  # molecules in one query
Measured = tuple[NDArray[np.float64], list[str | None]]


class Cache:
    """Measurements in a database; no two processes make the same one at a time.

    A molecule is claimed before it is measured, and the claim is renewed until it is done. Others that need the value wait; they
    take over a claim that is older than `lease`, since its owner is dead.

    Parameters
    ----------
    url
        SQLAlchemy address: `sqlite:////path/file.sqlite` or `postgresql+psycopg://user@host/database`. `default` is the one that
        the variable MOLGEN_CACHE names (also as the path of a file), or a file in the user's cache folder.
    lease
        Seconds, by the database's clock, after which a claim that isn't renewed expires.

    Raises
    ------
    ConfigError
        `url` is no such address, or its driver isn't installed.
    DataError
        The database can't be reached or written.
    """

    def __init__(self, url: str = "default", lease: float = 30.0) -> None:
        self.url = _url(url)
        self.lease = lease
        self.engine = _engine(self.url)

    def measured(self, settings: str, smiles: Sequence[str], measure: Callable[[list[str]], Measured], batch: int) -> Measured:
        """Values [n] and records [n] of distinct canonical SMILES [n]; unknown ones are measured, `batch` at a time.

        Failures (nan) aren't kept: the next caller that needs the value tries again.

        Parameters
        ----------
        settings
            Hash of everything besides the molecule that the value depends on.
        smiles
            Distinct canonical SMILES [n].
        measure
            Maps SMILES to values and records.
        batch
            Molecules per call of `measure`.

        Raises
        ------
        DataError
            The database can't be read or written.
        """
        found: dict[str, tuple[float, str | None]] = {}
        missing = list(smiles)
        try:
            while missing:
                found |= self.known(settings, missing)
                missing = [text for text in missing if text not in found]
                if claimed := self._claim(settings, missing[:batch]) or self._take_over(settings, missing[:batch]):
                    found |= self._measure(settings, claimed, measure)
                    missing = [text for text in missing if text not in found]
                elif missing:
                    time.sleep(PAUSE)
        except SQLAlchemyError as error:
            raise DataError(f"cache {shown_url(self.url)}: {cause_of(error)}") from error
        return np.array([found[text][0] for text in smiles], float), [found[text][1] for text in smiles]

    def known(self, settings: str, smiles: Sequence[str]) -> dict[str, tuple[float, str | None]]:
        """SMILES -> value and record, for those of `smiles` that have been measured."""
        found: dict[str, tuple[float, str | None]] = {}
        with self.engine.connect() as connection:
            for start in range(0, len(smiles), ASKED):
                rows = connection.execute(
                    select(MEASUREMENTS.c.smiles, MEASUREMENTS.c.value, MEASUREMENTS.c.record).where(
                        MEASUREMENTS.c.settings == settings,
                        MEASUREMENTS.c.smiles.in_(smiles[start : start + ASKED]),
                        MEASUREMENTS.c.value.is_not(None),
                    )
                )
                found |= {text: (value, record) for text, value, record in rows}
        return found

    def _claim(self, settings: str, smiles: Sequence[str]) -> list[str]:
        """Claim those of `smiles` that are neither measured nor being measured; return them."""
        if not smiles:
            return []
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        rows = [{"settings": settings, "smiles": text, "owner": _owner(), "since": NOW} for text in sorted(smiles)]
        with self.engine.begin() as connection:
            made = connection.execute(insert(MEASUREMENTS).values(rows).on_conflict_do_nothing().returning(MEASUREMENTS.c.smiles))
            return list(made.scalars())

    def _take_over(self, settings: str, smiles: Sequence[str]) -> list[str]:
        """Take over those of `smiles` whose owner's claim has expired; return them."""
        if not smiles:
            return []
        abandoned = (
            update(MEASUREMENTS)
            .where(
                MEASUREMENTS.c.settings == settings,
                MEASUREMENTS.c.smiles.in_(smiles),
                MEASUREMENTS.c.value.is_(None),
                MEASUREMENTS.c.since < NOW - self.lease,
            )
            .values(owner=_owner(), since=NOW)
            .returning(MEASUREMENTS.c.smiles)
        )
        with self.engine.begin() as connection:
            return list(connection.execute(abandoned).scalars())

    def _measure(
        self, settings: str, smiles: list[str], measure: Callable[[list[str]], Measured]
    ) -> dict[str, tuple[float, str | None]]:
        try:
            with self._renewing(settings, _owner()):
                values, records = measure(smiles)
            found = dict(zip(smiles, zip(values.tolist(), records, strict=True), strict=True))
            with self.engine.begin() as connection:
                for text, (value, record) in found.items():
                    if np.isfinite(value):
                        row = (MEASUREMENTS.c.settings == settings) & (MEASUREMENTS.c.smiles == text)
                        connection.execute(update(MEASUREMENTS).where(row).values(value=value, record=record))
        finally:
            self._give_up(settings, smiles)
        return found

    @contextlib.contextmanager
    def _renewing(self, settings: str, owner: str) -> Iterator[None]:
        """Keep claims alive until the block ends."""
        done = threading.Event()
        own = (MEASUREMENTS.c.settings == settings) & (MEASUREMENTS.c.owner == owner) & MEASUREMENTS.c.value.is_(None)

        def renew() -> None:
            while not done.wait(self.lease / 4):
                with contextlib.suppress(SQLAlchemyError), self.engine.begin() as connection:
                    connection.execute(update(MEASUREMENTS).where(own).values(since=NOW))

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _give_up(self, settings: str, smiles: Sequence[str]) -> None:
        """Release claims on molecules that got no value."""
        with self.engine.begin() as connection:
            connection.execute(
                delete(MEASUREMENTS).where(
                    MEASUREMENTS.c.settings == settings,
                    MEASUREMENTS.c.smiles.in_(smiles),
                    MEASUREMENTS.c.value.is_(None),
                    MEASUREMENTS.c.owner == _owner(),
                )
            )


@functools.cache
def _process() -> str:
    return uuid.uuid4().hex[:20]


def _owner() -> str:
    """Identifies a thread of a process on a machine."""
    return f"{_process()}{threading.get_ident() % 16**12:012x}"


def _url(url: str) -> str:
    if url != "default":
        return url
    own = os.environ.get("MOLGEN_CACHE") or str(pooch.os_cache("molgen") / "scores.sqlite")
    is_path = "://" not in own and ("/" in own or Path(own).suffix)
    return f"sqlite:///{Path(own).expanduser().absolute()}" if is_path else own


@functools.cache
def _engine(url: str) -> Engine:
    try:
        parsed = parsed_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite)
        _create_tables(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(f"cache={shown_url(url)}: {error}; {HINT}") from error
    except (OSError, SQLAlchemyError) as error:
        raise DataError(f"cache {shown_url(url)}: {cause_of(error)}") from error
    return engine


def check_named(url: str) -> None:
    """Refuse a database that was named by a setting but not by the user, since a file may come from somebody else.

    The default and what MOLGEN_CACHE names are the user's own; other SQLite files must be in the folder of either.

    Raises
    ------
    ConfigError
        It is any other database, and `cache` isn't trusted; or it is no database.
    """
    own = _url("default")
    if url in ("default", own):
        return
    parsed = parsed_url(url)
    folders = [Path(pooch.os_cache("molgen")).resolve()]
    if own.startswith("sqlite") and (file := parsed_url(own).database):
        folders.append(Path(file).expanduser().resolve().parent)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = Path(parsed.database).expanduser().resolve()
        if any(path.is_relative_to(folder) for folder in folders):
            return
    ask("cache", f"cache={shown_url(url)} (not MOLGEN_CACHE, nor in the folder {folders[-1]})")


def parsed_url(url: str, setting: str = "cache") -> URL:
    """Parse an address, refusing any that would make SQLAlchemy import or open more than a database of these two kinds.

    Parameters
    ----------
    setting
        What names it, for messages.

    Raises
    ------
    ConfigError
        It is of another kind, names a driver of its own, or has parameters that open other files.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"{setting}={shown_url(url)}: {error}; {HINT}") from error
    is_uri = parsed.drivername.startswith("sqlite") and (parsed.database or "").startswith("file:")
    if parsed.drivername not in DRIVERS or is_uri:
        raise ConfigError(f"{setting}={shown_url(url)}: {HINT}")
    known = () if parsed.get_backend_name() == "sqlite" else PARAMETERS
    if unknown := sorted(set(parsed.query) - set(known)):
        raise ConfigError(f"{setting}={shown_url(url)}: takes no '{unknown[0]}'; known: {', '.join(known) or 'nothing'}")
    return parsed


def _create_tables(engine: Engine) -> None:
    """Create the tables; several processes may try at once, and only one succeeds."""
    try:
        METADATA.create_all(engine)
    except SQLAlchemyError:
        METADATA.create_all(engine)


def _configure_sqlite(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def shown_url(url: str) -> str:
    """The address without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return url.rpartition("@")[2]


def cause_of(error: Exception) -> str:
    """The first line of what a database said."""
    cause = error.orig if isinstance(error, OperationalError) else error
    return (str(cause).strip().splitlines() or [type(error).__name__])[0]
