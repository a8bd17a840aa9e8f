"""A campaign: how it goes, its best molecules, all of them, and one at a time."""

import json
from typing import Any
from urllib.parse import quote

import pandas as pd
import yaml
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse

from molgen.app.asked_rows import part_of_table, plain_value, selected_rows
from molgen.app.desk import Desk
from molgen.app.draft import Draft
from molgen.app.explanation_view import can_explain, explained_term
from molgen.app.files import format_of, table_as_download
from molgen.app.forms import form_of
from molgen.app.judging_page import judged_facts
from molgen.app.lineage import lineage
from molgen.app.map_page import map_colours
from molgen.app.objective_draft import OWN
from molgen.app.opened_run import OpenRun
from molgen.app.pose_page import page_scenes
from molgen.app.report_page import has_report
from molgen.app.table import SIMILARITY, columns_of
from molgen.errors import DataError, MolgenError
from molgen.metrics.ranking import top_means
from molgen.reports.charts import BEST
from molgen.reports.designed import designed, designed_scores
from molgen.reports.routes import ROUTE, route_svg
from molgen.runs.reweighing import change_objective, objectives_before
from molgen.runs.settings import read_config
from molgen.scoring.judgements import REJECT
from molgen.search.strategy import KNOWN
from molgen.synthesis.trees import in_words, tree_of

CARDS, POINTS = 12, 2000  # shown at a time, and of a chart


def _best(run: OpenRun) -> tuple[list[dict[str, Any]], str]:
    """The best molecules for cards but for rejected ones and their twins, and what is different once there are others."""
    verdicts, rejected = run.verdicts, run.judgements.rejected
    best = designed(run.reader.molecules)
    best = best[~best["smiles"].isin([text for text, fact in verdicts.items() if fact.kind == REJECT])].nlargest(
        2 * CARDS, "score"
    )
    rows = best[~rejected(best["smiles"].tolist())].head(CARDS).to_dict("records")
    marks = [verdicts[row["smiles"]].kind if row["smiles"] in verdicts else "" for row in rows]
    key = "-".join([*(f"{row['id']}{mark}" for row, mark in zip(rows, marks, strict=True)), run.reader.learnt])
    cards = []
    for row in rows:
        values = run.values(row)
        of_terms = [value for value in values if value[0].name not in run.filters]
        filters = [value.name for value, _ in values if value.name in run.filters]
        verdict = verdicts[row["smiles"]].kind if row["smiles"] in verdicts else ""
        cards.append(row | {"terms": of_terms, "filters": filters, "verdict": verdict})
    return cards, key


