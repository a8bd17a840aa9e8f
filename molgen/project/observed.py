"""What an observation has added to a project, and how that is said."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from molgen.project.facts import Fact, Measurement, NotMade, Rejected

SHOWN = 5  # lines of one sort


@dataclass(frozen=True)
class ColumnRead:
    """What a column of a table was taken for: an endpoint with the unit of its facts, a date, nothing, ..."""

    name: str
    meaning: str
    unit: str = ""
    is_used: bool = True


@dataclass
class Observed:
    """What an observation has added.

    Attributes
    ----------
    columns
        What those of the table were taken for.
    facts
        That are new.
    known
        How many facts of the table the project had already.
    alike
        Rows of measurements that equal known ones but for a name, or a date or a person that one of both doesn't say: not added.
    unproposed
        Compounds with new facts that the project first hears of, although it proposes compounds.
    left_out, notes, warnings
        What is worth knowing, a line each.
    """

    file: str
    rows: int = 0
    columns: list[ColumnRead] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    known: int = 0
    alike: list[int] = field(default_factory=list)
    corrected: int = 0
    unproposed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def of(self, kind: type[Fact]) -> list[Fact]:
        """The new facts of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    @property
    def stamp(self) -> str:
        """Tells what is added from anything else that might be."""
        told = [[fact.content() for fact in self.facts], self.corrected]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def lines(self) -> list[str]:
        """A summary to be printed."""
        if not self.rows:
            return [f"{self.file}: no rows in it: an empty round, nothing is added"]
        measured = [fact for fact in self.facts if isinstance(fact, Measurement)]
        counts = Counter(fact.endpoint for fact in measured)
        bounds = Counter(fact.endpoint for fact in measured if fact.relation)
        compounds = len({fact.compound for fact in self.facts})
        lines = [f"{self.file}: {self.rows:,} rows; {len(self.facts):,} new facts about {compounds:,} compounds"]
        lines += [
            f"  {name}: {count:,} measurement{'s' * (count != 1)}{f', {bounds[name]:,} of them bounds' * bool(bounds[name])}"
            for name, count in counts.items()
        ]
        for kind, what in ((NotMade, "not made"), (Rejected, "crossed out")):
            if number := len(self.of(kind)):
                lines.append(f"  {what}: {number:,}")
        lines += [f"  known already: {self.known:,}"] * bool(self.known)
        if self.alike:
            rows = some([str(row) for row in dict.fromkeys(self.alike)])
            lines.append(
                f"  not added: {len(self.alike):,} that equal known measurements but for a name, or a date or a person that one "
                f"side doesn't say (row {rows}); if these are repeats, molgen observe --again adds them"
            )
        lines += [f"  corrected: {self.corrected:,} earlier measurements, which are kept"] * bool(self.corrected)
        if self.unproposed:
            lines.append(f"  never proposed, taken all the same: {some(self.unproposed)}")
        lines += [f"  {line}" for line in self.notes]
        lines += _few("left out", self.left_out) + _few("warning", self.warnings)
        return lines


def _few(what: str, lines: Sequence[str]) -> list[str]:
    more = [f"  {what}: {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    return [f"  {what}: {line}" for line in lines[:SHOWN]] + more


def some(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")
