"""Labelled molecules, and what their labels mean."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.names import check_endings, check_name

RESULTS = frozenset(("smiles", "problem"))
ENDINGS = ("_std", "_low", "_high", "_in_domain")  # of the columns of a prediction
Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Endpoint:
    """A property that is measured and predicted.

    Attributes
    ----------
    name
        What users call it, `herg`.
    task
        Classification's labels are 0 and 1, its predictions probabilities of 1.
    unit
        Of labels and predictions; empty for probabilities.
    about
        What is measured, one line.
    poor, good
        Values that a project would call poor and good: where the default desirability is near 0 and 1.
    column
        Where a table has it, if not in a column of this name.
    low, high
        Between which nine tenths of the labels lie that a predictor learnt from; set by `Dataset.ranged`.

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
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "data.labels", RESULTS)


@dataclass(frozen=True)
class Dataset:
    """Molecules with one or more measured values each.

    Attributes
    ----------
    molecules : Molecules, [n]
        All valid.
    labels : float64 [n, t]
        nan where nothing was measured.
    endpoints : tuple of Endpoint, [t]

    Raises
    ------
    ConfigError
        Two endpoints are of one name, or the results of one have the name of another.
    """

    molecules: Molecules
    labels: NDArray[np.float64]
    endpoints: tuple[Endpoint, ...]

    def __post_init__(self) -> None:
        names = [endpoint.name for endpoint in self.endpoints]
        if twice := [name for i, name in enumerate(names) if name in names[:i]]:
            raise ConfigError(f"data.labels: '{twice[0]}' is there twice")
        check_endings(names, ENDINGS, "data.labels")

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

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "Dataset":
        """The molecules at `rows`."""
        chosen = np.asarray(rows, dtype=int)
        return Dataset(self.molecules.take(chosen.tolist()), self.labels[chosen], self.endpoints)

    def measured(self, endpoint: int) -> "Dataset":
        """The molecules that have a label for one endpoint, with this label alone."""
        rows = np.flatnonzero(~np.isnan(self.labels[:, endpoint]))
        part = self.take(rows)
        return Dataset(part.molecules, part.labels[:, [endpoint]], (self.endpoints[endpoint],))


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """One data set with the endpoints of all, nan where a molecule was not measured; molecules are told apart by SMILES."""
    smiles = list(dict.fromkeys(text for part in datasets for text in part.molecules.smiles))
    row = {text: i for i, text in enumerate(smiles)}
    endpoints = tuple(endpoint for part in datasets for endpoint in part.endpoints)
    labels = np.full((len(smiles), len(endpoints)), np.nan)
    column = 0
    for part in datasets:
        rows = [row[text] for text in part.molecules.smiles]
        labels[rows, column : column + len(part.endpoints)] = part.labels
        column += len(part.endpoints)
    return Dataset(Molecules(smiles), labels, endpoints)
