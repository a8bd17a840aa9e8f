"""From a table as published to a data set that can be trusted, with a report of what was found in it."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.chem.changes import is_changed
from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.standardize import STANDARD, Standardizer, identity
from molgen.data.assay import Assay
from molgen.data.catalog import Molfile, PublicSet
from molgen.data.cells import is_missing, texts
from molgen.data.chronology import Timeline, of_molecules
from molgen.data.columns import (
    Companion,
    beside_linear,
    companions,
    endpoint_columns,
    is_class,
    partner,
    relation_columns,
    unit_columns,
)
from molgen.data.dataset import Dataset, Endpoint
from molgen.data.measurement import LabelColumn, endpoint_name, measure
from molgen.data.quality import QualityReport, by_reason, mixed, replicates, warnings, without_metal
from molgen.data.replicates import ASSAY_RULE, RULE, Merged, merge_replicates
from molgen.data.several_assays import assay_names, bring_together, pooled
from molgen.data.units import P_UNIT, split_name
from molgen.errors import ConfigError, DataError, nearest

DOUBTS = ("data validity comment", "data validity description")  # ChEMBL's
KINDS = ("standard type", "type", "target name", "target", "target chembl id")  # columns of what was measured, in public tables


def read_dataset(
    source: Molfile | PublicSet, standardizer: Standardizer = STANDARD, timeline: Timeline | None = None
) -> tuple[Dataset, QualityReport]:
    """Read, check and clean a labelled data set.

    Parameters
    ----------
    timeline
        The column that says when rows were measured, which then is no endpoint.

    Raises
    ------
    DataError
        A label column is missing, can't be read, or is all of one value; or fewer than ten molecules are left.
    """
    return curate(source.table(), source, standardizer, timeline)


def curate(
    table: pd.DataFrame, assay: Assay, standardizer: Standardizer = STANDARD, timeline: Timeline | None = None
) -> tuple[Dataset, QualityReport]:
    """See `read_dataset`.

    Parameters
    ----------
    table
        With a column smiles; its `attrs["units"]` may name the units of columns.

    Raises
    ------
    ConfigError
        The timeline's column, or that of assays, is one of the labels.
    DataError
        Fewer than ten labelled, distinct molecules can be learnt from.
    """
    table = table.assign(smiles=table["smiles"].fillna("").astype(str)).reset_index(drop=True)
    if timeline and timeline.column in map(_column, assay.labels):
        raise ConfigError(f"column={timeline.column}: is one of data.labels; a column says when, or what was measured")
    if assay.assay and assay.assay in map(_column, assay.labels):
        raise ConfigError(f"data.assay={assay.assay}: is one of data.labels; a column names the assay, or holds its values")
    moments, names = timeline.read(table) if timeline else None, assay_names(table, assay)
    table = table.drop(columns=list({name for name in (timeline and timeline.column, assay.assay) if name is not None}))
    measured, not_taken = _measurements(table, assay)
    labels = np.stack([part.labels for part in measured], axis=1)
    relations = np.stack([part.relations for part in measured], axis=1)
    errors = np.stack([part.errors for part in measured], axis=1)
    endpoints = tuple(part.endpoint for part in measured)
    _check_names(endpoints)
    asked = Molecules(table["smiles"].tolist(), standardizer)
    empty = np.array([not text.strip() for text in asked.smiles])
    valid = [i for i, mol in enumerate(asked.mols) if mol is not None]
    keys = pd.Series({i: identity(asked.mols[i]) for i in valid}, dtype=object)
    groups = [list(rows) for rows in keys.groupby(keys, sort=False).groups.values()]
    brought, mols = None, [mol for rows in groups if (mol := asked.mols[rows[0]]) is not None]
    if names:
        brought = bring_together(names, labels[:, 0], relations[:, 0], errors[:, 0], groups, mols, assay)
    merged = own = merge_replicates(groups, labels, relations, errors, endpoints)
    if brought and brought.figures:
        about = endpoints[0].about or f"as assay {brought.figures[0].name} measures it"
        endpoints = (replace(endpoints[0], about=about),)
        other = ~brought.of_reference[:, None]
        own = merge_replicates(groups, np.where(other, np.nan, labels), np.where(other, 0, relations), errors, endpoints)
        merged = merge_replicates(groups, brought.labels[:, None], relations, brought.errors[:, None], endpoints, weighted=True)
    kept = np.flatnonzero((~np.isnan(merged.labels) | _bounded(merged, assay)).any(axis=1))
    learnable = int((~np.isnan(merged.labels)).any(axis=1).sum())
    notes = [note for part in measured for note in (*part.notes, *_left_out(part, assay.censored))]
    notes += brought.notes if brought else []
    if learnable < 10:
        contradicted = [f"{merged.conflicting} have conflicting labels"] * bool(merged.conflicting)
        why = "; ".join([*contradicted, *(line for part in measured for line in _left_out(part, assay.censored))])
        raise DataError(
            f"{learnable} labelled, valid, distinct molecules in {len(table)} rows: ten are the least to learn from"
            f"{f' ({why})' if why else ''}"
        )
    smiles = [str(asked.canonical[groups[i][0]]) for i in kept]
    molecules = Molecules(smiles, standardizer)
    dataset = _dataset(molecules, merged, kept, endpoints, assay)
    if own is not merged:
        dataset = replace(dataset, judged=_dataset(molecules, own, kept, endpoints, assay))
    if moments:
        found, said = of_molecules(moments, [groups[i] for i in kept], np.asarray(~np.isnan(labels).all(axis=1)))
        dataset = replace(dataset, when=np.array(found, float))
        notes += [*moments.notes, *said]
    scaffolds = {murcko(mol) or text for mol, text in zip(dataset.molecules.mols, smiles, strict=True)}
    figures = {part.endpoint.name: _figures(merged, own, j, part) for j, part in enumerate(measured)}
    valued = ~np.isnan(labels).all(axis=1)
    report = QualityReport(
        rows=len(table),
        unparsable=len(table) - len(valid) - int(empty.sum()),
        without_structure=int((empty & valued).sum()),
        blank=int((empty & ~valued).sum()),
        standardized=sum(map(is_changed, asked.changes)),
        changes=dict(Counter(step for changes in asked.changes for step in changes).most_common()),
        duplicates=len(valid) - len(groups),
        conflicting=merged.conflicting,
        molecules=len(dataset),
        scaffolds=len(scaffolds),
        unlabelled=len(groups) - len(dataset),
        censored=assay.censored,
        endpoints=figures,
        not_taken=not_taken,
        reading=table.attrs.get("notes", []),
        rule=f"{RULE}; {ASSAY_RULE}" if own is not merged else RULE,
        assays=brought.plain() if brought else [],
        notes=notes,
        warnings=[
            *_unreadable(asked),
            *without_metal(asked),
            *_mixed(table[valued]),
            *(brought.warnings if brought else pooled(table[valued])),
            *replicates(figures),
            *warnings(figures, len(scaffolds) / len(dataset)),
        ],
    )
    return dataset, report


def _bounded(merged: Merged, assay: Assay) -> NDArray[np.bool_]:
    """Of which values bounds are kept [m, t]."""
    return merged.relations != 0 if assay.censored == "bound" else np.zeros(merged.labels.shape, bool)


def _dataset(
    molecules: Molecules, merged: Merged, kept: NDArray[np.integer], endpoints: tuple[Endpoint, ...], assay: Assay
) -> Dataset:
    """The `molecules` [k] that are kept of those that were merged."""
    bound = _bounded(merged, assay)[kept]
    relations, bounds = np.where(bound, merged.relations[kept], 0), np.where(bound, merged.bounds[kept], np.nan)
    return Dataset(molecules, merged.labels[kept], endpoints, relations, bounds, merged.errors[kept])


def _measurements(table: pd.DataFrame, assay: Assay) -> tuple[list[LabelColumn], dict[str, str]]:
    """The labels as they are meant, and the columns that weren't taken, with the reason."""
    others = [str(name) for name in table.columns if name != "smiles"]
    items, not_taken = [_found(item, others) for item in assay.labels], dict[str, str]()
    for name in [*map(_column, items), *(name for name in (assay.relation, assay.error) if name)]:
        if name not in others:
            raise DataError(f"no label column '{name}'{nearest(name, others)}; found: {', '.join(others[:10])}")
    if not items:
        taken, not_taken = endpoint_columns(table)
        items = [name for name in taken if name not in (assay.relation, assay.unit, assay.error)]
    columns = [_column(item) for item in items]
    for key, one in (("error", assay.error), ("assay", assay.assay)):
        if one and len(columns) > 1:
            raise DataError(f"data.{key}={one} belongs to one label, not to {', '.join(columns)}: data.labels=[NAME]")
    numbers = [name for name in columns if not is_class(texts(table[name]))]
    relations = _companions(table, numbers, assay.relation, relation_columns(table), shared=False)
    units = _companions(table, numbers, assay.unit, unit_columns(table), shared=True)
    found = [measure(table, item, assay, relations.get(name), units.get(name)) for item, name in zip(items, columns, strict=True)]
    for column, part in zip(columns, found, strict=True):
        _borrow_bounds(part, table, column, assay)
    learnt = []
    for column, part in zip(columns, found, strict=True):
        if assay.censored == "exact":
            part.relations[:] = 0
        reason = _nothing_to_learn(part)
        if reason and assay.labels:
            raise DataError(f"column '{column}': {reason}")
        if reason:
            not_taken[column] = reason
        else:
            learnt.append(part)
    if not learnt:
        raise DataError(f"no column of numbers to learn from; found: {by_reason(not_taken)}; name one: data.labels=[...]")
    return learnt, not_taken


