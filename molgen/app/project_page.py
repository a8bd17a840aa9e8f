"""A project: how it stands, its rounds, what was proposed, and the files of that."""

import datetime
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.files import FORMATS, as_download
from molgen.app.forms import form_of
from molgen.app.report_page import HEADERS
from molgen.app.round_form import RoundForm
from molgen.app.uploads import waiting
from molgen.data.tables.formats import SUFFIXES
from molgen.errors import DataError
from molgen.project.export import export_batch
from molgen.project.overview import overview
from molgen.project.page.page import project_page
from molgen.project.project import Project

SAID = {"not made": False, "crossed out": True}  # what is said of a proposal, and whether it is rejected then
PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"}


def project_facts(desk: Desk, name: str) -> dict[str, Any]:
    """How a project stands."""
    view = desk.projects.view(name)
    with view.one:
        _ = view.figures, view.best, view.lines, view.cards, view.rounds_table, view.honesty, view.chart
    return {"name": name, "view": view, "stamp": desk.projects.live(desk.workspace.at(name, "project"))["stamp"]}


def round_facts(desk: Desk, name: str, number: int | None) -> dict[str, Any]:
    """The proposals of a round; None for the last one."""
    view = desk.projects.view(name)
    with view.one:
        rounds = view.rounds
        if number is None and not rounds:
            return {"name": name, "rounds": [], "number": 0, "cards": [], "batch": None}
        shown = rounds[0][0] if number is None else number
        batch, cards = view.round(shown)
    return {"name": name, "rounds": rounds, "number": shown, "batch": batch, "cards": cards}


def job_facts(desk: Desk, name: str) -> dict[str, Any]:
    """How it stands with the round that is being proposed."""
    folder, rounds = desk.projects.folder(name), desk.projects.rounds
    state, said = rounds.state(folder), rounds.said(folder)
    settings = rounds.settings(folder)
    budget = settings.get("budget", "")
    return {
        "name": name,
        "state": state,
        "said": said if state in ("failed", "running", "starting") else said[-1:] if state == "stopped" else [],
        "done": next((line for line in said if line.startswith("round ")), "") if state == "finished" else "",
        "looked": rounds.looked(folder),
        "budget": int(budget) if budget.isdigit() else 0,
    }


def whole_project(desk: Desk, name: str, form: RoundForm | None = None, *, status: int = 200, **more: Any) -> Response:
    """The page of a project, with a form as it was filled in."""
    folder = desk.projects.folder(name)
    form = form or RoundForm.of(desk.projects.rounds.settings(folder), desk.workspace)
    shown = project_facts(desk, name) | round_facts(desk, name, more.pop("round", None)) | more
    return desk.page(
        "project.html.j2", status=status, **shown,
        job=job_facts(desk, name), uploads=waiting(folder), form=form, libraries=desk.workspace.tables(),
        suffixes=SUFFIXES, limit=desk.limit,
    )  # fmt: skip


def project_routes(desk: Desk) -> APIRouter:
    """The page of a project and its parts."""
    router = APIRouter()

    @router.get("/projects/{name:path}")
    def project(name: str, round: int | None = None, recorded: int | None = None) -> Response:  # noqa: A002 (in the address)
        return whole_project(desk, name, round=round, recorded=recorded)

    @router.get("/project/facts/{name:path}")
    def facts(name: str) -> Response:
        return desk.page("project_facts.html.j2", **project_facts(desk, name))

    @router.get("/project/history/{name:path}")
    def history(name: str) -> Response:
        return desk.page("project_history.html.j2", **project_facts(desk, name))

    @router.get("/project/round/{number}/{name:path}")
    def round_of(number: int, name: str) -> Response:
        return desk.page("round.html.j2", **round_facts(desk, name, number or None))

    @router.get("/project/job/{name:path}")
    def job(name: str) -> Response:
        return desk.page("job.html.j2", job=job_facts(desk, name))

    @router.get("/project/waiting/{name:path}")
    def waits(name: str) -> Response:
        return desk.page("waiting.html.j2", name=name, uploads=waiting(desk.projects.folder(name)))

    @router.get("/project/chart/{which}/{name:path}")
    def chart(which: str, name: str) -> Response:
        view = desk.projects.view(name)
        with view.one:
            found = view.chart if which == "rounds" else None if view.honesty is None else view.honesty.chart
        if found is None:
            raise DataError(f"{name}: nothing to draw yet")
        return Response(found.picture, media_type="image/svg+xml", headers=PICTURE)

    @router.get("/project/export/{number}/{kind}/{name:path}")
    def export(number: int, kind: str, name: str) -> Response:
        if kind not in FORMATS:
            raise DataError(f"format '{kind}' isn't known; there are {', '.join(FORMATS)}")
        view = desk.projects.view(name)
        with view.one:
            batch, _ = view.round(number)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"proposals.{kind}"
            export_batch(batch, path)
            return as_download(path.read_bytes(), f"{view.project.name}-{number:03d}.{kind}")

    @router.get("/project/report/{name:path}")
    def report(name: str) -> Response:
        today = datetime.datetime.now(tz=datetime.UTC).date()
        text = project_page(overview(Project.open(desk.projects.folder(name)), today))
        return Response(text, media_type="text/html", headers=HEADERS)

    @router.post("/project/say/{name:path}")
    async def say(request: Request, name: str) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(lambda: Response(_said(desk, name, form)))

    @router.post("/project/propose/{name:path}")
    async def propose(request: Request, name: str) -> Response:
        form = RoundForm(await form_of(request), desk.workspace)

        def begun() -> Response:
            if form.problems:
                return whole_project(desk, name, form, status=422)
            desk.projects.rounds.begin(desk.projects.folder(name), form.settings)
            return _to(name, "propose")

        return await run_in_threadpool(begun)

    @router.post("/project/stop/{name:path}")
    def stop(name: str) -> Response:
        desk.projects.rounds.stop(desk.projects.folder(name))
        return _to(name, "propose")

    return router


def _to(name: str, part: str) -> Response:
    return Response(status_code=303, headers={"Location": f"/projects/{quote(name)}#{part}"})


def _said(desk: Desk, name: str, form: dict[str, str]) -> str:
    """Record that a proposal wasn't made, or was crossed out; what has happened, to be read aloud."""
    kind, reason, compound = form.get("kind", ""), form.get("reason", "").strip(), form.get("id", "")
    if kind not in SAID:
        raise DataError(f"'{kind[:20]}' can't be said of a proposal; there are {', '.join(SAID)}")
    if not reason:
        raise DataError("say why, in a few words")
    project = Project.open(desk.projects.folder(name))
    if compound not in {fact.name for fact in project.pending()}:
        raise DataError(f"{compound[:80]}: isn't pending any more; load the page again to see what came of it")
    today = datetime.datetime.now().astimezone().date().isoformat()
    row = {
        "id": compound,
        "status": "not made",
        "crossed out": "yes",
        "reason": reason,
        "date": today,
        "who": form.get("who", "").strip(),
    }
    row.pop("status" if SAID[kind] else "crossed out")
    found = project.observe(pd.DataFrame([row]), rejected=SAID[kind])
    if not found.facts:
        raise DataError(f"{compound}: nothing was recorded ({'; '.join(found.left_out) or 'it is known already'})")
    return f"{compound} was recorded as {kind}."
