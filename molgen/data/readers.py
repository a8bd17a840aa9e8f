"""Files of molecules, in and out: what all commands read and write with.

Formats and their details are in `molgen.data.tables`.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from molgen.data.libraries import files_of, is_remote
from molgen.data.tables.columns import is_molecule
from molgen.data.tables.delimited import open_text
from molgen.data.tables.formats import FORMATS, Kind, is_table, kind_of, unpacked
from molgen.data.tables.records import open_records
from molgen.data.tables.sheets import Parquet, Workbook
from molgen.data.tables.structures import open_cdxml, open_maestro, open_mol2
from molgen.data.tables.table import Reading, Source, Table
from molgen.data.tables.writing import check_output, write_table
from molgen.errors import DataError

__all__ = [
    "Reading",
    "Table",
    "check_output",
    "given_smiles",
    "is_table",
    "kind_of",
    "read_chunks",
    "read_rows",
    "read_smiles",
    "read_table",
    "write_table",
]

OPEN: dict[Kind, Callable[[Path, Reading], Source]] = {
    "delimited": open_text,
    "lines": open_text,
    "records": open_records,
    "mol2": open_mol2,
    "maestro": open_maestro,
    "cdxml": open_cdxml,
    "parquet": Parquet,
    "workbook": Workbook,
}
WHOLE = 100_000  # rows of a file that is read at once
NOTHING = "no molecules in it"
IDENTIFIERS = (
    "id", "identifier", "proposal", "molgen id", "compound id", "compound", "cpd id", "cpd", "molecule id", "molecule", "name",
    "compound name", "sample id", "sample", "code",
)  # fmt: skip  # what columns are called that say which compound a row is about


def read_table(
    path: Path | str, column: str | None = None, *, delimiter: str | None = None, encoding: str | None = None
) -> Table:
    """Read a file of molecules; a record that can't be read keeps its row.

    Parameters
    ----------
    path
        A file, a folder of files, a pattern or a URL; see `files_of`.
    column
        Where the SMILES are; by default a column that is called so (smiles, Canonical SMILES, Structure, ...), or else the
        only one that holds molecules.
    delimiter, encoding
        Of a text file, where they can't be guessed; see `Reading`.

    Raises
    ------
    DataError
        No such file; an empty, cut or binary one; no such column; a row with too many or too few fields; or no molecule in it
        is valid.
    """
    tables = list(read_chunks(path, column, WHOLE, delimiter=delimiter, encoding=encoding))
    if len(tables) == 1:
        return tables[0]
    return replace(
        tables[0],
        columns=pd.concat([table.columns for table in tables], ignore_index=True),
        smiles=[text for table in tables for text in table.smiles],
        problem=[text for table in tables for text in table.problem],
    )


def read_chunks(
    path: Path | str,
    column: str | None = None,
    rows: int = 2000,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Iterator[Table]:
    """Files of molecules in tables of at most `rows`, all of a file with the same columns; see `read_table`.

    So files of any length need little memory. All are checked before the first table comes.

    Parameters
    ----------
    path
        A file, a folder of files, a pattern or a URL; see `files_of`.

    Raises
    ------
    DataError
        As `read_table`; or the molecules of several files are in columns with different names.
    """
    files, reading = files_of(path), Reading(column, delimiter, encoding)
    columns = [_check_valid(_source(file, reading), file) for file in files]
    for file, name in zip(files, columns, strict=True):
        if name != columns[0]:
            where = [f"in column '{each}'" if each else "drawn" for each in (name, columns[0])]
            raise DataError(f"{file}: its molecules are {where[0]}, those of {files[0]} {where[1]}; read them one by one")
    return chain.from_iterable(_source(file, reading).tables(rows) for file in files)


def read_rows(path: Path | str, column: str | None = None, *, delimiter: str | None = None, encoding: str | None = None) -> Table:
    """Read a file whose rows needn't have molecules: they may have identifiers alone, and there may be no row at all.

    Parameters
    ----------
    path, column, delimiter, encoding
        See `read_table`; of a file without molecules the first column of `IDENTIFIERS` is looked for.

    Raises
    ------
    DataError
        As `read_table`, but for a file that has no row, or a column of `IDENTIFIERS` in the place of molecules.
    """
    try:
        return read_table(path, column, delimiter=delimiter, encoding=encoding)
    except DataError as error:
        files = files_of(path)
        for name in IDENTIFIERS if column is None and len(files) == 1 else ():
            with contextlib.suppress(DataError):
                tables = list(_source(files[0], Reading(name, delimiter, encoding)).tables(WHOLE))
                columns = pd.concat([table.columns for table in tables], ignore_index=True) if tables else pd.DataFrame()
                nothing: list[str | None] = [None] * len(columns)
                return Table(columns, [""] * len(columns), nothing, None, tables[0].notes if tables else ())
        if str(error) == f"{files[0]}: {NOTHING}":
            return Table(pd.DataFrame(), [], [])
        raise


def _source(path: Path, reading: Reading) -> Source:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataError(f"{path}: a pipe or a device, which can be read only once; save what it gives as a file")
    kind = kind_of(path)
    with unpacked(path):
        pass
    return OPEN[FORMATS[kind]](path, reading)


def _check_valid(source: Source, path: Path) -> str | None:
    """The column of the molecules. A file without a single one is refused: it isn't understood, or isn't one of molecules."""
    first: Table | None = None
    for table in source.tables(100):
        first = first or table
        if any(map(is_molecule, table.smiles)):
            return table.structure
    if first is None:
        raise DataError(f"{path}: {NOTHING}")
    if problem := next(filter(None, first.problem), None):
        raise DataError(f"{path}: none of its records is a valid molecule; the first: {problem}")
    shown = " | ".join(" ".join(map(str, row)) for row in islice(first.with_smiles().itertuples(index=False), 2))
    where = f" in column '{first.structure}'" if first.structure else ""
    raise DataError(
        f"{path}: no valid SMILES{where}; it begins: {shown[:200]}; name the column with column=, the delimiter with "
        "table.delimiter=, the encoding with table.encoding="
    )


def read_smiles(
    path: Path | str, column: str | None = None, *, delimiter: str | None = None, encoding: str | None = None
) -> list[str]:
    """The SMILES of a file, "" for a record that can't be read; see `read_table`."""
    return read_table(path, column, delimiter=delimiter, encoding=encoding).smiles


def _is_file(name: str) -> bool:
    try:
        return Path(name).exists() and not Path(name).is_dir()
    except OSError:  # a SMILES too long for a name
        return False


def given_smiles(given: str | Sequence[str]) -> list[str]:
    """The SMILES of a file, or those that are given themselves: one or several."""
    if not isinstance(given, str):
        return list(given)
    return read_smiles(given) if is_table(given) or is_remote(given) or _is_file(given) else [given] * bool(given)