def _borrow_bounds(part: LabelColumn, table: pd.DataFrame, column: str, assay: Assay) -> None:
    """Take over the bounds of the concentration that a label is the logarithm of: ChEMBL leaves pChEMBL Value empty there."""
    linear = partner(table, column)
    if linear is None or part.endpoint.task == "classification":
        return
    relations = _companions(table, [linear], assay.relation, relation_columns(table), shared=False)
    units = _companions(table, [linear], assay.unit, unit_columns(table), shared=True)
    try:
        bounds = replace(assay, log=True, error=None)  # errors are those of the label, not of this column
        other = measure(table, linear, bounds, relations.get(linear), units.get(linear))
    except DataError:  # a column that nobody asked for needn't be readable
        return
    rows = np.isnan(part.labels) & (other.relations != 0) & ~np.isnan(other.labels)
    if rows.any() and other.endpoint.unit == part.endpoint.unit == P_UNIT:
        part.labels[rows], part.relations[rows] = other.labels[rows], other.relations[rows]
        part.notes.append(f"{column}: {rows.sum()} bounds from {linear}")


def _column(item: str | Endpoint) -> str:
    return (item.column or item.name) if isinstance(item, Endpoint) else item


def _found(item: str | Endpoint, columns: list[str]) -> str | Endpoint:
    """The column that a label names: as it is written, or the only one that is called so but for blanks and unit."""
    if isinstance(item, Endpoint) or item in columns:
        return item
    alike = [name for name in columns if item in (endpoint_name(name), split_name(name)[0])]
    return alike[0] if len(alike) == 1 else item


