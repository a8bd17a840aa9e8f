"""Reads a request's body as molecules, or says why it can't be; never slower than reading it once."""

import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, Never

from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request

GONE = 499  # the client has gone; for the log and the metrics
FAULTS = 10  # listed at most
TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')


class Question(BaseModel):
    """Molecules to score."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"smiles": ["CC(=O)Oc1ccccc1C(=O)O", "CCO"]}]})
    smiles: list[str]


def question_of(molecules: int, length: int) -> type[Question]:
    """Questions of at most `molecules`, each of at most `length` characters."""
    text = Annotated[str, StringConstraints(max_length=length)]

    class Limited(Question):
        smiles: list[text] = Field(max_length=molecules)  # type: ignore[valid-type]

    Limited.__name__ = Limited.__qualname__ = Question.__name__
    Limited.__doc__ = Question.__doc__
    return Limited


async def read_question(request: Request, kind: type[Question], molecules: int) -> list[str]:
    """The SMILES of a request.

    Raises
    ------
    HTTPException
        It isn't JSON by its own account (415), or its client has gone.
    RequestValidationError
        It isn't a question.
    """
    form, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if form.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise HTTPException(415, "the body is JSON in UTF-8: Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise HTTPException(415, "the body is not compressed: without Content-Encoding")
    try:
        body = await request.body()
    except ClientDisconnect as error:
        raise HTTPException(GONE) from error
    return _parsed(body, kind, molecules)


def _parsed(body: bytes, kind: type[Question], molecules: int) -> list[str]:
    beside_texts = len(TEXT.sub(b"", body).translate(None, b" \t\r\n"))
    if beside_texts > 2 * molecules + 1000:  # a question has a comma between two molecules and a few brackets
        raise _fault("too_long", f'Should be an object with one key, "smiles", and at most {molecules:,} texts')
    try:
        held = json.loads(body.decode(), object_pairs_hook=_Object, parse_constant=_no_constant, parse_int=float)
    except RecursionError as error:
        raise _fault("json_invalid", "JSON that is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _fault("json_invalid", f"Not UTF-8 from byte {error.start} on", error.start) from error
    except json.JSONDecodeError as error:
        raise _fault("json_invalid", f"Not JSON: {error.msg}", error.pos) from error
    except ValueError as error:
        raise _fault("json_invalid", f"Not JSON: {error}") from error
    if not isinstance(held, _Object) or [key for key, _ in held.pairs[:2]] != ["smiles"]:
        raise _fault("object_invalid", 'Should be an object with one key, "smiles"')
    smiles = held.pairs[0][1]
    if isinstance(smiles, list) and len(smiles) > molecules:
        raise _fault("too_long", f"Should have at most {molecules:,} items, not {len(smiles):,}", "smiles")
    try:
        return kind.model_validate({"smiles": smiles}).smiles
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[:FAULTS]
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from error


@dataclass(frozen=True)
class _Object:
    """Its keys and values as they stand: a key can come twice."""

    pairs: list[tuple[str, Any]]


def _no_constant(_: str) -> Never:
    raise ValueError("NaN and Infinity are no JSON")


def _fault(kind: str, message: str, *where: str | int) -> RequestValidationError:
    return RequestValidationError([{"type": kind, "loc": ("body", *where), "msg": message}])
