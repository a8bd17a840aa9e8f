"""Molecules as pictures that browsers keep."""

import functools

from fastapi import APIRouter, Response

from molgen.app.desk import Desk
from molgen.reports.drawing import draw

LONGEST, LARGEST = 1500, 1200  # characters of a SMILES, and px of a side
KEPT = 5000  # drawings
HEADERS = {  # the styles that RDKit writes into a drawing are all that one may have
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, max-age=604800, immutable",
}


@functools.lru_cache(KEPT)
def _drawn(smiles: str, width: int, height: int) -> bytes:
    return draw(smiles, size=(width, height)).encode()


def drawing_routes(_: Desk) -> APIRouter:
    """Drawings by SMILES and size."""
    router = APIRouter()

    @router.get("/molecule.svg")
    def molecule(smiles: str, width: int = 300, height: int = 210) -> Response:
        if len(smiles) > LONGEST or not (20 <= width <= LARGEST and 20 <= height <= LARGEST):
            return Response("too large to be drawn", 422)
        return Response(_drawn(smiles, width, height), media_type="image/svg+xml", headers=HEADERS)

    return router
