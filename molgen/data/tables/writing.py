"""Tables of molecules as files: all columns to the letter, in every format that can carry them."""

import csv
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from molgen.data.tables.formats import FORMATS, OPENERS, kind_of, suffixes
from molgen.data.tables.formulas import guard
from molgen.data.tables.sdf_writing import write_sdf
from molgen.data.tables.table import Table, flat
from molgen.errors import DataError
from molgen.files import check_place
from molgen.folders import remedy

READ_ONLY = (".mol", ".mol2", ".mae", ".cdxml")
HEADED = (".cxsmiles", ".cxsmi")
SHEET_ROWS, CELL_LENGTH = 1_048_576, 32_767
WHOLE_NUMBERS = 1e15  # of more digits Excel keeps 15


def check_output(path: Path | str) -> Path:
    """The path of a file that is to be written, so that a wrong name is known before the work is done.

    Raises
    ------
    DataError
        Its suffix is unknown, or one that is read only; or nothing can be written there.
    """
    path = Path(path)
    kind = kind_of(path)
    if kind in READ_ONLY:
        known = ", ".join(suffix for suffix in FORMATS if suffix not in READ_ONLY)
        raise DataError(f"{path}: {kind} is read and not written; write one of {known}")
    return check_place(path)


def write_table(table: Table | pd.DataFrame, path: Path | str) -> None:
    """Write a table in the format and compression that the name of `path` says; a DataFrame has its SMILES in a column `smiles`.

    The file appears whole or not at all. Every row is written: a molecule that can't be drawn is an empty record of an SDF.
    A .smi holds SMILES and the column `name` alone, a .cxsmiles all columns below a header.

    Raises
    ------
    DataError
        The file can't be written, or the format can't hold a cell; its row and column are named.
    """
    path = check_output(path)
    table = table if isinstance(table, Table) else Table.of(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        with _compressed(temporary, path) as stream:
            _writer(kind_of(path))(table, stream, path)
        temporary.replace(path)
    except OSError as error:
        raise DataError(
            f"{path}: can't be written ({error.strerror or error}); {remedy(error)}, or choose another place"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _compressed(temporary: Path, path: Path) -> Iterator[IO[bytes]]:
    """A new file, packed as the suffix of `path` says; the same content gives the same bytes."""
    _, compression = suffixes(path)
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as raw:
        if compression == ".gz":
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
                yield stream  # type: ignore[misc]
        elif compression == ".zip":
            member = zipfile.ZipInfo(path.name[: -len(compression)])
            member.compress_type = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(raw, "w") as archive, archive.open(member, "w", force_zip64=True) as stream:
                yield stream
        elif compression:
            with OPENERS[compression](raw, "wb") as stream:
                yield stream
        else:
            yield raw


def _writer(kind: str) -> Callable[[Table, IO[bytes], Path], None]:
    if kind in HEADED:
        return _write_headed
    return {"delimited": _write_delimited, "lines": _write_lines, "records": write_sdf, "parquet": _write_parquet}.get(
        FORMATS[kind], _write_workbook
    )


def _write_delimited(table: Table, stream: IO[bytes], path: Path) -> None:
    separator = "," if kind_of(path) == ".csv" else "\t"
    text = io.TextIOWrapper(stream, "utf-8", newline="")
    guard(flat(table.with_smiles())).to_csv(text, sep=separator, index=False, lineterminator="\n")
    text.detach()


def _write_lines(table: Table, stream: IO[bytes], path: Path) -> None:
    """SMILES as given, a tab, and the name."""
    smiles = table.columns[table.structure] if table.structure is not None else pd.Series(table.smiles)
    names = _texts(table.columns["name"]) if "name" in table.columns and table.structure != "name" else None
    for i, text in enumerate(_texts(smiles)):
        parts = [text.strip()] if names is None else [text.strip(), names[i]]
        if any(sign in part for part in parts for sign in "\n\r") or "\t" in parts[-1] or parts[0].startswith("#"):
            raise DataError(f"{path}: row {i + 1}: a line of SMILES can't hold a tab or a line end; write a table: .csv")
        stream.write(("\t".join(parts) if any(parts) or len(parts) > 1 else '""').encode() + b"\n")


def _write_headed(table: Table, stream: IO[bytes], path: Path) -> None:
    frame = flat(table.with_smiles())
    structure = table.structure if table.structure is not None else frame.columns[0]
    first = [structure, *(name for name in frame.columns if name != structure)]
    columns = [_texts(frame[name]) for name in first]
    text = io.TextIOWrapper(stream, "utf-8", newline="")
    lines = csv.writer(text, delimiter="\t", lineterminator="\n")  # which quotes a cell that holds a quote
    for i, row in enumerate([first, *zip(*columns, strict=True)]):
        if any(sign in cell for cell in row for sign in "\n\r\t") or row[0].startswith("#"):
            raise DataError(f"{path}: row {i}: a line can't hold a tab or a line end in a field; write a table: .csv")
        lines.writerow(row)
    text.detach()


def _texts(column: pd.Series) -> list[str]:
    return ["" if pd.isna(cell) else str(cell) for cell in column]


def _write_parquet(table: Table, stream: IO[bytes], path: Path) -> None:
    frame = table.with_smiles().reset_index(drop=True)
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    stream.write(content.getvalue())


def _write_workbook(table: Table, stream: IO[bytes], path: Path) -> None:
    frame = flat(table.with_smiles())
    if len(frame) >= SHEET_ROWS:
        raise DataError(f"{path}: {len(frame):,} rows don't fit a sheet of Excel; write .csv or .parquet")
    rows = [tuple(frame.columns), *frame.itertuples(index=False, name=None)]
    for i, row in enumerate(rows):
        for name, value in zip(frame.columns, row, strict=True):
            check_cell(value, f"{path}: row {i}, column '{name}'")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("molecules")
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    stream.write(content.getvalue())


def check_cell(value: Any, where: str) -> None:
    """Raise a DataError that says `where` for a text that a cell of Excel can't hold."""
    if isinstance(value, str) and (len(value) > CELL_LENGTH or ILLEGAL_CHARACTERS_RE.search(value) or "\r" in value):
        raise DataError(f"{where}: a cell of Excel can't hold this text ({value[:30]!r}); write .csv or .parquet")


def _cell(sheet: Any, value: Any) -> Any:
    """A cell of a sheet: numbers as numbers, text as text whatever it looks like, and so what Excel would round or refuse."""
    if isinstance(value, np.generic):
        value = value.item()
    if pd.isna(value) or value == "":
        return None
    number = np.isfinite(value) if isinstance(value, float) else isinstance(value, int) and abs(value) < WHOLE_NUMBERS
    if number or (isinstance(value, date | timedelta | Decimal) and getattr(value, "tzinfo", None) is None):
        return value
    cell = WriteOnlyCell(sheet, str(value))
    cell.data_type = "s"
    return cell
