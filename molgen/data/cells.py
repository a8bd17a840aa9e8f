"""What is written in the cells of a label column: numbers with their relations and units."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.units import limits, parse_unit
from molgen.errors import DataError

RELATIONS = {
    **dict.fromkeys(
        ("=", "==", "~", "≈", "∼", "≃", "ca", "ca.", "approx", "approx.", "about", "eq", "equal", "equals", "equal to"), 0
    ),
    **dict.fromkeys(
        (">", ">=", "=>", "≥", "≧", "≫", ">>", ">~", "gt", "ge", "gte", "greater than", "more than", "above", "over", "at least"),
        1,
    ),
    **dict.fromkeys(
        ("<", "<=", "=<", "≤", "≦", "≪", "<<", "<~", "lt", "le", "lte", "less than", "below", "under", "at most"), -1
    ),
}
MISSING = re.compile(
    r"|[-–—]+|\.|\?|\*|/|#?n[./]?[adt]\.?|<na>|nan|nat|none|null|nil|unknown|[+-]?inf|#(?:value|div/0|num|ref)!|no data"
    r"|not (?:determined|tested|measured|available|applicable|active)|inconclusive|unspecified|indeterminate|inactive"
    r"|no (?:activity|inhibition)|n\.?i\.?"
)
NUMBER = r"[+-]?(?:\d+(?:[.,' ]\d+)*[.,]?|[.,]\d+)(?: ?[eE] ?[+-]?\d+| ?[x*×·] ?10 ?\^? ?[+-]?\d+)?"
SYMBOLS = "|".join(re.escape(word) for word in sorted(RELATIONS, key=len, reverse=True))
CELL = re.compile(
    rf"({SYMBOLS})?\s*({NUMBER})\s*(?:\(?\s*(?:±|\+/-|\+-)\s*({NUMBER})\s*\)?)?\s*((?:[a-zµμ%]|- ?log).*)?", re.IGNORECASE
)
EXPONENT = re.compile(r" ?(?:[eE]|[x*×·] ?10 ?\^?) ?([+-]?\d+)$")
TIMES = re.compile(r"[x*×·] ?10")
THOUSANDS = re.compile(r"\d{1,3}([.,' ]\d{3})+(?:[.,]\d*)?")


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers of a column of text.

    Attributes
    ----------
    value : float64 [n]
        nan where nothing is written.
    relations : int8 [n]
        1 where the true value is above the number (`>`), -1 where it is below (`<`).
    errors : float64 [n]
        What is written behind `±`; nan where nothing is.
    units : list of str, [n]
        What is written behind a number.
    notes
        How numbers were read where there are two ways.
    """

    value: NDArray[np.float64]
    relations: NDArray[np.int8]
    errors: NDArray[np.float64]
    units: list[str]
    notes: list[str]


class _Written(NamedTuple):
    """A number as it is written: digits with their marks, and the power of ten behind them."""

    digits: str
    exponent: int

    def value(self, *, comma: bool) -> float:
        thousands, decimal = (".", ",") if comma else (",", ".")
        return float(f"{self.digits.replace(thousands, '').replace(decimal, '.')}e{self.exponent}")


class _Cell(NamedTuple):
    relation: int
    number: _Written
    error: _Written | None
    unit: str


def texts(column: pd.Series) -> list[str]:
    """The cells of a column as text, empty where there is none."""
    return ["" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]


def plain_text(text: str) -> str:
    """Without quotes, odd spaces, odd minus signs and what HTML makes of `>`."""
    text = unicodedata.normalize("NFKC", html.unescape(text)).replace("−", "-").strip().strip("'\"")
    return " ".join(text.split())


def is_missing(text: str) -> bool:
    """Whether a cell says that nothing was measured, or nothing that is a number."""
    return MISSING.fullmatch(plain_text(text).lower()) is not None


def relation(text: str) -> int | None:
    """0 for `=` and `~`, 1 for `>` and its kin, -1 for `<` and its kin, whatever quotes are around them; None for other text."""
    return RELATIONS.get(plain_text(text).lower())


def is_number(text: str) -> bool:
    """Whether a cell holds a number, with or without relation and unit."""
    return _cell(text) is not None


