"""The result of a screen as a table: names, scores, values, and how far to trust what was predicted."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.app.matching import Answers
from molgen.app.shown_map import ShownMap
from molgen.app.table import TableQuery, answer_rows
from molgen.app.workspace import WorkFolder
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.data.readers import read_chunks
from molgen.errors import DataError
from molgen.predictors.base import Prediction
from molgen.reports.cards import CardValue, card_value
from molgen.reports.pose_source import PoseSource
from molgen.reports.report import drawn_components
from molgen.runs.saved import damaged, read_saved
from molgen.scoring.component import Component
from molgen.screening.charts import naming_column
from molgen.screening.screen import HITS, SCORES, SCREEN

LARGEST, PREDICTED, OPEN = 50_000_000, 200, 3  # bytes of scores.csv, hits that are predicted once more, screens in memory
DOMAIN = "domain"  # of what was predicted: inside, or which terms are outside and why
ERROR = "_error"  # behind the name of a term: the standard deviation of what was predicted
SAID = ("standardized", "changes")
TAKEN = {"id", "smiles", DOMAIN}
LEADING_ZERO = r"[+-]?0\d"  # of codes, which would lose it as numbers


class OpenScreen:
    """A screen that has ended.

    Attributes
    ----------
    table
        `id` (the row of the file), `smiles` as it was scored, `name` where the library has names, `score`, a column for each
        term and filter and `NAME_scaled`, the library's `own` columns, and `problem`.
    terms
        Names of terms and filters.
    predicted
        Those of them that a predictor computes.
    poses
        Of its hits, where they were docked.
    only_hits
        Whether the file of all scores is too large, so that the table holds the hits.

    Raises
    ------
    DataError, CampaignError
        It hasn't ended, or its files aren't those of a screen.
    """

    def __init__(self, found: WorkFolder) -> None:
        self.folder = found.folder
        self.stamp = _stamp(found.folder)
        config = read_saved(found.folder / SCREEN)
        scoring = config.get("scoring")
        groups = [scoring.get(kind) for kind in ("terms", "filters")] if isinstance(scoring, dict) else []
        terms, filters = ([*group] if isinstance(group, dict) else [] for group in (groups or [None, None]))
        self.terms, self.filters = [*map(str, terms), *map(str, filters)], [*map(str, filters)]
        self.library = str(config.get("library", ""))
        self.components: dict[str, Component] = drawn_components(scoring)[0]
        self.units = {name: component.value_unit() for name, component in self.components.items()}
        scores = found.folder / SCORES
        if not scores.is_file():
            raise DataError(f"{found.name}: has not ended; molgen screen resume={found.folder} goes on")
        self.only_hits = scores.stat().st_size > LARGEST
        self.table, self.own = self._read(found.folder / HITS if self.only_hits else scores, config.get("column"))
        self.poses = PoseSource(found.folder, self.components)
        self.answers, self.map, self.one = Answers(), ShownMap(), threading.Lock()
        self.predicted = [name for name in self.terms if _predicts(self.components.get(name))]
        for name in self.predicted:
            self.table[f"{name}{ERROR}"] = np.nan
        if self.predicted:
            self.table[DOMAIN] = pd.Series([None] * len(self.table), dtype=object)
        self._predictions: dict[str, Prediction] = {}
        self._places: dict[int, int] = {}  # of rows among what was predicted

    def _read(self, path: Path, column: Any) -> tuple[pd.DataFrame, list[str]]:
        parts = list(read_chunks(path, column if isinstance(column, str) else None, 100_000))
        table = pd.concat([part.with_smiles() for part in parts], ignore_index=True)
        given = [text for part in parts for text in part.smiles]
        results = ["score", *(f"{name}{end}" for name in self.terms for end in ("", "_scaled")), *SAID, "problem"]
        without = [name for name in results if name not in SAID]
        wanted = next((names for names in (results, without) if _ends_with(table.columns, names)), None)
        if wanted is None:
            raise damaged(path, "it doesn't have the columns of this screen's objective")
        library = [str(name) for name in table.columns[: -len(wanted)]]
        taken = {*TAKEN, *wanted}
        table.columns = pd.Index([*(f"library: {name}" if name in taken else name for name in library), *wanted])
        naming = naming_column(library)
        own = [str(name) for name in table.columns[: len(library)] if table[name].tolist() != given]
        numbers = [name for name in wanted if name not in (*SAID, "problem")]
        table[numbers] = table[numbers].apply(pd.to_numeric, errors="coerce")
        for name in own:
            filled = table[name].astype(object).where(table[name].astype(str) != "", None)
            numeric = pd.to_numeric(filled, errors="coerce")
            names_things = name == naming or filled.dropna().astype(str).str.match(LEADING_ZERO).any()
            table[name] = numeric if not names_things and numeric.notna().sum() == filled.notna().sum() else filled
        used = table["standardized"].astype(object) if "standardized" in table else pd.Series([None] * len(table), dtype=object)
        table["smiles"] = used.where(used.notna(), pd.Series(given, dtype=object))
        table["id"] = np.arange(1, len(table) + 1)
        if naming is not None and naming in own:
            own = [naming, *(name for name in own if name != naming)]
        return table, own

    @property
    def columns(self) -> list[str]:
        """What the table can be sorted by, in the order in which they are shown."""
        trust = [*(f"{name}{ERROR}" for name in self.predicted), *([DOMAIN] if self.predicted else [])]
        changes = ["changes"] if "changes" in self.table else []
        return [*self.own[:1], "score", *self.terms, *trust, *self.own[1:], "id", "smiles", *changes, "problem"]

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
        """Predict the best hits once more, for the errors and the domain behind their values."""
        if self._places or not self.predicted:
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
        for name in self.terms:
            found = None if place is None else self._predictions.get(name)
            shown.append((card_value(name, row, self.components.get(name), found, place or 0), self.units.get(name, "")))
        return shown


class OpenScreens:
    """The screens that pages look at."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, OpenScreen] = OrderedDict()
        self._one = threading.Lock()

    def opened(self, found: WorkFolder) -> OpenScreen:
        """A screen, read again if its files have changed.

        Raises
        ------
        DataError, CampaignError
            See `OpenScreen`.
        """
        with self._one:
            screen = self._open.pop(found.folder, None)
            if screen is None or screen.stamp != _stamp(found.folder):
                screen = OpenScreen(found)
            self._open[found.folder] = screen
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
            return screen


def _stamp(folder: Path) -> tuple[tuple[int, int], ...]:
    paths = [folder / SCREEN, folder / SCORES]
    return tuple((path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0) for path in paths)


def _ends_with(columns: Iterable[Any], names: list[str]) -> bool:
    """Whether columns end with these names, or with these and a number: the library may have some of them itself."""
    last = [str(name) for name in columns][-len(names) :]
    pairs = zip(last, names, strict=False)
    return len(last) == len(names) and all(re.fullmatch(rf"{re.escape(name)}(_\d+)?", own) for own, name in pairs)


def _predicts(component: Component | None) -> bool:
    return component is not None and type(component).prediction is not Component.prediction
