"""What a chemist says of molecules on a campaign's page, what that changes, and how the campaign learns from it."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse

from molgen.app.asked_rows import numbers_in
from molgen.app.desk import Desk
from molgen.app.effects import HIGHEST, LOWEST, Effect
from molgen.app.form_fields import FormFields
from molgen.app.forms import form_of
from molgen.app.opened_run import OpenRun
from molgen.app.overview import CampaignCard
from molgen.errors import DataError, MolgenError
from molgen.runs.judging import JudgedRun
from molgen.runs.relearning import learn_from_judgements, liked_term
from molgen.runs.reweighing import change_objective
from molgen.runs.settings import read_config
from molgen.scoring.judgements import PREFER, REJECT, STAR, WITHDRAW, Judgement, together

MOST = 200  # molecules that are judged at once


def judging_routes(desk: Desk) -> APIRouter:
    """Stars, rejections and preferences of a campaign, and what they change."""
    router = APIRouter()

    @router.post("/campaign/judge/{name:path}")
    async def judge(request: Request, name: str) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(lambda: JSONResponse(_judged(desk.opened(name), form)))

    @router.get("/campaign/judged/{name:path}")
    def judged(name: str, weight: float | None = None) -> Response:
        run = desk.opened(name)
        card = desk.overview.card(desk.workspace.at(name, "campaign"))
        with run.one:
            return desk.page("judged.html.j2", card=card, **judged_facts(run, weight))

    @router.get("/campaign/effect/{name:path}")
    def effect(name: str, weight: float | None = None) -> Response:
        run = desk.opened(name)
        with run.one:
            return desk.page("effect.html.j2", **_effect(run, weight))

    @router.post("/campaign/learn/{name:path}")
    async def learn(request: Request, name: str) -> Response:
        form = await form_of(request)

        def learnt() -> Response:
            found = desk.workspace.at(name, "campaign")
            folder, ends = found.folder, _ends(desk.overview.card(found), form)
            learn_from_judgements(folder, _weight(form.get("weight", "1")))
            if ends:
                change_objective(folder, read_config(folder)["scoring"], ends)
            desk.jobs.go_on(folder)
            return RedirectResponse(f"/campaigns/{quote(name)}", 303)

        return await run_in_threadpool(learnt)

    return router


def judged_facts(run: OpenRun, weight: float | None = None) -> dict[str, Any]:
    """What the page says of a run's judgements, and of a term of this weight; None for the weight that it has, or else 1."""
    standing = run.judgements.standing[::-1]
    facts: dict[str, Any] = {"standing": standing, "together": together(standing), "calls": run.calls(standing)}
    facts |= {"withdrawn": sum(fact.kind == WITHDRAW for fact in run.judgements.facts), "lowest": LOWEST, "highest": HIGHEST}
    return facts | _effect(run, weight)


def _effect(run: OpenRun, weight: float | None) -> dict[str, Any]:
    """What a term made of the judgements would change; why that can't be said, where it can't."""
    scoring, found, why = run.config["scoring"], None, ""
    own = liked_term(run.config, run.folder)
    if weight is None:
        weight = float(scoring["terms"][own].get("weight", 1.0)) if own else 1.0
    weight = min(max(weight, LOWEST), HIGHEST)
    if not isinstance(scoring, dict) or not isinstance(scoring.get("terms"), dict):
        why = "Its objective is a function, which takes no term."
    elif run.judgements.standing and len(run.reader):
        try:
            found = run.effects(run.reader.molecules, run.reader.names, scoring, run.judgements, own, weight)
        except MolgenError as error:
            why = str(error).splitlines()[0]
    effect: Effect | None = found
    return {"effect": effect, "why": why, "weight": weight, "own": own}


def _ends(card: CampaignCard, form: dict[str, str]) -> dict[str, Any]:
    """When a campaign that has ended is to end now; nothing for others."""
    if card.state != "finished":
        return {}
    budget = FormFields(form).number("budget", int, card.budget)
    if budget <= card.outline.calls:
        raise DataError(f"it has ended after {card.outline.calls:,} calls: give it more in all, not {budget:,}")
    return {"budget": budget, "until": None, "stop": None}


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise DataError(f"'{text[:20]}' is no weight; write a number, such as 0.5") from error


def _judged(run: OpenRun, form: dict[str, str]) -> dict[str, Any]:
    """Write what a form says; what the page shows of it: each call's verdict by now, and a line."""
    calls = numbers_in(form.get("calls", ""))[: MOST + 1]
    if len(calls) > MOST:
        raise DataError(f"at most {MOST} molecules are judged at a time")
    with run.one:
        smiles = [run.row(number)["smiles"] for number in calls]
    to, action = JudgedRun(run.folder, form.get("who", "").strip()), form.get("action", "")
    if action == STAR:
        new = to.star(smiles)
    elif action == REJECT:
        new = to.reject(smiles, form.get("reason", ""))
    elif action == WITHDRAW:
        new = to.withdraw_number(int(number)) if (number := form.get("fact", "")).isdigit() else to.withdraw(smiles)
    elif action == PREFER:
        if len(smiles) < 2:
            raise DataError("a preference needs another molecule beside it")
        new = [fact for other in smiles[1:] for fact in to.prefer(smiles[0], other)]
    else:
        raise DataError(f"'{action[:20]}' is no judgement; there are star, reject, prefer and withdraw")
    with run.one:
        run.refresh()
        verdicts = run.verdicts
    return {
        "verdicts": {number: verdicts[text].kind if text in verdicts else "" for number, text in zip(calls, smiles, strict=True)},
        "said": _line(action, new, len(calls)),
        "together": together(run.judgements.standing),
    }


def _line(action: str, new: list[Judgement], asked: int) -> str:
    """What has happened, read aloud."""
    if not new:
        return "Said before; nothing is new."
    words = {STAR: "Starred", REJECT: "Rejected", WITHDRAW: "Withdrawn", PREFER: "Preferred"}[action]
    return f"{words}{f' {asked} molecules' if asked > 1 and action != PREFER else ''}."
