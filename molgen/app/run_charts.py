"""Terms, diversity and the front of a campaign over its calls, drawn as in its report, also while it runs."""

import functools

import pandas as pd
from fastapi import APIRouter, Response

from molgen.app.desk import Desk
from molgen.app.newest import Newest
from molgen.chem.scaffolds import murcko
from molgen.errors import DataError
from molgen.reports.charts import DIVERSITY, FRONT, TERMS, Chart, draw_all
from molgen.reports.drawing import molecule_of

CHARTS = {"terms": TERMS, "diversity": DIVERSITY, "front": FRONT}
FEWEST = 10  # molecules
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"}


@functools.lru_cache(100_000)
def _scaffold(smiles: str) -> str | None:
    return murcko(molecule_of(smiles))


def chart_routes(desk: Desk) -> APIRouter:
    """The part of a campaign's page with its charts, and each of them."""
    router = APIRouter()
    drawn: Newest[list[Chart]] = Newest(4 * len(CHARTS))

    def charts(name: str) -> list[Chart]:
        """Those that there are by now, drawn once."""
        run = desk.opened(name)
        with run.one:
            table, names, stamp = run.reader.molecules, run.reader.names, (len(run.reader), run.reader.learnt)
            if len(table) < FEWEST:
                return []

            def draw() -> list[Chart]:
                scaffolds = pd.Series([_scaffold(text) for text in table["smiles"]], table.index)
                return draw_all(table, names, scaffolds, CHARTS.values())

            return drawn.get(run.folder, stamp, draw)

    @router.get("/campaign/charts/{name:path}")
    def part(name: str) -> Response:
        found = {chart.title: chart for chart in charts(name)}
        shown = [(key, found[title]) for key, title in CHARTS.items() if title in found]
        return desk.page("run_charts.html.j2", name=name, charts=shown, number=len(desk.opened(name)))

    @router.get("/campaign/chart/{which}/{name:path}")
    def chart(which: str, name: str) -> Response:
        picture = next((each.picture for each in charts(name) if each.title == CHARTS.get(which)), None)
        if picture is None:
            raise DataError(f"no chart '{which[:40]}' of {name}")
        return Response(picture, media_type="image/svg+xml", headers=HEADERS)

    return router
