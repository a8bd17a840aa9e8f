"""Dates as laboratories write them. What could be read in two ways is refused, or told."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence

from molgen.errors import ConfigError, DataError, nearest

ORDERS = ("day_first", "month_first")
MONTHS = {
    name: i for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
ISO = re.compile(r"(\d{4})(?:[-/.]?(\d{2})[-/.]?(\d{2})|[-/.](\d{1,2})[-/.](\d{1,2}))(?:[T ].*)?")
NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: .*)?")
NAMED = (
    re.compile(r"(?P<day>\d{1,2})[- ./]*(?P<month>[A-Za-z]{3,9})\.?[- ./,]*(?P<year>\d{4}|\d{2})(?: .*)?"),
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.? *(?P<day>\d{1,2}),? +(?P<year>\d{4})(?: .*)?"),
)
SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")  # days since 1899-12-30, as Excel counts: 1954 to 2119
EPOCH = datetime.date(1899, 12, 30)
WITHOUT_DAY = re.compile(r"(\d{4})(?:\.0)?|(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})|([A-Za-z]{3,9})\.?[- ./,]*(\d{4})")
FIRST, LAST = 1900, 2100  # years of measurements
CENTURY = 69  # two-digit years from here on are of the 20th century, as in POSIX


def check_order(order: str | None) -> None:
    """Refuse what isn't one of `ORDERS`, or None.

    Raises
    ------
    ConfigError
        It is another word.
    """
    if order is not None and order not in ORDERS:
        raise ConfigError(f"dates={order}: no such order{nearest(order, ORDERS)}; known: {', '.join(ORDERS)}")


def read_dates(
    cells: Sequence[str], where: str, order: str | None = None, *, coarse: bool = False
) -> tuple[list[datetime.date | None], list[str]]:
    """The dates of a column [n], None for an empty cell, and what was decided on the way.

    Understood are 2026-04-03, 20260403, 3-Apr-2026, April 3, 2026, 03.04.2026 (the day first, as wherever points are written),
    Excel's numbers of days, and 03/04/2026 where another cell of the column shows the order of day and month.

    Parameters
    ----------
    where
        The file and the column, for messages.
    order
        `day_first` or `month_first`.
    coarse
        Whether 2026-04, April 2026, 04/2026 and 2026 are dates too: the first day of the month or year.

    Raises
    ------
    DataError
        A cell is no date; or it could be two, and neither `order` nor the other cells say which.
    """
    texts = [" ".join(text.split()) for text in cells]
    found = {text: NUMBERS.fullmatch(text) for text in texts}
    slashed = {text: match for text, match in found.items() if match and match[2] != "."}
    shown = {True: [t for t, m in slashed.items() if int(m[1]) > 12], False: [t for t, m in slashed.items() if int(m[3]) > 12]}
    if shown[True] and shown[False]:
        raise DataError(f"{where}: '{shown[True][0]}' has the day first and '{shown[False][0]}' the month; write 2026-04-03")
    first, notes = order == ORDERS[0], list[str]()
    doubtful = [text for text, match in slashed.items() if match[1] != match[3] and text not in shown[True] + shown[False]]
    if slashed and order is not None and shown[not first]:
        raise DataError(f"{where}: '{shown[not first][0]}' can't be read with dates={order}; leave it out or correct the date")
    if slashed and order is None:
        first = bool(shown[True])
        if doubtful and not any(shown.values()):
            row = texts.index(doubtful[0]) + 1
            raise DataError(f"{where}: row {row}: '{doubtful[0]}' could be two dates; add dates=day_first or dates=month_first")
        if doubtful:
            example = (shown[True] or shown[False])[0]
            notes.append(f"{where}: the {'day' if first else 'month'} comes first, as in '{example}'; dates= says otherwise")
    known: dict[str, datetime.date | None] = {}
    for row, text in enumerate(texts, 1):
        if text not in known:
            known[text] = (_without_day(text) if coarse else None) or _date(text, first, where, row)
    return [known[text] for text in texts], [*notes, *_readings(texts, known, where)]


def _readings(texts: Sequence[str], known: Mapping[str, datetime.date | None], where: str) -> Iterator[str]:
    """How cells were read that could mean something else."""
    kinds = {
        "Excel's numbers of days": [text for text in texts if SERIAL.fullmatch(text)],
        "years of two digits, which stand last": [text for text in texts if _has_short_year(text)],
        "dates without a day, taken for the first of their month or year": [text for text in texts if _without_day(text)],
    }
    for what, found in kinds.items():
        if found and (day := known[found[0]]):
            yield f"{where}: {len(found)} cells are {what}: '{found[0]}' is {day.isoformat()}"


def _has_short_year(text: str) -> bool:
    if match := NUMBERS.fullmatch(text):
        return len(match[4]) == 2
    return bool((match := NAMED[0].fullmatch(text)) and match["month"][:3].lower() in MONTHS and len(match["year"]) == 2)


def _without_day(text: str) -> datetime.date | None:
    """The first day of what is a month or a year; None of anything else."""
    if not (match := WITHOUT_DAY.fullmatch(text)) or (match[6] and match[6][:3].lower() not in MONTHS):
        return None
    year = int(match[1] or match[2] or match[5] or match[7])
    month = int(match[3] or match[4] or (MONTHS[match[6][:3].lower()] if match[6] else 1))
    return datetime.date(year, month, 1) if FIRST <= year <= LAST and 1 <= month <= 12 else None


def _date(text: str, day_first: bool, where: str, row: int) -> datetime.date | None:
    if text.lower() in ("", "-", "na", "n/a", "n.a.", "nat", "nan", "none"):
        return None
    try:
        if match := ISO.fullmatch(text):
            return _day(match[1], int(match[2] or match[4]), int(match[3] or match[5]))
        if match := SERIAL.fullmatch(text):
            return EPOCH + datetime.timedelta(days=int(match[1]))
        if match := NUMBERS.fullmatch(text):
            day, month = (int(match[1]), int(match[3])) if day_first or match[2] == "." else (int(match[3]), int(match[1]))
            return _day(match[4], month, day)
        for pattern in NAMED:
            if (match := pattern.fullmatch(text)) and match["month"][:3].lower() in MONTHS:
                return _day(match["year"], MONTHS[match["month"][:3].lower()], int(match["day"]))
    except ValueError as error:
        raise DataError(f"{where}: row {row}: '{text}' is no date ({error}); write 2026-04-03") from error
    raise DataError(f"{where}: row {row}: '{text}' is no date; write 2026-04-03")


def _day(year: str, month: int, day: int) -> datetime.date:
    """A day of the calendar in a year in which something can have been measured."""
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= CENTURY else 2000)
    if not FIRST <= full <= LAST:
        raise ValueError(f"years are from {FIRST} to {LAST}")
    return datetime.date(full, month, day)
