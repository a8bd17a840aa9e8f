"""Parquet files and workbooks of Excel."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from openpyxl import load_workbook
from pyarrow.parquet import ParquetFile

from molgen.data.tables.columns import asked_column, columns_found, distinct, structure_column
from molgen.data.tables.formats import suffixes, unpacked
from molgen.data.tables.rows import SAMPLE, Rows, find_columns
from molgen.data.tables.table import Reading, Table
from molgen.data.tables.whole import read_archive, read_whole
from molgen.errors import DataError, MolgenError


@dataclass(frozen=True)
class Parquet:
    """A Parquet file; its columns keep their types."""

    path: Path
    reading: Reading

    @contextmanager
    def _file(self) -> Iterator[ParquetFile]:
        packed = BytesIO(read_whole(self.path)) if suffixes(self.path)[1] else None
        with nullcontext(packed) if packed else unpacked(self.path) as stream:
            try:
                yield ParquetFile(stream)
            except pa.ArrowInvalid as error:
                raise DataError(f"{self.path}: can't be read as PARQUET ({str(error).splitlines()[0]})") from error

    def tables(self, rows: int) -> Iterator[Table]:
        """See `Source`."""
        with self._file() as file:
            names = distinct(file.schema_arrow.names)
            schema = pa.schema(map(pa.field, names, map(_plain_type, file.schema_arrow.types)))
            structure: str | None = None
            notes: tuple[str, ...] = ()
            for batch in file.iter_batches(rows):
                frame = batch.rename_columns(names).cast(schema).to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
                if structure is None:
                    structure, notes = self._structure(names, frame)
                smiles = [cell.strip() if isinstance(cell, str) else "" for cell in frame[structure]]
                yield Table(frame, smiles, [None] * len(frame), structure, notes)

    def _structure(self, names: list[str], frame: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
        if self.reading.column is not None:
            return names[asked_column(names, self.reading.column, str(self.path))], ()
        sample = frame.head(SAMPLE)
        cells = [[cell if isinstance(cell, str) else "" for cell in sample[name]] for name in names]
        place, note = structure_column(names, list(zip(*cells, strict=True)))
        if place is None:
            raise DataError(f"{self.path}: no column 'smiles'; name it with column=NAME; {columns_found(names)}")
        return names[place], (note,) if note else ()


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of what a column holds, however it is packed: pandas knows no categories and views of Arrow's."""
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    return pa.string() if kind == pa.string_view() else kind


@dataclass(frozen=True)
class Workbook:
    """The first sheet of a workbook that holds molecules, as text."""

    path: Path
    reading: Reading

    @contextmanager
    def _sheets(self) -> Iterator[list[Any]]:
        try:
            book = load_workbook(read_archive(self.path), read_only=True, data_only=True)
        except MolgenError:
            raise
        except Exception as error:  # openpyxl lets through what zipfile and the parser of XML raise
            raise DataError(f"{self.path}: can't be read as XLSX ({str(error).splitlines()[0]})") from error
        try:
            yield book.worksheets
        finally:
            book.close()

    def tables(self, rows: int) -> Iterator[Table]:
        """See `Source`."""
        with self._sheets() as sheets:
            sheet, found = self._columns(sheets)
            yield from found.tables((_even(line, len(found.names)) for line in _lines(sheet)), rows)

    def _columns(self, sheets: list[Any]) -> tuple[Any, Rows]:
        found: dict[Any, Rows] = {}
        errors = []
        for sheet in sheets:
            sample = list(islice(_lines(sheet), SAMPLE))
            width = max(map(len, sample), default=0)
            try:
                found[sheet] = find_columns([_even(row, width) for row in sample], str(self.path), self.reading.column)
            except DataError as error:
                errors.append(error)
        if not found:
            raise errors[0]
        taken = next((sheet for sheet, rows in found.items() if rows.certain), next(iter(found)))
        others = ", ".join(sheet.title for sheet in sheets if sheet is not taken)
        notes = [f"sheet '{taken.title}' is read and not: {others}"] if others else []
        return taken, replace(found[taken], notes=(*notes, *found[taken].notes))


def _lines(sheet: Any) -> Iterator[list[str]]:
    """The rows of a sheet that hold anything."""
    sheet.reset_dimensions()  # what other programs write there may be wrong
    return (row for row in ([_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)) if any(row))


def _even(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * width][:width]


def _text(cell: Any) -> str:
    """A cell as Excel shows it where no format is set: whole numbers without a point, days without a time."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
