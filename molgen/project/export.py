"""A batch as a file for chemists: a workbook with pictures, a page, an SDF or a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.data.readers import Table, check_output, read_table, write_table
from molgen.data.tables.formats import suffixes
from molgen.errors import DataError
from molgen.files import check_place, write_atomically
from molgen.project.batch import Batch, BatchColumn
from molgen.project.batch_page import batch_page
from molgen.project.workbook import workbook

WORKBOOK, PAGE, DRAWN = ".xlsx", ".html", (".sdf", ".sd")
CROSSED_OUT, REASON = "crossed out", "reason"
YES, NO = ("yes", "y", "x", "true", "1", "1.0"), ("", "no", "n", "false", "0", "0.0", "-")


def check_export(path: Path | str) -> Path:
    """The path of a batch that is to be written, so that a wrong name is known before the work is done.

    Raises
    ------
    DataError
        Its suffix is unknown, or nothing can be written there.
    """
    suffix, compression = suffixes(path)
    if suffix in (WORKBOOK, PAGE):
        if compression:
            raise DataError(f"{path}: {suffix} isn't compressed further; leave out {compression}")
        return check_place(path)
    try:
        return check_output(path)
    except DataError as error:
        raise DataError(f"{error}; a batch can also be {PAGE}" if "known:" in str(error) else str(error)) from error


def export_batch(batch: Batch, path: Path | str) -> None:
    """Write a batch in the format that the name of `path` says.

    `.xlsx` and tables have two empty columns for the chemist, `crossed out` and `reason`, which `read_crossed_out` reads. The
    page (`.html`) opens offline, and saves the same as a CSV.

    Raises
    ------
    DataError
        The file can't be written, or its format can't hold a cell.
    """
    path = check_export(path)
    suffix, _ = suffixes(path)
    columns = [*batch.columns(), *(BatchColumn(name, name, [""] * len(batch)) for name in (CROSSED_OUT, REASON))]
    try:
        if suffix == WORKBOOK:
            write_atomically(path, workbook(batch, columns, (CROSSED_OUT, REASON), path))
        elif suffix == PAGE:
            write_atomically(path, batch_page(batch).encode())
        else:
            _write_table(batch, columns, path, drawn=suffix in DRAWN)
    except OSError as error:
        raise DataError(f"{path}: can't be written ({error.strerror or error}); choose another place") from error


def _write_table(batch: Batch, columns: Sequence[BatchColumn], path: Path, *, drawn: bool) -> None:
    frame = pd.DataFrame({column.heading: [_cell(value, column) for value in column.cells] for column in columns})
    if drawn:
        frame = frame.drop(columns=[CROSSED_OUT, REASON])
        if "name" not in frame:
            frame.insert(0, "name", list(batch.ids))
    write_table(Table(frame, list(batch.smiles), [None] * len(batch), None if drawn else "smiles"), path)


def _cell(value: Any, column: BatchColumn) -> Any:
    """A value as it is written: numbers with the digits that say something."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.decimals is None or not np.isfinite(value):
        return value
    if not column.decimals and float(value).is_integer():
        return int(value)
    return round(float(value), column.decimals + 1)


def read_crossed_out(path: Path | str) -> dict[str, str]:
    """The identifiers that a chemist crossed out in an exported file, each with the reason, which may be empty.

    Raises
    ------
    DataError
        The file lacks a column, or a cell says neither yes nor no; or a reason stands beside what isn't crossed out.
    """
    frame = read_table(path, "smiles").columns.fillna("").astype(str)
    if missing := [name for name in ("id", CROSSED_OUT) if name not in frame]:
        raise DataError(f"{path}: no column '{missing[0]}', which files of `molgen pick` and `molgen propose` have")
    found: dict[str, str] = {}
    reasons = frame[REASON] if REASON in frame else [""] * len(frame)
    for row, (name, said, reason) in enumerate(zip(frame["id"], frame[CROSSED_OUT], reasons, strict=True), 1):
        word = said.strip().lower()
        if word in YES:
            found[name.strip()] = reason.strip()
        elif word not in NO:
            raise DataError(f"{path}: row {row} ({name}): '{said}' under '{CROSSED_OUT}'; write yes, or leave it empty")
        elif reason.strip():
            raise DataError(f"{path}: row {row} ({name}): a reason, but not crossed out; write yes, or clear it")
    return found
