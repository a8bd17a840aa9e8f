"""The form of a new project: its name, and goals as YAML that are checked as they are typed."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.draft import Draft
from molgen.app.forms import form_of
from molgen.app.goal_draft import goals_as_file, said_of_goals
from molgen.errors import MolgenError
from molgen.project.creation import NAME
from molgen.project.goal_files import read_goals
from molgen.project.goals import Goals
from molgen.project.project import Project

EXAMPLE = """goals:
  potency:    {measured: pIC50, at_least: 8, weight: 2}
  herg:       {measured: hERG pIC50, at_most: 5, hard: true}   # worth nothing where it is missed
  clearance:  {measured: CLint, lowest: true}
  tpsa:       {computed: {descriptor: tpsa}, between: [40, 120]}
endpoints:
  CLint: {unit: uL/min/mg}
"""
NAMING = "up to 40 letters, digits, - and _, a letter or digit first"


def new_project_routes(desk: Desk) -> APIRouter:
    """The form, what it says while it is filled in, and what makes the project."""
    router = APIRouter()

    def state_of(draft: Draft) -> dict[str, Any]:
        """The goals as they are understood, and what is wrong, by field."""
        problems: dict[str, str] = {}
        goals: Goals | None = None
        name = draft["name"]
        if name and not NAME.fullmatch(name):
            problems["name"] = f"'{name[:60]}' can't be a project's name; use {NAMING}"
        elif name and (desk.workspace.root / name).exists():
            problems["name"] = f"{name} exists already; choose another name"
        with goals_as_file(draft.fields.get("goals", ""), desk.workspace.root) as path:
            try:
                goals = read_goals(path)
            except MolgenError as error:
                problems["goals"] = said_of_goals(error, path)
        return {"draft": draft, "problems": problems, "goals": list(goals.goals.values()) if goals else []}

    @router.get("/new-project")
    def new() -> Response:
        return desk.page("new_project.html.j2", **state_of(Draft({"goals": EXAMPLE})))

    @router.post("/new-project/check")
    async def check(request: Request) -> Response:
        draft = Draft(await form_of(request))
        return desk.page("checked_project.html.j2", **await run_in_threadpool(state_of, draft))

    @router.post("/new-project")
    async def make(request: Request) -> Response:
        draft = Draft(await form_of(request))

        def made() -> Response:
            state = state_of(draft)
            if not draft["name"]:
                state["problems"]["name"] = f"give it a name: {NAMING}"
            if not state["problems"]:
                with goals_as_file(draft.fields.get("goals", ""), desk.workspace.root) as path:
                    try:
                        Project.new(desk.workspace.root / draft["name"], path)
                    except MolgenError as error:
                        state["problems"]["goals"] = said_of_goals(error, path)
            if state["problems"]:
                return desk.page("new_project.html.j2", status=422, **state)
            return Response(status_code=303, headers={"Location": f"/projects/{quote(draft['name'])}#results"})

        return await run_in_threadpool(made)

    return router