def _companions(
    table: pd.DataFrame, labels: list[str], named: str | None, found: list[str], *, shared: bool
) -> dict[str, Companion]:
    """The column that says how each label is meant: the one that the user named, or those found."""
    if named is None:
        return companions(table, labels, [name for name in found if name not in labels], shared=shared)
    return {label: beside_linear(table, label, named) for label in labels} if named in table else {}


def _nothing_to_learn(part: LabelColumn) -> str | None:
    """Why nothing can be learnt from a label; None where something can."""
    measured = part.labels[(part.relations == 0) & ~np.isnan(part.labels)]
    bounds = int((part.relations != 0).sum())
    if not len(measured) and bounds:
        return f"all {bounds} values are bounds; data.censored=exact would take them for measurements"
    return "all labels are the same or missing; there is nothing to learn" if len(np.unique(measured)) < 2 else None


def _check_names(endpoints: tuple[Endpoint, ...]) -> None:
    twice = [name for name, count in Counter(endpoint.name for endpoint in endpoints).items() if count > 1]
    if twice:
        raise ConfigError(f"data.labels: two labels would be called '{twice[0]}'; name one of them only")


def _figures(merged: Merged, own: Merged, j: int, part: LabelColumn) -> dict[str, Any]:
    """Of one endpoint; `own` knows how well measurements repeat, of the assay that predictions are about."""
    labels: NDArray[np.float64] = merged.labels[:, j]
    known = labels[~np.isnan(labels)]
    if part.endpoint.task == "classification":
        share = round(float(known.mean()), 4) if len(known) else 0.0
        return {"labels": len(known), "positives": int(known.sum()), "share": share}
    low, median, high = map(float, np.quantile(known, [0, 0.5, 1])) if len(known) else (np.nan,) * 3
    found: dict[str, Any] = {"labels": len(known), "minimum": low, "median": median, "maximum": high}
    found |= {"std": round(float(known.std()), 4) if len(known) else np.nan}
    if len(set(known)) == 2:
        found["values"] = 2
    if part.endpoint.unit:
        found["unit"] = part.endpoint.unit
    counts = {side: int((part.relations == value).sum()) for side, value in (("lower bounds", 1), ("upper bounds", -1))}
    found |= {side: count for side, count in counts.items() if count}
    if own.repeated[j]:
        found |= {"repeated": int(own.repeated[j]), "std of repeats": round(float(own.spread[j]), 4)}
    return found


