"""What chemists have said of molecules: stars, rejections and preferences, as facts of a run folder or a file."""

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.chem.compounds import StandardParent, Taken, compounds
from molgen.data.campaigns import CAMPAIGN, read_campaign, tables_in
from molgen.data.readers import read_table
from molgen.errors import DataError

STAR, REJECT, PREFER, WITHDRAW = "star", "reject", "prefer", "withdraw"
WORDS = {  # of a file's column `decision`
    STAR: (STAR, "starred", "like", "liked"),
    REJECT: (REJECT, "rejected", "dislike", "disliked"),
    PREFER: (PREFER, "preferred"),
}
COLUMNS = ("time", "who", "kind", "given", "smiles", "key", "twins", "over_given", "over", "reason", "withdraws")
SETTINGS = "config.yaml"  # of a run folder that has no database yet


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One fact.

    Attributes
    ----------
    kind
        `star`, `reject`, `prefer` or `withdraw`.
    smiles
        Of the standard parent; of a preference that of the better molecule.
    given
        As it was given.
    key, twins
        Of its compound, see `StandardParent`.
    over, over_given
        Of a preference the worse molecule.
    reason
        Of a rejection.
    withdraws
        The number of the fact that holds no longer.
    who, time
        Who said it, and when (UTC); "" and None where a file doesn't say.
    number
        In the run's database; None in a file.
    """

    kind: str
    smiles: str
    given: str = ""
    key: str = ""
    twins: str = ""
    over: str = ""
    over_given: str = ""
    reason: str = ""
    withdraws: int | None = None
    who: str = ""
    time: datetime.datetime | None = None
    number: int | None = None


@dataclass(frozen=True)
class Judgements:
    """Facts in the order in which they were said, and which of them stand.

    Of a star and a rejection of one compound, whoever said them, the later stands; preferences stand beside each other also where
    they contradict each other, but the same by the same person counts once.
    """

    facts: tuple[Judgement, ...] = ()

    @cached_property
    def standing(self) -> tuple[Judgement, ...]:
        """Stars, rejections and preferences that hold."""
        found: dict[Any, Judgement] = {}
        places: dict[int | None, Any] = {}
        for fact in self.facts:
            if fact.kind == WITHDRAW:
                place = places.get(fact.withdraws)
                if place in found and found[place].number == fact.withdraws:
                    del found[place]
                continue
            place = (fact.key, fact.over, fact.who) if fact.kind == PREFER else fact.key
            found.pop(place, None)  # the later one stands last
            found[place] = fact
            places[fact.number] = place
        return tuple(found.values())

    @cached_property
    def verdicts(self) -> dict[str, Judgement]:
        """The star or rejection of a compound that stands, by its key."""
        return {fact.key: fact for fact in self.standing if fact.kind != PREFER}

    def of_kind(self, kind: str) -> list[Judgement]:
        """Those that stand of one kind."""
        return [fact for fact in self.standing if fact.kind == kind]

    @cached_property
    def rejected(self) -> Taken:
        """The rejected compounds, their salts and their stereo twins."""
        return Taken((fact.twins, fact.smiles) for fact in self.of_kind(REJECT))

    @cached_property
    def digest(self) -> str:
        """The same for two that say the same of the same molecules."""
        told = sorted((fact.kind, fact.smiles, fact.over) for fact in self.standing)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def table(self) -> pd.DataFrame:
        """Those that stand, in the columns that `read_judgements` and `molgen observe --rejected` read."""
        rows = [(f.given, f.kind, f.over_given, f.reason, f.who, f.time and f"{f.time:%Y-%m-%d %H:%M:%S}") for f in self.standing]
        return pd.DataFrame(rows, columns=["smiles", "decision", "over", "reason", "who", "time"])


def read_judgements(places: str | Path | Sequence[str | Path]) -> Judgements:
    """The judgements of run folders and files, one after the other.

    Parameters
    ----------
    places
        Run folders; or files with a column `smiles`, and `decision` (star, reject, prefer) or `over` (SMILES of a molecule that
        isn't liked as well) or both.

    Raises
    ------
    DataError
        There is none of this name, or a row can't be understood.
    CampaignError
        A run's database can't be read.
    """
    given = [places] if isinstance(places, str | Path) else list(places)
    if not given or not all(isinstance(place, str | Path) and str(place) for place in given):
        raise DataError(f"judgements: name a run folder or a file, not {places!r}")
    parts = [_of_place(Path(place).expanduser()) for place in given]
    if len(parts) == 1:
        return Judgements(tuple(parts[0]))
    return Judgements(tuple(fact for part in parts for fact in Judgements(tuple(part)).standing))


def _of_place(place: Path) -> list[Judgement]:
    if place.is_file():
        return _of_file(place)
    if (place / CAMPAIGN).is_file():
        return read_campaign(place, _stored)
    if (place / SETTINGS).is_file():
        return []
    raise DataError(f"{place}: no run folder and no file of judgements")


def _stored(connection: sqlite3.Connection) -> list[Judgement]:
    """Raises ValueError where the table holds what molgen doesn't write."""
    if "judgements" not in tables_in(connection):
        return []
    rows = connection.execute(f"SELECT id, {', '.join(COLUMNS)} FROM judgements ORDER BY id").fetchall()
    return [judgement_of(dict(zip(("number", *COLUMNS), row, strict=True))) for row in rows]


def judgement_of(row: dict[str, Any]) -> Judgement:
    """A row of the table `judgements`.

    Raises
    ------
    ValueError
        It holds what molgen doesn't write.
    """
    texts: dict[str, Any] = {name: row[name] for name in COLUMNS if name not in ("time", "withdraws")}
    if not all(isinstance(text, str) for text in texts.values()) or row["kind"] not in (*WORDS, WITHDRAW):
        raise ValueError(f"judgements holds no judgement in row {row['number']}")
    time = datetime.datetime.fromisoformat(row["time"])
    return Judgement(**texts, time=time, withdraws=row["withdraws"], number=row["number"])


def _of_file(path: Path) -> list[Judgement]:
    table = read_table(path)
    names = {str(name).strip().lower(): name for name in table.columns.columns}
    if not {"decision", "over"} & names.keys():
        raise DataError(f"{path}: no column 'decision' (star, reject) nor 'over' (SMILES of the molecule that is liked less)")

    def cells(name: str) -> list[str]:
        column = table.columns[names[name]] if name in names else [""] * len(table)
        return ["" if pd.isna(cell) else str(cell).strip() for cell in column]

    words, over = cells("decision"), cells("over")
    rows = [i for i in range(len(table)) if words[i] or over[i]]
    kinds = [_kind(words[i], over[i], f"{path} row {i + 1}") for i in rows]
    better, worse = compounds([table.smiles[i] for i in rows]), compounds([over[i] or "C" for i in rows])
    found = []
    for kind, i, first, second in zip(kinds, rows, better, worse, strict=True):
        own, other = checked_compound(first, table.smiles[i], f"{path} row {i + 1}"), None
        if kind == PREFER:
            other = checked_compound(second, over[i], f"{path} row {i + 1}")
            check_pair(own, other, f"{path} row {i + 1}")
        found.append(about(kind, own, table.smiles[i], other, over[i], reason=cells("reason")[i], who=cells("who")[i]))
    return found


def _kind(word: str, over: str, where: str) -> str:
    kind = next((kind for kind, words in WORDS.items() if word.lower() in words), PREFER if not word else None)
    if kind is None:
        raise DataError(f"{where}: decision '{word[:40]}' isn't known; write star, reject or prefer")
    if (kind == PREFER) != bool(over):
        raise DataError(f"{where}: a preference, and nothing else, has a molecule in column 'over'")
    return kind


def checked_compound(found: StandardParent | str, given: str, where: str) -> StandardParent:
    """The compound that was found of a SMILES.

    Raises
    ------
    DataError
        There is none.
    """
    if isinstance(found, str):
        raise DataError(f"{where}: '{given[:100]}' is no molecule: {found}")
    return found


def check_pair(better: StandardParent, worse: StandardParent, where: str) -> None:
    """Raise a DataError where a molecule is preferred to itself."""
    if better.key == worse.key:
        raise DataError(f"{where}: {better.smiles} is preferred to itself; salts and drawings of a compound are one")


def about(kind: str, own: StandardParent, given: str, other: StandardParent | None, over: str, **more: Any) -> Judgement:
    """A judgement of a compound, `over` another if it is a preference."""
    parts: dict[str, Any] = {
        "key": own.key,
        "twins": own.twins,
        "over": other.smiles if other else "",
        "over_given": over if other else "",
    }
    return Judgement(kind=kind, smiles=own.smiles, given=given, **parts, **more)


def together(facts: Iterable[Judgement]) -> str:
    """How many stars, rejections and preferences, in words."""
    kinds = [fact.kind for fact in facts]
    words = {STAR: ("star", "stars"), REJECT: ("rejection", "rejections"), PREFER: ("preference", "preferences")}
    said = [f"{n} {each[n != 1]}" for kind, each in words.items() if (n := kinds.count(kind))]
    return ", ".join(said) or "no judgement"
