"""A table that the laboratory sent, as facts."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from molgen.data.cells import texts
from molgen.data.units import parse_unit
from molgen.errors import DataError
from molgen.project.columns import Meaning
from molgen.project.facts import Measurement, NotMade, Provenance, Rejected
from molgen.project.goals import MeasuredEndpoint
from molgen.project.values import NOT_MADE, ValueColumns, parts_of, says_failed, values_of

FAILED = re.compile(r"failed|fail|failure|unsuccessful|abandoned|dropped|no|false|0", re.IGNORECASE)
MADE = re.compile(r"made|yes|true|1|ok|done|synthesi[sz]ed|delivered|tested|measured|complete[d]?|success(?:ful)?", re.IGNORECASE)
YES = re.compile(r"x+|yes|y|true|1|reject(?:ed)?|crossed(?: out)?|no ?go|out|✗|✘", re.IGNORECASE)
NO = re.compile(r"no?|false|0|keep|kept|make|go|accept(?:ed)?|approved?|selected|in", re.IGNORECASE)
ALIKE = 0.1  # log units, or share of a value, by which two columns of one measurement may differ: they are rounded
RELATIONS = {1: ">", 0: "", -1: "<"}


@dataclass(frozen=True)
class LabRows:
    """The rows of a table whose compounds are known.

    Attributes
    ----------
    frame
        Columns of text; `smiles` is the parent of each row, for conversions by weight.
    compound, given, name : list, [n]
        None, "" and "" where a row is left out.
    file, sha256
        Of the table.
    """

    frame: pd.DataFrame
    compound: list[str | None]
    given: list[str]
    name: list[str]
    file: str
    sha256: str

    def source(self, row: int) -> Provenance:
        """Of a row, from 0."""
        return Provenance(self.file, self.sha256, row + 1)

    def about(self, row: int) -> dict[str, Any]:
        """What all facts of a row share."""
        return {
            "compound": self.compound[row],
            "given": self.given[row],
            "name": self.name[row],
            "source": self.source(row),
        }


@dataclass
class Found:
    """What is in a table.

    Attributes
    ----------
    left_out
        Why cells and rows are no facts, a line each.
    """

    measured: list[Measurement] = field(default_factory=list)
    not_made: list[NotMade] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_results(
    rows: LabRows, meant: Meaning, endpoints: Mapping[str, MeasuredEndpoint], dates: list[datetime.date | None], who: str
) -> Found:
    """The measurements in a table, and the compounds that couldn't be made.

    Parameters
    ----------
    endpoints
        Of the project, with the units of what was measured before.
    dates : [n]
    who
        For rows that don't say it.

    Raises
    ------
    DataError
        A cell is no number, a unit doesn't fit its endpoint or there is none, or two columns contradict each other.
    """
    found, cell = Found(), _cells(rows, meant)
    shared = [{**rows.about(row), "date": dates[row], "who": cell("who", row) or who} for row in range(len(rows.frame))]
    for part in parts_of(rows.frame, meant):
        _take_values(rows, part, endpoints, found, shared, cell)
    valued = {fact.source.row - 1 for fact in found.measured}
    _take_statuses(rows, meant, found, shared, cell, valued)
    return found


def read_rejected(rows: LabRows, meant: Meaning, dates: list[datetime.date | None], who: str) -> Found:
    """The compounds that were crossed out: the rows that a column `rejected` marks, or else those with a reason.

    Raises
    ------
    DataError
        There is neither column, or a row that is marked has no reason.
    """
    found, cell = Found(), _cells(rows, meant)
    if not {"rejected", "reason"} & set(meant.said):
        raise DataError(f"{rows.file}: no column 'reason' that says why compounds are crossed out; add one")
    for row in range(len(rows.frame)):
        mark, reason = cell("rejected", row), cell("reason", row)
        crossed = bool(YES.fullmatch(mark)) if "rejected" in meant.said else bool(reason)
        if not crossed and "rejected" in meant.said and (mark or reason) and not NO.fullmatch(mark):
            column = meant.said["rejected"]
            found.left_out.append(f"row {row + 1}: '{mark or reason}' doesn't cross it out; write yes in column '{column}'")
        if not crossed or rows.compound[row] is None:
            continue
        if not reason and mark and not YES.fullmatch(mark):
            reason = mark
        if not reason:
            raise DataError(f"{rows.file} row {row + 1}: crossed out without a reason; say why in a column 'reason'")
        about = {**rows.about(row), "date": dates[row], "who": cell("who", row) or who}
        found.rejected.append(Rejected(**about, reason=reason))
    return found


Cells = Callable[[str, int], str]


def _cells(rows: LabRows, meant: Meaning) -> Cells:
    """What a row says in the column of one of `columns.NAMES`; "" where there is none."""
    held = {key: texts(rows.frame[name]) for key, name in meant.said.items()}

    def cell(key: str, row: int) -> str:
        text = " ".join(held[key][row].split()) if key in held else ""
        return "" if text.lower() in ("-", "na", "n/a", "nan", "none") and key != "status" else text

    return cell


def _take_values(
    rows: LabRows,
    part: ValueColumns,
    endpoints: Mapping[str, MeasuredEndpoint],
    found: Found,
    shared: list[dict[str, Any]],
    cell: Cells,
) -> None:
    taken: dict[tuple[int, str, str], Measurement] = {}
    for column in sorted(part.columns, key=lambda each: not each.exact):
        for row, value in values_of(part, column, endpoints[column.endpoint], rows.file, found.left_out, found.notes):
            if rows.compound[row] is None:
                continue
            replicate = column.replicate or cell("replicate", row)
            fact = Measurement(**shared[row], endpoint=column.endpoint, assay=cell("assay", row), replicate=replicate, **value)
            place = row, column.endpoint, column.replicate
            other = taken.setdefault(place, fact)
            if _differ(fact, other):
                raise DataError(
                    f"{rows.file} row {row + 1}: '{fact.written}' in column '{column.name}' is {_range(fact)}, and another "
                    f"column of {column.endpoint} says {_range(other)}; correct one"
                )
            if fact.relation and not other.relation and _near(fact, other):
                taken[place] = fact
                found.notes.append(f"row {row + 1}: '{other.written}' is the bound '{fact.written}' without its sign")
    found.measured += [taken[key] for key in sorted(taken, key=lambda each: each[0])]


def _differ(one: Measurement, other: Measurement) -> bool:
    """Whether two columns can't mean one measurement; a bound may stand beside a value that it includes."""
    if one.relation and other.relation:
        return one.relation != other.relation or not _near(one, other)
    bound, value = (one, other) if one.relation else (other, one)
    includes = bound.relation * (value.value - bound.value) > 0
    return not includes and not _near(one, other)


