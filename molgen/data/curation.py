"""From a table as published to a data set that can be trusted, with a report of what was found in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.similarity import bit_matrix
from molgen.chem.similarity import nearest as nearest_neighbours
from molgen.chem.standardize import STANDARD, Standardizer, identity
from molgen.data.dataset import Dataset, Endpoint
from molgen.errors import DataError, nearest

RULE = (
    "molecules without salts; rows of one InChIKey become one molecule: classes by majority (dropped on a tie), numbers by "
    "median (dropped where they spread over more than a standard deviation of all)"
)
SAME = 0.9  # Tanimoto similarity from which two molecules count as variants of each other


class Source(Protocol):
    """Where labelled molecules come from: see `molgen.data.catalog`."""

    @property
    def labels(self) -> Sequence[str | Endpoint]:
        """What was measured: columns, or endpoints that name theirs."""

    def table(self) -> pd.DataFrame:
        """Rows with their SMILES in a column called smiles."""


@dataclass(frozen=True)
class QualityReport:
    """What a data set holds, and what was dropped from it by `RULE`."""

    rows: int
    unparsable: int
    salts_stripped: int
    duplicates: int
    conflicting: int
    molecules: int
    scaffolds: int
    endpoints: dict[str, dict[str, Any]]
    rule: str = RULE
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The report for reading."""
        yield (
            f"{self.rows:,} rows: {self.unparsable} unparsable, {self.salts_stripped} salts stripped, "
            f"{self.duplicates} duplicates merged, {self.conflicting} with conflicting labels dropped"
        )
        yield f"{self.molecules:,} molecules on {self.scaffolds:,} scaffolds"
        for name, figures in self.endpoints.items():
            yield f"{name}: " + ", ".join(f"{key} {value:g}" for key, value in figures.items())
        yield from (f"warning: {warning}" for warning in self.warnings)


def read_dataset(source: Source, standardizer: Standardizer = STANDARD) -> tuple[Dataset, QualityReport]:
    """Read, check and clean a labelled data set.

    Raises
    ------
    DataError
        A label column is missing, holds text, or is all of one value; or fewer than ten molecules are left.
    """
    return curate(source.table(), source.labels, standardizer)


def curate(
    table: pd.DataFrame, labels: Sequence[str | Endpoint], standardizer: Standardizer = STANDARD
) -> tuple[Dataset, QualityReport]:
    """See `read_dataset`; `table` has a column smiles."""
    columns = _label_columns(table, labels)
    values = np.stack([_numbers(table, name) for name in columns.values()], axis=1)
    endpoints = tuple(
        item if isinstance(item, Endpoint) else Endpoint(name, _task(values[:, j]))
        for j, (item, name) in enumerate(columns.items())
    )
    asked = Molecules(table["smiles"].tolist(), standardizer)
    kept = [i for i, mol in enumerate(asked.mols) if mol is not None]
    keys = pd.Series({i: identity(asked.mols[i]) for i in kept})
    smiles, merged, conflicting = [], [], 0
    spread = np.nanstd(values, axis=0)
    for rows in keys.groupby(keys, sort=False).groups.values():
        label = _merge(values[list(rows)], endpoints, spread)
        conflicting += int(np.isnan(label).sum() > np.isnan(values[list(rows)]).all(0).sum())
        if not np.isnan(label).all():
            smiles.append(asked.canonical[rows[0]])
            merged.append(label)
    if len(smiles) < 10:
        raise DataError(
            f"{len(smiles)} labelled, valid, distinct molecules in {len(table)} rows: ten are the least to learn from"
        )
    dataset = Dataset(Molecules(smiles, standardizer), np.array(merged), endpoints)
    scaffolds = {murcko(mol) or text for mol, text in zip(dataset.molecules.mols, smiles, strict=True)}
    figures = {endpoint.name: _figures(dataset.labels[:, j], endpoint) for j, endpoint in enumerate(endpoints)}
    report = QualityReport(
        rows=len(table),
        unparsable=len(table) - len(kept),
        salts_stripped=sum(any("stripped" in change for change in asked.changes[i]) for i in kept),
        duplicates=len(kept) - keys.nunique(),
        conflicting=conflicting,
        molecules=len(dataset),
        scaffolds=len(scaffolds),
        endpoints=figures,
        warnings=list(_warnings(figures, len(scaffolds) / len(dataset))),
    )
    return dataset, report


