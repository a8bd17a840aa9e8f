"""What a project has recorded: its facts, and what follows from them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import pandas as pd

from molgen.chem.compounds import Taken
from molgen.project.database import Database, Event
from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Rejected

Kind = TypeVar("Kind", bound=Fact)


class ProjectRecord:
    """The facts of a project, to be read.

    Parameters
    ----------
    folder, name
        Of the project.
    database
        Of its facts.
    """

    def __init__(self, folder: Path, database: Database, name: str) -> None:
        self.folder, self.name = folder, name
        self._database = database

    def facts(self) -> list[Fact]:
        """All facts in the order in which they came, measurements that were corrected as well."""
        return self._database.facts()

    def events(self) -> list[Event]:
        """The commands that added facts, in their order."""
        return self._database.events()

    def _holding(self, facts: Sequence[Fact]) -> list[Measurement]:
        wrong = {correction.measurement for correction in self._database.corrections()}
        return [fact for fact in facts if isinstance(fact, Measurement) and fact.number not in wrong]

    def measurements(self, endpoint: str | None = None) -> list[Measurement]:
        """The measurements that hold, of one endpoint or of all."""
        return [fact for fact in self._holding(self.facts()) if endpoint in (None, fact.endpoint)]

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [fact for fact in self.facts() if isinstance(fact, kind)]

    def not_made(self) -> list[NotMade]:
        """The compounds that couldn't be made."""
        return self._of(NotMade)

    def rejected(self) -> list[Rejected]:
        """The compounds that were crossed out."""
        return self._of(Rejected)

    def propositions(self, round: int | None = None) -> list[Proposed]:  # noqa: A002 (what a chemist calls it)
        """What was proposed, in one round or in all."""
        return [fact for fact in self._of(Proposed) if round in (None, fact.round)]

    def rounds(self) -> int:
        """How many rounds were proposed."""
        return max((fact.round for fact in self._of(Proposed)), default=0)

    def pending(self) -> list[Proposed]:
        """What was proposed and is neither measured nor crossed out, and isn't said not to be made."""
        facts = self.facts()
        answered = {
            fact.compound for fact in (*self._holding(facts), *facts) if isinstance(fact, Measurement | NotMade | Rejected)
        }
        return [fact for fact in facts if isinstance(fact, Proposed) and fact.compound not in answered]

    def taken(self) -> Taken:
        """Tells of SMILES [n] which aren't to be proposed: those of all facts, their salts and stereo twins."""
        return self._database.taken()

    def to_pandas(self) -> pd.DataFrame:
        """All measurements that hold, a row each."""
        rows = [asdict(fact) for fact in self.measurements()]
        return pd.DataFrame(rows).drop(columns="source", errors="ignore")
