"""What the editor of structures asks: a text as a drawing, a drawing as the text of its field."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from molgen.app.desk import Desk
from molgen.app.drawings import LONGEST
from molgen.app.forms import form_of
from molgen.chem.molecules import Molecules
from molgen.chem.query_sketches import query_sketch_of, smarts_of_sketch
from molgen.chem.sketches import sketch_of, smiles_of_sketch
from molgen.chem.standardize import AS_GIVEN
from molgen.errors import DataError, MolgenError

KINDS = ("smiles", "smarts")


def sketch_routes(_: Desk) -> APIRouter:
    """Both ways between text and drawing."""
    router = APIRouter()

    async def answer(request: Request, key: str) -> JSONResponse:
        try:
            form = await form_of(request)
            if (kind := form.get("kind", "")) not in KINDS:
                raise DataError(f"a drawing is of {' or '.join(KINDS)}, not of '{kind[:40]}'")
            work = _drawn if key == "text" else _read
            return JSONResponse(await run_in_threadpool(work, form.get(key, ""), kind))
        except MolgenError as error:
            return JSONResponse({"problem": str(error).splitlines()[0]})

    @router.post("/sketch/draw")
    async def draw(request: Request) -> JSONResponse:
        return await answer(request, "text")

    @router.post("/sketch/read")
    async def read(request: Request) -> JSONResponse:
        return await answer(request, "molfile")

    return router


def _drawn(text: str, kind: str) -> dict[str, str]:
    """The drawing of a text, what is to be read from it as long as nothing is changed, and what it can't say."""
    text = text.strip()
    if len(text) > LONGEST:
        raise DataError(f"a text of more than {LONGEST:,} characters isn't drawn")
    if kind == "smiles":
        return {"molfile": sketch_of(text), "text": str(Molecules([text], AS_GIVEN).canonical[0]), "note": ""}
    molfile, lost = query_sketch_of(text)
    return {"molfile": molfile, "text": smarts_of_sketch(molfile), "note": _note(lost)}


def _read(molfile: str, kind: str) -> dict[str, str]:
    return {"text": smiles_of_sketch(molfile) if kind == "smiles" else smarts_of_sketch(molfile)}


def _note(lost: list[str]) -> str:
    """What a drawing can't say of a pattern."""
    aliphatic = [each for each in lost if each.isalpha() and each[0].isupper()]
    others = [each for each in lost if each not in aliphatic]
    told = [f"can't say {', '.join(others)}"] * bool(others)
    told += [f"would let {', '.join(aliphatic)} be aromatic, too"] * bool(aliphatic)
    return f"A drawing {', and '.join(told)}. The text stays as it is until you draw." if told else ""
