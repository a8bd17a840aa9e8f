"""A project: rounds with the laboratory, in a folder with its goals and a database of facts."""

import hashlib
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import yaml
from rdkit.rdBase import BlockLogs

from molgen.errors import CampaignError, ConfigError, DataError
from molgen.files import write_atomically
from molgen.folders import remedy, sweep_up, writing
from molgen.project import observing
from molgen.project.batch import Batch
from molgen.project.compounds import StandardParent, Taken, compounds
from molgen.project.database import Database, Event
from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Rejected
from molgen.project.goal_files import copied, read_goals
from molgen.project.goals import Goals
from molgen.project.observed import Observed
from molgen.project.observing import Known
from molgen.trust import ask

GOALS, SETTINGS = "goals.yaml", "project.yaml"
NAME = re.compile(r"[A-Za-z0-9][\w-]{0,39}", re.ASCII)
Kind = TypeVar("Kind", bound=Fact)


class Project:
    """A folder with `goals.yaml` and a database of facts, which are added and never changed.

    One process writes at a time; each method that adds something does so in one transaction, so that nothing is lost or doubled
    whenever it is killed.

    Attributes
    ----------
    folder, name
        Identifiers of proposals begin with the name.

    Examples
    --------
    >>> project = Project.open("thrombin")
    >>> print(*project.observe("results.csv").lines(), sep="\\n")
    >>> project.propose(48, per_scaffold=2).to_pandas()
    """

    def __init__(self, folder: Path, database: Database, name: str) -> None:
        self.folder, self.name = folder, name
        self._database = database

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

        Its folder appears whole or not at all.

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
            The goals can't be read, or the name can't be one.
        DataError
            A table can't be read.
        """
        folder, goals = Path(folder), Path(goals)
        if not NAME.fullmatch(folder.name):
            raise ConfigError(f"{folder}: a project's name has letters, digits, - and _, and begins with a letter or digit")
        if folder.exists():
            raise CampaignError(f"{folder}: exists already; molgen observe {folder} FILE adds measurements to a project")
        read_goals(goals)
        temporary = folder.with_name(f".{os.getpid()}.{folder.name}")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            sweep_up(folder.parent, folder.name)
            temporary.mkdir()
            write_atomically(temporary / GOALS, copied(goals).encode())
            if database:
                write_atomically(temporary / SETTINGS, yaml.safe_dump({"database": database}).encode())
            store = Database(temporary, database, folder.name)
            store.create(folder.name)
            made = cls(temporary, store, folder.name)
            settings: dict[str, Any] = {"dates": dates, "who": who, "column": column, **reading}
            read = [made._observe(table, "new", **settings) for table in data]
            if not any(observed.facts for observed in read):
                store.add("new", {}, [])
            store.close()
            temporary.rename(folder)
        except OSError as error:
            raise CampaignError(f"{folder}: can't be made ({error.strerror}); {remedy(error)}") from error
        finally:
            for picture in temporary.glob("*-differs.svg"):
                shutil.move(picture, Path.cwd() / picture.name)
            shutil.rmtree(temporary, ignore_errors=True)
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
            made = "" if folder.exists() else f"; molgen project new {folder} goals=goals.yaml makes one"
            raise CampaignError(f"{folder}: no project there{made}")
        url = _database(folder / SETTINGS)
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

    def observe(
        self,
        table: Path | str | pd.DataFrame,
        *,
        rejected: bool = False,
        correct: bool = False,
        dates: str | None = None,
        who: str = "",
        column: str | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
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
        dates
            `day_first` or `month_first`, for dates such as 03/04/2026.
        who
            Measured it, where no column says so.
        column, delimiter, encoding
            See `molgen.data.readers.read_table`.

        Raises
        ------
        CampaignError
            Another process writes to the project, or the database can't be written.
        DataError
            The table can't be read, or a row of it can't be meant; nothing of it is taken then.
        """
        settings: dict[str, Any] = {"dates": dates, "who": who, "column": column, "delimiter": delimiter, "encoding": encoding}
        with writing(self.folder):
            return self._observe(table, "observe", rejected=rejected, correct=correct, **settings)

    def _observe(
        self,
        table: Path | str | pd.DataFrame,
        command: str,
        *,
        dates: str | None,
        who: str,
        column: str | None,
        rejected: bool = False,
        correct: bool = False,
        **reading: str | None,
    ) -> Observed:
        with BlockLogs():  # an identifier is no SMILES, and needn't be one
            read, file, sha256 = observing.read_observed(table, column, **reading)
            found = observing.observe(
                read, file, sha256, self._known(), self.folder, rejected=rejected, correct=correct, dates=dates, who=who
            )
        if found.facts or found.corrections:
            detail = {"file": file, "sha256": sha256, "rejected": rejected, "correct": correct}
            self._database.add(command, detail, found.facts, found.corrections)
        return found.result

    def _known(self) -> Known:
        facts, base = self.facts(), self._database
        return Known(self.name, facts, self._holding(facts), base.compounds(), base.digests(), self.goals.endpoints)

    def _holding(self, facts: Sequence[Fact]) -> list[Measurement]:
        wrong = {correction.measurement for correction in self._database.corrections()}
        return [fact for fact in facts if isinstance(fact, Measurement) and fact.number not in wrong]

    def facts(self) -> list[Fact]:
        """All facts in the order in which they came, measurements that were corrected as well."""
        return self._database.facts()

    def events(self) -> list[Event]:
        """The commands that added facts, in their order."""
        return self._database.events()

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

    def propose(self, n: int = 24, **settings: Any) -> Batch:
        """Choose the next round's compounds, store them and write their files.

        Parameters
        ----------
        settings
            See `molgen.project.proposing.Proposing`.

        Raises
        ------
        ConfigError
            A setting out of its range.
        DataError
            There is nothing that can be proposed.
        """
        from molgen.project.proposals import batch_of, write_round
        from molgen.project.proposing import Proposing, propose

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
    ) -> list[Proposed]:
        """Store the next round's proposals in one transaction; they get their identifiers, `thrombin-002-017`.

        Parameters
        ----------
        smiles : [n]
        purposes, values : [n]
            See `Proposed`; values are numbers, texts and lists or mappings of them.
        settings
            How they were chosen: what is needed to choose them again.

        Raises
        ------
        DataError
            One is invalid, is there twice, or is one of `taken`; or there is none.
        CampaignError
            Another process writes to the project, or the database can't be written.
        """
        if not smiles:
            raise DataError("a round without proposals")
        with writing(self.folder):
            number = max((fact.round for fact in self.propositions()), default=0) + 1
            found = self._to_propose(smiles)
            facts = [
                Proposed(
                    compound=compound.smiles,
                    given=text,
                    name=f"{self.name}-{number:03d}-{place:03d}",
                    round=number,
                    place=place,
                    purpose=purposes[place - 1] if purposes else "",
                    values=values[place - 1] if values else {},
                )
                for place, (text, compound) in enumerate(zip(smiles, found, strict=True), 1)
            ]
            digests = [_digest_of(fact) for fact in facts]
            detail = {"round": number, "settings": dict(settings or {})}
            self._database.add("propose", detail, list(zip(facts, found, digests, strict=True)))
        return self.propositions(number)

    def _to_propose(self, smiles: Sequence[str]) -> list[StandardParent]:
        taken, seen = self.taken(), dict[str, str]()
        found: list[StandardParent] = []
        for text, compound in zip(smiles, compounds(smiles), strict=True):
            if not isinstance(compound, StandardParent):
                raise DataError(f"proposal '{text}': {compound}")
            if compound.twins in taken.keys:
                raise DataError(f"proposal '{text}': it, a salt or a stereo twin of it is known to the project already")
            if (other := seen.setdefault(compound.twins, text)) != text or text in smiles[: len(found)]:
                raise DataError(f"proposal '{text}': a salt or a stereo twin of '{other}', which is proposed beside it")
            found.append(compound)
        return found

    def to_pandas(self) -> pd.DataFrame:
        """All measurements that hold, a row each."""
        rows = [asdict(fact) for fact in self.measurements()]
        return pd.DataFrame(rows).drop(columns="source", errors="ignore")


def _digest_of(fact: Proposed) -> str:
    """Of a proposal: no two have one identifier."""
    return hashlib.sha256(f"Proposed {fact.name}".encode()).hexdigest()


def _database(path: Path) -> str:
    """The URL that a project's settings name; "" where there are none."""
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: can't be read ({str(error).splitlines()[0]})") from error
    if not isinstance(plain, dict) or set(plain) != {"database"} or not isinstance(plain["database"], str):
        raise ConfigError(f"{path}: must have one line, database: URL")
    return plain["database"]
