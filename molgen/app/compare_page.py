"""Molecules of a campaign or of a screen side by side: how they differ, what they score, where they come from."""

import functools
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response

from molgen.app.asked_rows import numbers_in, plain_value
from molgen.app.desk import KINDS, Desk
from molgen.app.drawings import HEADERS, LONGEST
from molgen.app.lineage import lineage
from molgen.app.opened_run import OpenRun
from molgen.app.opened_screen import OpenScreen
from molgen.errors import DataError
from molgen.reports.aligned import draw_aligned
from molgen.reports.cards import CardValue
from molgen.scoring.judgements import PREFER, Judgement

FEWEST, MOST = 2, 6  # molecules side by side
SIZE = (360, 230)  # px of a picture


@functools.lru_cache(200)
def _aligned(smiles: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in draw_aligned(smiles, SIZE))


def compare_routes(desk: Desk) -> APIRouter:
    """The page that compares molecules, and its pictures."""
    router = APIRouter()

    def chosen(kind: str, name: str, of: str) -> tuple[OpenRun | OpenScreen, list[dict[str, Any]]]:
        numbers = list(dict.fromkeys(numbers_in(of)))
        if not FEWEST <= len(numbers) <= MOST:
            raise DataError(f"{FEWEST} to {MOST} molecules are compared, not {len(numbers)}")
        work = desk.work(kind, name)
        with work.one:
            rows = [work.row(number) for number in numbers]
        if empty := [row["id"] for row in rows if str(row["problem"]).startswith("invalid")]:
            raise DataError(f"{KINDS[kind]} {empty[0]} is no molecule, and can't be compared")
        return work, rows

    @router.get("/beside/{kind}/{name:path}")
    def compare(kind: str, name: str, of: str = "") -> Response:
        work, rows = chosen(kind, name, of)
        numbers = ",".join(str(row["id"]) for row in rows)
        with work.one:
            if isinstance(work, OpenScreen):
                facts = _of_screen(work, rows)
            else:
                facts = _of_campaign(work, rows) | {"card": desk.overview.card(desk.workspace.at(name, "campaign"))}
            terms = _terms([work.values(row) for row in rows], work.filters)
            has_poses = any(work.poses.terms(row["smiles"]) for row in rows)
        return desk.page(
            "compare.html.j2", kind=kind, name=name, word=KINDS[kind], numbers=numbers, terms=terms, size=SIZE,
            picture=f"{kind}/{quote(name)}?{urlencode({'of': numbers})}", best=max(row["score"] for row in rows),
            has_poses=has_poses, **facts,
        )  # fmt: skip

    @router.get("/aligned/{place}/{kind}/{name:path}")
    def aligned(place: int, kind: str, name: str, of: str = "") -> Response:
        _, rows = chosen(kind, name, of)
        if not 0 <= place < len(rows) or any(len(row["smiles"]) > LONGEST for row in rows):
            raise DataError("too large to be drawn, or not among these")
        picture = _aligned(tuple(row["smiles"] for row in rows))[place]
        return Response(picture, media_type="image/svg+xml", headers=HEADERS | {"Cache-Control": "no-cache"})

    return router


def _of_campaign(run: OpenRun, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a campaign has of molecules besides their values: where they come from, and what was said of them."""
    known = run.reader.molecules
    columns = [
        {"row": row, "label": row["operator"], "verdict": _kind(run, row), "lineage": lineage(known, row["smiles"])}
        for row in rows
    ]
    preferred, calls = _preferred(run, rows), [int(row["id"]) for row in rows]
    over = {(better, worse) for better, worse, _ in preferred}
    first = [call for call in calls if all((call, other) in over for other in calls if other != call)]
    return {"columns": columns, "own": [], "preferred": preferred, "first": first, "reasons": run.reasons}


def _of_screen(screen: OpenScreen, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What a screen has of molecules besides their values: the columns of its library, of which the first has their names."""
    screen.trust()
    all_own = {name: [plain_value(row[name]) for row in rows] for name in screen.own}
    labels = all_own[screen.own[0]] if screen.own else [None] * len(rows)
    columns = [{"row": row, "label": label, "verdict": ""} for row, label in zip(rows, labels, strict=True)]
    own = [(name, values) for name, values in all_own.items() if any(value is not None for value in values)]
    return {"columns": columns, "own": own}


def _kind(run: OpenRun, row: dict[str, Any]) -> str:
    return run.verdicts[row["smiles"]].kind if row["smiles"] in run.verdicts else ""


def _preferred(run: OpenRun, rows: list[dict[str, Any]]) -> list[tuple[int, int, Judgement]]:
    """Which of the molecules somebody prefers to which: both calls, and the fact."""
    calls = {row["smiles"]: int(row["id"]) for row in rows}
    pairs = [(calls.get(f.given), calls.get(f.over_given), f) for f in run.judgements.of_kind(PREFER)]
    return [(better, worse, fact) for better, worse, fact in pairs if better is not None and worse is not None]


def _terms(of_rows: list[list[tuple[CardValue, str]]], filters: list[str]) -> list[dict[str, Any]]:
    """Each term's values beside each other; which are the most desirable, where they aren't all the same."""
    found = []
    for pairs in zip(*of_rows, strict=True):
        values, unit = [value for value, _ in pairs], pairs[0][1]
        known = [value.desirability for value in values if value.desirability == value.desirability]
        best = max(known) if known and max(known) - min(known) > 1e-9 else None
        name = values[0].name
        found.append({"name": name, "unit": unit, "values": values, "best": best, "is_filter": name in filters})
    return found
