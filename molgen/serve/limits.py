"""What stands around the application: requests that are too large are refused before they are read, all are counted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

T = TypeVar("T")


class BodyLimit:
    """An ASGI layer that answers 413 to bodies of more than `limit` bytes, announced or not."""

    def __init__(self, app: Any, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0
        announced = dict(scope["headers"]).get(b"content-length", b"0")

        async def counted() -> Any:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise HTTPException(413, self._problem)
            return message

        if announced.isdigit() and (len(announced) > 20 or int(announced) > self.limit):
            await JSONResponse({"detail": self._problem}, 413)(scope, receive, send)
            return
        await self.app(scope, counted, send)

    @property
    def _problem(self) -> str:
        return f"a request has at most {self.limit:,} bytes"


class Counted:
    """An ASGI layer that tells `count` the status of every answer."""

    def __init__(self, app: Any, count: Callable[[int], None]) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """See ASGI."""

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.count(message["status"])
            await send(message)

        await self.app(scope, receive, noted if scope["type"] == "http" else send)


async def while_there(request: Request, work: Awaitable[T]) -> T | None:
    """The result of `work`, which is cancelled when the client goes; None then."""
    job, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
        return job.result() if job.done() else None
    finally:
        gone.cancel()
        job.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
