"""Columns of measured values: what is in a cell, in which unit, and whether that fits the endpoint."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from molgen.data.assay import Assay, classes
from molgen.data.cells import is_missing, is_number, read_numbers, relation, texts
from molgen.data.columns import Companion, companions, is_class, relation_columns, unit_columns
from molgen.data.conversion import family
from molgen.data.dataset import Endpoint as Label
from molgen.data.measurement import measure
from molgen.data.units import HIGHEST_P, LOWEST_P, P_UNIT, Unit, falls, is_logarithmic, parse_unit, split_name
from molgen.errors import DataError
from molgen.project.columns import Column, Meaning
from molgen.project.goals import MeasuredEndpoint

NOT_OF_ROUNDS = ("converted to", "in their cell")  # of what the reader of tables notes
NOT_MADE = re.compile(
    r"not (?:made|synthesi[sz]ed|prepared|obtained|isolated)"
    r"|(?:could|can)(?:n['’]t| ?not) (?:be )?(?:make|made|synthesi[sz]ed?|prepared?|obtain(?:ed)?|isolated?)"
    r"|unable to (?:make|synthesi[sz]e|prepare|obtain|isolate)|no product"
    r"|(?:synthesis|chemistry) (?:failed|unsuccessful)|failed (?:synthesis|chemistry)|unsuccessful synthesis",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ValueColumns:
    """LabRows of a table, their columns of values, and the columns that say how each of these is meant."""

    frame: pd.DataFrame
    columns: list[Column]
    relations: Mapping[str, Companion]
    units: Mapping[str, Companion]


def parts_of(whole: pd.DataFrame, meant: Meaning) -> list[ValueColumns]:
    """The whole table, or the rows of each kind of a table with a row per value."""
    if not meant.kinds:
        return [_part(whole, list(meant.columns))]
    parts, kinds, value = [], texts(whole[meant.said["kind"]]), str(meant.value)
    for text, column in meant.kinds.items():
        frame = whole[[kind == text for kind in kinds]].drop(columns=meant.said["kind"])
        part = _part(frame, [replace(column, name=value)])
        named = frame.rename(columns={value: text})
        if (unit := split_name(value)[1]) and split_name(text)[1] is None and not is_logarithmic(text):
            named.attrs["units"] = {text: unit.text}
        relations, units = (dict(zip([text], each.values(), strict=False)) for each in (part.relations, part.units))
        parts.append(ValueColumns(named, [replace(column, name=text)], relations, units))
    return parts


def _part(frame: pd.DataFrame, columns: list[Column]) -> ValueColumns:
    names = [column.name for column in columns]
    blank = frame.assign(**{name: _blanked(texts(frame[name])) for name in names})
    relations = companions(blank, names, [each for each in relation_columns(blank) if each not in names], shared=False)
    units = companions(blank, names, [each for each in unit_columns(blank) if each not in names], shared=True)
    return ValueColumns(frame, columns, relations, units)


def _blanked(cells: list[str]) -> list[str]:
    """Cells without the words that say what became of a compound."""
    return ["" if says_failed(text) else text for text in cells]


def values_of(
    part: ValueColumns, column: Column, endpoint: MeasuredEndpoint, file: str, left_out: list[str], notes: list[str]
) -> list[tuple[int, dict[str, Any]]]:
    """The row of each value in a column, and what a measurement has of it: `value`, `relation`, `unit` and `written`.

    What is no value goes to `left_out`, what was decided to `notes`.

    Raises
    ------
    DataError
        A cell is no number, or its unit doesn't fit the endpoint, or it has none where it needs one.
    """
    name, index = column.name, [int(row) for row in part.frame.index]
    given = texts(part.frame[name])
    cells = _blanked(given)
    filled = [i for i, text in enumerate(cells) if not is_missing(text)]
    missing = [(i, text) for i, text in enumerate(cells) if is_missing(text) and text.strip(" -–—")]
    left_out += [f"row {index[i] + 1}: '{text}' in column '{name}' is no value" for i, text in missing]
    if not filled:
        return []
    if is_class(cells) and not endpoint.unit and not any(is_number(cells[i]) for i in filled):
        labels = classes(cells, name)
        return [(index[i], {"value": float(labels[i]), "written": cells[i]}) for i in filled if not np.isnan(labels[i])]
    for i in filled:
        if not is_number(cells[i]):
            raise DataError(
                f"{file} row {index[i] + 1}: '{cells[i]}' in column '{name}' is no number; correct it, or empty the cell"
            )
    for i, number in zip(filled, read_numbers([cells[i] for i in filled], name).value.tolist(), strict=True):
        if not math.isfinite(number) or (not number and re.search("[1-9]", re.split("[eE]", cells[i])[0])):
            raise DataError(
                f"{file} row {index[i] + 1}: '{cells[i]}' in column '{name}' is beyond what a number can be; correct it"
            )
    units = _units(part, name, cells, filled)
    wanted = parse_unit(endpoint.unit) or next((unit for unit in units.values() if unit), None)
    _check_units(units, wanted, endpoint, cells, name, file, index)
    frame = part.frame.assign(**{name: cells}).reset_index(drop=True)
    own = _own_unit(part, name)
    frame.attrs["units"] = {**part.frame.attrs.get("units", {}), **({name: own.text} if own else {})}
    label = Label(endpoint.name, unit=wanted.text if wanted else "", column=name)
    measured = measure(frame, label, Assay(), part.relations.get(name), part.units.get(name))
    notes += [note for note in measured.notes if note not in notes and not any(said in note for said in NOT_OF_ROUNDS)]
    if not np.isnan(measured.errors).all():
        notes.append(
            f"{name}: what stands behind ± is kept as it is written, but not learnt from; replicates tell an assay's error"
        )
    signs = texts(part.frame[part.relations[name].column]) if name in part.relations else [""] * len(cells)
    result = []
    for i in filled:
        value, unit = float(measured.labels[i]), units[i]
        shown = unit.text if unit and not is_logarithmic(name) else ""
        written = f"{_sign(signs[i], cells[i])}{cells[i].strip()}{f' {shown}' * (shown not in cells[i])}"
        if np.isnan(value):
            raise DataError(f"{file} row {index[i] + 1}: '{written}' in column '{name}' can't be {endpoint.name} in {label.unit}")
        if label.unit == P_UNIT and not LOWEST_P < value < HIGHEST_P:
            raise DataError(
                f"{file} row {index[i] + 1}: {endpoint.name} can't be {value:g}: column '{name}' seems to hold concentrations; "
                "call it by them and their unit, such as 'IC50 (nM)'"
            )
        if endpoint.log and value <= 0:
            raise DataError(
                f"{file} row {index[i] + 1}: '{written}' in column '{name}' has no logarithm, and goals.yaml says log: true of "
                f"{endpoint.name}; report it as a bound (<0.1), or take log out"
            )
        about = {"value": value, "relation": int(measured.relations[i]), "unit": label.unit, "written": written}
        result.append((index[i], about))
    return result


def _sign(beside: str, cell: str) -> str:
    """What the column of relations says, where it is a bound and the cell doesn't say so."""
    return beside.strip().strip("'\"") if relation(beside) and re.match(r"[\d.+-]", cell.strip()) else ""


