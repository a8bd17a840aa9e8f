"""What a page's table of molecules is asked, and what it is sent: the same for campaigns and for screens."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from molgen.app.table import SIMILARITY, TableQuery
from molgen.errors import DataError

ROWS = 200  # sent at a time, at most


class ShownRows(Protocol):
    """Molecules that a page shows as a table, each with a number, its `id`.

    Attributes
    ----------
    edition
        Another number once numbers mean other molecules than before.
    """

    edition: int

    @property
    def columns(self) -> list[str]:
        """What the table can be sorted by, in the order in which they are shown."""

    def __len__(self) -> int: ...

    def answer(self, asked: TableQuery) -> pd.DataFrame:
        """The molecules that are wanted, in order."""


def table_query(given: Mapping[str, str]) -> TableQuery:
    """What a table is asked in the fields of its form."""
    conditions = {key.removeprefix("where."): value for key, value in given.items() if key.startswith("where.")}
    down = given.get("down", "1") == "1"
    texts = (given.get("contains", "").strip(), given.get("similar", "").strip())
    return TableQuery(given.get("sort") or "score", down, conditions, *texts)


def part_of_table(rows: ShownRows, given: Mapping[str, str], first: int, count: int) -> dict[str, Any]:
    """The `count` molecules from the `first` on that a form asks for, as plain values."""
    table = rows.answer(table_query(given))
    names = [*rows.columns, *([SIMILARITY] if SIMILARITY in table else [])]
    shown = table.iloc[max(0, first) : max(0, first) + min(count, ROWS)]
    sent = [[plain_value(value) for value in row] for row in shown[names].astype(object).to_numpy().tolist()]
    return {"columns": names, "total": len(table), "all": len(rows), "rows": sent, "edition": rows.edition}


def selected_rows(rows: ShownRows, form: Mapping[str, str]) -> pd.DataFrame:
    """The molecules that are selected, or else all that the table shows.

    Raises
    ------
    DataError
        There are none.
    """
    asked = table_query(form)
    if chosen := numbers_in(form.get("selected", "")):
        asked = replace(asked, conditions={}, contains="")  # a selection is kept while the conditions change
    table = rows.answer(asked)
    if chosen:
        table = table[table["id"].isin(chosen)]
    table = table[table["smiles"].notna()]
    if table.empty:
        raise DataError("no molecule is selected")
    return table


def numbers_in(text: str) -> list[int]:
    """The numbers of molecules in a text, in its order."""
    return [int(digits) for digits in re.findall(r"\d{1,15}", text)]


def plain_value(value: Any) -> Any:
    """A value as JSON has it: None for what is missing."""
    return None if value is None or (isinstance(value, float) and not np.isfinite(value)) or value is pd.NA else value
