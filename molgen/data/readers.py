"""Tables of molecules: CSV, SMI, SDF and Parquet, in and out."""

import csv
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import pandas as pd
from pyarrow.parquet import ParquetFile
from rdkit import Chem

from molgen.errors import DataError, nearest

SUFFIXES = (".csv", ".tsv", ".smi", ".smiles", ".txt", ".sdf", ".parquet")
COMPRESSIONS = (".gz", ".bz2", ".zip", ".xz")
DELIMITED = {".csv": ",", ".tsv": "\t"}
LINES: Any = {"sep": "\x1f", "header": None, "names": ["line"], "dtype": str, "quoting": csv.QUOTE_NONE}
UNREADABLE = (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OSError)


def kind_of(path: Path) -> str:
    """The suffix that says the format, without the compression's.

    Raises
    ------
    DataError
        It isn't one that molgen reads.
    """
    suffix = Path(path.stem).suffix if path.suffix.lower() in COMPRESSIONS else path.suffix
    if suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: unknown file type '{suffix}'; known: {', '.join(SUFFIXES)} (also .gz)")
    return suffix.lower()


def read_table(path: Path | str, column: str | None = None) -> pd.DataFrame:
    """Read a file of molecules; the SMILES come in a column called `smiles`.

    Parameters
    ----------
    column
        Where the SMILES are; by default a column called smiles, whatever the case.

    Raises
    ------
    DataError
        No such file, an empty or binary one, or no such column.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    kind = kind_of(path)
    try:
        table = _read(path, kind)
    except UNREADABLE as error:
        raise _unreadable(path, kind, error) from error
    if table.empty:
        raise DataError(f"{path}: no molecules in it")
    return _with_smiles(table, path, column)


def read_chunks(path: Path | str, column: str | None = None, rows: int = 2000) -> Iterator[pd.DataFrame]:
    """A file of molecules in pieces of at most `rows`, so that a library of any length needs little memory; see `read_table`."""
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    kind = kind_of(path)
    empty = True
    try:
        for chunk in _chunks(path, kind, rows):
            if len(chunk):
                empty = False
                yield _with_smiles(chunk, path, column)
    except UNREADABLE as error:
        raise _unreadable(path, kind, error) from error
    if empty:
        raise DataError(f"{path}: no molecules in it")


def _with_smiles(table: pd.DataFrame, path: Path, column: str | None) -> pd.DataFrame:
    """`table` with its SMILES in a column called smiles."""
    names = {str(name).lower(): name for name in table.columns}
    wanted = column or "smiles"
    if wanted not in table.columns and (column is not None or wanted not in names):
        hint = nearest(wanted, map(str, table.columns))
        found = ", ".join(map(str, table.columns[:10]))
        raise DataError(f"{path}: no column '{wanted}'{hint or '; name it with column=NAME'}; found: {found}")
    source = wanted if wanted in table.columns else names[wanted]
    if source != "smiles":
        table = table.rename(columns={source: "smiles"})
    table["smiles"] = table["smiles"].fillna("").astype(str)
    return table


def _unreadable(path: Path, kind: str, error: Exception) -> DataError:
    reason = "it is empty" if isinstance(error, pd.errors.EmptyDataError) else str(error).splitlines()[0]
    return DataError(f"{path}: can't be read as {kind[1:].upper()} ({reason})")


def _read(path: Path, kind: str) -> pd.DataFrame:
    if kind in DELIMITED:
        return pd.read_csv(path, sep=DELIMITED[kind])
    if kind == ".parquet":
        return pd.read_parquet(path)
    if kind == ".sdf":
        from rdkit.Chem import PandasTools  # draws, for which a bare machine lacks libraries

        table = PandasTools.LoadSDF(str(path), smilesName="smiles", molColName=None)
        return table.drop(columns="ID", errors="ignore")
    return _smi(pd.read_csv(path, **LINES))


def _chunks(path: Path, kind: str, rows: int) -> Iterator[pd.DataFrame]:
    if kind in DELIMITED:
        yield from pd.read_csv(path, sep=DELIMITED[kind], chunksize=rows)
    elif kind == ".parquet":
        yield from (part.to_pandas() for part in ParquetFile(path).iter_batches(rows))
    elif kind == ".sdf":
        yield from _sdf_chunks(path, rows)
    else:
        yield from (_smi(part) for part in pd.read_csv(path, chunksize=rows, **LINES))


def _sdf_chunks(path: Path, rows: int) -> Iterator[pd.DataFrame]:
    with fsspec.open(str(path), "rb", compression="infer") as stream:
        supplier = Chem.ForwardSDMolSupplier(stream)
        while mols := list(islice(supplier, rows)):
            records = [
                {"smiles": ""} if mol is None else {"smiles": Chem.MolToSmiles(mol)} | mol.GetPropsAsDict() for mol in mols
            ]
            yield pd.DataFrame(records)


def _smi(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of a SMILES file as columns smiles and name."""
    lines = table["line"].str.strip()
    parts = lines[~lines.str.startswith("#")].str.split(n=1, expand=True).reindex(columns=[0, 1])
    if len(parts) and str(parts.iloc[0, 0]).lower() == "smiles":
        parts = parts.iloc[1:]
    table = pd.DataFrame({"smiles": parts[0], "name": parts[1]})
    return (table if table["name"].notna().any() else table[["smiles"]]).reset_index(drop=True)


def read_smiles(path: Path | str, column: str | None = None) -> list[str]:
    """The SMILES of a file; see `read_table`."""
    return read_table(path, column)["smiles"].tolist()


def write_table(table: pd.DataFrame, path: Path | str) -> None:
    """Write a table with a `smiles` column as CSV, SMI, SDF or Parquet by the name of `path`.

    The file appears whole or not at all. An SDF leaves invalid molecules out.
    """
    path = Path(path)
    kind = kind_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        if kind in DELIMITED:
            table.to_csv(temporary, sep=DELIMITED[kind], index=False)
        elif kind == ".parquet":
            table.to_parquet(temporary, index=False)
        elif kind == ".sdf":
            _write_sdf(table, temporary)
        else:
            table["smiles"].to_csv(temporary, index=False, header=False)
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"{path}: can't be written ({error.strerror or error}); free space or choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_sdf(table: pd.DataFrame, path: Path) -> None:
    with Chem.SDWriter(str(path)) as writer:
        for row in table.to_dict("records"):
            mol = Chem.MolFromSmiles(row["smiles"])
            if mol is None:
                continue
            Chem.rdDepictor.Compute2DCoords(mol)
            for name, value in row.items():
                if not pd.isna(value):
                    mol.SetProp(str(name), str(value))
            writer.write(mol)
