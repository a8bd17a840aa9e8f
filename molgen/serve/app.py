"""The scoring service: HTTP in, scores out."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from molgen import __version__
from molgen.errors import MolgenError, check_between
from molgen.scoring.scores import Scores, joined
from molgen.serve.access import STRANGE_HOST, is_local, same
from molgen.serve.answers import Answer, Faults, Problem, answer
from molgen.serve.batching import Batcher, UnavailableError
from molgen.serve.limits import BodyLimit, Counted, while_there
from molgen.serve.predicting import DomainCounters, PredictionAnswer, Predictors, join_molecules
from molgen.serve.question import FAULTS, GONE, question_of, read_question
from molgen.serve.server import Listener

LOG = logging.getLogger(__name__)
Score = Callable[[Sequence[str]], Scores]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Service(Listener):
    """What the service takes.

    Attributes
    ----------
    molecules, length
        Molecules in a request, and characters in a SMILES.
    batch
        Molecules scored at a time.
    waiting
        Molecules of all requests that may wait; more are told to come again (503).
    """

    molecules: int = 1000
    length: int = 1000
    batch: int = 256
    waiting: int = 50_000

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between(self.group, 1, molecules=self.molecules, length=self.length, batch=self.batch, waiting=self.waiting)


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI page."""
    return {code: {"model": Problem} for code in codes}


REFUSED = refusals(401, 403, 408, 413, 415, 500, 502, 503) | {422: {"model": Faults}}


async def found_by(batcher: Batcher[Found], request: Request, smiles: list[str], what: str) -> Found:
    """What a batcher makes of a request's molecules.

    Raises
    ------
    HTTPException
        It is stopped or has too much to do (503), a part of it is out of reach (502), it failed (500), or the client has gone.
    """
    try:
        found = await while_there(request, batcher(smiles))
    except UnavailableError as error:
        raise HTTPException(503, str(error), {"Retry-After": "5"}) from error
    except MolgenError as error:
        LOG.exception("%s failed", what)
        raise HTTPException(502, f"a part of the objective is out of reach: {error}") from error
    except Exception as error:
        LOG.exception("%s failed", what)
        raise HTTPException(500, f"{what} failed; the service's log says why") from error
    if found is None:
        raise HTTPException(GONE)
    return found


def create_app(score: Score, service: Service, token: str | None = None, predictors: Predictors | None = None) -> FastAPI:
    """The service as an ASGI application; its `state.stop` tells those who wait that they get no answer.

    Parameters
    ----------
    score
        Takes distinct SMILES [n].
    token
        What clients must send as bearer token; None lets everybody in.
    predictors
        What `/predict` asks; without them there is no such page.
    """
    registry = CollectorRegistry()
    scored = Counter("molgen_molecules", "Molecules scored", registry=registry)
    answered = Counter("molgen_requests", "Requests by their status", ["status"], registry=registry)
    seconds = Histogram("molgen_request_seconds", "Time to an answer of /score", registry=registry)
    batcher = Batcher(score, joined, service.batch, service.waiting)
    batchers: list[Batcher[Any]] = [batcher]
    waiting = Gauge("molgen_waiting", "Molecules that wait or are being scored", registry=registry)
    waiting.set_function(lambda: sum(each.waiting for each in batchers))

    @contextlib.asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        workers = [asyncio.create_task(each.run()) for each in batchers]
        yield
        for worker in workers:
            worker.cancel()

    app = FastAPIOffline(
        title="molgen", version=__version__, description="Scores molecules.", lifespan=running, redirect_slashes=False
    )

    def stop() -> None:
        for each in batchers:
            each.stop()

    app.state.stop = stop
    app.add_middleware(BodyLimit, limit=service.body)
    app.add_middleware(Counted, count=lambda status: answered.labels(str(status)).inc())
    kind = question_of(service.molecules, service.length)
    body = {"required": True, "content": {"application/json": {"schema": kind.model_json_schema()}}}

    def permitted(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]
    ) -> None:
        if token is None and not is_local(request.headers.get("host", "")):  # a page that gave its name this address
            raise HTTPException(403, STRANGE_HOST)
        if token is not None and (given is None or not same(given.credentials, token)):
            raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})

    async def asked(request: Request) -> list[str]:
        return await read_question(request, kind, service.molecules)

    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
        """What is wrong, without the question."""
        faults = [{key: item[key] for key in ("type", "loc", "msg")} for item in error.errors()[:FAULTS]]
        return JSONResponse({"detail": faults}, 422)

    @app.post(
        "/score",
        dependencies=[Depends(permitted)],
        responses=REFUSED,
        openapi_extra={"requestBody": body},
    )
    async def score_molecules(request: Request, smiles: Annotated[list[str], Depends(asked)]) -> Answer:
        """Score SMILES, in their order; an invalid one gets 0 and a reason."""
        began = time.monotonic()
        if not smiles:
            return Answer(results=[])
        scores = await found_by(batcher, request, smiles, "scoring")
        scored.inc(len(scores))
        seconds.observe(time.monotonic() - began)
        return answer(scores)

    if predictors is not None:
        predicting = Batcher(predictors, join_molecules, service.batch, service.waiting)
        batchers.append(predicting)
        about, counters = predictors.about(), DomainCounters(registry, predictors.endpoints)

        @app.post("/predict", dependencies=[Depends(permitted)], responses=REFUSED, openapi_extra={"requestBody": body})
        async def predict_molecules(request: Request, smiles: Annotated[list[str], Depends(asked)]) -> PredictionAnswer:
            """Predict SMILES, in their order, with errors and domain; an invalid one gets a reason."""
            if not smiles:
                return PredictionAnswer(endpoints=about, results=[])
            found = await found_by(predicting, request, smiles, "predicting")
            counters.count(found)
            return PredictionAnswer.model_construct(endpoints=about, results=found)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the service is up."""
        return {"status": "ok", "version": __version__}

    @app.get("/metrics", dependencies=[Depends(permitted)], response_class=Response, responses=refusals(401, 403))
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
