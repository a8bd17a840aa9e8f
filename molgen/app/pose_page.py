"""Poses in their site: of a molecule, of several over each other, and as files."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response

from molgen.app.asked_rows import numbers_in
from molgen.app.desk import KINDS, Desk
from molgen.app.drawings import HEADERS
from molgen.app.files import as_download
from molgen.errors import DataError
from molgen.reports.pose_source import PoseSource
from molgen.reports.pose_view import PoseSite, SeenPose
from molgen.reports.poses import pose_scenes

MOST = 6  # poses over each other


def page_scenes(source: PoseSource, rows: Sequence[dict[str, Any]], kind: str, name: str) -> list[dict[str, Any]]:
    """Scenes of `pose_scenes`, with addresses of files and drawings.

    Parameters
    ----------
    rows
        Of a table of molecules.
    kind
        Of `KINDS`.
    """

    def label(row: dict[str, Any], term: str) -> str:
        value = row.get(term)
        return f"{KINDS[kind]} {int(row['id'])}" + (f" · {value:.2f}" if isinstance(value, float) and value == value else "")

    return [scene | _addresses(scene, kind, name) for scene in pose_scenes(source, rows, label)]


def _addresses(scene: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    numbers, query = [int(row["id"]) for row in scene["rows"]], urlencode({"term": scene["name"]})

    def file(i: int, end: str) -> str:
        return f"/pose/file/{kind}/{numbers[i]}/{quote(name)}?{query}&end={end}"

    def picture(i: int) -> str:
        return f"/pose/drawing/{kind}/{numbers[i]}/{quote(name)}?{query}"

    return {"files": file, "pictures": picture}


def pose_routes(desk: Desk) -> APIRouter:
    """The page of poses, their files, and drawings that number their atoms."""
    router = APIRouter()

    def seen(kind: str, number: int, name: str, term: str) -> tuple[PoseSite, SeenPose]:
        found = desk.work(kind, name)
        with found.one:
            return found.poses.seen(term, found.row(number)["smiles"], f"{KINDS[kind]} {number}")

    @router.get("/poses/{kind}/{name:path}")
    def poses(kind: str, name: str, of: str = "") -> Response:
        numbers = list(dict.fromkeys(numbers_in(of)))
        if not 1 <= len(numbers) <= MOST:
            raise DataError(f"1 to {MOST} poses are shown over each other, not {len(numbers)}")
        run = desk.work(kind, name)
        with run.one:
            scenes = page_scenes(run.poses, [run.row(number) for number in numbers], kind, name)
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
