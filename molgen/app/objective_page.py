"""The goals of a new campaign: added, left out, weighed, and their transforms over what known molecules have."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.draft import Draft
from molgen.app.forms import form_of
from molgen.app.objective_draft import goal_rows, known_goals, known_values, of_objective
from molgen.app.transform_chart import draw_transform
from molgen.errors import DataError, MolgenError
from molgen.scoring.expensive import Expensive
from molgen.scoring.scorer import Scorer, scorer_of


def objective_routes(desk: Desk) -> APIRouter:
    """The part of the form about goals, and the chart of each."""
    router = APIRouter()

    def scorer(draft: Draft) -> Scorer:
        return scorer_of(draft.objective(desk.workspace))

    @router.post("/new/goals")
    async def goals(request: Request) -> Response:
        draft = changed_goals(Draft(await form_of(request)))
        return await run_in_threadpool(lambda: desk.page("goal_sliders.html.j2", draft=draft, **goal_facts(desk, draft)))

    @router.post("/new/goal-chart")
    async def chart(request: Request) -> Response:
        form = await form_of(request)

        def drawn() -> Response:
            terms, name = scorer(Draft(form)).terms, form.get("of", "")
            if name not in terms:
                raise DataError(f"no goal '{name[:60]}'")
            term = terms[name]
            return desk.page(
                "goal_chart.html.j2", name=name, slow=isinstance(term.component, Expensive),
                chart=draw_transform(term, known_values(term), term.component.value_unit()),
            )  # fmt: skip

        return await run_in_threadpool(drawn)

    return router


def goal_facts(desk: Desk, draft: Draft) -> dict[str, Any]:
    """What the form shows of the goals of an objective; why it shows none, where it doesn't."""
    facts: dict[str, Any] = {"goals": [], "why": "", "known": known_goals(), "goal_of": of_objective(draft)}
    try:
        scoring = draft.objective(desk.workspace)
        if "terms" not in scoring:
            return facts | {"why": "This objective is a function, which has no goals to weigh."}
        return facts | {"goals": goal_rows(scorer_of(scoring))}
    except MolgenError as error:
        return facts | {"why": str(error).splitlines()[0]}


def changed_goals(draft: Draft) -> Draft:
    """The form once a goal has been added, left out or taken back."""
    fields = dict(draft.fields)
    if draft["goal_of"] != of_objective(draft):
        return Draft({key: text for key, text in fields.items() if key not in ("added", "left_out")})
    added, out = draft.lines("added"), draft.lines("left_out")
    if draft["do"] == "add" and draft["add"]:
        added.append(draft["add"])
    if draft["do"] == "leave" and draft["which"]:
        out.append(draft["which"])
    if draft["do"] == "back" and draft["which"] in out:
        out.remove(draft["which"])
    return Draft(fields | {"added": "\n".join(added), "left_out": "\n".join(out)})
