"""HEAD requests on every address, answered as GET without a body."""

import asyncio
from typing import Any

from molgen.app.guard import Message, Send


class Heads:
    """An ASGI layer below which every HEAD request is a GET; of the answer, status and headers pass (RFC 9110, 9.3.2)."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        ended = False

        async def without_body(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b""})
                if message.get("more_body"):
                    answer.cancel()  # nobody waits for the rest, which may have no end

        answer = asyncio.ensure_future(self.app({**scope, "method": "GET"}, receive, without_body))
        try:
            await answer
        except asyncio.CancelledError:
            if not ended:
                raise
