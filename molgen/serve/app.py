"""The scoring service: HTTP in, scores out."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from molgen import __version__
from molgen.errors import MolgenError, check_between
from molgen.scoring.scores import Scores
from molgen.serve.batching import Batcher, OverloadedError
from molgen.serve.limits import BodyLimit

LOG = logging.getLogger(__name__)
Score = Callable[[Sequence[str]], Scores]


@dataclass(frozen=True)
class Service:
    """What the service takes.

    Attributes
    ----------
    host, port
        Where it listens; from other machines only with a token.
    molecules, length
        Molecules in a request, and characters in a SMILES.
    body
        Bytes in a request.
    batch
        Molecules scored at a time.
    waiting
        Molecules of all requests that may wait; more are told to come again (503).
    """

    host: str = "127.0.0.1"
    port: int = 8000
    molecules: int = 1000
    length: int = 1000
    body: int = 2_000_000
    batch: int = 1024
    waiting: int = 50_000

    def __post_init__(self) -> None:
        check_between("service", 1, molecules=self.molecules, length=self.length, body=self.body)
        check_between("service", 1, 65_535, port=self.port)
        check_between("service", 1, batch=self.batch, waiting=self.waiting)


Value = float | Literal["Infinity", "-Infinity"] | None  # JSON has no infinite numbers


class Molecule(BaseModel):
    """What one molecule scored."""

    smiles: str = Field(description="as it was asked")
    score: float = Field(description="0 where there is a problem")
    problem: str | None = Field(description="why the score is 0: an invalid SMILES, a filter, a failed term")
    values: dict[str, Value] = Field(description="of every term and filter, in its own unit; null where it failed")
    desirability: dict[str, Value] = Field(description="the same, between 0 and 1")


class Answer(BaseModel):
    """The scores of a request, in its order."""

    results: list[Molecule]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI page."""
    return {code: {"model": Problem} for code in codes}


def create_app(score: Score, service: Service, token: str | None = None) -> FastAPI:
    """The service as an ASGI application.

    Parameters
    ----------
    score
        Takes distinct SMILES [n].
    token
        What clients must send as bearer token; None lets everybody in.
    """
    registry = CollectorRegistry()
    scored = Counter("molgen_molecules", "Molecules scored", registry=registry)
    answered = Counter("molgen_requests", "Requests by their status", ["status"], registry=registry)
    seconds = Histogram("molgen_request_seconds", "Time to an answer of /score", registry=registry)
    batcher = Batcher(score, service.batch, service.waiting)
    Gauge("molgen_waiting", "Molecules that wait or are being scored", registry=registry).set_function(lambda: batcher.waiting)

    @contextlib.asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(batcher.run())
        yield
        worker.cancel()

    app = FastAPIOffline(title="molgen", version=__version__, description="Scores molecules.", lifespan=running)
    app.add_middleware(BodyLimit, limit=service.body)
    Text = Annotated[str, StringConstraints(max_length=service.length)]  # noqa: N806 (a type)

    class Question(BaseModel):
        """Molecules to score."""

        model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"smiles": ["CC(=O)Oc1ccccc1C(=O)O", "CCO"]}]})
        smiles: list[Text] = Field(max_length=service.molecules)

    def permitted(given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]) -> None:
        if token is not None and (given is None or not secrets.compare_digest(given.credentials.encode(), token.encode())):
            raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})

    @app.middleware("http")
    async def count(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        answered.labels(str(response.status_code)).inc()
        return response

    @app.exception_handler(RequestValidationError)
    async def refused(_: Request, error: RequestValidationError) -> JSONResponse:
        """What is wrong, without the question, which may hold what JSON doesn't know."""
        return JSONResponse({"detail": [{key: item[key] for key in ("type", "loc", "msg")} for item in error.errors()]}, 422)

    @app.post("/score", dependencies=[Depends(permitted)], responses=refusals(400, 401, 413, 500, 502, 503))
    async def score_molecules(question: Question) -> Answer:
        """Score SMILES, in their order; an invalid one gets 0 and a reason."""
        began = time.monotonic()
        if not question.smiles:
            return Answer(results=[])
        try:
            scores = await batcher(question.smiles)
        except OverloadedError as error:
            raise HTTPException(503, "too many molecules are waiting; come again", {"Retry-After": "5"}) from error
        except MolgenError as error:
            LOG.exception("scoring failed")
            raise HTTPException(502, f"a part of the objective is out of reach: {error}") from error
        except Exception as error:
            LOG.exception("scoring failed")
            raise HTTPException(500, "scoring failed; the service's log says why") from error
        scored.inc(len(scores))
        seconds.observe(time.monotonic() - began)
        return _answer(scores)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the service is up."""
        return {"status": "ok", "version": __version__}

    @app.get("/metrics", dependencies=[Depends(permitted)], response_class=Response, responses=refusals(401))
    async def metrics() -> Response:
        """Numbers for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


def _answer(scores: Scores) -> Answer:
    def named(row: Any) -> dict[str, Value]:
        return {name: _value(x) for name, x in zip(scores.names, row.tolist(), strict=True)}

    rows = zip(scores.smiles, scores.total.tolist(), scores.problem, scores.raw, scores.scaled, strict=True)
    return Answer(
        results=[
            Molecule.model_construct(smiles=smiles, score=total, problem=problem, values=named(raw), desirability=named(scaled))
            for smiles, total, problem, raw, scaled in rows
        ]
    )


def _value(x: float) -> Value:
    if np.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    return None if np.isnan(x) else x
