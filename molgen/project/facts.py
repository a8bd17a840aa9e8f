"""What a project knows: facts that are added and never changed, each with where it comes from."""

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Provenance:
    """Where a fact was read.

    Attributes
    ----------
    file
        The name of the file, `table` for one that Python gave.
    sha256
        Of its content.
    row
        From 1, the header not counted.
    """

    file: str = ""
    sha256: str = ""
    row: int = 0

    def __str__(self) -> str:
        return f"{self.file} row {self.row}" if self.row else self.file


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What all facts about a compound have.

    Attributes
    ----------
    compound
        The SMILES of its standard parent, by which it is known.
    given
        Its SMILES as it was given; "" where it was named by its identifier alone.
    name
        Its identifier as it was given: a proposal's (`thrombin-002-017`), the laboratory's, or "".
    who, date
        Who found it out, and when; "" and None where nobody says so.
    number
        In the project's database; None for a fact that isn't there yet.
    """

    compound: str
    given: str = ""
    name: str = ""
    who: str = ""
    date: datetime.date | None = None
    source: Provenance = field(default=Provenance(), compare=False)
    number: int | None = field(default=None, compare=False)

    about: ClassVar[tuple[str, ...]] = ("compound", "name", "who", "date")

    def content(self) -> str:
        """A hash of what the fact says; the same for the same row of another copy of a file."""
        told = [type(self).__name__, *(_text(getattr(self, key)) for key in self.about)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Measurement(Fact):
    """One measured value of a compound.

    Attributes
    ----------
    endpoint
        What was measured, by the project's name for it.
    relation
        1 where the true value is above `value` (`>`), -1 where it is below, 0 where it was measured.
    value, unit
        In the unit of the endpoint.
    written
        Value and unit as they were given, `>10000 nM`.
    assay
        By which it was measured; "" where nobody says so.
    replicate
        Its number among repeated measurements, as the laboratory counts; "" where it doesn't.
    """

    endpoint: str
    value: float
    relation: int = 0
    unit: str = ""
    written: str = ""
    assay: str = ""
    replicate: str = ""

    about: ClassVar[tuple[str, ...]] = (*Fact.about, "endpoint", "value", "relation", "unit", "assay", "replicate")


@dataclass(frozen=True, kw_only=True)
class NotMade(Fact):
    """A compound that couldn't be made: it isn't proposed again, and nothing is learnt of its activity."""

    reason: str = ""

    about: ClassVar[tuple[str, ...]] = (*Fact.about, "reason")


@dataclass(frozen=True, kw_only=True)
class Rejected(Fact):
    """A compound that a chemist crossed out, and why."""

    reason: str = ""

    about: ClassVar[tuple[str, ...]] = (*Fact.about, "reason")


CONTROL, REPEAT = "control", "repeat"  # purposes of what was measured before


@dataclass(frozen=True, kw_only=True)
class Proposed(Fact):
    """A compound that molgen proposed; `name` is its identifier, such as `thrombin-002-017`.

    Attributes
    ----------
    round, place
        Both from 1.
    purpose
        What it is there for: improve, learn, fill a series, control, repeat, ...
    values
        What was predicted of it when it was proposed, and whatever else is shown of it: numbers, texts and lists of them.
    """

    round: int
    place: int
    purpose: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_repeated(self) -> bool:
        """Whether it is a compound that was measured before, to be measured again."""
        return self.purpose in (CONTROL, REPEAT)


@dataclass(frozen=True)
class Correction:
    """A measurement that holds no longer.

    Attributes
    ----------
    measurement
        The number of the one that was wrong; it stays in the database.
    by
        The number of the one that holds in its place; None where there is none.
    reason
        As it was given.
    """

    measurement: int
    by: int | None = None
    reason: str = ""


def units_of(measurements: Iterable[Measurement]) -> dict[str, str]:
    """The unit that each endpoint was measured in, where there is one."""
    return {fact.endpoint: fact.unit for fact in measurements if fact.unit}


def _text(value: Any) -> str:
    """As it is compared: numbers to nine digits, as a table that was saved once more may have fewer."""
    return f"{value:.9g}" if isinstance(value, float) else "" if value is None else str(value)