def _own_unit(part: ValueColumns, name: str) -> Unit | None:
    """The unit that holds for a whole column."""
    whole = split_name(name)[1] or parse_unit(part.frame.attrs.get("units", {}).get(name, ""))
    if falls(name):
        return whole if whole and whole.logarithmic else parse_unit(P_UNIT)
    return whole


def _units(part: ValueColumns, name: str, cells: list[str], filled: list[int]) -> dict[int, Unit | None]:
    """The unit of each value: behind the number, in the column of units, or the column's."""
    own = _own_unit(part, name)
    beside = texts(part.frame[part.units[name].column]) if name in part.units and not is_logarithmic(name) else None
    within = read_numbers([cells[i] for i in filled], name).units
    return {
        i: parse_unit(unit) or (parse_unit(beside[i]) if beside and not is_missing(beside[i]) else None) or own
        for i, unit in zip(filled, within, strict=True)
    }


def _check_units(
    units: Mapping[int, Unit | None],
    wanted: Unit | None,
    endpoint: MeasuredEndpoint,
    cells: list[str],
    name: str,
    file: str,
    index: list[int],
) -> None:
    """Refuse a unit that doesn't fit the endpoint, and concentrations without any: 12 may be nM, uM or a logarithm."""
    for i, unit in units.items():
        where = f"{file} row {index[i] + 1}: '{cells[i]}' in column '{name}'"
        if unit is None and wanted is not None and wanted.concentration:
            raise DataError(
                f"{where} has no unit; call the column '{name} (nM)', or '{endpoint.name}' if it holds {endpoint.name} as such"
            )
        if unit is not None and family(unit) != family(wanted):
            raise DataError(
                f"{where} is in {unit.text}, and {endpoint.name} is in {wanted.text if wanted else 'no unit'}; correct the "
                "unit, or leave the cell empty"
            )


def says_failed(text: str) -> bool:
    """Whether a cell says that the compound couldn't be made, or that something failed, in the place of a value."""
    plain = " ".join(text.split())
    return bool(NOT_MADE.search(plain)) or bool(re.fullmatch(r"fail(?:ed|ure)?", plain, re.IGNORECASE))
