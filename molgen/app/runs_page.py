"""Campaigns side by side: those of a sweep, or any that are chosen."""

import threading
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from molgen.app.chosen_runs import Summaries, jobs_of_runs, jobs_of_sweep
from molgen.app.desk import Desk
from molgen.app.drawings import HEADERS
from molgen.app.map_view import MapQuery, map_answer
from molgen.app.report_page import has_report
from molgen.app.runs_map import RUN, RunsMap, RunsMaps, shared_regions
from molgen.errors import DataError
from molgen.reports.compared_runs import Job, by_setting, overlap, term_names
from molgen.reports.comparison import best_of_all, charts

MOST, SHOWN = 60, 12  # campaigns that are chosen, and molecules of an objective


def runs_routes(desk: Desk) -> APIRouter:
    """The pages, what changes on them, and their charts."""
    router = APIRouter()
    summaries, maps, one = Summaries(), RunsMaps(), threading.Lock()

    def chosen(run: list[str]) -> list[Job]:
        names = list(dict.fromkeys(run))
        if not 2 <= len(names) <= MOST:
            raise DataError(f"2 to {MOST} campaigns are compared, not {len(names)}")
        return jobs_of_runs([desk.workspace.at(name, "campaign") for name in names], summaries)

    def of_sweep(name: str) -> list[Job]:
        return jobs_of_sweep(desk.workspace.at(name, "sweep"), summaries)[1]

    def map_of(request: Request) -> RunsMap:
        """The map of a sweep's campaigns that can be read, or of those that were chosen."""
        asked = request.query_params
        if name := asked.get("sweep", ""):
            runs = [f"{name}/{job.name}" for job in of_sweep(name) if job.summary is not None][:MOST]
        else:
            runs = [job.name for job in chosen(asked.getlist("run"))]
        if not runs:
            raise DataError("no molecule has been scored yet")
        return maps.opened(runs, [desk.workspace.at(name, "campaign").folder for name in runs])

    def tables(jobs: list[Job], names: list[str], query: str) -> dict[str, Any]:
        """What both pages show of jobs; `names` are those of their folders, `query` asks for their charts and their map."""
        begun = [job for job in jobs if job.summary is not None]
        first = next((name for job, name in zip(jobs, names, strict=True) if job.summary is not None), None)
        top = best_of_all(jobs).groupby("objective").head(SHOWN).to_dict("records") if begun else []
        links = {job.name: job.link for job in jobs}
        return {
            "jobs": jobs,
            "settings": by_setting(jobs),
            "terms": term_names(jobs),
            "units": {} if first is None else desk.opened(first).units,
            "overlap": overlap(jobs),
            "objectives": list(dict.fromkeys(job.objective for job in begun)),
            "drawn": {job.objective for job in begun if job.summary is not None and job.summary.curve.notna().any()},
            "best": [row | {"link": links[row["job"]]} for row in top],
            "done": sum(job.done for job in jobs),
            "query": query,
            "colours": [(RUN, ""), ("score", ""), ("call", "")],
            "watched": [card for card in desk.overview.cards() if card.name in names and card.state != "finished"],
        }

    def page_of_sweep(name: str, template: str) -> Response:
        found = desk.workspace.at(name, "sweep")
        sweep, jobs = jobs_of_sweep(found, summaries)
        return desk.page(
            template, title=found.folder.name, name=name, keys=sweep.keys, has_report=has_report("sweep", found.folder),
            part=f"/compared/sweep?{urlencode({'name': name})}",
            **tables(jobs, [f"{name}/{job.name}" for job in jobs], urlencode({"sweep": name})),
        )  # fmt: skip

    def page_of_runs(run: list[str], template: str) -> Response:
        query = urlencode({"run": run}, doseq=True)
        jobs = chosen(run)
        return desk.page(
            template, title="Campaigns compared", name="", keys=[], has_report=False, part=f"/compared/runs?{query}",
            **tables(jobs, [job.name for job in jobs], query),
        )  # fmt: skip

    @router.get("/sweeps/{name:path}")
    def sweep(name: str) -> Response:
        return page_of_sweep(name, "runs.html.j2")

    @router.get("/compare")
    def compare(request: Request, choose: bool = False) -> Response:
        run = request.query_params.getlist("run")
        if choose or len(set(run)) < 2:
            cards = [card for card in desk.overview.cards(now=True) if not card.problem]
            return desk.page("choose_runs.html.j2", cards=cards, chosen=run)
        return page_of_runs(run, "runs.html.j2")

    @router.get("/compared/sweep")
    def sweep_part(name: str) -> Response:
        return page_of_sweep(name, "compared_runs.html.j2")

    @router.get("/compared/runs")
    def runs_part(request: Request) -> Response:
        return page_of_runs(request.query_params.getlist("run"), "compared_runs.html.j2")

    @router.get("/compared/chart")
    def chart(request: Request, sweep: str = "", objective: str = "") -> Response:
        jobs = of_sweep(sweep) if sweep else chosen(request.query_params.getlist("run"))
        with one:  # who draws: matplotlib's settings are those of the process
            found = [each.picture for each in charts([job for job in jobs if job.objective == objective])]
        if not found:
            raise DataError("no molecule has been scored yet")
        return Response(found[0], media_type="image/svg+xml", headers=HEADERS | {"Cache-Control": "no-cache"})

    @router.get("/compared/map")
    def points(request: Request, colour: str = RUN, version: str = "", have: int = 0) -> JSONResponse:
        found = map_of(request)
        with found.one:
            source = found.source()
        return JSONResponse(map_answer(source, MapQuery(colour, version, max(have, 0))))

    @router.get("/compared/regions")
    def regions(request: Request) -> Response:
        found = map_of(request)
        with found.one:
            return desk.page("run_regions.html.j2", regions=shared_regions(found), names=found.names)

    @router.post("/compared/map-anew")
    def anew(request: Request) -> JSONResponse:
        map_of(request).shown.lay_out_anew()
        return JSONResponse({})

    return router