def _left_out(part: LabelColumn, censored: str) -> list[str]:
    """What became of values that aren't measurements, a line each."""
    name, bounds = part.endpoint.name, int((part.relations != 0).sum())
    lines = [f"{name}: {count} values {reason} left out" for reason, count in part.left_out.items()]
    if bounds and censored == "drop":
        lines.append(
            f"{name}: {bounds} bounds left out; data.censored=exact takes them for measurements, bound learns from them as bounds"
        )
    elif bounds:
        lines.append(f"{name}: {bounds} bounds kept as bounds, for predictors that learn from them (boosted, graph_network)")
    return lines


def _unreadable(asked: Molecules) -> list[str]:
    """The first structure that can't be read."""
    rows = [i for i, text in enumerate(asked.smiles) if text.strip() and asked.mols[i] is None]
    return [f"row {i + 1}: '{asked.smiles[i]}' left out: {asked.problem[i]}" for i in rows[:1]]


def _mixed(table: pd.DataFrame) -> list[str]:
    """What other columns say against the labels: that they are of several kinds, or doubted."""
    columns = {name: name.lower().replace("_", " ") for name in map(str, table.columns)}
    said = {name: [text for text in texts(table[name]) if not is_missing(text)] for name in columns}
    kinds = {name: list(dict.fromkeys(said[name])) for name, plain in columns.items() if plain in KINDS}
    doubts = [
        f"'{name}' marks {len(said[name])} of the values ({said[name][0]}{', ...' * (len(set(said[name])) > 1)}): they are "
        "learnt like others; leave them out of the file where they are wrong"
        for name, plain in columns.items()
        if plain in DOUBTS and said[name]
    ]
    return [*mixed(kinds), *doubts]
