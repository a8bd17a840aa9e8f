"""Poses in their site: of a molecule, of several over each other, and as files."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response

from molgen.app.desk import Desk, OpenRun
from molgen.app.drawings import HEADERS
from molgen.app.files import as_download
from molgen.app.opened_screen import OpenScreen
from molgen.app.pose_source import PoseSource
from molgen.errors import DataError
from molgen.reports.pose_view import PoseSite, SeenPose
from molgen.reports.poses import shown_scene

MOST = 6  # poses over each other
KINDS = {"campaign": "call", "screen": "row"}  # and what a molecule has a number of


def pose_scenes(source: PoseSource, rows: Sequence[dict[str, Any]], kind: str, name: str) -> list[dict[str, Any]]:
    """For every term that has poses of molecules, and every receptor that they were docked into: what `poses.html.j2` shows.

    Parameters
    ----------
    rows
        Of a table of molecules.
    kind
        Of `KINDS`.
    """
    molecules = [row for row in rows if isinstance(row["smiles"], str)]
    groups: dict[tuple[str, PoseSite | None], list[tuple[dict[str, Any], PoseSite, SeenPose]]] = {}
    for row in molecules:
        for term in source.terms(row["smiles"]):
            site, pose = source.seen(term, row["smiles"], _label(row, term, kind))
            groups.setdefault((term, site if site.site else None), []).append((row, site, pose))
    ordered = sorted(groups.items(), key=lambda group: group[0][0])
    return [
        _scene([row for row, _, _ in found], found[0][1], [pose for *_, pose in found], term, kind, name)
        for (term, _), found in ordered
    ]


def _scene(
    rows: Sequence[dict[str, Any]], site: PoseSite, poses: Sequence[SeenPose], term: str, kind: str, name: str
) -> dict[str, Any]:
    numbers = [int(row["id"]) for row in rows]
    query = urlencode({"term": term})

    def file(i: int, end: str) -> str:
        return f"/pose/file/{kind}/{numbers[i]}/{quote(name)}?{query}&end={end}"

    def picture(i: int) -> str:
        return f"/pose/drawing/{kind}/{numbers[i]}/{quote(name)}?{query}"

    return shown_scene(term, site, poses) | {"files": file, "pictures": picture}


def _label(row: dict[str, Any], term: str, kind: str) -> str:
    value = row.get(term)
    return f"{KINDS[kind]} {int(row['id'])}" + (f" · {value:.2f}" if isinstance(value, float) and value == value else "")


def pose_routes(desk: Desk) -> APIRouter:
    """The page of poses, their files, and drawings that number their atoms."""
    router = APIRouter()

    def work(kind: str, name: str) -> OpenRun | OpenScreen:
        if kind not in KINDS:
            raise DataError(f"{kind[:100]!r}: there are poses of a {' and of a '.join(KINDS)}")
        return desk.opened(name) if kind == "campaign" else desk.opened_screen(name)

    def seen(kind: str, number: int, name: str, term: str) -> tuple[PoseSite, SeenPose]:
        found = work(kind, name)
        with found.one:
            return found.poses.seen(term, found.row(number)["smiles"], f"{KINDS[kind]} {number}")

    @router.get("/poses/{kind}/{name:path}")
    def poses(kind: str, name: str, of: str = "") -> Response:
        numbers = list(dict.fromkeys(int(text) for text in re.findall(r"\d{1,15}", of)))
        if not 1 <= len(numbers) <= MOST:
            raise DataError(f"1 to {MOST} poses are shown over each other, not {len(numbers)}")
        run = work(kind, name)
        with run.one:
            scenes = pose_scenes(run.poses, [run.row(number) for number in numbers], kind, name)
        if not scenes:
            raise DataError(f"{name}: has no pose of {KINDS[kind]} {', '.join(map(str, numbers))}")
        return desk.page("poses.html.j2", scenes=scenes, kind=kind, name=name, word=KINDS[kind], numbers=numbers)

    @router.get("/pose/file/{kind}/{number}/{name:path}")
    def file(kind: str, number: int, name: str, term: str, end: str = "sdf") -> Response:
        site, pose = seen(kind, number, name, term)
        if pose.problem and (not pose.record or end == "pdb"):
            raise DataError(f"{pose.label}: {pose.problem}")
        content = pose.record if end == "sdf" else site.complex(pose)
        return as_download(content.encode(), f"{term}-{KINDS[kind]}{number}.{'sdf' if end == 'sdf' else 'pdb'}")

    @router.get("/pose/drawing/{kind}/{number}/{name:path}")
    def drawing(kind: str, number: int, name: str, term: str) -> Response:
        _, pose = seen(kind, number, name, term)
        if not pose.record:
            raise DataError(f"{pose.label}: {pose.problem}")
        return Response(pose.drawing(), media_type="image/svg+xml", headers=HEADERS | {"Cache-Control": "no-cache"})

    return router
