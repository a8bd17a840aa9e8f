"""Files that a browser is given to keep."""

from urllib.parse import quote

from fastapi import Response

FORMATS = {
    "sdf": "chemical/x-mdl-sdfile",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TYPES = FORMATS | {"pdb": "chemical/x-pdb"}


def as_download(content: bytes, file: str) -> Response:
    """A file in one of `TYPES`, by its name."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
    return Response(content, media_type=TYPES[file.rpartition(".")[2]], headers=headers)
