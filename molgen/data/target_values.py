"""A few measured affinities in a file: of one target, or of those that a column names."""

from dataclasses import dataclass, replace

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import Standardizer
from molgen.data.catalog import Molfile
from molgen.data.cells import texts
from molgen.data.columns import companions, relation_columns, unit_columns
from molgen.data.dataset import Endpoint
from molgen.data.measurement import measure
from molgen.data.units import P_UNIT, is_activity, is_p_value
from molgen.errors import DataError, nearest

TARGET = "target"
TOLD = 3  # rows that a message names


@dataclass(frozen=True)
class TargetValues:
    """Measured affinities.

    Attributes
    ----------
    molecules
        [k], all valid.
    values : tuple of float, [k]
        pKd.
    targets : tuple, [k]
        As the column `target` has them; empty where it says nothing, or isn't there.
    notes
        How the file was read, a line each.
    """

    molecules: Molecules
    values: tuple[float, ...]
    targets: tuple[str, ...]
    notes: tuple[str, ...]


def read_target_values(source: Molfile, standardizer: Standardizer, label: str | None = None) -> TargetValues:
    """Read measured affinities, in whatever unit, as pKd; bounds and rows without a value are left out.

    Parameters
    ----------
    label
        The column of values; by default the only one that is called Kd, pKd, Ki, IC50 or the like.

    Raises
    ------
    DataError
        There is no such column or no value in it, or a molecule that was measured is invalid.
    """
    table = source.table()
    target = next((name for name in table.columns if str(name).strip().lower() == TARGET), None)
    column = _column([str(name) for name in table.columns if name not in ("smiles", target)], label)
    relations = companions(table, [column], [name for name in relation_columns(table) if name != column], shared=False)
    units = companions(table, [column], [name for name in unit_columns(table) if name != column], shared=True)
    endpoint = Endpoint("pKd", unit=P_UNIT, column=column)
    found = measure(table, endpoint, replace(source, log=True), relations.get(column), units.get(column))
    measured = (found.relations == 0) & ~np.isnan(found.labels)
    notes = [*table.attrs.get("notes", []), *found.notes]
    notes += [f"{column}: {count} values {reason} are left out" for reason, count in found.left_out.items()]
    if bounds := int((found.relations != 0).sum()):
        notes.append(f"{column}: {bounds} values are bounds, and left out")
    rows = np.flatnonzero(measured).tolist()
    if not rows:
        raise DataError(f"{source.path}: no measured value in the column '{column}'{'; ' if notes else ''}{'; '.join(notes)}")
    molecules = Molecules([str(table["smiles"].iloc[i]) for i in rows], standardizer)
    invalid = [f"row {i + 1} ({problem})" for i, problem in zip(rows, molecules.problem, strict=True) if problem]
    if invalid:
        raise DataError(f"{source.path}: measured, but no molecule: {', '.join(invalid[:TOLD])}")
    named = [text.strip() for text in texts(table[target])] if target is not None else [""] * len(table)
    return TargetValues(molecules, tuple(found.labels[rows].tolist()), tuple(named[i] for i in rows), tuple(notes))


def _column(names: list[str], label: str | None) -> str:
    """The column of values."""
    if label is not None:
        if label not in names:
            raise DataError(f"label={label}: no such column{nearest(label, names)}; found: {', '.join(names[:10])}")
        return label
    likely = [name for name in names if is_activity(name) or is_p_value(name)]
    if len(likely) != 1:
        found = f"several: {', '.join(likely)}" if likely else f"none among {', '.join(names[:10])}"
        raise DataError(f"known=: which column holds the affinities, pKd or Kd (nM)? {found}; name it: label=COLUMN")
    return likely[0]
