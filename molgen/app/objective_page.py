"""The goals of a new campaign: added, left out, weighed, and their transforms over what known molecules have."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.draft import Draft
from molgen.app.forms import form_of
from molgen.app.goal_offers import FIELDS, GoalOffer, goal_offers
from molgen.app.objective_draft import added_goal, goal_rows, known_values, of_objective
from molgen.app.transform_chart import draw_transform
from molgen.errors import DataError, MolgenError
from molgen.scoring.scorer import Scorer, scorer_of


def objective_routes(desk: Desk) -> APIRouter:
    """The part of the form about goals, and the chart of each."""
    router = APIRouter()

    def scorer(draft: Draft) -> Scorer:
        return scorer_of(draft.objective(desk.workspace))

    @router.post("/new/goals")
    async def goals(request: Request) -> Response:
        sent = Draft(await form_of(request))

        def shown() -> Response:
            draft, wrong = with_change(desk, sent)
            return desk.page("goal_sliders.html.j2", draft=draft, wrong=wrong, **goal_facts(desk, draft))

        return await run_in_threadpool(shown)

    @router.post("/new/goal-chart")
    async def chart(request: Request) -> Response:
        form = await form_of(request)

        def drawn() -> Response:
            try:
                terms, name = scorer(Draft(form)).terms, form.get("of", "")
            except MolgenError:
                return Response(status_code=204)  # the form says why, and the chart stays
            if name not in terms:
                raise DataError(f"no goal '{name[:60]}'")
            term = terms[name]
            return desk.page(
                "goal_chart.html.j2", name=name, slow=term.component.slow,
                chart=draw_transform(term, known_values(term), term.component.value_unit()),
            )  # fmt: skip

        return await run_in_threadpool(drawn)

    return router


def goal_facts(desk: Desk, draft: Draft) -> dict[str, Any]:
    """What the form shows of the goals of an objective; why it shows none, where it doesn't."""
    groups: dict[str, list[GoalOffer]] = {}
    for offer in goal_offers(desk.workspace):
        groups.setdefault(offer.group, []).append(offer)
    facts: dict[str, Any] = {"goals": [], "why": "", "offers": groups, "goal_of": of_objective(draft), "sent": draft}
    rests = [draft, draft.without(FIELDS), draft.without(FIELDS).without("added").without("left_out")]
    for rest in rests:  # what is wrong is said, and the goals can be mended
        try:
            scoring = rest.objective(desk.workspace)
            if "terms" not in scoring:
                return facts | {"why": "This objective is a function, which has no goals to weigh."}
            return facts | {"goals": goal_rows(scorer_of(scoring)), "sent": rest}
        except MolgenError as error:
            facts["why"] = facts["why"] or str(error).splitlines()[0]
    return facts


def with_change(desk: Desk, draft: Draft) -> tuple[Draft, str]:
    """The form once a goal has been added, left out or taken back, and why one can't be added: the form stays as it is then."""
    changed = changed_goals(draft)
    if draft["do"] != "add" or changed["added"] == draft["added"]:
        return changed, ""
    try:
        added_goal(changed.lines("added")[-1], goal_offers(desk.workspace), desk.workspace)
    except MolgenError as error:
        said = str(error).splitlines()[0].replace(f"{desk.workspace.root}/", "")
        return draft, said.partition(": ")[2] if said.startswith("scoring.") else said
    return Draft({**changed.fields, "what": ""}), ""


def changed_goals(draft: Draft) -> Draft:
    """The form once a goal has been added, left out or taken back."""
    fields = dict(draft.fields)
    if draft["goal_of"] != of_objective(draft):
        return Draft({key: text for key, text in fields.items() if key not in ("added", "left_out")})
    added, out = draft.lines("added"), draft.lines("left_out")
    if draft["do"] == "add" and draft["add"]:
        added.append(" ".join(f"{draft['add']} {draft['what']}".split()))
    if draft["do"] == "leave" and draft["which"]:
        out.append(draft["which"])
    if draft["do"] == "back" and draft["which"] in out:
        out.remove(draft["which"])
    return Draft(fields | {"added": "\n".join(added), "left_out": "\n".join(out)})
