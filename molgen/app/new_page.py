"""The form of a new campaign: what is wrong is said beside it, as it is typed."""

import time
from typing import Any
from urllib.parse import quote

import yaml
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from molgen.app.desk import Desk
from molgen.app.draft import STOCKS, STRATEGIES, USUAL, WINDOWS, Draft, field_of, objective_groups, objective_of, read_settings
from molgen.app.effects import HIGHEST, LOWEST
from molgen.app.form_fields import FieldError
from molgen.app.forms import form_of
from molgen.app.known_drugs import DRUGS
from molgen.app.objective_page import goal_facts
from molgen.app.overview import strategy_of
from molgen.app.settings_form import fields_of
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import MolgenError
from molgen.progress import span
from molgen.reports.cards import card_value
from molgen.runs.run import Campaign, begin
from molgen.runs.settings import constraints_of, made, read_config
from molgen.scoring.expensive import Expensive

EXAMPLE = {
    "objective": USUAL, "strategy": "surrogate", "budget": "500", "similarity": "0.4", "liked_weight": "1",
    "stock": "common_blocks", "steps": "4",
}  # fmt: skip
LEADS = 20  # drawn


def new_routes(desk: Desk) -> APIRouter:
    """The form, what it says while it is filled in, and what begins the campaign."""
    router = APIRouter()

    def settings_of(draft: Draft) -> dict[str, Any]:
        if draft["edited"]:
            return read_settings(draft["yaml"], draft.folder(desk.workspace))
        return draft.settings(desk.workspace)

    def state_of(draft: Draft, failed: MolgenError | None = None) -> dict[str, Any]:
        """What the form says of itself: its errors by field, with why it `failed` to begin, the settings, an estimate."""
        problems: dict[str, str] = {}
        text = draft.fields.get("yaml", "")
        config: dict[str, Any] = {}
        edited = bool(draft["edited"])
        rest, field = draft, ""
        while field != "yaml" and not config:
            try:
                config = settings_of(rest)
            except MolgenError as error:
                field = field_of(error, edited=edited)
                if field in problems:
                    break
                problems[field] = str(error).splitlines()[0]
                rest = rest.without(field)  # what else is wrong
        if failed is not None:
            problems.setdefault(field_of(failed, edited=edited), str(failed).splitlines()[0])
        if problems:
            config = {}
        elif not edited:
            text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
        if config and (wrong := _priced(draft, config, None)[1]):
            problems |= wrong
        state = {"problems": problems, "yaml": text, "draft": draft, "leads": _leads(draft)}
        if config and edited:
            fields, beyond = fields_of(config, draft, desk.workspace)
            state["fill"] = {"fields": fields, "beyond": beyond}
        return state | {"estimate": estimate(draft, config) if config else ""}

    def estimate(draft: Draft, config: dict[str, Any]) -> str:
        pace = desk.overview.pace(strategy_of(config["search"]))
        said, seconds = "How long it takes shows once a campaign with this strategy has run here.", None
        if pace is not None:
            seconds = config["campaign"].get("budget", 0) * pace[1]
            said = f"About {span(seconds)}, if its calls take as long as those of {pace[0]}."
        return f"{said} {_priced(draft, config, seconds)[0]}".strip()

    def page(draft: Draft, failed: MolgenError | None = None) -> Response:
        judged = [(card.name, card.title) for card in desk.overview.cards() if card.outline.judged or card.name == draft["liked"]]
        choices: dict[str, Any] = {"judged": judged, "lowest": LOWEST, "highest": HIGHEST}
        choices |= {"groups": objective_groups(desk.workspace), "strategies": STRATEGIES, "windows": WINDOWS}
        choices |= {"stocks": [*STOCKS, *desk.workspace.tables()], "goals": None}
        if draft["goal_of"]:
            choices |= goal_facts(desk, draft)
        return desk.page("new.html.j2", status=422 if failed else 200, **choices, **state_of(draft, failed))

    @router.get("/new")
    def new(liked: str = "", like: str = "") -> Response:
        if not like:
            return page(Draft(EXAMPLE | {"liked": liked}))
        config = read_config(desk.workspace.at(like, "campaign").folder)
        fields, beyond = fields_of(config, Draft(EXAMPLE), desk.workspace)
        if beyond:  # what the form has no fields for stands in the settings
            fields |= {"edited": "1", "yaml": yaml.safe_dump(config, sort_keys=False, allow_unicode=True)}
        return page(Draft(EXAMPLE | fields))

    @router.post("/new/check")
    async def check(request: Request) -> Response:
        draft = Draft(await form_of(request))
        return desk.page("checked.html.j2", **await run_in_threadpool(state_of, draft))

    @router.post("/new/preview")
    async def preview(request: Request) -> Response:
        draft = Draft(await form_of(request))
        return await run_in_threadpool(lambda: desk.page("preview.html.j2", **_previewed(settings_of(draft))))

    @router.post("/new")
    async def start(request: Request) -> Response:
        draft = Draft(await form_of(request))

        def begun() -> Response:
            try:
                config = settings_of(draft)
                folder = draft.folder(desk.workspace)
                begin(folder, {**config, "campaign": config["campaign"] | {"folder": str(folder)}})
                desk.jobs.go_on(folder)
            except MolgenError as error:
                return page(draft, error)
            name = folder.relative_to(desk.workspace.root).as_posix()
            return Response(status_code=303, headers={"Location": f"/campaigns/{quote(name)}"})

        return await run_in_threadpool(begun)

    return router


