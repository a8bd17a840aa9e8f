"""The first page: what there is in the folder, as it changes."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from molgen.app.desk import Desk
from molgen.app.other_work import other_work
from molgen.errors import DataError


def home_routes(desk: Desk) -> APIRouter:
    """The page, its parts, and what tells it of changes."""
    router = APIRouter()

    def content() -> dict[str, Any]:
        cards = desk.overview.cards(now=True)
        return {
            "cards": cards,
            "others": [other_work(each) for each in desk.overview.found() if each.kind != "campaign"],
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

    @router.get("/events")
    async def events() -> StreamingResponse:
        return StreamingResponse(desk.events.stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router
