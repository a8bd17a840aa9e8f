"""Requests that are too large are refused before they are read."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse


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

        if announced.isdigit() and int(announced) > self.limit:
            await JSONResponse({"detail": self._problem}, 413)(scope, receive, send)
            return
        await self.app(scope, counted, send)

    @property
    def _problem(self) -> str:
        return f"a request has at most {self.limit:,} bytes"
