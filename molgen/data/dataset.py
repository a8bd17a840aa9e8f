"""Labelled molecules, and what their labels mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.data.units import limits
from molgen.errors import ConfigError
from molgen.names import check_endings, check_name

RESULTS = frozenset(("smiles", "problem"))
ENDINGS = ("_std", "_low", "_high", "_in_domain", "_outside", "_set", "_seen", "_unit", "_range", "_percentile")  # of columns
CALIBRATING = 30  # molecules that can calibrate a predictor
Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Endpoint:
    """A measured and predicted property.

    Attributes
    ----------
    name
        Its name for users, such as `herg`.
    task
        `regression` or `classification`, whose labels are 0 and 1, and whose predictions are probabilities of 1.
    unit
        Unit of labels and predictions; empty for probabilities.
    about
        What is measured, in one line.
    poor, good
        Values that a project would call poor and good, at which the default desirability is near 0 and 1.
    column
        Its column in a table, if not called by its name.
    lowest, highest
        Bounds of all values, such as 0 and 100 %; None for no bound.
    low, high
        Range of nine tenths of the labels that a predictor was trained on; set by `Dataset.ranged`.
    one_from, zero_to
        Probability from which class 1, and up to which class 0, isn't ruled out at 90 %; set by predictors that know.

    Raises
    ------
    ConfigError
        The name can't be that of a column, a plot or a file.
    """

    name: str
    task: Task = "regression"
    unit: str = ""
    about: str = ""
    poor: float | None = None
    good: float | None = None
    column: str | None = None
    lowest: float | None = None
    highest: float | None = None
    low: float | None = None
    high: float | None = None
    one_from: float | None = None
    zero_to: float | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "data.labels", RESULTS)

    @classmethod
    def of(cls, card: dict[str, Any]) -> "Endpoint":
        """Make an endpoint from a model's card; a card from before bounds were stored gets those of its unit."""
        if "lowest" not in card:
            lowest, highest = limits(card["unit"])
            card = card | {"lowest": lowest, "highest": highest}
        return cls(**card)

    def clip(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """`values` between `lowest` and `highest`; nan stays nan."""
        return values if self.lowest is None and self.highest is None else np.clip(values, self.lowest, self.highest)


@dataclass(frozen=True)
class Dataset:
    """Molecules with one or more measured values each.

    Attributes
    ----------
    molecules : Molecules, [n]
        All valid.
    labels : float64 [n, t]
        Measured values, in the endpoints' units; nan where nothing, or only a bound, was measured.
    endpoints : tuple of Endpoint, [t]
    relations : int8 [n, t]
        1 where the true value is known to be above `bounds`, -1 where it is below, 0 where there is no bound.
    bounds : float64 [n, t]
        Limits of censored measurements, such as 10000 for `>10000`; nan where there is none.
    errors : float64 [n, t]
        Standard deviations of the measurements, in the endpoints' units; nan where they aren't known.
    when : float64 [n]
        When each was measured (see `molgen.data.chronology`), nan where that isn't known.
    judged : Dataset | None
        The same molecules with the values by which predictions are judged: those of the assay that predictions are about, as it
        measured them. None for the labels themselves.

    Raises
    ------
    ConfigError
        Two endpoints have one name, or one's result column has the name of another.
    """

    molecules: Molecules
    labels: NDArray[np.float64]
    endpoints: tuple[Endpoint, ...]
    relations: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    bounds: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    errors: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    when: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    judged: "Dataset | None" = None

    def __post_init__(self) -> None:
        names = [endpoint.name for endpoint in self.endpoints]
        if twice := [name for i, name in enumerate(names) if name in names[:i]]:
            raise ConfigError(f"data.labels: '{twice[0]}' is there twice")
        check_endings(names, ENDINGS, "data.labels")
        if self.relations.shape != self.labels.shape:
            object.__setattr__(self, "relations", np.zeros(self.labels.shape, np.int8))
            object.__setattr__(self, "bounds", np.full(self.labels.shape, np.nan))
        if self.errors.shape != self.labels.shape:
            object.__setattr__(self, "errors", np.full(self.labels.shape, np.nan))
        if len(self.when) != len(self.labels):
            object.__setattr__(self, "when", np.full(len(self.labels), np.nan))

    def __len__(self) -> int:
        return len(self.molecules)

    def ranged(self) -> tuple[Endpoint, ...]:
        """The endpoints, with the range of their labels."""
        found = []
        for j, endpoint in enumerate(self.endpoints):
            labels = self.labels[~np.isnan(self.labels[:, j]), j]
            low, high = np.quantile(labels, (0.05, 0.95)).tolist() if len(labels) else (None, None)
            found.append(replace(endpoint, low=low, high=high))
        return tuple(found)

    def values_and_relations(self) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Labels [n, t], for numbers the bounds where nothing was measured, and which of them are bounds (as in `relations`)."""
        numbers = np.array([endpoint.task == "regression" for endpoint in self.endpoints])
        relations = np.where(np.isnan(self.labels) & numbers, self.relations, 0).astype(np.int8)
        return np.where(relations == 0, self.labels, self.bounds), relations

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "Dataset":
        """The molecules at `rows`."""
        chosen = np.asarray(rows, dtype=int)
        molecules, labels = self.molecules.take(chosen.tolist()), self.labels[chosen]
        relations, bounds, errors = self.relations[chosen], self.bounds[chosen], self.errors[chosen]
        judged = self.judged.take(rows) if self.judged else None
        return Dataset(molecules, labels, self.endpoints, relations, bounds, errors, self.when[chosen], judged)

    def to_judge(self) -> "Dataset":
        """The same molecules with the values that predictions are compared with; see `judged`."""
        return self if self.judged is None else self.judged

    def calibrating(self, endpoint: int) -> NDArray[np.float64]:
        """Values [n] that calibrate predictions of the endpoint at this position: those that judge them, where there is a label.

        All labels where fewer than `CALIBRATING` molecules have one.
        """
        labels = self.labels[:, endpoint]
        own = np.where(np.isnan(labels), np.nan, self.to_judge().labels[:, endpoint])
        return own if (~np.isnan(own)).sum() >= CALIBRATING else labels

    def measured(self, endpoint: int) -> "Dataset":
        """The molecules with a label for the endpoint at this position, with this label only."""
        part = self.take(np.flatnonzero(~np.isnan(self.labels[:, endpoint])))
        return Dataset(part.molecules, part.labels[:, [endpoint]], (self.endpoints[endpoint],))


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """One data set with the endpoints of all; molecules are identified by SMILES, and labels not measured are nan."""
    smiles = list(dict.fromkeys(text for part in datasets for text in part.molecules.smiles))
    row = {text: i for i, text in enumerate(smiles)}
    endpoints = tuple(endpoint for part in datasets for endpoint in part.endpoints)
    shape = len(smiles), len(endpoints)
    merged = Dataset(Molecules(smiles), np.full(shape, np.nan), endpoints)
    column = 0
    for part in datasets:
        rows, columns = [row[text] for text in part.molecules.smiles], slice(column, column + len(part.endpoints))
        merged.labels[rows, columns], merged.relations[rows, columns] = part.labels, part.relations
        merged.bounds[rows, columns], merged.errors[rows, columns] = part.bounds, part.errors
        column += len(part.endpoints)
    return merged
