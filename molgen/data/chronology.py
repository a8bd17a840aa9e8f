"""The past to learn from and the future to judge by: columns of dates or rounds, and the cut between both."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from molgen.data.cells import is_missing, plain_text, texts
from molgen.data.dates import check_order, read_dates
from molgen.errors import ConfigError, DataError, nearest

ORDERED = ("time", "rounds")  # splits by a column of the table
TOLERANCE = 2.0  # a future smaller or larger than was asked for by more than this factor is refused
ROUND = re.compile(r"(\D*?)(\d+)(?:\.0+)?")
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Moments:
    """When the rows of a table were measured.

    Attributes
    ----------
    when : float64 [n]
        Days, as `date.toordinal` counts them, or numbers of rounds; nan where the cell is empty.
    notes
        How cells were read where there is something to tell.
    """

    when: NDArray[np.float64]
    notes: list[str]


@dataclass(frozen=True)
class Timeline:
    """Which column of a table says when a row was measured.

    Attributes
    ----------
    kind
        `time`, for dates, or `rounds`, for numbers.
    column
        Its name.
    dates
        `day_first` or `month_first`: how 03/04/2021 is meant; None where other cells of the column tell.

    Raises
    ------
    ConfigError
        No such kind or order, or an order of rounds.
    """

    kind: str
    column: str
    dates: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in ORDERED:
            raise ConfigError(f"split={self.kind}: isn't by a column; split={' and split='.join(ORDERED)} are")
        if self.dates is not None and self.kind != "time":
            raise ConfigError(f"dates={self.dates}: is for split=time")
        check_order(self.dates)

    def read(self, table: pd.DataFrame) -> Moments:
        """When the rows of a table were measured.

        Raises
        ------
        DataError
            There is no such column, or what is in it can't be read: see `read_dates` and `read_rounds`.
        """
        names = [str(name) for name in table.columns if name != "smiles"]
        if self.column not in names:
            raise DataError(f"column={self.column}: no such column{nearest(self.column, names)}; found: {', '.join(names[:10])}")
        cells = texts(table[self.column])
        where = f"column '{self.column}'"
        if self.kind == "rounds":
            return Moments(read_rounds(cells, where), [])
        days, notes = read_dates(cells, where, self.dates, coarse=True)
        return Moments(np.array([np.nan if day is None else day.toordinal() for day in days], float), notes)

    def text(self, moment: float) -> str:
        """A moment for reading: `2021-03-04`, or `round 3`."""
        return datetime.date.fromordinal(int(moment)).isoformat() if self.kind == "time" else f"round {moment:g}"


def read_rounds(cells: Sequence[str], where: str) -> NDArray[np.float64]:
    """The numbers of a column of rounds [n], nan of an empty cell: `3`, or `round 3` where all have the same word.

    Parameters
    ----------
    where
        The column, for messages.

    Raises
    ------
    DataError
        A cell has no whole number at its end, or words differ, so that nothing says which round came first.
    """
    found = {text: None if is_missing(text) else ROUND.fullmatch(plain_text(text)) for text in dict.fromkeys(cells)}
    words: dict[str, str] = {}
    for text, match in found.items():
        if is_missing(text):
            continue
        word = match[1].casefold().strip(" _-#.:/") if match else ""
        if match is None or (match[1].strip(" #") and not word):  # a sign is no word
            raise DataError(f"{where}: row {cells.index(text) + 1}: '{text[:60]}' is no round; write 3, or round 3")
        words.setdefault(word, text)
    if len(words) > 1:
        first, second = list(words.values())[:2]
        raise DataError(f"{where}: which of '{first[:60]}' and '{second[:60]}' came first? Number all rounds alike")
    return np.array([float(match[2]) if (match := found[text]) else np.nan for text in cells], float)


def of_molecules(moments: Moments, groups: Sequence[Sequence[int]], measured: NDArray[np.bool_]) -> tuple[list[float], list[str]]:
    """When each molecule was last measured, so that nothing measured after a cut is learnt from before it.

    Parameters
    ----------
    groups
        The rows of each molecule [m].
    measured
        Which rows have a value or a bound [n].

    Returns
    -------
    Moments [m], nan of a molecule without any, and notes.
    """
    found, several = [], 0
    for rows in groups:
        known = {float(moments.when[row]) for row in rows if measured[row] and not np.isnan(moments.when[row])}
        found.append(max(known, default=np.nan))
        several += len(known) > 1
    notes = [f"{several} molecules were measured at several times, and count for the last"] if several else []
    return found, notes


def past_and_future(when: NDArray[np.float64], test: float, timeline: Timeline) -> tuple[Rows, Rows]:
    """Rows of the past and of the future; those without a date or round are in neither.

    The cut is between two dates or rounds, where the share of the future is nearest to `test`.

    Parameters
    ----------
    when
        Moments [n], nan where not known.

    Raises
    ------
    DataError
        All are of one date or round, or no cut leaves a future that has half to twice the share.
    """
    known = np.flatnonzero(~np.isnan(when))
    what = "date" if timeline.kind == "time" else "round"
    if not len(known):
        raise DataError(f"split={timeline.kind}: no molecule has a {what} in column '{timeline.column}'")
    moments = np.unique(when[known])
    if len(moments) == 1:
        raise DataError(
            f"split={timeline.kind}: all {len(known)} molecules with a {what} are of {timeline.text(moments[0])}: nothing comes "
            "later; choose another split"
        )
    shares = np.array([(when[known] >= moment).mean() for moment in moments[1:]])
    best = int(np.argmin(np.abs(np.log(shares / test))))
    if not 1 / TOLERANCE <= shares[best] / test <= TOLERANCE:
        raise DataError(
            f"split={timeline.kind}: no cut between {what}s leaves about test={test:g} of the molecules; the nearest is "
            f"test={shares[best]:.2g}, from {timeline.text(moments[best + 1])} on"
        )
    cut = moments[best + 1]
    return known[when[known] < cut], known[when[known] >= cut]
