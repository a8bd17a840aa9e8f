"""A label column as it is meant: measured values in one unit, bounds told from measurements, concentrations as logarithms."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.assay import Assay, classes
from molgen.data.cells import Numbers, is_missing, is_number, read_numbers, relation, texts
from molgen.data.columns import Companion, is_class, stem
from molgen.data.conversion import common_unit, convert, family, turns
from molgen.data.dataset import Endpoint
from molgen.data.units import ACTIVITY, P_UNIT, Unit, is_activity, is_logarithmic, is_p_value, limits, parse_unit, split_name
from molgen.errors import DataError
from molgen.names import FIRST, FORBIDDEN, LONGEST

Array = NDArray[np.float64]
Units = NDArray[np.object_]

DECADES = 5  # that concentrations must span, to the nearest, to be learnt as logarithms without being asked
P, MOLAR = Unit(P_UNIT, "p"), Unit("M", "molar")


@dataclass(eq=False)
class LabelColumn:
    """What one label column says.

    Attributes
    ----------
    labels : float64 [n]
        nan where there is none.
    relations : int8 [n]
        1 where the true value is above the label, -1 where it is below, 0 where it was measured.
    errors : float64 [n]
        Standard deviations of the labels; nan where they aren't known.
    left_out
        Values that can't be used, by reason.
    notes
        What was decided on the way, a line each.
    """

    endpoint: Endpoint
    labels: Array
    relations: NDArray[np.int8]
    errors: Array
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, rows: NDArray[np.bool_], reason: str) -> None:
        """Make the labels at `rows` missing, and count them."""
        rows = rows & ~np.isnan(self.labels)
        if rows.any():
            self.left_out[reason] += int(rows.sum())
            self.labels[rows], self.relations[rows] = np.nan, 0

    def bring_to(self, target: Unit, units: Units, smiles: pd.Series) -> None:
        """Convert the labels, which are in `units` [n], all of one family."""
        for unit in {unit for unit in units if unit is not None} - {target}:
            rows = np.flatnonzero((units == unit) & ~np.isnan(self.labels))
            higher = convert(self.labels[rows] + self.errors[rows], unit, target, smiles.iloc[rows])
            self.labels[rows] = convert(self.labels[rows], unit, target, smiles.iloc[rows])
            self.errors[rows] = np.abs(higher - self.labels[rows])
            if turns(unit, target):
                self.relations[rows] *= -1


def measure(
    table: pd.DataFrame, item: str | Endpoint, assay: Assay, relations: Companion | None, units: Companion | None
) -> LabelColumn:
    """Read one label column.

    Parameters
    ----------
    item
        The column, or an endpoint that names it; an endpoint's unit is what values are converted to.
    relations, units
        The columns that say how it is meant.

    Raises
    ------
    DataError
        A cell can't be read, or a logarithm is asked of what isn't a concentration.
    """
    endpoint = (
        item if isinstance(item, Endpoint) else Endpoint(name := endpoint_name(item), column=None if name == item else item)
    )
    column = endpoint.column or endpoint.name
    declared, written = isinstance(item, Endpoint), texts(table[column])
    renamed = [] if declared or endpoint.name == column else [f"{column!r} is called {endpoint.name}"]
    if endpoint.task == "classification" or (not declared and _holds_classes(table[column], written)):
        labels = classes(written, column)
        if assay.error:
            raise DataError(f"data.error={assay.error}: {column} holds classes, which have no standard deviation")
        if assay.assay:
            raise DataError(f"data.assay={assay.assay}: {column} holds classes, which have no offset; train on one assay")
        none = np.full(len(labels), np.nan)
        return LabelColumn(replace(endpoint, task="classification"), labels, np.zeros(len(labels), np.int8), none, notes=renamed)
    numbers = _numbers(table[column], written, column)
    notes = [*renamed, *numbers.notes]
    sides, errors = _relations(table, numbers, column, relations), numbers.errors.copy()
    if assay.error:
        errors = _errors(table, assay.error)
    found = LabelColumn(endpoint, numbers.value.copy(), sides, errors, notes=notes)
    found.relations[np.isnan(found.labels)] = 0
    found.notes += _said_of_errors(found, numbers, column, written, assay)
    of_row = _units(table, numbers, column, assay, units, endpoint)
    own = split_name(column)[1]
    if assay.unit and assay.unit not in table and own not in (None, parse_unit(assay.unit)) and not is_logarithmic(column):
        found.notes.append(f"{column}: its name says the unit, and data.unit={assay.unit} is not for it")
    unit = _bring_together(found, of_row, table["smiles"], column, parse_unit(endpoint.unit))
    if _wants_logarithm(found, column, unit, assay, declared):
        unit = _take_logarithm(found, table, column, unit, declared)
    elif not declared:
        unit = unit or (P if is_p_value(endpoint.name) else None)
    if not declared:
        lowest, highest = _bounds(unit, found.labels)
        found.endpoint = replace(found.endpoint, unit=unit.text if unit else "", lowest=lowest, highest=highest)
    return found


def endpoint_name(column: str) -> str:
    """What an endpoint in a column is called: as the column, but that a name holds no line break, `<` or first `-`.

    `-log IC50` is `pIC50`, by definition.
    """
    stem, unit = split_name(column)
    name = re.sub(f"[{FORBIDDEN}]", " ", stem if column.strip().startswith("-") and unit == MOLAR else column)
    if unit in (None, MOLAR):
        name = re.sub(r"^\s*(?:-|neg(?:ative)?[ _]?)\s*log(?:10)?[ _(]*([A-Za-z]+\d*)\)?", r"p\1", name)
    name = re.sub(r"^\s*-\s*(?=log)", "neg ", name)
    return " ".join(name.split()).lstrip(FIRST).strip()[:LONGEST].strip()


def _holds_classes(column: pd.Series, written: list[str]) -> bool:
    """Whether a column is one of classes: its words are known for such, or at least they are few and no numbers."""
    cells = [text for text in written if not is_missing(text)]
    return is_class(written) or (0 < len(set(cells)) <= 3 and not any(map(is_number, cells)))


def _numbers(column: pd.Series, written: list[str], name: str) -> Numbers:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return read_numbers(written, name)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = np.where(np.isinf(values), np.nan, values)
    return Numbers(values, np.zeros(len(values), np.int8), np.full(len(values), np.nan), [""] * len(values), [])


def _relations(table: pd.DataFrame, numbers: Numbers, column: str, beside: Companion | None) -> NDArray[np.int8]:
    """Relations [n] of the cells and of the column beside them together."""
    if beside is None:
        return numbers.relations.copy()
    written = texts(table[beside.column])
    found = np.zeros(len(written), np.int8)
    for row, text in enumerate(written):
        sign = 0 if is_missing(text) else relation(text)
        if sign is None:
            raise DataError(f"column '{beside.column}': '{text}' in row {row + 1} is no relation; known: =, ~, >, >=, <, <=")
        found[row] = -sign if beside.turned else sign
    opposed = np.flatnonzero(found * numbers.relations < 0)
    if len(opposed):
        row, cell = opposed[0], table[column].iloc[opposed[0]]
        raise DataError(
            f"row {row + 1}: '{cell}' in column '{column}' against '{written[row]}' in '{beside.column}'; correct one"
        )
    return np.where(numbers.relations != 0, numbers.relations, found).astype(np.int8)


def _said_of_errors(found: LabelColumn, numbers: Numbers, column: str, written: list[str], assay: Assay) -> Iterator[str]:
    """Where the errors of the values come from, a line each."""
    known, number = int((~np.isnan(found.errors) & ~np.isnan(found.labels)).sum()), int((~np.isnan(found.labels)).sum())
    within = np.flatnonzero(~np.isnan(numbers.errors))
    if assay.error and not known:
        raise DataError(f"column '{assay.error}': no value of {column} has an error there")
    if assay.error:
        yield f"{column}: {known} of {number} values have an error in {assay.error}; others count as the median one"
    if assay.error and len(within):
        yield f"{column}: {len(within)} errors in its cells ('{written[within[0]]}') don't count beside data.error={assay.error}"
    elif len(within):
        yield (
            f"{column}: {known} of {number} values have an error in their cell ('{written[within[0]]}'), taken for their "
            "standard deviation; others count as the median one"
        )


def _errors(table: pd.DataFrame, column: str) -> Array:
    """The standard deviations [n] in a column; nan where there is none."""
    written = texts(table[column])
    read = read_numbers(written, column)
    for row, text in enumerate(written):
        odd = read.relations[row] or read.units[row] or not np.isnan(read.errors[row])
        if not is_missing(text) and (odd or not 0 <= read.value[row] < np.inf):
            raise DataError(f"column '{column}': '{text}' in row {row + 1} is no standard deviation: a number, 0 or more")
    return read.value.copy()


def _units(
    table: pd.DataFrame, numbers: Numbers, column: str, assay: Assay, beside: Companion | None, endpoint: Endpoint
) -> Units:
    """The unit of each row [n]: what is written behind the number, in the column of units, or for the whole column."""
    logarithmic = is_logarithmic(column)
    whole = split_name(column)[1] or (parse_unit(assay.unit) if assay.unit and assay.unit not in table else None)
    whole = whole or parse_unit(str(table.attrs.get("units", {}).get(column) or ""))
    rows = [""] * len(table)
    if beside is not None and not logarithmic:
        rows = ["" if is_missing(text) else text for text in texts(table[beside.column])]
    if whole is None and not any(rows):
        whole = parse_unit(endpoint.unit)
    if logarithmic and whole and not whole.logarithmic:
        whole = None  # the unit before the logarithm was taken
    known = {text: parse_unit(text) for text in {*numbers.units, *rows}}
    of_row = np.empty(len(table), dtype=object)
    of_row[:] = [known[cell] or known[row] or whole for cell, row in zip(numbers.units, rows, strict=True)]
    return of_row


def _bring_together(found: LabelColumn, of_row: Units, smiles: pd.Series, column: str, wanted: Unit | None) -> Unit | None:
    """One unit for all labels, the wanted or the commonest; those that can't be brought to it are left out."""
    counts = Counter(of_row[~np.isnan(found.labels)])
    families: Counter[str] = Counter()
    for unit, count in counts.items():
        families[family(unit)] += count
    if not families:
        return wanted
    kept = family(wanted) if wanted and family(wanted) in families else families.most_common(1)[0][0]
    for unit in counts:
        if family(unit) != kept:
            rows = np.array([other == unit for other in of_row])
            found.leave_out(rows, f"in {unit.text}" if unit else "without a unit")
    together = Counter({unit: count for unit, count in counts.items() if unit and family(unit) == kept})
    if kept != "concentration":
        return wanted or next(iter(together), None)
    target = wanted if wanted and wanted.concentration else common_unit(together)
    if others := ", ".join(f"{count} in {unit.text}" for unit, count in together.items() if unit != target):
        before = ~np.isnan(found.labels)
        found.bring_to(target, of_row, smiles)
        if lost := int((before & np.isnan(found.labels)).sum()):
            found.left_out["that can't be converted"] += lost
        found.notes.append(f"{column}: {others} converted to {target.text}")
    return target