def _priced(draft: Draft, config: dict[str, Any], seconds: float | None) -> tuple[str, dict[str, str]]:
    """What a campaign costs that takes `seconds`, as far as prices were given, and what is wrong with these."""
    try:
        hour, call = (draft.number(name, float) for name in ("price_hour", "price_call"))
    except FieldError as error:
        return "", {error.field: str(error)}
    for name, price in (("price_hour", hour), ("price_call", call)):
        if price is not None and price < 0:
            return "", {name: f"a price is 0 or more, not {price:g}"}
    calls = (call or 0) * config["campaign"].get("budget", 0)
    if hour and seconds is not None:
        return f"It costs about {calls + hour * seconds / 3600:,.2f}.", {}
    if hour:
        return f"It costs {f'{calls:,.2f} for its calls, and ' if call else ''}what its time does.", {}
    return f"Its calls cost {calls:,.2f} at most." if call else "", {}


def _leads(draft: Draft) -> list[tuple[str, str, str]]:
    """The leads in the form in which they are scored, with what made them so, and what is wrong with them; else as typed."""
    given = draft.lines("lead")[:LEADS]
    molecules = Molecules(given, STANDARD)
    return [
        (canonical or text, ", ".join(changes), problem or "")
        for text, canonical, changes, problem in zip(
            given, molecules.canonical, molecules.changes, molecules.problem, strict=True
        )
    ]


def _previewed(config: dict[str, Any]) -> dict[str, Any]:
    """How known drugs and the leads score, these in the form in which a campaign scores them.

    Returns
    -------
    Rows, the best first, and seconds per molecule; or names of terms that take too long to be tried.
    """
    scorer = objective_of(config)
    if slow := [name for name, component in scorer.components().items() if isinstance(component, Expensive)]:
        return {"slow": slow, "rows": [], "seconds": 0.0}
    named = {smiles: name for name, smiles in DRUGS.items()}
    leads = [*constraints_of(config).leads, *made(config["campaign"], "campaign", Campaign).start_smiles()]
    named |= {text: f"Lead {number}" for number, text in enumerate(leads[:LEADS], 1)}
    began = time.monotonic()
    scores = scorer(list(named))
    seconds = (time.monotonic() - began) / len(named)
    units = {name: component.value_unit() for name, component in scorer.components().items()}
    rows = []
    for i, (smiles, name) in enumerate(named.items()):
        row = {key: scores.raw[i, j] for j, key in enumerate(scores.names)}
        row |= {f"{key}_scaled": scores.scaled[i, j] for j, key in enumerate(scores.names)}
        terms = [(card_value(key, row), units[key]) for key in scorer.terms]
        rows.append(
            {"smiles": smiles, "name": name, "score": float(scores.total[i]), "problem": scores.problem[i], "terms": terms}
        )
    return {"slow": [], "rows": sorted(rows, key=lambda row: -row["score"]), "seconds": seconds}
