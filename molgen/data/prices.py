"""A column of prices, of a library or a stock."""

import logging
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from molgen.data.cells import is_missing, is_number, read_numbers

LOG = logging.getLogger(__name__)
CODE = re.compile(r"\b(?:(?-i:[A-Z]{3})|eur|usd|gbp|chf|jpy|cny|inr|euros?|dollars?|francs?|pounds?)\b\.?", re.IGNORECASE)
EXPONENT = re.compile(r"(?<=\d)e(?=[+-]?\d)", re.IGNORECASE)
UNPRICED = re.compile(r"[^\W\d_]|[%~≈]")  # what makes a number something else: 5 g, 5 %, ~5


def read_prices(cells: Sequence[str], where: str) -> NDArray[np.float64]:
    """The prices in cells of text, [n]; nan where there is none.

    `12.50`, `12,50`, `$1,234.50`, `1.234,50 €` and `7 USD` are understood; a comma is the decimal sign where the column as a
    whole says so. What is no price, and what is negative, is said in a warning.

    Parameters
    ----------
    where
        The file and the column, for messages.

    Raises
    ------
    DataError
        Some cells have decimal commas, others decimal points.
    """
    plain = [_bare(text) for text in cells]
    read = read_numbers(plain, where)
    for note in read.notes:
        LOG.warning("%s", note)
    found = np.where((read.value < 0) | (read.relations != 0) | ~np.isfinite(read.value), np.nan, read.value)
    unread = [text for text, value in zip(cells, found.tolist(), strict=True) if np.isnan(value) and not is_missing(text)]
    if unread:
        LOG.warning("%s: no prices in %d of its cells, such as '%s'; these are taken as unknown", where, len(unread), unread[0])
    return found


def _bare(text: str) -> str:
    """Without the currency; empty where the rest is no number."""
    without = CODE.sub("", "".join(sign for sign in text if unicodedata.category(sign) != "Sc"), count=1).strip()
    return without if is_number(without) and not UNPRICED.search(EXPONENT.sub("", without)) else ""