def _wants_logarithm(found: LabelColumn, column: str, unit: Unit | None, assay: Assay, declared: bool) -> bool:
    if assay.log is False or is_logarithmic(column) or (unit and unit.logarithmic):
        return False
    if assay.log:
        if unit and not unit.concentration:
            raise DataError(f"column '{column}': data.log=true takes concentrations, not values in {unit.text}; name others")
        return True
    if declared or not (unit.concentration if unit else is_activity(column) and not (found.labels < 0).any()):
        return False
    positive = found.labels[found.labels > 0]
    span = float(np.log10(positive.max() / positive.min())) if len(positive) else 0.0
    if span >= 2 and round(span) < DECADES:
        found.notes.append(f"{column}: spans {span:.1f} decades and is learnt as it is; data.log=true takes its logarithm")
    return round(span) >= DECADES


def _take_logarithm(found: LabelColumn, table: pd.DataFrame, column: str, unit: Unit | None, declared: bool) -> Unit:
    """-log10 of the concentrations, in mol/L where the unit is known; what isn't positive is left out."""
    found.leave_out(found.labels <= 0, "not positive")
    units = np.full(len(table), unit or Unit("", "molar"), dtype=object)
    smiles = table["smiles"]
    found.bring_to(P, units, smiles)
    after = P if unit else Unit(f"-log10({split_name(column)[0]})", "p")
    name = found.endpoint.name if declared else _logarithm_name(table, column)
    poor, good = (_logarithm(value, unit) for value in (found.endpoint.poor, found.endpoint.good))
    changed = replace(found.endpoint, name=name, column=column, unit=after.text, poor=poor, good=good)
    found.endpoint = replace(changed, lowest=None, highest=None)
    found.notes.append(f"{column}: learnt as {name} in {after.text}; data.log=false keeps it as it is")
    if unit is None:
        found.notes.append(f"{column}: has no unit, so {name} is of the number as it stands; name the unit: data.unit=nM")
    return after


