"""The page that predicts: a table of molecules, or one molecule while it is edited."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, StreamingResponse

from molgen.app.desk import Desk
from molgen.app.explanation_view import explained_endpoint
from molgen.app.forms import form_of
from molgen.app.live_molecule import checked_molecule, checked_target
from molgen.app.predicted_table import KeptTable, KeptTables, PredictedTable, new_key
from molgen.app.predicted_values import live_rows, measured_ranges
from molgen.app.report_page import HEADERS as OF_REPORTS
from molgen.app.sent_molecules import PASTED, ROWS, read_upload
from molgen.app.shelf import Shelf
from molgen.errors import DataError, MolgenError
from molgen.predictors.base import Prediction, Predictor

LOG = logging.getLogger(__name__)
FAILED = "this has failed, and shouldn't have; the terminal that molgen app runs in says why"
SHOWN = 200  # rows of a table on the page; the CSV has all
REFERENCES = 8  # predictions of pinned molecules that are kept
Done = TypeVar("Done")


def predict_routes(desk: Desk) -> APIRouter:
    """The page, and what it asks for."""
    router = APIRouter()
    shelf, tables, one = Shelf(desk.workspace), KeptTables(), asyncio.Lock()

    ranges: dict[tuple[int, str | None], tuple[Predictor, list[tuple[float, float] | None]]] = {}
    references: dict[tuple[int, str, str | None], tuple[Predictor, Prediction]] = {}

    def reference_of(predictor: Predictor, smiles: str, target: str | None) -> Prediction:
        key = id(predictor), smiles, target  # a predictor that is kept beside it keeps its number
        if key not in references:
            if len(references) >= REFERENCES:
                references.clear()
            references[key] = predictor, predictor.predict(checked_molecule(smiles), target)
        return references[key][1]

    def ranges_of(predictor: Predictor, target: str | None) -> list[tuple[float, float] | None]:
        key = id(predictor), target
        if key not in ranges:
            if len(ranges) >= REFERENCES:
                ranges.clear()
            ranges[key] = predictor, measured_ranges(predictor, target)
        return ranges[key][1]

    async def in_turn(work: Callable[..., Done], *arguments: Any) -> Done:
        async with one:  # the processors are no faster for two
            return await run_in_threadpool(work, *arguments)

    async def asked(request: Request) -> tuple[dict[str, str], Predictor | None, str | None]:
        form = await form_of(request)
        predictor = await run_in_threadpool(shelf.predictor, form.get("predictor", ""))
        return form, predictor, checked_target(form.get("target", ""), predictor)

    async def told(answer: Awaitable[dict[str, Any]]) -> Response:
        try:
            return JSONResponse(await answer)
        except MolgenError as error:
            return JSONResponse({"problem": str(error).splitlines()[0]})
        except Exception:
            LOG.exception("a prediction failed")
            return JSONResponse({"problem": FAILED})

    def part(template: str, **values: Any) -> str:
        return bytes(desk.page(template, **values).body).decode()

    @router.get("/predict")
    def page(predictor: str = "shipped:admet") -> Response:
        return desk.page("predict.html.j2", offers=shelf.offers(), chosen=predictor, rows=ROWS)

    @router.post("/predict/load")
    async def load(request: Request) -> Response:
        async def answer() -> dict[str, Any]:
            form = await form_of(request)
            predictor = await run_in_threadpool(shelf.predictor, form.get("predictor", ""))
            return {"loading": predictor is None}

        return await told(answer())

    @router.post("/predict/live")
    async def live(request: Request) -> Response:
        def predicted(form: dict[str, str], predictor: Predictor, target: str | None) -> dict[str, Any]:
            molecules = checked_molecule(form.get("smiles", ""))
            found = predictor.predict(molecules, target)
            if found.problem[0]:
                raise DataError(found.problem[0])
            pinned = form.get("reference", "")
            reference = reference_of(predictor, pinned, target) if pinned else None
            shown = {"smiles": molecules.smiles[0], "changes": ", ".join(molecules.changes[0])}
            rows = live_rows(found, reference, ranges_of(predictor, target))
            return {"html": part("predicted_live.html.j2", rows=rows, pinned=pinned, **shown)}

        async def answer() -> dict[str, Any]:
            form, predictor, target = await asked(request)
            return {"loading": True} if predictor is None else await in_turn(predicted, form, predictor, target)

        return await told(answer())

    @router.post("/predict/explain")
    async def explain(request: Request) -> Response:
        def made(form: dict[str, str], predictor: Predictor, target: str | None) -> dict[str, Any]:
            found = explained_endpoint(predictor, checked_molecule(form.get("smiles", "")), form.get("endpoint", ""), target)
            return {"html": part("explained.html.j2", found=found)}

        async def answer() -> dict[str, Any]:
            form, predictor, target = await asked(request)
            return {"loading": True} if predictor is None else await in_turn(made, form, predictor, target)

        return await told(answer())

    @router.post("/predict/table")
    async def table(
        request: Request, predictor: str = "", target: str = "", name: str = PASTED, column: str = ""
    ) -> StreamingResponse:
        """The body is the file; the answer is a line of JSON for each part that is done, the last with the page's table."""
        content = await request.body()

        async def lines() -> AsyncIterator[str]:
            try:
                async for message in predicted():
                    yield json.dumps(message) + "\n"
            except MolgenError as error:
                yield json.dumps({"problem": str(error).splitlines()[0]}) + "\n"
            except Exception:
                LOG.exception("predicting a table failed")
                yield json.dumps({"problem": FAILED}) + "\n"

        async def predicted() -> AsyncIterator[dict[str, Any]]:
            offer = await run_in_threadpool(shelf.offer, predictor)
            command = f"molgen predict {'FILE' if name == PASTED else name[-100:]} predictor={offer.command}"
            read = await run_in_threadpool(read_upload, content, name, column.strip() or None, command)
            while (loaded := await run_in_threadpool(shelf.predictor, predictor)) is None:
                yield {"loading": True}
                await asyncio.sleep(0.5)
            found = PredictedTable(read, loaded, checked_target(target, loaded))
            for rows in found.parts():
                yield {"done": rows.start, "of": len(read)}
                await in_turn(found.predict, rows)
            key = new_key()
            values = {"found": found, "shown": SHOWN, "key": key, "offer": offer, "notes": read.notes}
            html = await run_in_threadpool(part, "predicted_table.html.j2", **values)
            tables.keep(key, KeptTable(html, await run_in_threadpool(found.to_csv)))
            yield {"html": html, "key": key}

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    @router.get("/predict/table/{key}")
    def kept(key: str) -> JSONResponse:
        return JSONResponse({"html": tables[key].html, "key": key})

    @router.get("/predict/csv/{key}")
    def csv(key: str) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="predicted.csv"'}
        return Response(tables[key].csv, media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/predict/card/{name:path}")
    def card(name: str) -> Response:
        return Response(shelf.page(name), media_type="text/html", headers=OF_REPORTS)

    return router
