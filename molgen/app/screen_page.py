"""A screen's result: its hits with names, values, errors and domain, and all that was scored as a table."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse

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
    router, opened = APIRouter(), desk.screens.opened

    def live_of(name: str) -> dict[str, Any]:
        """What changes; asked before the screen is opened, so that a page hears of what comes later."""
        return desk.screens.live(desk.workspace.at(name, "screen"))

    def facts_of(found: OpenScreen, name: str, live: dict[str, Any]) -> dict[str, Any]:
        """How it stands; the screen's lock is held."""
        scores = found.table["score"]
        figures = {} if found.scored is None else {"scored": found.scored}
        if not found.ended and found.parts.total:
            figures["of about"] = found.parts.total
        figures |= {"hits": int((scores > 0).sum())}
        if not found.only_hits:
            figures |= {"no molecules": int(found.table["problem"].astype(str).str.startswith("invalid").sum())}
        return {
            "name": name, "screen": found, "stamp": live["stamp"], "state": live["state"], "figures": figures,
            "best_score": None if scores.isna().all() else scores.max(), "batch": found.batch,
            "said": desk.screens.jobs.said(found.folder) if live["state"] == "failed" else [],
            "has_chart": found.ended and (found.folder / CHART).is_file(),
        }  # fmt: skip

    def best(found: OpenScreen) -> dict[str, Any]:
        """The best hits for cards, and what is different once there are others or more is known of them."""
        hits = found.hits.head(CARDS).to_dict("records")
        rows = [row | {"terms": [pair for pair in found.values(row) if pair[0].name not in found.filters]} for row in hits]
        return {"best": rows, "key": f"{'-'.join(str(row['id']) for row in hits)}-{found.edition}{found.trusted:d}"}

    @router.get("/screens/{name:path}")
    def screen(name: str) -> Response:
        live, found = live_of(name), opened(name)
        with found.one:
            columns = [(column, found.units.get(column.removesuffix(ERROR), "")) for column in found.columns]
            columns.insert(2, (SIMILARITY, ""))  # shown where it is asked for
            colours = [(each, found.units.get(each, "")) for each in ["score", *found.names]]
            return desk.page(
                "screen.html.j2", title=found.folder.name, columns=columns, texts=found.texts, colours=colours,
                predicted=PREDICTED, similarity=SIMILARITY, **best(found), **facts_of(found, name, live),
            )  # fmt: skip

    @router.get("/screen/facts/{name:path}")
    def facts(name: str, begun: bool = True) -> Response:
        live, found = live_of(name), opened(name)
        with found.one:
            answer = desk.page("screen_facts.html.j2", **facts_of(found, name, live))
            if not begun and len(found):  # a page without a table, which has the columns of the library
                answer.headers["HX-Refresh"] = "true"
            return answer

    @router.get("/screen/best/{name:path}")
    def trusted(name: str, seen: str = "") -> Response:
        found = opened(name)
        with found.one:
            found.trust()
            shown = best(found)
        return Response(status_code=204) if seen == shown["key"] else desk.page("hits.html.j2", screen=found, **shown)

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
        growing = desk.screens.jobs.state(found.folder) in ("starting", "running")
        return MapSource(found.map, found.table, ["score", *found.names], growing, str(found.edition))

    @router.get("/screen/map/{name:path}")
    def points(name: str, colour: str = "score", version: str = "", have: int = 0) -> JSONResponse:
        found = opened(name)
        with found.one:
            source = map_of(found)
        return JSONResponse(map_answer(source, MapQuery(colour, version, max(have, 0))))

    @router.get("/screen/regions/{name:path}")
    def regions(name: str) -> Response:
        return desk.page("regions.html.j2", regions=regions_of(map_of(opened(name))), word="row")

    @router.post("/screen/map-anew/{name:path}")
    def anew(name: str) -> JSONResponse:
        opened(name).map.lay_out_anew()
        return JSONResponse({})

    @router.post("/screen/stop/{name:path}")
    def stop(name: str) -> Response:
        desk.screens.jobs.stop(desk.workspace.at(name, "screen").folder)
        return RedirectResponse(f"/screens/{quote(name)}", 303)

    @router.post("/screen/resume/{name:path}")
    def resume(name: str) -> Response:
        desk.screens.jobs.go_on(desk.workspace.at(name, "screen").folder)
        return RedirectResponse(f"/screens/{quote(name)}", 303)

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
