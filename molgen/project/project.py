"""Project: rounds with the laboratory, in a folder and a database (signatures first; the code follows)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Rejected


class Project(Protocol):
    """A folder with `goals.yaml` and the facts in `project.sqlite` (or a PostgreSQL database).

    Attributes
    ----------
    folder, name
        The name is that of the folder; identifiers of proposals begin with it.
    goals : molgen.project.goals.Goals
    """

    folder: Path
    name: str

    @classmethod
    def new(cls, folder: Path | str, goals: Path | str, data: Sequence[Path | str] = (), **reading: Any) -> "Project":
        """Make a project; it appears whole or not at all."""

    @classmethod
    def open(cls, folder: Path | str) -> "Project":
        """Open a project."""

    def observe(self, table: Path | str | pd.DataFrame, *, rejected: bool = False, correct: bool = False, **reading: Any) -> Any:
        """Take in what the laboratory sent, in one transaction; returns `Observed`: facts added, known before, notes, warnings."""

    def measurements(self, endpoint: str | None = None) -> Sequence[Measurement]:
        """Those that hold (corrected ones are left out), in the order in which they came."""

    def not_made(self) -> Sequence[NotMade]:
        """Compounds that couldn't be made."""

    def rejected(self) -> Sequence[Rejected]:
        """Compounds that were crossed out."""

    def propositions(self, round: int | None = None) -> Sequence[Proposed]:  # noqa: A002
        """What was proposed, of one round or of all."""

    def pending(self) -> Sequence[Proposed]:
        """Proposed, and neither measured nor failed nor rejected, nor its salts."""

    def record_proposed(
        self, smiles: Sequence[str], *, purposes: Sequence[str] = (), values: Sequence[Mapping[str, Any]] = (), settings: Any = None
    ) -> Sequence[Proposed]:
        """Store a round's proposals in one transaction and give them their identifiers.

        Raises CampaignError where one of them, its salt or stereo twin was proposed, measured, not made or rejected before.
        """

    def taken(self, smiles: Iterable[str]) -> Any:
        """bool [n]: whether a compound, a salt or a stereo twin of it is pending, measured, not made or rejected."""

    def facts(self) -> Sequence[Fact]:
        """All facts in the order in which they came."""
