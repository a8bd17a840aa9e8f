"""A project: rounds with the laboratory, in a folder with its goals and a database of facts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from rdkit.rdBase import BlockLogs

from molgen.errors import CampaignError, DataError
from molgen.files import write_atomically
from molgen.folders import no_link, remedy, writing
from molgen.project import observing
from molgen.project.additions import Known
from molgen.project.assays import assay_lines
from molgen.project.batch import Batch
from molgen.project.creation import GOALS, NAME, SETTINGS, creating, database_url
from molgen.project.database import Database
from molgen.project.facts import Proposed
from molgen.project.goal_changes import COMMAND, checked_goals
from molgen.project.goal_files import copied, read_goals
from molgen.project.goals import Goals
from molgen.project.observed import Observed
from molgen.project.observing import Observation
from molgen.project.record import ProjectRecord
from molgen.project.recording import proposals
from molgen.trust import ask


class Project(ProjectRecord):
    """A folder with `goals.yaml` and a database of facts, which are added and never changed.

    One process writes at a time; each method that adds something does so in one transaction, so that nothing is lost or doubled
    whenever it is killed.

    Attributes
    ----------
    folder, name
        Identifiers of proposals begin with the name.
    patience
        Seconds in which another command that writes to the project may end.

    Examples
    --------
    >>> project = Project.open("thrombin")
    >>> print(*project.observe("results.csv").lines(), sep="\\n")
    >>> project.propose(48, per_scaffold=2).to_pandas()
    """

    patience: ClassVar[float] = 10

    @classmethod
    def new(
        cls,
        folder: Path | str,
        goals: Path | str,
        data: Sequence[Path | str | pd.DataFrame] = (),
        *,
        database: str = "",
        dates: str | None = None,
        who: str = "",
        column: str | None = None,
        **reading: str | None,
    ) -> tuple["Project", list[Observed]]:
        """Make a project with what was measured before, and say what was read.

        It appears whole or not at all.

        Parameters
        ----------
        folder
            To be made; its name is the project's.
        goals
            A YAML file, which is copied.
        data
            Tables of measurements.
        database
            The URL of a PostgreSQL database, for a team; by default a SQLite file in the folder.
        dates, who, column, reading
            See `observe`.

        Raises
        ------
        CampaignError
            There is such a folder already, or it can't be made.
        ConfigError
            The goals can't be read, or name an assay that the tables don't; or the name can't be one.
        DataError
            A table can't be read.
        """
        folder, goals = Path(folder), Path(goals)
        settings: dict[str, Any] = {"dates": dates, "who": who, "column": column, **reading}
        with creating(folder, goals, database) as (temporary, store):
            made = cls(temporary, store, folder.name)
            read = [made._observe(table, "new", **settings) for table in data]
            if not any(observed.facts for observed in read):
                store.add("new", {}, [])
            assay_lines(made.goals, made.measurements())  # refuses an assay that isn't there
        return cls(folder, Database(folder, database, folder.name), folder.name), read

    @classmethod
    def open(cls, folder: Path | str) -> "Project":
        """Open a project.

        Raises
        ------
        CampaignError
            There is none, or its database is damaged or can't be reached.
        UntrustedError
            Its folder names a database elsewhere, and MOLGEN_TRUST doesn't say `cache`.
        """
        folder = Path(folder)
        if not (folder / GOALS).is_file():
            may_be = not folder.exists() and NAME.fullmatch(folder.name)
            made = f"; molgen project new {folder} goals=goals.yaml makes one" if may_be else ""
            inside = f"; it is a file of the project {folder.parent}" * (folder.is_file() and (folder.parent / GOALS).is_file())
            raise CampaignError(f"{folder}: no project there{made}{inside}")
        url = database_url(folder / SETTINGS)
        if url:
            ask("cache", f"{folder / SETTINGS}: database={url.rpartition('@')[2]}")
        database = Database(folder, url, folder.resolve().name)
        return cls(folder, database, database.name())

    @property
    def goals(self) -> Goals:
        """What is wanted, as `goals.yaml` says it now.

        Raises
        ------
        ConfigError
            It can't be read.
        """
        return read_goals(self.folder / GOALS)

    def change_goals(self, goals: Path | str, *, expected: str | None = None) -> None:
        """Take other goals; those before them are kept with who changed them and when, as `goal_changes` tells.

        Parameters
        ----------
        goals
            A YAML file, which is copied.
        expected
            What `goals.yaml` says, as far as is known: nothing is changed where it says something else by now.

        Raises
        ------
        ConfigError
            They can't be read, or don't go with what was measured; see `checked_goals`.
        CampaignError
            Another process writes to the project, or it can't be written; or the goals aren't those that are expected.
        """
        own = self.folder / GOALS
        with writing(self.folder, self.patience), self._database.alone():
            checked_goals(Path(goals), self.measurements())
            before, after = own.read_text(encoding="utf-8-sig"), copied(Path(goals))
            if expected not in (None, before):
                raise CampaignError(f"{own}: the goals were changed meanwhile; look at them once more")
            if before == after:
                return
            self._database.add(COMMAND, {"before": before, "after": after}, [])
            try:
                write_atomically(no_link(own), after.encode())  # within the transaction: if this fails, nothing is recorded
            except OSError as error:
                raise CampaignError(f"{own}: can't be written ({error.strerror}); {remedy(error)}") from error

    def observe(
        self,
        table: Path | str | pd.DataFrame,
        *,
        rejected: bool = False,
        correct: bool = False,
        again: bool = False,
        dates: str | None = None,
        who: str = "",
        column: str | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
        expected: str | None = None,
    ) -> Observed:
        """Take in what the laboratory sent; facts that the project has already are left as they are.

        Parameters
        ----------
        table
            A file, or a table with columns as in one.
        rejected
            Whether its rows are compounds that a chemist crossed out, with a reason each.
        correct
            Whether its values replace earlier ones of the same compound, endpoint and assay, which are kept as facts.
        again
            Whether measurements are repeats that equal known ones but for a name, or a date or a person that one of both
            doesn't say; by default they aren't added.
        dates
            `day_first` or `month_first`, for dates such as 03/04/2026.
        who
            Measured it, where no column says so.
        column, delimiter, encoding
            See `molgen.data.readers.read_table`.
        expected
            The `stamp` of a `preview`: nothing is added where something else would be by now.

        Raises
        ------
        CampaignError
            Another process writes to the project, or the database can't be written.
        DataError
            The table can't be read, or a row of it can't be meant, or what it adds isn't what is expected; nothing of it is
            taken then.
        """
        settings: dict[str, Any] = {"dates": dates, "who": who, "column": column, "delimiter": delimiter, "encoding": encoding}
        settings |= {"rejected": rejected, "correct": correct, "again": again}
        with writing(self.folder, self.patience), self._database.alone():
            return self._observe(table, "observe", expected=expected, **settings)

    def preview(self, table: Path | str | pd.DataFrame, **settings: Any) -> Observed:
        """What `observe` with the same settings would add; nothing is added.

        Raises
        ------
        DataError
            As `observe`.
        """
        known: dict[str, Any] = {"dates": None, "who": "", "column": None}
        return self._observation(table, **(known | settings))[0].result

    def _observe(
        self, table: Path | str | pd.DataFrame, command: str, *, expected: str | None = None, **settings: Any
    ) -> Observed:
        found, detail = self._observation(table, **settings)
        if expected is not None and found.result.stamp != expected:
            raise DataError(f"{found.result.file}: the project has changed since this was looked at; look at it once more")
        if found.facts or found.corrections:
            self._database.add(command, detail, found.facts, found.corrections)
        return found.result

    def _observation(
        self,
        table: Path | str | pd.DataFrame,
        *,
        dates: str | None,
        who: str,
        column: str | None,
        rejected: bool = False,
        correct: bool = False,
        again: bool = False,
        **reading: str | None,
    ) -> tuple[Observation, dict[str, Any]]:
        """What a table adds, and what is kept of the command."""
        with BlockLogs():  # an identifier is no SMILES, and needn't be one
            read, file, sha256 = observing.read_observed(table, column, **reading)
            found = observing.observe(
                read, file, sha256, self._known(), self.folder,
                rejected=rejected, correct=correct, again=again, dates=dates, who=who,
            )  # fmt: skip
        return found, {"file": file, "sha256": sha256, "rejected": rejected, "correct": correct}

    def _known(self) -> Known:
        facts, base = self.facts(), self._database
        return Known(self.name, facts, self._holding(facts), base.compounds(), base.digests(), self.goals.endpoints)

    def propose(self, n: int = 24, **settings: Any) -> Batch:
        """Choose the next round's compounds, store them and write their files.

        Parameters
        ----------
        settings
            See `molgen.project.round_settings.Proposing`.

        Raises
        ------
        ConfigError
            A setting out of its range.
        DataError
            There is nothing that can be proposed.
        """
        from molgen.project.proposals import batch_of, write_round
        from molgen.project.proposing import propose
        from molgen.project.round_settings import Proposing

        (first, *_) = propose(self, Proposing(n, **settings))
        write_round(self, first.round)
        return batch_of(self, first.round)

    def record_proposed(
        self,
        smiles: Sequence[str],
        *,
        purposes: Sequence[str] | None = None,
        values: Sequence[Mapping[str, Any]] | None = None,
        settings: Mapping[str, Any] | None = None,
        number: int | None = None,
    ) -> list[Proposed]:
        """Store the next round's proposals in one transaction; they get their identifiers, `thrombin-002-017`.

        Parameters
        ----------
        smiles : [n]
        purposes, values : [n]
            See `Proposed`; values are numbers, texts and lists or mappings of them.
        settings
            How they were chosen: what is needed to choose them again.
        number
            Of the round, where they were chosen to come next after the one before; None for whichever is next.

        Raises
        ------
        DataError
            One is invalid, is there twice, or is one of `taken`; a control was never measured; or there is none.
        CampaignError
            Another process writes to the project, the database can't be written, or another round has this number.
        """
        if not smiles:
            raise DataError("a round without proposals")
        with writing(self.folder, self.patience), self._database.alone():
            following = self.rounds() + 1
            if number not in (None, following):
                meanwhile = f"round {following - 1} was proposed meanwhile, by whoever shares the database"
                raise CampaignError(f"{self.folder}: {meanwhile}; the same command again chooses beside it")
            measured = {fact.compound for fact in self.measurements()}
            facts = proposals(smiles, self.taken(), measured, self.name, following, purposes, values)
            detail = {"round": following, "settings": dict(settings or {})}
            self._database.add("propose", detail, facts)
        return self.propositions(following)
