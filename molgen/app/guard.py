"""What stands before every page: who may ask, from which page, and what a browser may do with the answer."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from molgen.serve.access import STRANGE_HOST, is_local, same

OPEN = ("/static/", "/login")  # without a token
WEEK = 7 * 24 * 3600
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers hide the origin of forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Pass:
    """How a user is known who has shown the token: by a cookie made from it, or by the token itself in each request.

    Parameters
    ----------
    token
        None where everybody at this machine may ask.
    """

    def __init__(self, token: str | None) -> None:
        self.token = token
        self._proof = "" if token is None else hmac.digest(token.encode(), b"molgen app", "sha256").hex()
        self._cookie = f"molgen-{hashlib.sha256(self._proof.encode()).hexdigest()[:8]}"  # all ports of a host share cookies

    def signed_in(self, given: str, path: str) -> Response | None:
        """The answer to who shows the token, with a cookie, on to `path` of these pages; None for a wrong token."""
        if self.token is None or not same(given, self.token):
            return None
        own = path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
        answer = RedirectResponse(own, 303)
        answer.set_cookie(self._cookie, self._proof, max_age=WEEK, httponly=True, samesite="strict")
        return answer

    def knows(self, request: Request) -> bool:
        """Whether who asks has shown the token, or needs none."""
        if self.token is None:
            return True
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        return (kind.lower() == "bearer" and same(given, self.token)) or same(request.cookies.get(self._cookie, ""), self._proof)


class Guard:
    """An ASGI layer that lets in who may ask, and adds the headers that keep a page from doing what it shouldn't.

    Without a token only this machine may ask, by its own names: a page elsewhere that has given its name this address may not.
    With one, a browser shows it once, and then a cookie made from it; a script sends it as bearer token. What changes
    something is taken from the page's own forms only.
    """

    def __init__(self, app: Any, users: Pass) -> None:
        self.app = app
        self.users = users

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *(item for item in added if item[0] not in given)]
            await send(message)

        answer = self._refusal(Request(scope, receive))
        await (self.app if answer is None else answer)(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        host, path = request.headers.get("host", ""), request.url.path
        if self.users.token is None and not is_local(host):
            return PlainTextResponse(STRANGE_HOST, 403)
        if request.method not in ("GET", "HEAD") and urlsplit(request.headers.get("origin", "")).netloc != host:
            return PlainTextResponse("this can be asked from the page's own forms only", 403)
        if path.startswith(OPEN) or self.users.knows(request):
            return None
        if request.method == "GET" and (given := request.query_params.get("token")) is not None:
            rest = urlencode([pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != "token"])
            if (answer := self.users.signed_in(given, quote(path) + f"?{rest}" * bool(rest))) is not None:
                return answer
        if "text/html" in request.headers.get("accept", "") and request.method == "GET":
            return RedirectResponse(f"/login?{urlencode({'next': path})}", 303)
        return PlainTextResponse("a token is needed; it is asked for at /login", 401, {"WWW-Authenticate": "Bearer"})
