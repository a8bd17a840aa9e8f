"""A table of predictions: what its page shows, and the same as CSV."""

import secrets
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from molgen.app.predicted_values import PredictedValue, predicted_values
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.dataset import Endpoint
from molgen.data.readers import write_table
from molgen.data.results import beside
from molgen.data.tables.table import Table
from molgen.errors import DataError
from molgen.predictors.base import Predictor
from molgen.predictors.described import described_table
from molgen.predictors.ranges import sources
from molgen.screening.charts import naming_column

TOGETHER = 50  # molecules predicted before anybody else has a turn
KEPT = 8  # tables


@dataclass(frozen=True)
class PredictedRow:
    """A molecule of a table.

    Attributes
    ----------
    number
        Of the row, from 1.
    name
        That the file gives it; else empty.
    changes
        What was done to its structure before.
    problem
        Why it has no prediction; else empty.
    """

    number: int
    smiles: str
    name: str
    changes: str
    problem: str
    cells: list[PredictedValue]


@dataclass
class PredictedTable:
    """Predictions for the molecules of a table, which come in parts.

    Attributes
    ----------
    rows
        Those that are there by now.
    """

    table: Table
    predictor: Predictor
    target: str | None
    rows: list[PredictedRow] = field(default_factory=list)
    endpoints: tuple[Endpoint, ...] = ()
    _columns: list[pd.DataFrame] = field(default_factory=list)

    def parts(self) -> Iterator[range]:
        """The rows that are predicted together."""
        for start in range(0, len(self.table), TOGETHER):
            yield range(start, min(start + TOGETHER, len(self.table)))

    def predict(self, part: range) -> None:
        """Predict these rows, the next."""
        molecules = Molecules([self.table.smiles[i] for i in part], STANDARD)
        found = self.predictor.predict(molecules, target=self.target)
        self.endpoints = found.endpoints
        self._columns.append(described_table(found).drop(columns="smiles"))
        named = naming_column(name for name in self.table.columns if name != self.table.structure)
        names = None if named is None else self.table.columns[named].fillna("").astype(str)
        for k, i in enumerate(part):
            unread = self.table.problem[i]
            problem = f"invalid: {unread}" if unread else found.problem[k] or ""
            name = "" if names is None else names.iloc[i]
            values = [] if problem else predicted_values(found, k)
            self.rows.append(PredictedRow(i + 1, self.table.smiles[i], name, ", ".join(molecules.changes[k]), problem, values))

    @property
    def bad(self) -> list[PredictedRow]:
        """Rows without a prediction."""
        return [row for row in self.rows if row.problem]

    @property
    def inside(self) -> int:
        """How many molecules are in the domain of all endpoints."""
        return sum(all(value.inside for value in row.cells) for row in self.rows if not row.problem)

    @property
    def sources(self) -> list[str]:
        """Who draws the lines between poor, fair and good."""
        return sources(self.endpoints)

    def to_csv(self) -> bytes:
        """As `molgen predict` writes it: the columns of the file, then those of the predictions."""
        columns = pd.concat(self._columns, ignore_index=True)
        with tempfile.TemporaryDirectory(prefix="molgen-") as folder:
            path = Path(folder) / "predicted.csv"
            write_table(beside(self.table, columns), path)
            return path.read_bytes()


@dataclass(frozen=True)
class KeptTable:
    """A table that was predicted: as a part of the page, and as CSV."""

    html: str
    csv: bytes


class KeptTables:
    """The last tables, by keys that nobody can guess."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, KeptTable] = OrderedDict()
        self._one = threading.Lock()

    def keep(self, key: str, table: KeptTable) -> None:
        """Keep a table by a `new_key`."""
        with self._one:
            self._kept[key] = table
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def __getitem__(self, key: str) -> KeptTable:
        """A table.

        Raises
        ------
        DataError
            It is no longer kept.
        """
        found = self._kept.get(key)
        if found is None:
            raise DataError("this table is no longer kept; predict it again")
        return found


def new_key() -> str:
    """One that nobody can guess."""
    return secrets.token_urlsafe(16)
