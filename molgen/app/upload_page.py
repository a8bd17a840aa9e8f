"""Results that are sent to a project: first what would be recorded of them, then the recording."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from molgen.app.desk import Desk
from molgen.app.forms import form_of
from molgen.app.uploads import Upload, discard, keep_upload, upload_of
from molgen.errors import DataError, MolgenError
from molgen.project.facts import Fact, Measurement, Rejected
from molgen.project.observed import Observed
from molgen.project.page.endpoints import printed
from molgen.project.project import Project

SHOWN = 200  # facts, and lines of one sort
SIGNS = {0: "", 1: ">", -1: "<"}
MODES: dict[str, tuple[str, dict[str, bool]]] = {
    "": ("new results", {}),
    "again": ("new results; values that equal known ones are repeats", {"again": True}),
    "correct": ("corrections, which take the place of earlier values", {"correct": True}),
    "rejected": ("compounds that were crossed out, with reasons", {"rejected": True}),
}
DATES = {"": "as it is clear from them", "day_first": "03/04 is the 3rd of April", "month_first": "03/04 is the 4th of March"}


def upload_routes(desk: Desk) -> APIRouter:
    """What takes a file, shows what it says, records or discards it."""
    router = APIRouter()

    def looked_at(name: str, key: str, given: Mapping[str, str], failed: str = "", status: int = 200) -> Response:
        folder = desk.projects.folder(name)
        upload, settings = upload_of(folder, key), _settings(given)
        project, found, problem = Project.open(folder), None, ""
        try:
            found = project.preview(upload.path, **settings)
        except DataError as error:
            problem = _plain(error, upload)
        return desk.page(
            "upload.html.j2", status=status, name=name, project=project.name, upload=upload, found=found, problem=problem,
            failed=failed, given={"mode": "", "dates": "", "who": "", **given}, modes=MODES, dates=DATES,
            facts=_facts(found) if found else [], shown=SHOWN,
        )  # fmt: skip

    @router.post("/project/upload/{name:path}")
    async def upload(request: Request, name: str, file: str = "") -> Response:
        content = await request.body()
        kept = await run_in_threadpool(lambda: keep_upload(desk.projects.folder(name), file, content))
        return JSONResponse({"url": f"/project/preview/{kept.key}/{quote(name)}"})

    @router.get("/project/preview/{key}/{name:path}")
    def preview(request: Request, key: str, name: str) -> Response:
        return looked_at(name, key, dict(request.query_params))

    @router.post("/project/record/{key}/{name:path}")
    async def record(request: Request, key: str, name: str) -> Response:
        form = await form_of(request)

        def recorded() -> Response:
            folder = desk.projects.folder(name)
            sent = upload_of(folder, key)
            try:
                found = Project.open(folder).observe(sent.path, expected=form.get("stamp", ""), **_settings(form))
            except MolgenError as error:
                return looked_at(name, key, form, _plain(error, sent), 422)
            discard(sent)
            said = urlencode({"recorded": len(found.facts)})
            return Response(status_code=303, headers={"Location": f"/projects/{quote(name)}?{said}"})

        return await run_in_threadpool(recorded)

    @router.post("/project/discard/{key}/{name:path}")
    def drop(key: str, name: str) -> Response:
        discard(upload_of(desk.projects.folder(name), key))
        return Response(status_code=303, headers={"Location": f"/projects/{quote(name)}"})

    return router


def _settings(given: Mapping[str, str]) -> dict[str, Any]:
    mode, dates = given.get("mode", ""), given.get("dates", "")
    if mode not in MODES or dates not in DATES:
        raise DataError(f"'{(mode or dates)[:20]}' can't be chosen here; load the page again")
    return {**MODES[mode][1], "dates": dates or None, "who": given.get("who", "").strip()[:80]}


def _plain(error: MolgenError, upload: Upload) -> str:
    """What is wrong with a file, by its own name."""
    return str(error).splitlines()[0].replace(str(upload.path), upload.name)


def _facts(found: Observed) -> list[dict[str, Any]]:
    """The new facts for reading, in the order of the rows."""
    return [_row(fact) for fact in sorted(found.facts, key=lambda fact: fact.source.row)[:SHOWN]]


def _row(fact: Fact) -> dict[str, Any]:
    row: dict[str, Any] = {
        "row": fact.source.row,
        "smiles": fact.compound,
        "name": fact.name,
        "when": ", ".join(text for text in ("" if fact.date is None else fact.date.isoformat(), fact.who) if text),
    }
    if isinstance(fact, Measurement):
        value = f"{SIGNS[fact.relation]}{fact.value:.4g}"
        more = ", ".join(f"{key} {text}" for key, text in (("assay", fact.assay), ("repeat", fact.replicate)) if text)
        return row | {"what": fact.endpoint, "value": value, "unit": printed(fact.unit), "written": fact.written, "more": more}
    what = "crossed out" if isinstance(fact, Rejected) else "not made"
    return row | {"what": what, "value": "", "unit": "", "written": getattr(fact, "reason", ""), "more": ""}
