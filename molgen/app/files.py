"""Files that a browser is given to keep."""

from urllib.parse import quote

from fastapi import Response

FORMATS = {
    "sdf": "chemical/x-mdl-sdfile",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_download(content: bytes, file: str) -> Response:
    """A file in one of `FORMATS`, by its name."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}
    return Response(content, media_type=FORMATS[file.rpartition(".")[2]], headers=headers)
