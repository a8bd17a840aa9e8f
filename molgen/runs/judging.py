"""What chemists say of a run's molecules, written into its database; nothing is overwritten."""

import datetime
import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DatabaseError

from molgen.chem.compounds import StandardParent, compounds
from molgen.errors import CampaignError, DataError
from molgen.runs.database import FILE, JUDGEMENTS, cause, connect, damage
from molgen.runs.settings import check_run_folder
from molgen.scoring.judgements import (
    COLUMNS,
    PREFER,
    REJECT,
    STAR,
    WITHDRAW,
    Judgement,
    Judgements,
    about,
    check_pair,
    checked_compound,
    judgement_of,
    read_judgements,
)

LONGEST = 500  # characters of a reason, or of a name
Facts = Callable[[Judgements], list[Judgement]]


class JudgedRun:
    """Stars, rejections and preferences in a run folder; a campaign may be running there.

    Parameters
    ----------
    folder
        The run folder.
    who
        Who judges; empty for the user that the system knows.

    Raises
    ------
    CampaignError
        It is no run folder, or has scored nothing yet.

    Examples
    --------
    >>> run = JudgedRun("runs/soluble")
    >>> run.star(["CCOc1ccccc1"])
    >>> run.reject(["CCN=[N+]=[N-]"], "azide")
    >>> run.prefer("CCOc1ccccc1", over="CCCc1ccccc1")
    >>> run.judgements.verdicts
    """

    def __init__(self, folder: Path | str, who: str = "") -> None:
        self.folder, self.who = Path(folder).expanduser(), _line(who or _user(), "who")
        check_run_folder(self.folder)
        if not (self.folder / FILE).is_file():
            raise CampaignError(f"{self.folder}: nothing has been scored there yet")

    @property
    def judgements(self) -> Judgements:
        """All facts by now."""
        return read_judgements(self.folder)

    def star(self, smiles: Sequence[str]) -> list[Judgement]:
        """Say that molecules are liked; the facts that are new: those that are starred already stay so."""
        return self._verdict(STAR, smiles, "")

    def reject(self, smiles: Sequence[str], reason: str) -> list[Judgement]:
        """Say that molecules are out of the question, and why; the facts that are new.

        Raises
        ------
        DataError
            There is no reason.
        """
        if not (line := _line(reason, "reason")):
            raise DataError("reason: say why; others will ask, and so will you")
        return self._verdict(REJECT, smiles, line)

    def prefer(self, smiles: str, over: str) -> list[Judgement]:
        """Say that one molecule is liked better than another; nothing new where the same person has said so before."""
        better, worse = self._compounds([smiles, over])
        check_pair(better, worse, str(self.folder))
        fact = about(PREFER, better, smiles, worse, over)
        return self._add(lambda known: [] if _said(known, fact, self.who) else [fact])

    def withdraw(self, smiles: Sequence[str]) -> list[Judgement]:
        """Take stars and rejections of molecules back.

        Raises
        ------
        DataError
            A molecule has neither.
        """
        return self._withdraw(smiles, [each.key for each in self._compounds(smiles)], lambda known: known.verdicts)

    def withdraw_preference(self, smiles: str, over: str) -> list[Judgement]:
        """Take back that one molecule is liked better than another, whoever said so last.

        Raises
        ------
        DataError
            Nobody has said so.
        """
        better, worse = self._compounds([smiles, over])
        place: Any = (better.key, worse.smiles)
        return self._withdraw(
            [f"{smiles} over {over}"], [place], lambda known: {(f.key, f.over): f for f in known.of_kind(PREFER)}
        )

    def withdraw_number(self, number: int) -> list[Judgement]:
        """Take back what the fact of this number says; nothing where it doesn't stand."""
        return self._add(lambda known: [_back(fact) for fact in known.standing if fact.number == number])

    def _verdict(self, kind: str, smiles: Sequence[str], reason: str) -> list[Judgement]:
        found = dict(zip(smiles, self._compounds(smiles), strict=True))
        facts = list({own.key: about(kind, own, text, None, "", reason=reason) for text, own in found.items()}.values())

        def new(known: Judgements) -> list[Judgement]:
            before = {fact.key: known.verdicts.get(fact.key) for fact in facts}
            return [f for f in facts if (b := before[f.key]) is None or (b.kind, b.reason) != (kind, reason)]

        return self._add(new)

    def _withdraw(
        self, named: Sequence[str], places: Sequence[Any], of: Callable[[Judgements], dict[Any, Judgement]]
    ) -> list[Judgement]:
        def new(known: Judgements) -> list[Judgement]:
            standing = of(known)
            if missing := [text for text, place in zip(named, places, strict=True) if place not in standing]:
                raise DataError(f"{missing[0]}: nothing to withdraw in {self.folder}")
            return [_back(standing[place]) for place in dict.fromkeys(places)]

        return self._add(new)

    def _compounds(self, smiles: Sequence[str]) -> list[StandardParent]:
        if not smiles:
            raise DataError("no molecule is named")
        return [checked_compound(own, text, str(self.folder)) for own, text in zip(compounds(smiles), smiles, strict=True)]

    def _add(self, new: Facts) -> list[Judgement]:
        """Add what is `new` given all that others have said by then, in one transaction."""
        with self._alone() as connection:
            rows = connection.execute(select(JUDGEMENTS).order_by(JUDGEMENTS.c.id)).mappings()
            known = Judgements(tuple(judgement_of({**row, "number": row["id"]}) for row in rows))
            now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
            added = []
            for fact in new(known):
                row = {name: getattr(fact, name) for name in COLUMNS} | {"who": self.who, "time": now.isoformat()}
                key = connection.execute(insert(JUDGEMENTS).values(row)).inserted_primary_key
                added.append(judgement_of({**row, "number": key[0] if key else None}))
        return added

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction that no other process or thread writes beside."""
        engine = connect(self.folder / FILE)
        try:
            if (found := damage(engine)) is not None:
                raise CampaignError(f"{self.folder / FILE}: damaged ({found}); restore a copy")
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    JUDGEMENTS.create(connection, checkfirst=True)
                    yield connection
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
        except DatabaseError as error:
            why, help_ = cause(error, self.folder)
            raise CampaignError(f"{self.folder / FILE}: {why}; {help_}") from error
        except ValueError as error:
            raise CampaignError(f"{self.folder / FILE}: damaged ({error}); restore a copy") from error
        finally:
            engine.dispose()


def _back(fact: Judgement) -> Judgement:
    own = StandardParent(fact.smiles, fact.key, fact.twins)
    return about(WITHDRAW, own, fact.given, None, "", withdraws=fact.number)


def _said(known: Judgements, fact: Judgement, who: str) -> bool:
    return any((f.key, f.over, f.who) == (fact.key, fact.over, who) for f in known.of_kind(PREFER))


def _line(text: str, what: str) -> str:
    line = " ".join(text.split())
    if len(line) > LONGEST:
        raise DataError(f"{what}: at most {LONGEST} characters, not {len(line)}")
    return line


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without users
        return ""
