"""The facts of a project in SQLite or PostgreSQL: a command adds all of its own in one transaction."""

import contextlib
import datetime
import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, RowMapping, create_engine, insert, select, text
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, SQLAlchemyError

from molgen.errors import CampaignError, ConfigError
from molgen.project.compounds import StandardParent, Taken
from molgen.project.facts import Correction, Fact, Measurement, NotMade, Proposed, Provenance, Rejected
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
            engine = create_engine(parsed, pool_pre_ping=True)
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
    def _connected(self) -> Iterator[Connection]:
        with self._errors(), self.engine.connect() as connection:
            yield connection

    def create(self, name: str) -> None:
        """Make the tables.

        Raises
        ------
        CampaignError
            The schema of a PostgreSQL database has them already: it is another project's.
        """
        with self._errors(), self.engine.begin() as connection:
            if self.url:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"'))
            METADATA.create_all(connection)
            if connection.execute(select(EVENTS.c.id)).first() is not None:
                raise CampaignError(f"{self.where}: has a project '{self.schema}' already; choose another name")
            if connection.execute(select(PROJECT.c.name)).first() is None:  # else whoever began it was killed
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
            row = connection.execute(select(PROJECT.c.name, PROJECT.c.version)).first()
        if row is None or row.version > VERSION:
            why = "holds no project" if row is None else "was written by a later molgen; install that"
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
        with self._errors(), self.engine.begin() as connection:
            row = {"time": now.isoformat(timespec="seconds"), "command": command, "who": user(), "detail": json.dumps(detail)}
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
        number = _number(
            connection.execute(
                insert(FACTS).values(
                    event=event,
                    kind=type(fact).__name__,
                    digest=digest,
                    compound=known[compound.key],
                    given=fact.given,
                    name=fact.name,
                    who=fact.who,
                    date=fact.date,
                    reason=getattr(fact, "reason", ""),
                    file=fact.source.file,
                    sha256=fact.source.sha256,
                    row=fact.source.row,
                )
            )
        )
        if isinstance(fact, Measurement):
            columns = [column.name for column in MEASUREMENTS.columns if column.name != "fact"]
            connection.execute(insert(MEASUREMENTS).values(fact=number, **{name: getattr(fact, name) for name in columns}))
        if isinstance(fact, Proposed):
            shown = json.dumps(dict(fact.values))
            row: dict[str, Any] = {"round": fact.round, "place": fact.place, "purpose": fact.purpose, "shown": shown}
            connection.execute(insert(PROPOSALS).values(fact=number, **row))
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
                _fact(row) for row in connection.execute(select(*columns).select_from(joined).order_by(FACTS.c.id)).mappings()
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


def _fact(row: RowMapping) -> Fact:
    source = Provenance(row["file"], row["sha256"], row["row"])
    shared = {"given": row["given"], "name": row["name"], "who": row["who"], "date": row["date"], "source": source}
    shared |= {"compound": row["smiles"], "number": row["id"]}
    if row["kind"] == Measurement.__name__:
        names = ("endpoint", "relation", "value", "unit", "written", "assay", "replicate")
        return Measurement(**shared, **{name: row[name] for name in names})
    if row["kind"] == Proposed.__name__:
        values = json.loads(row["shown"])
        return Proposed(**shared, round=row["round"], place=row["place"], purpose=row["purpose"], values=values)
    kind = NotMade if row["kind"] == NotMade.__name__ else Rejected
    return kind(**shared, reason=row["reason"])


def user() -> str:
    """Who gives commands, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without users
        return ""
