"""Where a browser shows the token."""

from fastapi import APIRouter, Request, Response

from molgen.app.desk import Desk
from molgen.app.forms import form_of
from molgen.app.guard import Pass


def sign_in_routes(desk: Desk, users: Pass) -> APIRouter:
    """The page that asks for the token, and what it sends."""
    router = APIRouter()

    @router.get("/login")
    def ask(next: str = "/") -> Response:  # noqa: A002 (what is in the address)
        return desk.page("login.html.j2", next=next, problem="")

    @router.post("/login")
    async def answer(request: Request) -> Response:
        form = await form_of(request)
        known = users.signed_in(form.get("token", ""), form.get("next", "/"))
        return known or desk.page("login.html.j2", status=401, next=form.get("next", "/"), problem="This is not the token.")

    return router
