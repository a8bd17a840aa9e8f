"""A campaign that a page looks at: its settings, what it has stored by now, and what was said of it."""

import functools
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.app.effects import Effects
from molgen.app.matching import Answers
from molgen.app.shown_map import ShownMap
from molgen.app.table import TableQuery, answer_table, columns_of
from molgen.errors import DataError
from molgen.reports.cards import CardValue, card_value
from molgen.reports.pose_source import PoseSource
from molgen.reports.report import drawn_components
from molgen.runs.database import FILE as DATABASE
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.watching import RunReader
from molgen.scoring.component import Component
from molgen.scoring.judgements import REJECT, Judgement, Judgements, read_judgements

USUAL_REASONS = ("can't be made", "reactive or unstable", "too lipophilic", "too large", "toxic group", "not novel")


class OpenRun:
    """A run that a page looks at.

    Attributes
    ----------
    config
        Its settings.
    components
        Of its objective, as far as they may be made here: they know units.
    """

    edition = 0  # a call's number stays its own

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = read_config(folder)
        self.reader = RunReader(folder)
        self.judgements = Judgements()
        self.answers, self.effects, self.map = Answers(), Effects(), ShownMap()
        self.one = threading.Lock()  # who reads, sorts and searches

    @functools.cached_property
    def components(self) -> dict[str, Component]:
        """Of its objective, by the names of its terms and filters."""
        return drawn_components(self.config.get("scoring"))[0]

    @functools.cached_property
    def poses(self) -> PoseSource:
        """Of its molecules, where they were docked."""
        return PoseSource(self.folder, self.components)

    @property
    def names(self) -> list[str]:
        """Of its terms and filters: those of the settings, of which new ones may be yet to be measured, and others that were."""
        said = [*self._said("terms"), *self.filters]
        return [*said, *(name for name in self.reader.names if name not in said)]

    @functools.cached_property
    def filters(self) -> list[str]:
        """Names of the filters."""
        return self._said("filters")

    def _said(self, kind: str) -> list[str]:
        scoring = self.config["scoring"]
        group = scoring.get(kind) if isinstance(scoring, dict) else None
        return list(map(str, group)) if isinstance(group, dict) else []

    def refresh(self) -> None:
        """Read what has been added, its terms in the order of the objective, with filters last."""
        if self.reader.refresh():
            said = [*self._said("terms"), *self.filters]
            self.reader.names.sort(key=lambda name: said.index(name) if name in said else -1)
        self.judgements = read_judgements(self.folder)

    @property
    def verdicts(self) -> dict[str, Judgement]:
        """The star or rejection that stands, by the SMILES of molecules as they were judged and in standard form."""
        return {text: fact for fact in self.judgements.verdicts.values() for text in (fact.smiles, fact.given)}

    @property
    def reasons(self) -> list[str]:
        """For which molecules were rejected, the last first, and for which they often are."""
        given = [fact.reason for fact in self.judgements.of_kind(REJECT)[::-1]]
        return list(dict.fromkeys([*given, *USUAL_REASONS]))

    @property
    def columns(self) -> list[str]:
        """What its table can be sorted by, in the order in which they are shown."""
        return columns_of(self.reader.names)

    def __len__(self) -> int:
        return len(self.reader)

    def answer(self, asked: TableQuery) -> pd.DataFrame:
        """The molecules that are wanted, in order; see `answer_table`."""
        return answer_table(self.reader, self.answers, asked, self.verdicts)

    def values(self, row: dict[str, Any]) -> list[tuple[CardValue, str]]:
        """A molecule's terms and filters, with their units."""
        return [(card_value(name, row), self.units.get(name, "")) for name in self.reader.names]

    def row(self, number: int) -> dict[str, Any]:
        """A molecule by the number of its call.

        Raises
        ------
        DataError
            There is none.
        """
        rows = self.reader.molecules[self.reader.molecules["id"] == number].to_dict("records")
        if not rows:
            raise DataError(f"{self.folder.name}: no molecule of call {number}")
        return rows[0]

    def calls(self, facts: Iterable[Judgement]) -> dict[str, int]:
        """The numbers of the calls of molecules that were judged, by their SMILES as they were given."""
        wanted = {
            text: given for f in facts for text, given in ((f.given, f.given), (f.smiles, f.given), (f.over_given, f.over_given))
        }
        rows = self.reader.molecules[self.reader.molecules["smiles"].isin(wanted)]
        return {wanted[text]: int(number) for text, number in zip(rows["smiles"], rows["id"], strict=True)}

    @functools.cached_property
    def units(self) -> dict[str, str]:
        """What the values of terms are measured in."""
        return {name: component.value_unit() for name, component in self.components.items()}


def identity_of(folder: Path) -> tuple[int, ...]:
    """What tells a run from another that is in its place later, whose files may have the same numbers."""
    database, config = folder / DATABASE, folder / CONFIG
    begun = (config.stat().st_ino, config.stat().st_mtime_ns) if config.exists() else ()
    return (database.stat().st_ino if database.exists() else 0, *begun)
