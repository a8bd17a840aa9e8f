"""A screen's result: its hits with names, values, errors and domain, and all that was scored as a table."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from molgen.app.asked_rows import part_of_table, plain_value, selected_rows
from molgen.app.desk import Desk
from molgen.app.drawings import HEADERS
from molgen.app.files import format_of, table_as_download
from molgen.app.forms import form_of
from molgen.app.map_view import MapQuery, MapSource, map_answer, regions_of
from molgen.app.opened_screen import ERROR, PREDICTED, OpenScreen
from molgen.app.pose_page import page_scenes
from molgen.app.table import SIMILARITY
from molgen.errors import DataError

CARDS = 12  # hits that are shown as cards
CHART = "scores.svg"


def screen_routes(desk: Desk) -> APIRouter:
    """The page of a screen and its parts."""
    router, opened = APIRouter(), desk.opened_screen

    def best(found: OpenScreen) -> list[dict[str, Any]]:
        hits = found.hits.head(CARDS).to_dict("records")
        return [row | {"terms": [value for value in found.values(row) if value[0].name not in found.filters]} for row in hits]

    @router.get("/screens/{name:path}")
    def screen(name: str) -> Response:
        found = opened(name)
        with found.one:
            columns = [(column, found.units.get(column.removesuffix(ERROR), "")) for column in found.columns]
            columns.insert(2, (SIMILARITY, ""))  # shown where it is asked for
            colours = [(each, found.units.get(each, "")) for each in ["score", *found.terms]]
            facts = {"scored": len(found.table), "hits": int((found.table["score"] > 0).sum())}
            facts |= {"no molecules": int(found.table["problem"].astype(str).str.startswith("invalid").sum())}
            return desk.page(
                "screen.html.j2", name=name, title=found.folder.name, screen=found, best=best(found), columns=columns,
                facts=facts, texts=found.texts, colours=colours, predicted=PREDICTED, similarity=SIMILARITY,
                has_chart=(found.folder / CHART).is_file(),
            )  # fmt: skip

    @router.get("/screen/best/{name:path}")
    def trusted(name: str) -> Response:
        found = opened(name)
        with found.one:
            found.trust()
            return desk.page("hits.html.j2", screen=found, best=best(found))

    @router.get("/screen/molecules/{name:path}")
    def molecules(request: Request, name: str, first: int = 0, count: int = 50) -> JSONResponse:
        found = opened(name)
        with found.one:
            found.trust()
            return JSONResponse(part_of_table(found, request.query_params, first, count))

    @router.get("/screen/molecule/{number}/{name:path}")
    def molecule(number: int, name: str) -> Response:
        found = opened(name)
        with found.one:
            found.trust()
            row = found.row(number)
            own = [(column, plain_value(row[column])) for column in found.own]
            scenes = page_scenes(found.poses, [row], "screen", name)
            return desk.page("screened_molecule.html.j2", row=row, own=own, terms=found.values(row), scenes=scenes, name=name)

    def map_of(found: OpenScreen) -> MapSource:
        return MapSource(found.map, found.table, ["score", *found.terms])

    @router.get("/screen/map/{name:path}")
    def points(name: str, colour: str = "score", version: str = "", have: int = 0) -> JSONResponse:
        return JSONResponse(map_answer(map_of(opened(name)), MapQuery(colour, version, max(have, 0))))

    @router.get("/screen/regions/{name:path}")
    def regions(name: str) -> Response:
        return desk.page("regions.html.j2", regions=regions_of(map_of(opened(name))), word="row")

    @router.get("/screen/chart/{name:path}")
    def chart(name: str) -> Response:
        path = desk.workspace.at(name, "screen").folder / CHART
        if not path.is_file() or path.is_symlink():
            raise DataError(f"{name}: has no chart of its scores")
        return Response(path.read_bytes(), media_type="image/svg+xml", headers=HEADERS | {"Cache-Control": "no-cache"})

    @router.post("/screen/export/{name:path}")
    async def export(request: Request, name: str) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(lambda: _exported(opened(name), name, form))

    return router


def _exported(found: OpenScreen, name: str, form: dict[str, str]) -> Response:
    """The molecules that are selected, or else all that the table shows, as a file."""
    kind = format_of(form)
    with found.one:
        found.trust()
        table = selected_rows(found, form)
        names = ["smiles", *(column for column in found.columns if column not in ("smiles", "id"))]
        table = table[[*names, *([SIMILARITY] if SIMILARITY in table else [])]]
    return table_as_download(table, kind, name)
