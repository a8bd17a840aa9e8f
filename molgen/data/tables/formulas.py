"""Cells that spreadsheets would run as formulas, made text by an apostrophe before them (OWASP, CSV Injection).

It is taken away again where a table is read, so that columns stay what they were.
"""

import os
import re
from typing import Any

import pandas as pd

from molgen.errors import ConfigError

VARIABLE = "MOLGEN_FORMULAS"
WAYS = ("text", "keep")
SIGNS = "=+-@\t\r\n＝＋－＠"
_RISKY = re.compile(f"'*[{re.escape(SIGNS)}]")
_HARMLESS = re.compile(r"[-+]?[\d.,]+([eE][-+]?\d+)?\s?%?|[-+.]+")  # numbers, and signs alone


def escaped(text: str) -> str:
    """`text` as a spreadsheet shows it and doesn't run it: behind an apostrophe where it begins as a formula does."""
    return f"'{text}" if text[:1] in _FIRST and _RISKY.match(text) and not _HARMLESS.fullmatch(text.lstrip("'")) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text[:1] == "'" and escaped(text[1:]) == text else text


def guard(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with its texts and names guarded, numbers as they are; as it is where MOLGEN_FORMULAS=keep.

    Raises
    ------
    ConfigError
        MOLGEN_FORMULAS is neither `text` nor `keep`.
    """
    way = os.environ.get(VARIABLE, WAYS[0])
    if way not in WAYS:
        raise ConfigError(f"{VARIABLE}={way}: must be {' or '.join(WAYS)}")
    if way == "keep":
        return frame
    texts = [i for i, dtype in enumerate(frame.dtypes) if not pd.api.types.is_numeric_dtype(dtype)]
    found = frame.set_axis([escaped(str(name)) for name in frame.columns], axis=1)
    for i in texts:
        column = frame.iloc[:, i]
        safe = column.map(_guarded)
        if not safe.equals(column):
            found = found.assign(**{found.columns[i]: safe})
    return found


def _guarded(cell: Any) -> Any:
    return escaped(cell) if isinstance(cell, str) else cell


_FIRST = frozenset(SIGNS + "'")
