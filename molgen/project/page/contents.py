"""What the project's page is made of: plain values, wherever they were stored."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from molgen.errors import DataError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "rounds": ("round", "proposed_on", "measured_on", "proposed", "measured", "failed", "rejected"),
    "compounds": ("id", "smiles", "round", "met", "utility"),
    "measurements": ("id", "endpoint", "value", "relation", "unit", "assay", "date"),
    "predictions": ("id", "endpoint", "mean", "low", "high"),
    "pending": ("id", "smiles", "chance", "reason", "route"),
    "proposed": ("id", "smiles", "chance", "reason", "route"),
}


def _table(name: str) -> pd.DataFrame:
    return pd.DataFrame({column: [] for column in COLUMNS[name]})


@dataclass(frozen=True)
class PageGoal:
    """A goal as the page shows it.

    Attributes
    ----------
    name
        Of the goal.
    wanted
        What is wanted, for reading: `at least 8`.
    unit
        Of its value; "" where it has none.
    endpoint
        The measured endpoint that it is about; "" for what is predicted or computed.
    low, high
        Between which it is met; None where that side is open.
    better
        1 where more is better, -1 where less is, 0 where only `low` to `high` counts.
    hard
        Whether a compound that doesn't meet it is worth nothing.
    assay
        What there is to say of the assay that it is about; "" for nothing.
    """

    name: str
    wanted: str
    unit: str = ""
    endpoint: str = ""
    low: float | None = None
    high: float | None = None
    better: int = 0
    hard: bool = False
    assay: str = ""


@dataclass(frozen=True, eq=False)
class ProjectPage:
    """What the page shows; any of the tables may be empty.

    Attributes
    ----------
    name
        Of the project.
    goals
        In the order in which they are shown; the first with a measured endpoint decides where compounds have no utility.
    rounds
        A row per round from 1: `round, proposed_on, measured_on` (dates or None) and how many compounds were `proposed`,
        `measured`, couldn't be made (`failed`) and were crossed out (`rejected`).
    compounds
        A row per measured compound: `id, smiles, round` (0: known before the project), `met` (whether it meets all goals; None
        where that isn't known) and `utility` (higher is better; nan where it isn't known).
    measurements
        A row per measurement: `id, endpoint, value, relation` (1: the true value is above, -1: below, 0: measured), `unit, assay,
        date` (a date or None).
    predictions
        What was predicted of compounds when they were proposed: `id, endpoint, mean, low, high`; a new measurement lies between
        the last two with a probability of 90 %.
    pending, proposed
        Compounds that are being made or measured, and those of a batch that is about to be: `id, smiles, chance` (to meet all
        goals, 0 to 1; nan where unknown), `reason` (what each is there for), `route` (as JSON; "" where there is none).
    date
        On which the page is made.

    Raises
    ------
    DataError
        A table lacks a column, or two compounds have one identifier.
    """

    name: str
    goals: Sequence[PageGoal] = ()
    rounds: pd.DataFrame = field(default_factory=lambda: _table("rounds"))
    compounds: pd.DataFrame = field(default_factory=lambda: _table("compounds"))
    measurements: pd.DataFrame = field(default_factory=lambda: _table("measurements"))
    predictions: pd.DataFrame = field(default_factory=lambda: _table("predictions"))
    pending: pd.DataFrame = field(default_factory=lambda: _table("pending"))
    proposed: pd.DataFrame = field(default_factory=lambda: _table("proposed"))
    date: datetime.date | None = None

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            missing = [column for column in columns if column not in getattr(self, name)]
            if missing:
                raise DataError(f"{name}: no column {missing[0]!r}; there must be {', '.join(columns)}")
        twice = self.compounds["id"][self.compounds["id"].duplicated()]
        if len(twice):
            raise DataError(f"compounds: {twice.iloc[0]!r} stands there twice; a row per compound is needed")
