"""The map of a campaign's molecules, as the page asks for it."""

from fastapi import APIRouter, Response
from starlette.responses import JSONResponse

from molgen.app.desk import Desk
from molgen.app.map_view import CALL, MapQuery, MapSource, map_answer, regions_of
from molgen.scoring.judgements import REJECT, STAR
from molgen.search.strategy import KNOWN


def map_colours(names: list[str]) -> list[str]:
    """What the molecules of a campaign with these terms may be coloured by."""
    return ["score", *names, CALL]


def map_routes(desk: Desk) -> APIRouter:
    """Its points, its regions, and laying it out anew."""
    router = APIRouter()

    def source_of(name: str) -> MapSource:
        run = desk.opened(name)
        card = desk.overview.card(desk.workspace.at(name, "campaign"))
        with run.one:
            table = run.reader.molecules
            judged = {kind: [text for text, fact in run.verdicts.items() if fact.kind == kind] for kind in (STAR, REJECT)}
            where = {"start": table["operator"] == KNOWN} | {kind: table["smiles"].isin(own) for kind, own in judged.items()}
            marks = {mark: table["id"][chosen].astype(int).tolist() for mark, chosen in where.items()}
            growing = card.state in ("starting", "running")
            return MapSource(run.map, table, map_colours(run.reader.names), growing, run.reader.learnt, marks)

    @router.get("/campaign/map/{name:path}")
    def points(name: str, colour: str = "score", version: str = "", have: int = 0) -> JSONResponse:
        return JSONResponse(map_answer(source_of(name), MapQuery(colour, version, max(have, 0))))

    @router.get("/campaign/regions/{name:path}")
    def regions(name: str) -> Response:
        return desk.page("regions.html.j2", regions=regions_of(source_of(name)), word="call")

    @router.post("/campaign/map-anew/{name:path}")
    def anew(name: str) -> JSONResponse:
        run = desk.opened(name)
        run.map.lay_out_anew()
        return JSONResponse({})

    return router
