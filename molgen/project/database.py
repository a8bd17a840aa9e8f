"""The facts of a project in SQLite or PostgreSQL: a command adds all of its own in one transaction."""

import contextlib
import datetime
import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, create_engine, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, SQLAlchemyError

from molgen.chem.compounds import StandardParent, Taken
from molgen.errors import CampaignError, ConfigError
from molgen.project.facts import Correction, Fact, Measurement, Proposed
from molgen.project.rows import fact_of, fact_row, measurement_row, proposal_row
from molgen.project.tables import (
    COMPOUNDS,
    CORRECTIONS,
    EVENTS,
    FACTS,
    MEASUREMENTS,
    METADATA,
    PROJECT,
    PROPOSALS,
    VERSION,
)
from molgen.runs.database import cause, connect, damage
from molgen.scoring.cache import cause_of, parsed_url, shown_url

FILE = "project.sqlite"
PATIENCE = 10  # s for a connection to a database elsewhere


@dataclass(frozen=True)
class Event:
    """A command that added facts: `new`, `observe` or `propose`, when it ended (UTC), and who gave it."""

    number: int
    time: datetime.datetime
    command: str
    who: str
    detail: Mapping[str, Any]


class Database:
    """The facts of one project.

    Parameters
    ----------
    folder
        Of the project, with `project.sqlite` in it unless there is a
    url
        of a PostgreSQL database, in which the project has a schema of its own.
    schema
        The name of that.

    Raises
    ------
    CampaignError
        The database can't be opened, is damaged, or was written by a later molgen.
    """

    def __init__(self, folder: Path, url: str = "", schema: str = "") -> None:
        self.folder, self.url, self.schema = folder, url, schema
        with self._errors():
            self.engine = self._engine()
        self._begun: Connection | None = None

    @property
    def where(self) -> str:
        """The database, for messages, without its password."""
        return shown_url(self.url) if self.url else str(self.folder / FILE)

    def _engine(self) -> Engine:
        if not self.url:
            return connect(self.folder / FILE)
        parsed = parsed_url(self.url, "database")
        if parsed.get_backend_name() != "postgresql":
            raise ConfigError(
                f"database={self.where}: must be postgresql+psycopg://..., as a project's own file is SQLite already"
            )
        try:
            waiting = {} if "connect_timeout" in parsed.query else {"connect_timeout": PATIENCE}
            engine = create_engine(parsed, pool_pre_ping=True, connect_args=waiting)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise ConfigError(f"database={self.where}: {error}; pip install 'molgen-design[postgres]'") from error
        return engine.execution_options(schema_translate_map={None: self.schema})

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            if self.url:
                raise CampaignError(f"{self.where}: {cause_of(error)}") from error
            why, help_ = cause(error, self.folder)
            raise CampaignError(f"{self.where}: {why}; {help_}") from error
        except SQLAlchemyError as error:
            raise CampaignError(f"{self.where}: {cause_of(error)}") from error

    def close(self) -> None:
        """Close all files and connections; SQLite's log goes into its file."""
        self.engine.dispose()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one transaction of all that the block reads and adds; of a block that fails nothing stays."""
        with self._errors(), self.engine.begin() as connection:
            self._begun = connection
            try:
                yield
            finally:
                self._begun = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A transaction that waits until no other writes to the project, from whichever folder."""
        with self.transaction():
            assert self._begun is not None
            self._begun.execute(select(PROJECT.c.id).with_for_update())
            yield

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._errors():
            if self._begun is not None:
                yield self._begun
            else:
                with self.engine.begin() as connection:
                    yield connection

    def create(self, name: str) -> None:
        """Make the tables.

        Raises
        ------
        CampaignError
            The schema of a PostgreSQL database has them already: it is another project's.
        """
        with self._connected() as connection:
            if self.url:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"'))
            METADATA.create_all(connection)
            if connection.execute(select(PROJECT.c.name)).first() is not None:
                raise CampaignError(f"{self.where}: has a project '{self.schema}' already; choose another name")
            connection.execute(insert(PROJECT).values(id=1, name=name, version=VERSION))

    def name(self) -> str:
        """The project's name, once it is sure that the database is whole.

        Raises
        ------
        CampaignError
            It is damaged, or a later molgen's.
        """
        if not self.url:
            if not (self.folder / FILE).is_file():
                raise CampaignError(f"{self.where}: no such file; restore a copy, or make the project anew")
            with self._errors():
                if (found := damage(self.engine)) is not None:
                    raise CampaignError(f"{self.where}: is damaged ({found}); restore a copy")
        with self._connected() as connection:
            there = inspect(connection).has_table(PROJECT.name, schema=self.schema if self.url else None)
            row = connection.execute(select(PROJECT.c.name, PROJECT.c.version)).first() if there else None
        if row is None or row.version > VERSION:
            none = f"holds no project '{self.schema}'; remove the folder {self.folder}, and make the project anew"
            why = none if row is None else "was written by a later molgen; install that"
            raise CampaignError(f"{self.where}: {why}")
        return str(row.name)

    def add(
        self,
        command: str,
        detail: Mapping[str, Any],
        facts: Sequence[tuple[Fact, StandardParent, str]],
        corrections: Sequence[tuple[int, int | None, str]] = (),
    ) -> list[int]:
        """Add what one command found out, all or nothing; returns the numbers of the facts.

        Parameters
        ----------
        facts
            Each with its compound and its digest, which no fact in the database has.
        corrections
            The number of a measurement that holds no longer, the place in `facts` of what holds instead, and why.
        """
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        with self._connected() as connection:
            row: dict[str, Any] = {
                "time": now.isoformat(timespec="seconds"),
                "command": command,
                "who": user(),
                "detail": json.dumps(detail),
            }
            event = _number(connection.execute(insert(EVENTS).values(row)))
            known = {row.key: row.id for row in connection.execute(select(COMPOUNDS.c.key, COMPOUNDS.c.id))}
            numbers = [self._add(connection, event, known, *item) for item in facts]
            for measurement, place, reason in corrections:
                by = None if place is None else numbers[place]
                connection.execute(insert(CORRECTIONS).values(measurement=measurement, by=by, reason=reason, event=event))
        return numbers

    def _add(
        self, connection: Connection, event: int, known: dict[str, int], fact: Fact, compound: StandardParent, digest: str
    ) -> int:
        if compound.key not in known:
            own = {"smiles": compound.smiles, "key": compound.key, "twins": compound.twins}
            known[compound.key] = _number(connection.execute(insert(COMPOUNDS).values(own)))
        row = {"event": event, "digest": digest, "compound": known[compound.key], **fact_row(fact)}
        number = _number(connection.execute(insert(FACTS).values(row)))
        if isinstance(fact, Measurement):
            connection.execute(insert(MEASUREMENTS).values(fact=number, **measurement_row(fact)))
        if isinstance(fact, Proposed):
            connection.execute(insert(PROPOSALS).values(fact=number, **proposal_row(fact)))
        return number

    def facts(self) -> list[Fact]:
        """All facts in the order in which they came, those that hold no longer as well."""
        joined = (
            FACTS.join(COMPOUNDS, FACTS.c.compound == COMPOUNDS.c.id)
            .outerjoin(MEASUREMENTS, MEASUREMENTS.c.fact == FACTS.c.id)
            .outerjoin(PROPOSALS, PROPOSALS.c.fact == FACTS.c.id)
        )
        columns = [COMPOUNDS.c.smiles, *FACTS.c, *MEASUREMENTS.c[1:], *PROPOSALS.c[1:]]
        with self._connected() as connection:
            return [
                fact_of(row) for row in connection.execute(select(*columns).select_from(joined).order_by(FACTS.c.id)).mappings()
            ]

    def corrections(self) -> list[Correction]:
        """Which measurements hold no longer."""
        with self._connected() as connection:
            rows = connection.execute(select(CORRECTIONS.c.measurement, CORRECTIONS.c.by, CORRECTIONS.c.reason))
            return [Correction(*row) for row in rows]

    def events(self) -> list[Event]:
        """The commands that added something, in their order."""
        with self._connected() as connection:
            rows = connection.execute(select(EVENTS).order_by(EVENTS.c.id)).all()
        return [
            Event(row.id, datetime.datetime.fromisoformat(row.time), row.command, row.who, json.loads(row.detail)) for row in rows
        ]

    def digests(self) -> set[str]:
        """Of all facts."""
        with self._connected() as connection:
            return set(connection.execute(select(FACTS.c.digest)).scalars())

    def compounds(self) -> dict[str, StandardParent]:
        """By their keys."""
        with self._connected() as connection:
            rows = connection.execute(select(COMPOUNDS.c.smiles, COMPOUNDS.c.key, COMPOUNDS.c.twins))
            return {key: StandardParent(smiles, key, twins) for smiles, key, twins in rows}

    def taken(self) -> Taken:
        """The compounds of all facts."""
        return Taken((compound.twins, compound.smiles) for compound in self.compounds().values())


def _number(result: CursorResult[Any]) -> int:
    """Of the row that was just added."""
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def user() -> str:
    """Who gives commands, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without users
        return ""
