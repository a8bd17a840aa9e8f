"""The goals of a project, edited: checked as they are typed, with what would change and what was changed before."""

import hashlib
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.forms import form_of
from molgen.app.goal_draft import goals_as_file, said_of_goals
from molgen.errors import MolgenError
from molgen.project.creation import GOALS
from molgen.project.goal_changes import checked_goals, goal_changes, goal_differences
from molgen.project.project import Project


def goals_routes(desk: Desk) -> APIRouter:
    """The form, what it says while it is edited, and what changes the goals."""
    router = APIRouter()

    def opened(name: str) -> tuple[Project, str]:
        folder = desk.projects.folder(name)
        return Project.open(folder), (folder / GOALS).read_text(encoding="utf-8-sig")

    def state_of(name: str, typed: str | None = None, seen: str = "") -> dict[str, Any]:
        """The goals as they are understood, what would change, and what is wrong; None for what is typed: as they are."""
        project, now = opened(name)
        text = now if typed is None else typed.replace("\r\n", "\n")
        changes = goal_changes(project.events())
        state: dict[str, Any] = {
            "name": name, "title": project.name, "text": text, "seen": seen or _digest(now), "goals": [], "problem": "",
            "differences": [], "is_same": text == now, "changes": changes[::-1],
            "by_hand": bool(changes) and changes[-1].after != now,
        }  # fmt: skip
        with goals_as_file(text, desk.workspace.root) as path:
            try:
                holding = project.measurements()
                found = checked_goals(path, holding)
                state["goals"] = list(found.goals.values())
                state["differences"] = goal_differences(project.folder / GOALS, path, holding)
            except MolgenError as error:
                state["problem"] = said_of_goals(error, path)
        return state

    @router.get("/project/goals/{name:path}")
    def goals(name: str) -> Response:
        return desk.page("goals.html.j2", **state_of(name))

    @router.post("/project/check-goals/{name:path}")
    async def check(request: Request, name: str) -> Response:
        form = await form_of(request)
        state = await run_in_threadpool(state_of, name, form.get("goals", ""))
        return desk.page("checked_goals.html.j2", **state)

    @router.post("/project/goals/{name:path}")
    async def change(request: Request, name: str) -> Response:
        form = await form_of(request)

        def changed() -> Response:
            state = state_of(name, form.get("goals", ""), form.get("seen", ""))
            if not state["problem"]:
                project, now = opened(name)
                with goals_as_file(state["text"], desk.workspace.root) as path:
                    try:
                        if _digest(now) != state["seen"]:
                            state["problem"] = (
                                "The goals were changed meanwhile: keep what you wrote elsewhere, and load this page again."
                            )
                        else:
                            project.change_goals(path, expected=now)
                    except MolgenError as error:
                        state["problem"] = said_of_goals(error, path)
            if state["problem"]:
                return desk.page("goals.html.j2", status=422, **state)
            return Response(status_code=303, headers={"Location": f"/projects/{quote(name)}#stands"})

        return await run_in_threadpool(changed)

    return router


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