def _label_columns(table: pd.DataFrame, labels: Sequence[str | Endpoint]) -> dict[str | Endpoint, str]:
    """Each label, and the column it is in."""
    others = [str(name) for name in table.columns if name != "smiles"]
    if not labels:
        labels = [name for name in others if pd.api.types.is_numeric_dtype(table[name])]
        if not labels:
            raise DataError(f"no column of numbers to learn from; found: {', '.join(others) or 'none but the SMILES'}")
    columns = {item: (item.column or item.name) if isinstance(item, Endpoint) else item for item in labels}
    for name in columns.values():
        if name not in others:
            raise DataError(f"no label column '{name}'{nearest(name, others)}; found: {', '.join(others[:10])}")
    return columns


def _numbers(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    column = table[name]
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    wrong = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    if len(wrong):
        raise DataError(
            f"column '{name}': '{column.iloc[wrong[0]]}' in row {wrong[0] + 1} is not a number ({len(wrong)} such rows)"
        )
    numbers = np.where(np.isinf(numbers), np.nan, numbers)
    if len(np.unique(numbers[~np.isnan(numbers)])) < 2:
        raise DataError(f"column '{name}': all labels are the same or missing; there is nothing to learn")
    return numbers


def _task(values: NDArray[np.float64]) -> Any:
    return "classification" if set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0} else "regression"


def _merge(values: NDArray[np.float64], endpoints: Sequence[Endpoint], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """One label [t] of the rows [k, t] of one molecule; nan where they contradict each other."""
    if len(values) == 1:
        return values[0]
    merged = np.full(len(endpoints), np.nan)
    for j, endpoint in enumerate(endpoints):
        known = values[~np.isnan(values[:, j]), j]
        if not len(known):
            continue
        if endpoint.task == "classification":
            merged[j] = np.nan if known.mean() == 0.5 else round(known.mean())
        elif np.ptp(known) <= spread[j]:
            merged[j] = np.median(known)
    return merged


def _figures(values: NDArray[np.float64], endpoint: Endpoint) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    if endpoint.task == "classification":
        return {"labels": len(known), "positives": int(known.sum()), "share": round(float(known.mean()), 4)}
    low, median, high = np.quantile(known, [0, 0.5, 1])
    return {"labels": len(known), "minimum": low, "median": median, "maximum": high, "std": round(float(known.std()), 4)}


def _warnings(figures: dict[str, dict[str, Any]], diversity: float) -> Iterator[str]:
    for name, found in figures.items():
        if "share" in found and not 0.05 <= found["share"] <= 0.95:
            yield f"{name}: {found['share']:.1%} positive; accuracy says nothing here, look at AUPRC"
        if found["labels"] < 100:
            yield f"{name}: {found['labels']} labels are few; expect wide intervals"
    if diversity < 0.1:
        yield f"one scaffold to {1 / diversity:.0f} molecules: a random split would flatter"


@dataclass(frozen=True)
class Leakage:
    """What a training set gives away of a test set.

    Attributes
    ----------
    identical
        Test molecules whose InChIKey is in the training set.
    same_skeleton
        Those whose InChIKey agrees but for stereochemistry, isotopes and charge.
    similar
        The share with a training molecule at a Tanimoto similarity (ECFP4) of 0.9 or more.
    median_similarity
        Median similarity of test molecules to their nearest training molecule.
    shift
        Kolmogorov-Smirnov distance of the labels, and its p-value, by endpoint.
    """

    identical: int
    same_skeleton: int
    similar: float
    median_similarity: float
    shift: dict[str, tuple[float, float]]

    def lines(self) -> Iterator[str]:
        """The report for reading."""
        yield (
            f"test in training: {self.identical} identical, {self.same_skeleton} of the same skeleton, {self.similar:.1%} "
            f"at a similarity of {SAME} or more; median similarity to the nearest {self.median_similarity:.2f}"
        )
        for name, (distance, p) in self.shift.items():
            yield f"{name}: labels differ by {distance:.2f} (Kolmogorov-Smirnov, p = {p:.2g})"


def leakage(train: Dataset, test: Dataset) -> Leakage:
    """Compare the two parts of a data set."""
    known = [identity(mol) for mol in train.molecules.mols]
    asked = [identity(mol) for mol in test.molecules.mols]
    skeletons = {key[:14] for key in known}
    similarity, _ = nearest_neighbours(bit_matrix(test.molecules.mols), bit_matrix(train.molecules.mols))
    shift = {}
    for j, endpoint in enumerate(train.endpoints):
        parts = [part[~np.isnan(part)] for part in (train.labels[:, j], test.labels[:, j])]
        if all(len(part) for part in parts):
            found = stats.ks_2samp(*parts)
            shift[endpoint.name] = (round(float(found.statistic), 4), float(found.pvalue))
    return Leakage(
        identical=len(set(known) & set(asked)),
        same_skeleton=sum(key[:14] in skeletons for key in asked),
        similar=float((similarity >= SAME).mean()),
        median_similarity=float(np.median(similarity)),
        shift=shift,
    )
