"""A new table against what a predictor learnt from: features, domain, predictions, and errors where there are measurements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.physicochemical import PHYSICOCHEMICAL, physicochemical
from molgen.chem.scaffolds import murcko
from molgen.chem.standardize import Standardizer
from molgen.data.dataset import Dataset, Endpoint
from molgen.data.units import parse_unit
from molgen.errors import DataError
from molgen.predictors.base import Prediction, Predictor
from molgen.predictors.drift import (
    DriftCheck,
    coverage_check,
    distribution_check,
    error_check,
    judged,
    share_check,
)
from molgen.predictors.future import FutureFigure, future_figures
from molgen.predictors.held_out import HELD_OUT, cross_validated, held_out_table, tested

MOST = 5000  # molecules learnt from that are described; more are drawn at random
EXPECTED_OUTSIDE = 0.07  # where no cross-validation says: 5 % by similarity, 2 % by descriptors
FEWEST = 5  # measured molecules that errors are judged by


@dataclass(frozen=True, eq=False)
class Reference:
    """What an endpoint was learnt from.

    Attributes
    ----------
    smiles
        Of the measured molecules, in standard form [m]; none where the predictor doesn't keep them.
    labels : float64 [m]
        Measured values.
    rows
        Of `held_out_table` what was predicted of the endpoint; empty where that isn't known.
    """

    endpoint: Endpoint
    smiles: list[str]
    labels: NDArray[np.float64]
    rows: pd.DataFrame

    @classmethod
    def of(cls, predictor: Predictor, endpoint: Endpoint, target: str | None, table: pd.DataFrame) -> "Reference":
        """What `predictor` keeps, and `evaluation.csv` beside it."""
        smiles, values = predictor.measured(endpoint.name, target)
        rows = tested(table[table["endpoint"] == endpoint.name]) if len(table) else table
        return cls(endpoint, list(smiles), np.asarray(values, float), rows)

    @cached_property
    def known(self) -> set[str]:
        """The molecules learnt from."""
        return set(self.smiles)

    @cached_property
    def some(self) -> Molecules:
        """Molecules learnt from, at most 5,000."""
        chosen = np.random.default_rng(0).permutation(len(self.smiles))[:MOST]
        return Molecules([self.smiles[i] for i in np.sort(chosen)])

    @cached_property
    def descriptors(self) -> NDArray[np.float64]:
        """Those of `some`."""
        return physicochemical(self.some.mols)

    @cached_property
    def scaffolds(self) -> set[str]:
        """Of all molecules learnt from."""
        return {murcko(mol) for mol in Molecules(self.smiles).mols}

    @property
    def expected_outside(self) -> float:
        """The share of like molecules outside the domain: of cross-validation where it is known, never quite 0 (Laplace)."""
        folds = cross_validated(self.rows) if len(self.rows) else self.rows
        return float(((~folds["in_domain"].astype(bool)).sum() + 1) / (len(folds) + 2)) if len(folds) else EXPECTED_OUTSIDE


@dataclass(frozen=True, eq=False)
class MonitoredEndpoint:
    """What was found of one endpoint.

    Attributes
    ----------
    known
        Molecules of the table that were learnt from.
    new_scaffolds
        Share of the molecules whose scaffold no molecule learnt from has; nan where those aren't kept.
    reasons
        Why molecules are outside the domain: the first ones, with their SMILES.
    figures
        Errors of the table beside those of cross-validation, with bootstrap intervals; empty without measured values.
    bounds
        Measured values that are bounds: they are in no error.
    missing
        What couldn't be compared, and why, a line each.
    """

    endpoint: Endpoint
    known: int
    new_scaffolds: float
    checks: list[DriftCheck]
    reasons: list[tuple[str, str]]
    figures: Mapping[str, FutureFigure]
    bounds: int
    missing: list[str]

    @property
    def alarms(self) -> list[DriftCheck]:
        """The checks that raise an alarm."""
        return [check for check in self.checks if check.alarm]

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "known": self.known,
            "new_scaffolds": _plain(self.new_scaffolds),
            "checks": [{key: _plain(value) for key, value in asdict(check).items()} for check in self.checks],
            "figures": {name: figure.plain() for name, figure in self.figures.items()},
            "bounds": self.bounds,
            "missing": self.missing,
        }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value


def distinct_molecules(smiles: Sequence[str], standardizer: Standardizer) -> Molecules:
    """The valid molecules among SMILES in standard form, each once.

    Raises
    ------
    DataError
        There are none.
    """
    asked = Molecules(smiles, standardizer)
    rows = {text: i for i, text in reversed(list(enumerate(asked.canonical))) if text is not None}
    if not rows:
        raise DataError("no molecule can be read; nothing to compare")
    return asked.take(sorted(rows.values()))


def in_the_unit_of(dataset: Dataset, endpoint: Endpoint) -> tuple[Dataset, list[str]]:
    """Measured values of one label in the unit of an endpoint, and what was done.

    Raises
    ------
    DataError
        They are in a unit that can't be converted, or classes where numbers are predicted, or the other way round.
    """
    (label,) = dataset.endpoints
    if label.task != endpoint.task:
        raise DataError(f"label={label.name}: its values make it a {label.task}, and {endpoint.name} is a {endpoint.task}")
    own, wanted = parse_unit(label.unit), parse_unit(endpoint.unit)
    if endpoint.task == "classification" or (own is not None and wanted is not None and own.text == wanted.text):
        return _named(dataset, endpoint, 1.0), []
    if own is None and wanted is None:
        return _named(dataset, endpoint, 1.0), []
    if own is None or wanted is None:
        whose = "the label" if own is None else "the predictor"
        unit = label.unit or endpoint.unit or "none"
        said = f"{label.name}: the unit of {whose} isn't known; both are taken for the same ({unit})"
        return _named(dataset, endpoint, 1.0), [said]
    if own.kind == wanted.kind and own.kind in ("molar", "mass"):
        return _named(dataset, endpoint, own.factor / wanted.factor), [f"{label.name}: {own.text} converted to {wanted.text}"]
    raise DataError(
        f"label={label.name}: is in {own.text}, and {endpoint.name} in {wanted.text}: these can't be compared; "
        "name a column in that unit, or state the unit: unit=..."
    )


def _named(dataset: Dataset, endpoint: Endpoint, factor: float) -> Dataset:
    values = (dataset.labels * factor, (endpoint,), dataset.relations, dataset.bounds * factor)
    return Dataset(dataset.molecules, *values)


def monitored(
    reference: Reference,
    molecules: Molecules,
    found: Prediction,
    measured: tuple[Dataset, Prediction] | None = None,
    *,
    with_figures: bool = True,
) -> MonitoredEndpoint:
    """Compare a table with what an endpoint was learnt from; alarms are not yet judged (see `judge_all`).

    Parameters
    ----------
    molecules
        Valid and distinct [n].
    found
        What is predicted of them, of this endpoint alone.
    measured
        Molecules with measured values in the endpoint's unit, and what is predicted of them.
    with_figures
        Whether all figures of errors are worked out, too, whose bootstrap intervals take most of the time.
    """
    new = np.array([text not in reference.known for text in molecules.canonical])
    missing: list[str] = []
    checks = list(_features(reference, molecules, missing))
    predicted = np.flatnonzero(np.isfinite(found.mean[:, 0]))
    if not reference.smiles and reference.rows.empty:
        missing.append("the domain: nobody knows which share of like molecules is outside")
    elif len(predicted):
        outside = ~found.in_endpoint_domain[predicted, 0]
        checks.append(share_check("outside the domain", int(outside.sum()), len(predicted), reference.expected_outside))
    fresh = found.mean[new & np.isfinite(found.mean[:, 0]), 0]
    if len(reference.rows) and len(fresh):
        checks += _some(distribution_check("predictions", fresh, reference.rows["mean"].to_numpy(float)))
    elif not len(reference.rows):
        missing.append(
            "predictions and errors: the predictor has no evaluation.csv that says what it predicted in cross-validation"
        )
    else:
        missing.append("predictions: all molecules of the table were learnt from")
    figures: Mapping[str, FutureFigure] = {}
    bounds = 0
    if measured is not None:
        table, bounds = _errors(reference, *measured, checks, missing)
        figures = future_figures(table, reference.endpoint, 0.5) if with_figures and len(table) else {}
    told = [(str(molecules.canonical[i]), str(found.outside[i, 0])) for i in predicted if found.outside[i, 0]]
    return MonitoredEndpoint(
        reference.endpoint, int((~new).sum()), _new_scaffolds(reference, molecules), checks, told, figures, bounds, missing
    )


def judge_all(found: Sequence[MonitoredEndpoint], threshold: float, effect: float) -> list[MonitoredEndpoint]:
    """With the alarms of all endpoints, whose checks count together.

    Raises
    ------
    DataError
        There are no checks: the predictor keeps nothing that a table could be compared with.
    """
    if not any(one.checks for one in found):
        raise DataError(
            "nothing can be compared: the predictor keeps neither the molecules that it learnt from nor what it predicted "
            "in cross-validation (evaluation.csv); train it again with this version"
        )
    checks = iter(judged([check for one in found for check in one.checks], threshold, effect))
    return [MonitoredEndpoint(**{**vars(one), "checks": [next(checks) for _ in one.checks]}) for one in found]


def _some(check: DriftCheck | None) -> list[DriftCheck]:
    return [] if check is None else [check]


def _features(reference: Reference, molecules: Molecules, missing: list[str]) -> Iterator[DriftCheck]:
    if not reference.smiles:
        missing.append("features and scaffolds: the predictor doesn't keep the molecules that it learnt from")
        return
    new, known = physicochemical(molecules.mols), reference.descriptors
    for j, name in enumerate(PHYSICOCHEMICAL.values()):
        yield from _some(distribution_check(name, new[:, j], known[:, j]))


def _new_scaffolds(reference: Reference, molecules: Molecules) -> float:
    if not reference.smiles:
        return float("nan")
    return float(np.mean([murcko(mol) not in reference.scaffolds for mol in molecules.mols]))


def _errors(
    reference: Reference, measured: Dataset, found: Prediction, checks: list[DriftCheck], missing: list[str]
) -> tuple[pd.DataFrame, int]:
    """Add the checks of errors; rows of `held_out_table` with those of the folds, and how many values are bounds."""
    bounds = int((measured.relations != 0).sum())
    exact = ~np.isnan(measured.labels[:, 0])
    new = np.array([text not in reference.known for text in measured.molecules.canonical])
    checks += _some(distribution_check("measured values", measured.labels[exact & new, 0], reference.labels))
    rows = np.flatnonzero(exact & new & np.isfinite(found.mean[:, 0]))
    if repeated := int((exact & ~new).sum()):
        missing.append(f"errors of {repeated} measured molecules: they were learnt from, and say nothing")
    if len(rows) < FEWEST:
        missing.append(f"errors: {len(rows)} measured molecules that weren't learnt from; {FEWEST} are the least to judge by")
        return pd.DataFrame(), bounds
    y, mean, low, high = measured.labels[rows, 0], found.mean[rows, 0], found.low[rows, 0], found.high[rows, 0]
    ranged = np.isfinite(low) & np.isfinite(high)
    if reference.endpoint.task == "regression" and ranged.any():
        inside = int(((low <= y) & (y <= high))[ranged].sum())
        checks.append(coverage_check("coverage of 90 % intervals", inside, int(ranged.sum())))
    folds = cross_validated(reference.rows) if len(reference.rows) else reference.rows
    if folds.empty:
        missing.append("errors against those of cross-validation, which the predictor doesn't have")
        return pd.DataFrame(), bounds
    checks.append(error_check("errors", np.abs(y - mean), np.abs(folds["value"] - folds["mean"]).to_numpy(float)))
    table = held_out_table(_of_rows(found, rows), _learnt(reference), measured.take(rows), HELD_OUT)
    return pd.concat([folds, table], ignore_index=True), bounds


def _learnt(reference: Reference) -> Dataset:
    return Dataset(Molecules(reference.smiles), reference.labels[:, None], (reference.endpoint,))


def _of_rows(found: Prediction, rows: NDArray[np.int64]) -> Prediction:
    parts = ("mean", "std", "low", "high", "similarity", "outside")
    return Prediction(found.molecules.take(rows.tolist()), found.endpoints, *(getattr(found, part)[rows] for part in parts))