def _near(one: Measurement, other: Measurement) -> bool:
    """Whether two values differ by no more than rounding."""
    unit = parse_unit(one.unit)
    scale = 1.0 if unit and unit.logarithmic else max(abs(one.value), abs(other.value))
    return abs(one.value - other.value) <= ALIKE * scale


def _range(fact: Measurement) -> str:
    return f"{RELATIONS[fact.relation]}{fact.value:.2f}"


def _take_statuses(
    rows: LabRows, meant: Meaning, found: Found, shared: list[dict[str, Any]], cell: Cells, valued: set[int]
) -> None:
    values = [*(column.name for column in meant.columns), *([meant.value] if meant.value else [])]
    held = {name: texts(rows.frame[name]) for name in values}
    strange: dict[str, int] = {}
    for row in range(len(rows.frame)):
        if rows.compound[row] is None:
            continue
        status = cell("status", row)
        words = [word for name in values if says_failed(word := held[name][row])]
        failed = bool(status) and bool(NOT_MADE.search(status) or FAILED.fullmatch(status))
        explicit = failed or any(NOT_MADE.search(word) for word in words)
        if explicit and row in valued:
            raise DataError(f"{rows.file} row {row + 1}: '{status or words[0]}' and a measured value; one of them is wrong")
        if explicit or (words and row not in valued):
            reason = cell("reason", row) or next((text for text in (status, *words) if len(text) > 5), status or "not made")
            found.not_made.append(NotMade(**shared[row], reason=reason))
        elif words:
            found.left_out.append(f"row {row + 1}: '{words[0]}' of a compound with other values: nothing was measured")
        elif status and not MADE.fullmatch(status):
            strange.setdefault(status, row)
    for status, row in strange.items():
        found.notes.append(f"row {row + 1}: status '{status}' says nothing that molgen knows (not made, failed)")