def _chart(molecules: pd.DataFrame, after: int) -> dict[str, list[float | None]]:
    """Calls and their scores; of designed molecules the best by then, and from the tenth call on the mean of the ten best.

    At some `POINTS` calls, the last among them.
    """
    scores = molecules["score"].astype(float)
    best = scores.where(molecules["operator"] != KNOWN).cummax()
    means = pd.Series(top_means(designed_scores(molecules), BEST), scores.index, float)
    table = pd.DataFrame(
        {"calls": molecules["id"], "score": scores, "best": best.ffill(), "top10": means.where(means.index >= BEST - 1)}
    )
    step = max(1, len(table) // POINTS)
    places = [i for i in range(len(table)) if i % step == 0 or i == len(table) - 1]
    shown = table.iloc[places]
    shown = shown[shown["calls"] > after]
    return {name: [plain_value(value) for value in shown[name].tolist()] for name in shown}


def campaign_routes(desk: Desk) -> APIRouter:
    """The page of a campaign and its parts."""
    router = APIRouter()

    def facts_of(name: str) -> dict[str, Any]:
        card = desk.overview.card(desk.workspace.at(name, "campaign"))
        folder = desk.workspace.at(name, "campaign").folder
        return {
            "card": card,
            "said": desk.jobs.said(folder) if card.state == "failed" else [],
            "has_report": has_report("campaign", folder),
            **_goals(desk, name),
        }

    @router.get("/campaigns/{name:path}")
    def campaign(name: str) -> Response:
        facts = facts_of(name)
        if facts["card"].problem:
            return desk.page("error.html.j2", status=422, message=facts["card"].problem)
        run = desk.opened(name)
        with run.one:
            best, key = _best(run)
            columns = [(column, run.units.get(column, "")) for column in columns_of(run.names)]
            columns.insert(2, (SIMILARITY, ""))  # shown where it is asked for
            colours = [(each, run.units.get(each, "")) for each in map_colours(run.names)]
            settings = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
            return desk.page(
                "campaign.html.j2", similarity=SIMILARITY, best=best, key=key, columns=columns, settings=settings,
                colours=colours, reasons=run.reasons, **judged_facts(run), **facts,
            )  # fmt: skip

    @router.get("/campaign/facts/{name:path}")
    def facts(name: str) -> Response:
        return desk.page("facts.html.j2", **facts_of(name))

    @router.get("/campaign/best/{name:path}")
    def best(name: str, seen: str = "") -> Response:
        run = desk.opened(name)
        with run.one:
            rows, key = _best(run)
        card = desk.overview.card(desk.workspace.at(name, "campaign"))
        return Response(status_code=204) if seen == key and rows else desk.page("best.html.j2", card=card, best=rows, key=key)

    @router.get("/campaign/scores/{name:path}")
    def scores(name: str, after: int = 0) -> JSONResponse:
        run = desk.opened(name)
        with run.one:
            return JSONResponse({"learnt": run.reader.learnt, **_chart(run.reader.molecules, after)})

    @router.get("/campaign/molecules/{name:path}")
    def molecules(request: Request, name: str, first: int = 0, count: int = 50) -> JSONResponse:
        run = desk.opened(name)
        with run.one:
            return JSONResponse(part_of_table(run, request.query_params, first, count))

    @router.get("/campaign/molecule/{number}/{name:path}")
    def molecule(number: int, name: str, judged: bool = True) -> Response:
        run = desk.opened(name)
        with run.one:
            row = run.row(number)
            verdict = run.verdicts.get(row["smiles"])
            children = [each for each in run.reader.molecules.itertuples() if row["smiles"] in each.parents]
            children = sorted(children, key=lambda each: -each.score)
            route = tree_of(row[ROUTE]) if isinstance(row.get(ROUTE), str) else None
            card = desk.overview.card(desk.workspace.at(name, "campaign"))
            scenes = page_scenes(run.poses, [row], "campaign", name)
            explainable = [each for each, made in run.components.items() if can_explain(made)]
            return desk.page(
                "molecule.html.j2", scenes=scenes, card=card, row=row, terms=run.values(row), children=children[:4],
                verdict=verdict, judged=judged, generations=lineage(run.reader.molecules, row["smiles"]),
                children_number=len(children), explainable=explainable, route=route and in_words(route),
            )  # fmt: skip

    @router.get("/campaign/contributions/{number}/{term}/{name:path}")
    def contributions(number: int, term: str, name: str) -> Response:
        run = desk.opened(name)
        with run.one:
            smiles = run.row(number)["smiles"]
        if term not in run.components:
            raise DataError(f"{name}: no term '{term[:60]}' that can be measured here")
        return desk.page("explained.html.j2", found=explained_term(run.components[term], smiles))

    @router.get("/campaign/route/{number}/{name:path}")
    def route(number: int, name: str) -> Response:
        run = desk.opened(name)
        with run.one:
            row = run.row(number)
        if not isinstance(row.get(ROUTE), str):
            raise DataError(f"molecule {number} has no route")
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
        return Response(route_svg([tree_of(row[ROUTE])]), media_type="image/svg+xml", headers=headers)

    @router.post("/campaign/export/{name:path}")
    async def export(request: Request, name: str) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(lambda: _exported(desk.opened(name), name, form))

    @router.post("/campaign/stop/{name:path}")
    def stop(name: str) -> Response:
        desk.jobs.stop(desk.workspace.at(name, "campaign").folder)
        return RedirectResponse(f"/campaigns/{quote(name)}", 303)

    @router.post("/campaign/goals/{name:path}")
    async def goals(request: Request, name: str) -> Response:
        draft = Draft(await form_of(request))

        def gone_on() -> Response:
            if draft["objective"] != OWN:
                raise DataError("the goals are those of the campaign; load its page again")
            folder = desk.workspace.at(name, "campaign").folder
            scoring = draft.objective(desk.workspace) if draft["scoring"] else read_config(folder)["scoring"]
            changes = change_objective(folder, scoring, _end(draft))
            if not changes and desk.jobs.state(folder) == "finished":
                raise DataError("nothing has changed: give a goal another weight or shape, or the campaign a larger budget")
            desk.jobs.go_on(folder)
            return RedirectResponse(f"/campaigns/{quote(name)}", 303)

        return await run_in_threadpool(gone_on)

    @router.post("/campaign/resume/{name:path}")
    def resume(name: str) -> Response:
        desk.jobs.go_on(desk.workspace.at(name, "campaign").folder)
        return RedirectResponse(f"/campaigns/{quote(name)}", 303)

    return router


def _end(draft: Draft) -> dict[str, Any]:
    """When a campaign is to end, as far as the form says so."""
    budget = draft.number("budget", int)
    found = {} if budget is None else {"budget": budget}
    return found | ({"until": None, "stop": None} if draft["whole"] else {})


def _goals(desk: Desk, name: str) -> dict[str, Any]:
    """The objectives that a campaign had before, today's as YAML, none that is a function, and whether it may end early."""
    try:
        run = desk.opened(name)
        scoring = run.config["scoring"]
        text = yaml.safe_dump(scoring, sort_keys=False, allow_unicode=True) if "terms" in scoring else ""
        early = any(run.config["campaign"].get(key) is not None for key in ("until", "stop"))
        return {"stages": objectives_before(run.folder), "scoring": text, "early": early}
    except (MolgenError, TypeError, KeyError):  # its page says so
        return {"stages": [], "scoring": "", "early": False}


def _exported(run: OpenRun, name: str, form: dict[str, str]) -> Response:
    """The molecules that are selected, or else all that the table shows, as a file."""
    kind = format_of(form)
    with run.one:
        table = selected_rows(run, form).rename(columns={"id": "call"})
    table = table.assign(parents=table["parents"].map(json.dumps))
    if ROUTE in table:
        table[ROUTE] = table[ROUTE].map(lambda text: in_words(tree_of(text)), na_action="ignore")
    return table_as_download(table, kind, name)
