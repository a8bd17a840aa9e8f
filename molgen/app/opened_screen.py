"""A screen that a page looks at: names, scores, values, and how far to trust what was predicted."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.app.matching import Answers
from molgen.app.screen_table import DOMAIN, read_scores, table_of_nothing, table_of_scores
from molgen.app.shown_map import ShownMap
from molgen.app.table import TableQuery, answer_rows
from molgen.app.workspace import WorkFolder
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import DataError
from molgen.predictors.base import Prediction
from molgen.reports.cards import CardValue, card_value
from molgen.reports.pose_source import PoseSource
from molgen.reports.report import drawn_components
from molgen.runs.saved import read_saved
from molgen.scoring.component import Component
from molgen.screening.screen import HITS, PARTS, SCORES, SCREEN
from molgen.screening.settings import screen_ended
from molgen.screening.watching import ScoredParts

LARGEST, PREDICTED = 50_000_000, 200  # bytes of scores.csv, and hits that are predicted once more
FIRST = 100_000  # molecules that are shown of a screen that goes on
ERROR = "_error"  # behind the name of a term: the standard deviation of what was predicted


class OpenScreen:
    """A screen, with what it has scored by now.

    Attributes
    ----------
    ended
        Whether it has written all of its results.
    table
        Of `table_of_scores`, with errors and domain once these are known.
    own
        The library's columns in it.
    names
        Of terms and filters.
    predicted
        Those of them that a predictor computes.
    batch
        How many molecules are scored at a time.
    poses
        Of its hits, where they were docked.
    only_hits
        Whether the file of all scores is too large, so that the table holds the hits.
    edition
        Another number once the rows are others than before, and not merely more.

    Raises
    ------
    DataError
        There is none.
    CampaignError
        Its files aren't those of a screen.
    """

    def __init__(self, found: WorkFolder) -> None:
        self.folder = found.folder
        config = read_saved(found.folder / SCREEN)
        scoring = config.get("scoring")
        groups = [scoring.get(kind) for kind in ("terms", "filters")] if isinstance(scoring, dict) else []
        terms, filters = ([*group] if isinstance(group, dict) else [] for group in (groups or [None, None]))
        self.names, self.filters = [*map(str, terms), *map(str, filters)], [*map(str, filters)]
        self.library, self._column = str(config.get("library", "")), config.get("column")
        self.batch = batch if isinstance(batch := config.get("batch"), int) else 0
        self.components: dict[str, Component] = drawn_components(scoring)[0]
        self.units = {name: component.value_unit() for name, component in self.components.items()}
        self.predicted = [name for name in self.names if _predicts(self.components.get(name))]
        self.one = threading.Lock()
        self.parts = ScoredParts(found.folder / PARTS, FIRST)
        self.ended = self.only_hits = False
        self.edition, self._stamp = 0, (0, 0)
        self.poses = PoseSource(found.folder, self.components)
        self.table, self.own = table_of_nothing(self.names), list[str]()
        self._show()
        self.refresh()

    def refresh(self) -> None:
        """Read what has been added.

        Raises
        ------
        CampaignError
            Its files aren't those of a screen.
        """
        if not screen_ended(self.folder):
            if self.parts.refresh():
                self._take(*table_of_scores(self.parts.table, self.parts.structure, self.names, self.parts.folder))
            return
        scores = self.folder / SCORES
        stamp = _stamp_of(scores)
        if self._stamp == stamp:
            return
        self._stamp, self.ended = stamp, True
        self.only_hits = scores.stat().st_size > LARGEST
        self._take(*read_scores(self.folder / HITS if self.only_hits else scores, self._column, self.names))
        self.poses = PoseSource(self.folder, self.components)

    def _take(self, table: pd.DataFrame, own: list[str]) -> None:
        """Show another table; what was found out of molecules stays where it has more rows and none is another."""
        before = self.table["smiles"].tolist()
        same = table["smiles"].tolist()[: len(before)] == before
        self.table, self.own = table, own
        self._show(keep=same)

    def _show(self, *, keep: bool = False) -> None:
        if not keep:
            self.answers, self.map = Answers(), ShownMap()
            self.edition += 1
        for name in self.predicted:
            self.table[f"{name}{ERROR}"] = np.nan
        if self.predicted:
            self.table[DOMAIN] = pd.Series([None] * len(self.table), dtype=object)
        self._predictions: dict[str, Prediction] = {}
        self._places: dict[int, int] = {}  # of rows among what was predicted

    @property
    def trusted(self) -> bool:
        """Whether `trust` has predicted the best hits."""
        return bool(self._places)

    @property
    def scored(self) -> int | None:
        """How many molecules are scored by now; None where the file is too large to count them."""
        return self.parts.scored if not self.ended else None if self.only_hits else len(self.table)

    @property
    def columns(self) -> list[str]:
        """What the table can be sorted by, in the order in which they are shown."""
        trust = [*(f"{name}{ERROR}" for name in self.predicted), *([DOMAIN] if self.predicted else [])]
        changes = ["changes"] if "changes" in self.table else []
        return [*self.own[:1], "score", *self.names, *trust, *self.own[1:], "id", "smiles", *changes, "problem"]

    @property
    def texts(self) -> list[str]:
        """Columns that hold text."""
        return [name for name in self.columns if not pd.api.types.is_numeric_dtype(self.table[name])]

    @property
    def hits(self) -> pd.DataFrame:
        """Molecules that don't score 0, the best first."""
        passed = self.table[self.table["score"] > 0]
        return passed.sort_values("score", ascending=False, kind="stable")

    def __len__(self) -> int:
        return len(self.table)

    def answer(self, asked: TableQuery) -> pd.DataFrame:
        """The molecules that are wanted, in order; see `answer_rows`."""
        return answer_rows(self.table, self.columns, self.texts, self.answers, asked)

    def trust(self) -> None:
        """Predict the best hits once more, for the errors and the domain behind their values; they stand once it has ended."""
        if self._places or not self.predicted or not self.ended:
            return
        hits = self.hits.head(PREDICTED)
        molecules = Molecules(hits["smiles"].tolist(), AS_GIVEN)  # in the form in which they were scored
        outside: list[list[str]] = [[] for _ in range(len(hits))]
        for name in self.predicted:
            found = self.components[name].prediction(molecules)
            if found is None:
                continue
            self._predictions[name] = found
            self.table.loc[hits.index, f"{name}{ERROR}"] = found.std[:, 0]
            for i in np.flatnonzero(~found.in_endpoint_domain[:, 0]):
                outside[i].append(f"{name} ({found.outside[i, 0]})")
        said = [f"outside: {', '.join(told)}" if told else "inside" for told in outside]
        self.table[DOMAIN] = pd.Series(said, hits.index, dtype=object).reindex(self.table.index)
        self._places = {int(number): i for i, number in enumerate(hits["id"])}

    def row(self, number: int) -> dict[str, Any]:
        """A molecule by its row.

        Raises
        ------
        DataError
            There is none.
        """
        if not 1 <= number <= len(self.table):
            raise DataError(f"{self.folder.name}: no molecule in row {number}")
        found: dict[str, Any] = self.table.iloc[number - 1].to_dict()
        return found

    def values(self, row: dict[str, Any]) -> list[tuple[CardValue, str]]:
        """A molecule's terms with units, and with errors and domain if it is among those that `trust` predicts."""
        place = self._places.get(int(row["id"]))
        shown = []
        for name in self.names:
            found = None if place is None else self._predictions.get(name)
            shown.append((card_value(name, row, self.components.get(name), found, place or 0), self.units.get(name, "")))
        return shown


def identity_of_screen(folder: Path) -> tuple[int, ...]:
    """What tells a screen from another that is in its place later."""
    settings = folder / SCREEN
    return (settings.stat().st_ino, settings.stat().st_mtime_ns) if settings.exists() else ()


def _stamp_of(path: Path) -> tuple[int, int]:
    return path.stat().st_mtime_ns, path.stat().st_size


def _predicts(component: Component | None) -> bool:
    return component is not None and type(component).prediction is not Component.prediction
