"""The tables of a project's database: rows are added and never changed, whatever is found out later."""

from sqlalchemy import Column, Date, Float, ForeignKey, Integer, MetaData, String, Table, Text

VERSION = 1
METADATA = MetaData()
PROJECT = Table(
    "project",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, doc="identifiers of proposals begin with it"),
    Column("version", Integer, nullable=False, doc="of these tables"),
)
EVENTS = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("time", String(32), nullable=False, doc="when the command ended, UTC, ISO 8601"),
    Column("command", String(16), nullable=False, doc="new, observe, propose"),
    Column("who", Text, nullable=False, doc="the user who gave it"),
    Column("detail", Text, nullable=False, doc="JSON: files and settings"),
)
COMPOUNDS = Table(
    "compounds",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("smiles", Text, nullable=False, doc="of the standard parent"),
    Column("key", Text, nullable=False, unique=True, doc="what all drawings of it share"),
    Column("twins", Text, nullable=False, index=True, doc="what its stereoisomers share as well"),
)
FACTS = Table(
    "facts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("event", Integer, ForeignKey("events.id"), nullable=False),
    Column("kind", String(16), nullable=False, doc="Measurement, NotMade, Rejected or Proposed"),
    Column("digest", String(64), nullable=False, unique=True, doc="of what it says, and of how often its file says so"),
    Column("compound", Integer, ForeignKey("compounds.id"), nullable=False, index=True),
    Column("given", Text, nullable=False, doc="the SMILES as it was given"),
    Column("name", Text, nullable=False, doc="the identifier as it was given"),
    Column("who", Text, nullable=False),
    Column("date", Date),
    Column("reason", Text, nullable=False, doc="why it wasn't made or was crossed out"),
    Column("file", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("row", Integer, nullable=False),
)
MEASUREMENTS = Table(
    "measurements",
    METADATA,
    Column("fact", Integer, ForeignKey("facts.id"), primary_key=True),
    Column("endpoint", Text, nullable=False, index=True),
    Column("relation", Integer, nullable=False, doc="1: the true value is above, -1: below, 0: measured"),
    Column("value", Float, nullable=False),
    Column("unit", Text, nullable=False),
    Column("written", Text, nullable=False, doc="value and unit as they were given"),
    Column("assay", Text, nullable=False),
    Column("replicate", Text, nullable=False),
)
PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("fact", Integer, ForeignKey("facts.id"), primary_key=True),
    Column("round", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shown", Text, nullable=False, doc="JSON: what was predicted of it"),
)
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("measurement", Integer, ForeignKey("facts.id"), primary_key=True, doc="holds no longer"),
    Column("by", Integer, ForeignKey("facts.id"), doc="what holds in its place"),
    Column("reason", Text, nullable=False),
    Column("event", Integer, ForeignKey("events.id"), nullable=False),
)
