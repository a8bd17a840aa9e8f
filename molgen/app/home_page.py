"""The first page: what there is in the folder, as it changes."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from molgen.app.desk import LIVE, Desk
from molgen.app.other_work import LINES, Line, other_work, remote_project
from molgen.app.remote_projects import has_facts_elsewhere
from molgen.app.workspace import WorkFolder
from molgen.errors import DataError


def home_routes(desk: Desk) -> APIRouter:
    """The page, its parts, and what tells it of changes."""
    router = APIRouter()

    def line_of(found: WorkFolder) -> tuple[Line, dict[str, Any] | None]:
        """Of something that isn't a campaign, and what of it changes."""
        live = desk.live(found) if found.kind in LIVE else None  # first: what comes later is told of
        if found.kind == "project" and has_facts_elsewhere(found.folder):
            return remote_project(found, desk.projects.remotes.said(found.folder)), live
        return other_work(found), live

    def content() -> dict[str, Any]:
        cards = desk.overview.cards(now=True)
        others: dict[str, list[Any]] = {kind: [] for kind in LINES}
        for found in desk.overview.found():
            if found.kind in others:
                others[found.kind].append(line_of(found))
        return {
            "cards": cards,
            "others": others,
            "running": sum(card.state in ("running", "starting") for card in cards),
            "root": desk.workspace.root,
        }

    @router.get("/")
    def home() -> Response:
        return desk.page("home.html.j2", **content())

    @router.get("/found")
    def found() -> Response:
        return desk.page("found.html.j2", **content())

    @router.get("/card/{name:path}")
    def card(name: str) -> Response:
        try:
            return desk.page("card.html.j2", card=desk.overview.card(desk.workspace.at(name, "campaign")))
        except DataError:  # removed in the meantime
            return Response("")

    @router.get("/line/{kind}/{name:path}")
    def line(kind: str, name: str) -> Response:
        try:
            one, live = line_of(desk.workspace.at(name, kind if kind in LINES else ""))
        except DataError:  # removed in the meantime
            return Response("")
        return desk.page("line.html.j2", line=one, live=live)

    @router.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(desk.events.stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router