def _cell(text: str) -> _Cell | None:
    found = CELL.fullmatch(plain_text(text))
    if found is None:
        return None
    symbol, number, unit = found[1] or "=", _written(found[2]), found[4] or ""
    error = _written(found[3]) if found[3] else None
    if number is None or (found[3] and (error is None or not _is_error(found[3], found[2]))):
        return None
    if unit and not ((known := parse_unit(unit)) and (known.concentration or limits(unit) != (None, None))):
        return None
    return _Cell(RELATIONS[symbol.lower()], number, error, unit.strip())


def _written(number: str) -> _Written | None:
    """None where blanks or quotes are not between thousands."""
    power = EXPONENT.search(number)
    digits = number[: power.start()] if power else number
    body = digits.lstrip("+-")
    if re.search(r"[' ]", body) and not THOUSANDS.fullmatch(body):
        return None
    return _Written(re.sub(r"[' ]", "", digits), int(power[1]) if power else 0)


def _is_error(error: str, number: str) -> bool:
    """Whether what is behind `±` can be an error of one number alone: in `3 ± 0.2 x 10^-6` the power may belong to both."""
    return error[0] not in "+-" and (TIMES.search(error) is None or EXPONENT.search(number) is not None)


def read_numbers(cells: Sequence[str], name: str) -> Numbers:
    """The numbers of a column; a comma is the decimal sign where the column as a whole says so.

    Raises
    ------
    DataError
        A cell is neither a number nor a word for a missing one; or some cells have decimal commas, others decimal points.
    """
    codes, uniques = pd.factorize(np.array(cells, dtype=object))
    parsed = [None if is_missing(text) else _cell(text) for text in uniques]
    wrong = [i for i, text in enumerate(uniques) if parsed[i] is None and not is_missing(text)]
    if wrong:
        rows = np.flatnonzero(np.isin(codes, wrong))
        others = ", ".join(f"'{uniques[i]}'" for i in wrong[1:4]) + ", ..." * (len(wrong) > 4)
        raise DataError(
            f"column '{name}': '{cells[rows[0]]}' in row {rows[0] + 1} is not a number ({len(rows)} such rows"
            f"{': also ' * bool(others)}{others}); correct it, or empty the cell"
        )
    numbers = [(i, part.digits) for i, cell in enumerate(parsed) if cell for part in (cell.number, cell.error) if part]
    comma, notes = _decimal_comma(numbers, uniques, name)
    values = np.array([np.nan if cell is None else cell.number.value(comma=comma) for cell in parsed], dtype=float)
    errors = np.array([cell.error.value(comma=comma) if cell and cell.error else np.nan for cell in parsed], dtype=float)
    relations = np.array([cell.relation if cell else 0 for cell in parsed], dtype=np.int8)
    units = [cell.unit if cell else "" for cell in parsed]
    return Numbers(values[codes], relations[codes], errors[codes], [units[code] for code in codes], notes)


def _decimal_comma(written: Iterable[tuple[int, str]], uniques: Any, name: str) -> tuple[bool, list[str]]:
    """Whether the comma is the decimal sign, and what there is to say of it."""
    proof: dict[str, int] = {}
    either: dict[str, int] = {}
    for i, digits in written:
        body = digits.lstrip("+-")
        marks = re.sub(r"\d", "", body)
        if not marks:
            continue
        last = marks[-1]
        if len(set(marks)) == 2 and marks.count(last) == 1:
            decimal = last
        elif len(marks) > 1:
            decimal = "," if last == "." else "."
        elif re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", body):
            either.setdefault(last, i)
            continue
        else:
            decimal = last
        if not _grouped(body, decimal):
            raise DataError(f"column '{name}': '{uniques[i]}' is not a number; write it without marks between thousands")
        proof.setdefault(decimal, i)
    if len(proof) == 2:
        shown = [f"'{uniques[proof[mark]]}'" for mark in ".,"]
        raise DataError(
            f"column '{name}': decimal points ({shown[0]}) and decimal commas ({shown[1]}) in one column; write one sort"
        )
    comma = "," in proof
    doubtful = either.get("." if comma else ",")
    if doubtful is None or (proof and not comma):
        return comma, []
    value = str(uniques[doubtful]).strip()
    read = re.sub(r"[.,]", "", value)
    return comma, [f"{name}: '{value}' was read as {read}; write decimals with a point where that is wrong"]


def _grouped(body: str, decimal: str) -> bool:
    """Whether what isn't the decimal sign parts thousands."""
    whole = body.split(decimal)[0]
    return not re.search(r"[.,]", whole) or bool(re.fullmatch(r"\d{1,3}([.,]\d{3})+", whole))
