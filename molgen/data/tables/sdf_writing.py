"""Tables of molecules as SDF."""

import re
from pathlib import Path
from typing import IO

import pandas as pd
from rdkit import Chem
from rdkit.Chem import rdDepictor

from molgen.chem.molecules import parse
from molgen.data.tables.records import END, TAG, TITLES
from molgen.data.tables.table import Table, flat
from molgen.errors import DataError

EMPTY = "\n     molgen\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n"
TAIL = re.compile(r"\n[^\S\n]*$|^\n?$")


def write_sdf(table: Table, stream: IO[bytes], path: Path) -> None:
    """Write every row as a record: its molecule drawn, the column `name` as title, all others as tags.

    The first record has all tags, those without a value too, so that the order of the columns can be read back. A column
    `title` beside one called `name` is the title instead.

    Raises
    ------
    DataError
        A cell ends in an empty line, or holds a line that would end the record or begin another tag.
    """
    title = _title(table)
    names = [str(name) for name in table.columns]
    for name in names:
        if "\n" in name or "\r" in name:
            raise DataError(
                f"{path}: the name of column {name!r} has a line end, which an SDF can't hold; write .csv or .parquet"
            )
    for i, (smiles, row) in enumerate(zip(table.smiles, flat(table.columns).itertuples(index=False, name=None), strict=True)):
        cells = dict(zip(names, ("" if pd.isna(cell) else str(cell) for cell in row), strict=True))
        heading = cells.pop(title, "") if title else ""
        if title and ("\n" in heading or _breaks(heading)):
            cells, heading = {title: heading} | cells, ""
        block = _block(smiles)
        record = [heading + block[block.index("\n") :]]
        for name, value in cells.items():
            if value or i == 0:
                _check(value, f"{path}: row {i + 1}, column '{name}'")
                record.append(f">  <{name}>\n{value}\n\n")
        stream.write("".join([*record, f"{END}\n"]).encode())


def _title(table: Table) -> str | None:
    """The column that becomes the title lines, if it says anything."""
    columns = [name for name in TITLES if name in table.columns]
    if TITLES[0] not in columns or not table.columns[columns[-1]].fillna("").astype(str).str.strip().any():
        return None
    return columns[-1]


def _block(smiles: str) -> str:
    mol, _ = parse(smiles)
    if mol is None:
        return EMPTY
    rdDepictor.Compute2DCoords(mol)
    mol.ClearProp("_Name")
    return Chem.MolToMolBlock(mol, forceV3000=len(mol.GetStereoGroups()) > 0)


def _check(value: str, where: str) -> None:
    lines = value.split("\n")
    ends = len(lines) > 1 and not lines[-1].strip()
    if ends or any(map(_breaks, lines)):
        raise DataError(f"{where}: a tag of an SDF can't hold this text ({value[-30:]!r}); write .csv or .parquet")


def _breaks(line: str) -> bool:
    """Whether a line of text would be taken for something else in an SDF."""
    return line.lstrip().startswith(END) or line.endswith("\r") or TAG.match(line) is not None
