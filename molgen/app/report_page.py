"""The pages that molgen has written into folders, shown so that they can ask nothing of this server."""

from pathlib import Path

from fastapi import APIRouter, Response

from molgen.app.desk import Desk
from molgen.errors import DataError
from molgen.project.overview import PAGE
from molgen.reports.comparison import FILE as COMPARISON
from molgen.runs.export import REPORT

REPORTS = {"campaign": REPORT, "project": PAGE, "sweep": COMPARISON}
HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'"
}


def has_report(kind: str, folder: Path) -> bool:
    """Whether there is a page of what is in `folder`."""
    return kind in REPORTS and (folder / REPORTS[kind]).is_file()


def report_routes(desk: Desk) -> APIRouter:
    """Reports of campaigns, comparisons of sweeps, and pages of projects."""
    router = APIRouter()

    @router.get("/report/{kind}/{name:path}")
    def report(kind: str, name: str) -> Response:
        if kind not in REPORTS:
            raise DataError(f"{name}: no report of a {kind}")
        try:
            text = (desk.workspace.at(name, kind).folder / REPORTS[kind]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{name}: has no report yet") from error
        return Response(text, media_type="text/html", headers=HEADERS)

    return router
