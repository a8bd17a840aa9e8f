"""The pages as one ASGI application."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

from molgen import __version__
from molgen.app.campaign_page import campaign_routes
from molgen.app.compare_page import compare_routes
from molgen.app.desk import Desk
from molgen.app.drawings import drawing_routes
from molgen.app.goals_page import goals_routes
from molgen.app.guard import Guard, Pass
from molgen.app.heads import Heads
from molgen.app.home_page import home_routes
from molgen.app.judging_page import judging_routes
from molgen.app.map_page import map_routes
from molgen.app.new_page import new_routes
from molgen.app.new_project_page import new_project_routes
from molgen.app.objective_page import objective_routes
from molgen.app.pose_page import pose_routes
from molgen.app.predict_page import predict_routes
from molgen.app.project_page import project_routes
from molgen.app.report_page import report_routes
from molgen.app.run_charts import chart_routes
from molgen.app.runs_page import runs_routes
from molgen.app.screen_page import screen_routes
from molgen.app.settings import AppSettings
from molgen.app.sign_in import sign_in_routes
from molgen.app.sketch_page import sketch_routes
from molgen.app.upload_page import upload_routes
from molgen.app.workspace import Workspace
from molgen.errors import MolgenError
from molgen.serve.limits import BodyLimit

LOG = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def page_app(workspace: Workspace, settings: AppSettings, token: str | None = None) -> FastAPI:
    """The pages of a workspace; `state.stop` ends what they wait for.

    Parameters
    ----------
    token
        What users show to be let in; None lets everybody at this machine in.
    """
    desk, users = Desk(workspace, settings.body), Pass(token)

    @contextlib.asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(desk.events.run())
        yield
        worker.cancel()

    app = FastAPI(title="molgen", version=__version__, lifespan=running, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.stop = desk.events.end
    app.add_middleware(BodyLimit, limit=settings.body)
    app.add_middleware(Guard, users=users)
    app.add_middleware(Heads)  # outermost: what stands for GET holds for HEAD
    campaigns = (campaign_routes, chart_routes, map_routes, judging_routes, compare_routes, new_routes, objective_routes)
    projects = (project_routes, upload_routes, new_project_routes, goals_routes)
    others = (runs_routes, screen_routes, predict_routes, report_routes, drawing_routes, sketch_routes, pose_routes)
    for routes in (home_routes, *campaigns, *projects, *others):
        app.include_router(routes(desk))
    app.include_router(sign_in_routes(desk, users))
    app.mount("/static/reports", StaticFiles(packages=[("molgen.reports", "static")]), name="reports")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    def refused(request: Request, status: int, message: str) -> Response:
        if "hx-request" in request.headers:
            return desk.page("problem.html.j2", status=status, message=message)
        if "text/html" in request.headers.get("accept", ""):
            return desk.page("error.html.j2", status=status, message=message)
        return PlainTextResponse(message, status)

    @app.exception_handler(MolgenError)
    async def wrong(request: Request, error: MolgenError) -> Response:
        return refused(request, 422, str(error).splitlines()[0])

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return refused(request, 422, f"{first['loc'][-1]}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def impossible(request: Request, error: HTTPException) -> Response:
        known = {404: "There is no such page.", 405: "This page can't be asked in this way."}
        return refused(request, error.status_code, known.get(error.status_code, str(error.detail)))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return refused(request, 500, "This has failed, and shouldn't have; the terminal that molgen app runs in says why.")

    return app
