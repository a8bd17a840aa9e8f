"""Files that a browser is given to keep."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from fastapi import Response

from molgen.app.picture_sheet import picture_sheet
from molgen.data.readers import write_table
from molgen.errors import DataError

FORMATS = {
    "sdf": "chemical/x-mdl-sdfile",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET = "pdf"  # of pictures
TYPES = FORMATS | {"pdb": "chemical/x-pdb", SHEET: "application/pdf"}


def as_download(content: bytes, file: str) -> Response:
    """A file in one of `TYPES`, by its name."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
    return Response(content, media_type=TYPES[file.rpartition(".")[2]], headers=headers)


def format_of(form: Mapping[str, str]) -> str:
    """The one of `FORMATS`, or `SHEET`, that a form asks for, by default csv.

    Raises
    ------
    DataError
        It asks for another.
    """
    kind = form.get("format", "csv")
    if kind not in (*FORMATS, SHEET):
        raise DataError(f"format '{kind}' isn't known; there are {', '.join((*FORMATS, SHEET))}")
    return kind


def table_as_download(table: pd.DataFrame, kind: str, name: str) -> Response:
    """A table of molecules in one of `FORMATS` or as a `SHEET`, called as the run or the screen `name` of a workspace."""
    file = name.rpartition("/")[2]
    if kind == SHEET:
        return as_download(picture_sheet(table, file), f"{file}.{kind}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"molecules.{kind}"
        write_table(table, path)
        return as_download(path.read_bytes(), f"{file}.{kind}")
