"""Labelled molecules, and what their labels mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.data.units import limits

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
    lowest, highest
        Between which every value must lie, such as 0 and 100 %; None where there is no such bound.
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

    @classmethod
    def of(cls, card: dict[str, Any]) -> "Endpoint":
        """From a model's card; one that was written before cards named bounds gets those of its unit."""
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
        Measured values; nan where nothing was measured, or a bound only.
    endpoints : tuple of Endpoint, [t]
    relations : int8 [n, t]
        1 where the true value is known to be above `bounds`, -1 where it is below, 0 where there is no bound.
    bounds : float64 [n, t]
        What a measurement stopped at, such as 10000 for `>10000`; nan where there is none.
    """

    molecules: Molecules
    labels: NDArray[np.float64]
    endpoints: tuple[Endpoint, ...]
    relations: NDArray[np.int8]
    bounds: NDArray[np.float64]

    def __init__(
        self,
        molecules: Molecules,
        labels: NDArray[np.float64],
        endpoints: tuple[Endpoint, ...],
        relations: NDArray[np.int8] | None = None,
        bounds: NDArray[np.float64] | None = None,
    ) -> None:
        fields = {
            "molecules": molecules,
            "labels": labels,
            "endpoints": endpoints,
            "relations": np.zeros(labels.shape, np.int8) if relations is None else relations,
            "bounds": np.full(labels.shape, np.nan) if bounds is None else bounds,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.molecules)

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "Dataset":
        """The molecules at `rows`."""
        chosen = np.asarray(rows, dtype=int)
        columns = (values[chosen] for values in (self.labels, self.relations, self.bounds))
        labels, relations, bounds = columns
        return Dataset(self.molecules.take(chosen.tolist()), labels, self.endpoints, relations, bounds)

    def measured(self, endpoint: int) -> "Dataset":
        """The molecules that have a label for one endpoint, with this label alone."""
        part = self.take(np.flatnonzero(~np.isnan(self.labels[:, endpoint])))
        return Dataset(part.molecules, part.labels[:, [endpoint]], (self.endpoints[endpoint],))


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """One data set with the endpoints of all, nan where a molecule was not measured; molecules are told apart by SMILES."""
    smiles = list(dict.fromkeys(text for part in datasets for text in part.molecules.smiles))
    row = {text: i for i, text in enumerate(smiles)}
    endpoints = tuple(endpoint for part in datasets for endpoint in part.endpoints)
    shape = len(smiles), len(endpoints)
    merged = Dataset(Molecules(smiles), np.full(shape, np.nan), endpoints)
    column = 0
    for part in datasets:
        rows, columns = [row[text] for text in part.molecules.smiles], slice(column, column + len(part.endpoints))
        merged.labels[rows, columns], merged.relations[rows, columns] = part.labels, part.relations
        merged.bounds[rows, columns] = part.bounds
        column += len(part.endpoints)
    return merged
