"""A table of molecules: what a file holds, and the molecule of each row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from molgen.data.tables.columns import free_name

BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)


@dataclass(frozen=True)
class Reading:
    """What a user says about a file, and what is guessed where nothing is said.

    Attributes
    ----------
    column
        Where the SMILES are.
    delimiter
        Between fields of a text file: a character, or `tab`, `comma`, `semicolon`, `space`, `pipe`.
    encoding
        Of a text file, as Python names it.
    """

    column: str | None = None
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows of a file in its order, each with its molecule.

    Attributes
    ----------
    columns : DataFrame, [n]
        All columns of the file under their names: literal text ("" where there is none), typed from Parquet.
    smiles : list of str, [n]
        The molecules; "" where there is none, CXSMILES where a record has groups of stereocentres.
    problem : list, [n]
        Why a record can't be read, else None. Whether its SMILES is valid is for `Molecules` to say.
    structure
        The column that the molecules are read from; None where they are drawn, as in an SDF.
    notes
        What was guessed, a line each.
    units
        Of columns for which the file says them.
    """

    columns: pd.DataFrame
    smiles: list[str]
    problem: list[str | None]
    structure: str | None = None
    notes: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.smiles)

    @classmethod
    def of(cls, frame: pd.DataFrame, structure: str = "smiles") -> "Table":
        """A table of molgen's own, with SMILES in the column `structure`."""
        smiles = ["" if pd.isna(text) else str(text) for text in frame[structure]]
        return cls(frame, smiles, [None] * len(frame), structure)

    def with_smiles(self) -> pd.DataFrame:
        """All columns, drawn molecules in a first one: `smiles`, or `drawn_smiles` where the file has a column of that name."""
        if self.structure is not None:
            return self.columns
        taken = self.columns.columns
        name = free_name("drawn_smiles", taken) if "smiles" in taken else "smiles"
        drawn = pd.DataFrame({name: self.smiles}, index=self.columns.index, dtype="str")
        return pd.concat([drawn, self.columns], axis=1)

    def training(self) -> pd.DataFrame:
        """The molecules in a column `smiles`, and the others under their names (`smiles_2` for another called smiles).

        Typed columns are as NumPy has them; `attrs` has the `units` that the file says, and the `notes` on how it was read.
        """
        others = self.columns.drop(columns=self.structure) if self.structure else self.columns
        taken = {"smiles", *others.columns}
        others = others.rename(columns={"smiles": free_name("smiles", taken)}).reset_index(drop=True)
        frame = pd.concat([pd.DataFrame({"smiles": self.smiles}, dtype="str"), flat(others).apply(_numpy)], axis=1)
        frame.attrs |= {"units": dict(self.units), "notes": list(self.notes)}
        return frame


def _numpy(column: pd.Series) -> pd.Series:
    """A column of Arrow numbers as NumPy has them, nan where there is none; others as they are."""
    if isinstance(column.dtype, pd.ArrowDtype) and pd.api.types.is_numeric_dtype(column.dtype):
        whole = pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_integer_dtype(column.dtype)
        return column.astype(column.dtype.numpy_dtype if whole and not column.hasnans else float)
    return column


class Source(Protocol):
    """A file that can be read, from its beginning, as often as asked."""

    def tables(self, rows: int) -> Iterator[Table]:
        """The file in tables of at most `rows`, all with the same columns."""


def text_frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows of text as columns."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    texts = {name: pd.array(cells, dtype="str") for name, cells in zip(names, columns, strict=True)}
    return pd.DataFrame(texts, index=range(len(rows)))


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """A table in which lists, records and bytes, as Parquet may hold them, are text: JSON, and what the bytes say in UTF-8."""
    nested = {name: _as_text(column) for name, column in frame.items() if _is_nested(column.dtype)}
    return frame.assign(**nested) if nested else frame


def _is_nested(dtype: Any) -> bool:
    if not isinstance(dtype, pd.ArrowDtype):
        return False
    kind = dtype.pyarrow_dtype
    return any(holds(kind) for holds in (pa.types.is_nested, *BYTES))


def _as_text(column: pd.Series) -> pd.Series:
    cells = ["" if cell is None else _text(cell) for cell in pa.array(column).to_pylist()]
    return pd.Series(cells, index=column.index, dtype="str")


def _text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return cell.decode(errors="backslashreplace")
    return json.dumps(cell, ensure_ascii=False, default=str)