def _logarithm(value: float | None, unit: Unit | None) -> float | None:
    """Of a poor or good value; None where it depends on the molecule."""
    return -float(np.log10(value * unit.factor)) if value and unit and unit.kind == "molar" else None


def _logarithm_name(table: pd.DataFrame, column: str) -> str:
    """`pIC50` for `IC50 (nM)`, and for a Standard Value whose Standard Type is IC50."""
    name = split_name(column)[0]
    if stem(column) in ("", "standard"):
        kinds = [other for other in map(str, table.columns) if stem(other) in ("standardtype", "type")]
        found = {text for other in kinds for text in texts(table[other]) if not is_missing(text)}
        name = found.pop() if len(found) == 1 else name
    name = ACTIVITY.sub(lambda found: found[0].replace(found[1], f"p{found[1]}"), name) if is_activity(name) else f"p_{name}"
    return f"{name} of {column}" if name in table else name


def _bounds(unit: Unit | None, labels: Array) -> tuple[float | None, float | None]:
    """The limits of a unit, where the measured values keep to them: an inhibition in % may be negative."""
    lowest, highest = limits(unit.text if unit else "")
    known = labels[~np.isnan(labels)]
    inside = not len(known) or (known.min() >= (-np.inf if lowest is None else lowest))
    inside &= not len(known) or (known.max() <= (np.inf if highest is None else highest))
    return (lowest, highest) if inside else (None, None)
