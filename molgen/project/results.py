"""A table that the laboratory sent, as facts."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from molgen.data.assay import Assay, classes
from molgen.data.cells import is_missing, is_number, texts
from molgen.data.columns import Companion, companions, is_class, relation_columns, unit_columns
from molgen.data.dataset import Endpoint as Label
from molgen.data.measurement import measure
from molgen.data.units import P_UNIT, falls, is_activity, is_logarithmic, parse_unit, split_name
from molgen.errors import DataError
from molgen.project.columns import Column, Meaning
from molgen.project.facts import Measurement, NotMade, Rejected, Source
from molgen.project.goals import Endpoint

NOT_MADE = re.compile(
    r"not (?:made|synthesi[sz]ed|obtained|isolated)|(?:could|can)(?:n't| ?not) be (?:made|synthesi[sz]ed)|no product"
    r"|(?:synthesis|chemistry) (?:failed|unsuccessful)|failed (?:synthesis|chemistry)|unsuccessful synthesis",
    re.IGNORECASE,
)
FAILED = re.compile(r"failed|fail|failure|unsuccessful|abandoned|dropped|no|false|0", re.IGNORECASE)
MADE = re.compile(r"made|yes|true|1|ok|done|synthesi[sz]ed|delivered|tested|measured|complete[d]?|success(?:ful)?", re.IGNORECASE)
YES = re.compile(r"x+|yes|y|true|1|reject(?:ed)?|crossed(?: out)?|no ?go|out|✗|✘", re.IGNORECASE)
LOWEST_P, HIGHEST_P = -3.0, 20.0  # what a p-value can be; other numbers are concentrations
ALIKE = 0.1  # log units by which a p-value and the concentration beside it may differ: they are rounded


@dataclass(frozen=True)
class Rows:
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

    def source(self, row: int) -> Source:
        """Of a row, from 0."""
        return Source(self.file, self.sha256, row + 1)

    def about(self, row: int) -> dict[str, object]:
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
    rows: Rows, meant: Meaning, endpoints: Mapping[str, Endpoint], dates: list[datetime.date | None], who: str
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
    for part, columns in _parts(rows, meant):
        _take_values(rows, part, columns, endpoints, found, shared, cell)
    valued = {fact.source.row - 1 for fact in found.measured}
    _take_statuses(rows, meant, found, shared, cell, valued)
    return found


def read_rejected(rows: Rows, meant: Meaning, dates: list[datetime.date | None], who: str) -> Found:
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


def _cells(rows: Rows, meant: Meaning) -> Cells:
    """What a row says in the column of one of `columns.NAMES`; "" where there is none."""
    held = {key: texts(rows.frame[name]) for key, name in meant.said.items()}

    def cell(key: str, row: int) -> str:
        text = " ".join(held[key][row].split()) if key in held else ""
        return "" if text.lower() in ("-", "na", "n/a", "nan", "none") and key != "status" else text

    return cell


def _parts(rows: Rows, meant: Meaning) -> list[tuple[pd.DataFrame, list[Column]]]:
    """Parts of a table with the columns of values in each: the whole, or the rows of each kind of a table with a row per value."""
    if not meant.kinds:
        return [(rows.frame, list(meant.values))]
    parts = []
    kinds = texts(rows.frame[meant.said["kind"]])
    for text, column in meant.kinds.items():
        part = rows.frame[[kind == text for kind in kinds]].drop(columns=meant.said["kind"])
        if (unit := split_name(str(meant.value))[1]) and split_name(text)[1] is None and not is_logarithmic(text):
            part.attrs["units"] = {text: unit.text}
        parts.append((part.rename(columns={meant.value: text}), [replace(column, name=text)]))
    return parts


def _take_values(
    rows: Rows,
    part: pd.DataFrame,
    columns: list[Column],
    endpoints: Mapping[str, Endpoint],
    found: Found,
    shared: list[dict[str, object]],
    cell: Cells,
) -> None:
    names = [column.name for column in columns]
    words = {name: [_word(text) for text in texts(part[name])] for name in names}
    cleaned = part.assign(**{name: ["" if word else text for text, word in zip(texts(part[name]), words[name], strict=True)]
                             for name in names})  # fmt: skip
    relations = companions(cleaned, names, [each for each in relation_columns(cleaned) if each not in names], shared=False)
    units = companions(cleaned, names, [each for each in unit_columns(cleaned) if each not in names], shared=True)
    taken: dict[tuple[int, str, str], Measurement] = {}
    for column in sorted(columns, key=lambda each: not each.exact):
        endpoint = endpoints[column.endpoint]
        for place, value, relation, unit, written in _values(cleaned, column, endpoint, relations, units, rows.file, found):
            row = int(cleaned.index[place])
            if rows.compound[row] is None:
                continue
            key = (row, endpoint.name, column.replicate)
            if (other := taken.get(key)) is not None:
                if unit == P_UNIT and not other.relation and not relation and abs(other.value - value) > ALIKE:
                    raise DataError(
                        f"{rows.file} row {row + 1}: '{written}' in column '{column.name}' is {value:.2f}, and another column of "
                        f"{endpoint.name} says {other.value:.2f}; correct one"
                    )
                continue
            taken[key] = Measurement(
                **shared[row],
                endpoint=endpoint.name,
                value=value,
                relation=relation,
                unit=unit,
                written=written,
                assay=cell("assay", row),
                replicate=column.replicate or cell("replicate", row),
            )
    found.measured += [taken[key] for key in sorted(taken, key=lambda each: each[0])]


def _values(
    frame: pd.DataFrame,
    column: Column,
    endpoint: Endpoint,
    relations: Mapping[str, Companion],
    units: Mapping[str, Companion],
    file: str,
    found: Found,
) -> list[tuple[int, float, int, str, str]]:
    """Place, value, relation and unit of each value in a column, and how it was written."""
    name, cells = column.name, texts(frame[column.name])
    filled = [i for i, text in enumerate(cells) if not is_missing(text)]
    missing = [(i, text) for i, text in enumerate(cells) if is_missing(text) and text.strip(" -–—")]
    found.left_out += [f"row {frame.index[i] + 1}: '{text}' in column '{name}' is no value" for i, text in missing]
    if not filled:
        return []
    if is_class(cells) and not endpoint.unit and not any(map(is_number, [cells[i] for i in filled])):
        labels = classes(cells, name)
        return [(i, float(labels[i]), 0, "", cells[i]) for i in filled if not np.isnan(labels[i])]
    for i in filled:
        if not is_number(cells[i]):
            raise DataError(
                f"{file} row {frame.index[i] + 1}: '{cells[i]}' in column '{name}' is no number; correct it, or empty the cell"
            )
    beside = texts(frame[units[name].column]) if name in units else [""] * len(cells)
    frame.attrs.setdefault("units", {})
    own = split_name(name)[1] or parse_unit(frame.attrs["units"].get(name, "")) or (parse_unit(P_UNIT) if falls(name) else None)
    frame.attrs["units"] = {**frame.attrs["units"], **({name: own.text} if own else {})}
    wanted = parse_unit(endpoint.unit)
    if own is None and wanted is not None and wanted.concentration:
        _check_said(frame, name, cells, filled, beside, endpoint, file)
    first = next((unit for i in filled if (unit := parse_unit(beside[i]))), None) if own is None else own
    target = wanted or first
    label = Label(endpoint.name, unit=target.text if target else "", column=name)
    measured = measure(frame, label, Assay(), relations.get(name), units.get(name))
    result = []
    for i in filled:
        row, value = frame.index[i] + 1, float(measured.labels[i])
        unit = (beside[i] or (own.text if own else "")) if not is_logarithmic(name) else ""
        if np.isnan(value):
            raise DataError(
                f"{file} row {row}: '{cells[i]}{f' {unit}' * bool(unit)}' in column '{name}' can't be {endpoint.name} in "
                f"{label.unit or 'no unit'}; correct the unit, or leave the cell empty"
            )
        if label.unit == P_UNIT and not LOWEST_P < value < HIGHEST_P:
            raise DataError(
                f"{file} row {row}: {endpoint.name} can't be {value:g}: column '{name}' seems to hold concentrations; name it "
                "by them and their unit, such as 'IC50 (nM)'"
            )
        sign = ">" if measured.relations[i] * (-1 if _turned(own, beside[i], label.unit) else 1) > 0 else "<"
        bound = sign if measured.relations[i] and not re.match(r"\W", cells[i].strip()) else ""
        written = f"{bound}{cells[i].strip()}{f' {unit}' * (bool(unit) and unit not in cells[i])}"
        result.append((i, value, int(measured.relations[i]), label.unit, written))
    return result


def _turned(own: object, beside: str, target: str) -> bool:
    """Whether a bound changed its side when it was converted."""
    unit = parse_unit(beside) or own
    return getattr(unit, "kind", "p") != "p" and target == P_UNIT or getattr(unit, "kind", "") == "p" != target == P_UNIT


def _check_said(
    frame: pd.DataFrame, name: str, cells: list[str], filled: list[int], beside: list[str], endpoint: Endpoint, file: str
) -> None:
    """Refuse concentrations without a unit: 12 may be nM, uM or a logarithm."""
    exact = is_logarithmic(name) == is_logarithmic(endpoint.name) and not is_activity(name) and is_logarithmic(name)
    for i in filled:
        within = re.search(r"\d\s*([a-zµμ%][a-zµμ%/ ]*|- ?log.*)$", cells[i].strip(), re.IGNORECASE)
        if not beside[i].strip() and not within and not exact:
            raise DataError(
                f"{file} row {frame.index[i] + 1}: '{cells[i]}' in column '{name}' has no unit; call the column '{name} (nM)', "
                f"or '{endpoint.name}' if these are its values"
            )


def _word(text: str) -> bool:
    """Whether a cell says that the compound couldn't be made, or that something failed, in the place of a value."""
    plain = " ".join(text.split())
    return bool(NOT_MADE.search(plain)) or bool(re.fullmatch(r"fail(?:ed|ure)?", plain, re.IGNORECASE))


def _take_statuses(
    rows: Rows, meant: Meaning, found: Found, shared: list[dict[str, object]], cell: Cells, valued: set[int]
) -> None:
    values = [*(column.name for column in meant.values), *([meant.value] if meant.value else [])]
    held = {name: texts(rows.frame[name]) for name in values}
    strange: dict[str, int] = {}
    for row in range(len(rows.frame)):
        if rows.compound[row] is None:
            continue
        status = cell("status", row)
        words = [word for name in values if _word(word := held[name][row])]
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
