"""Molecules side by side: how they differ, what they score, where they come from."""

import functools
import re
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from molgen.app.desk import Desk, OpenRun
from molgen.app.drawings import HEADERS, LONGEST
from molgen.app.lineage import lineage
from molgen.errors import DataError
from molgen.reports.aligned import draw_aligned
from molgen.reports.cards import card_value
from molgen.scoring.judgements import PREFER, Judgement

FEWEST, MOST = 2, 6  # molecules side by side
SIZE = (360, 230)  # px of a picture


@functools.lru_cache(200)
def _aligned(smiles: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in draw_aligned(smiles, SIZE))


def compare_routes(desk: Desk) -> APIRouter:
    """The page that compares molecules of a campaign, and its pictures."""
    router = APIRouter()

    def chosen(name: str, calls: str) -> tuple[OpenRun, list[dict[str, Any]]]:
        numbers = list(dict.fromkeys(int(text) for text in re.findall(r"\d{1,15}", calls)))
        if not FEWEST <= len(numbers) <= MOST:
            raise DataError(f"{FEWEST} to {MOST} molecules are compared, not {len(numbers)}")
        run = desk.opened(name)
        with run.one:
            return run, [run.row(number) for number in numbers]

    @router.get("/campaign/compare/{name:path}")
    def compare(name: str, calls: str = "") -> Response:
        run, rows = chosen(name, calls)
        card = desk.overview.card(desk.workspace.at(name, "campaign"))
        numbers = ",".join(str(row["id"]) for row in rows)
        with run.one:
            terms = [_term(run, term, rows) for term in run.reader.names]
            told = [
                {"row": row, "verdict": _kind(run, row), "lineage": lineage(run.reader.molecules, row["smiles"])} for row in rows
            ]
            preferred, reasons = _preferred(run, rows), run.reasons
            has_poses = any(run.poses.terms(row["smiles"]) for row in rows)
        best, over = max(row["score"] for row in rows), {(better, worse) for better, worse, _ in preferred}
        all_calls = [int(row["id"]) for row in rows]
        first = [call for call in all_calls if all((call, other) in over for other in all_calls if other != call)]
        return desk.page(
            "compare.html.j2", card=card, columns=told, numbers=numbers, terms=terms, preferred=preferred, reasons=reasons,
            query=urlencode({"calls": numbers}), size=SIZE, best=best, first=first, has_poses=has_poses,
        )  # fmt: skip

    @router.get("/campaign/aligned/{place}/{name:path}")
    def aligned(place: int, name: str, calls: str = "") -> Response:
        _, rows = chosen(name, calls)
        if not 0 <= place < len(rows) or any(len(row["smiles"]) > LONGEST for row in rows):
            raise DataError("too large to be drawn, or not among these")
        picture = _aligned(tuple(row["smiles"] for row in rows))[place]
        return Response(picture, media_type="image/svg+xml", headers=HEADERS | {"Cache-Control": "no-cache"})

    return router


def _kind(run: OpenRun, row: dict[str, Any]) -> str:
    return run.verdicts[row["smiles"]].kind if row["smiles"] in run.verdicts else ""


def _preferred(run: OpenRun, rows: list[dict[str, Any]]) -> list[tuple[int, int, Judgement]]:
    """Which of the molecules somebody prefers to which: both calls, and the fact."""
    calls = {row["smiles"]: int(row["id"]) for row in rows}
    pairs = [(calls.get(f.given), calls.get(f.over_given), f) for f in run.judgements.of_kind(PREFER)]
    return [(better, worse, fact) for better, worse, fact in pairs if better is not None and worse is not None]


def _term(run: OpenRun, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A term's values beside each other; which are the most desirable, where they aren't all the same."""
    values = [card_value(name, row) for row in rows]
    known = [value.desirability for value in values if value.desirability == value.desirability]
    best = max(known) if known and max(known) - min(known) > 1e-9 else None
    return {"name": name, "unit": run.units.get(name, ""), "values": values, "best": best, "is_filter": name in run.filters}
