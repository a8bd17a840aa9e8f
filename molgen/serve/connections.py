"""Connections with an end: uvicorn waits for a request, and for a client to take its answer, as long as that likes."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

READ = 16_384  # bytes that are taken from a client at a time, so that parsing them holds nobody else
SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def guarded(seconds: float, connections: int) -> type[H11Protocol]:
    """HTTP/1.1 for uvicorn (`http=`) that closes connections on which nothing moves.

    Parameters
    ----------
    seconds
        In which a request must have come whole, and in which a client must take some of its answer.
    connections
        That may wait for their request; where there are more, those that have waited longest are closed.
    """
    arriving: dict[H11Protocol, asyncio.TimerHandle] = {}

    class Guarded(H11Protocol):
        _stalled: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            transport.max_size = READ  # type: ignore[attr-defined]
            self._expect()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._arrived()

        def on_response_complete(self) -> None:
            self._forget()
            if not self.transport.is_closing():
                self._expect()
            super().on_response_complete()  # which begins with the next request where that is here already
            self._arrived()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            self.resume_writing()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._stalled = self.loop.call_later(seconds, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._stalled is not None:
                self._stalled.cancel()
                self._stalled = None

        def _expect(self) -> None:
            arriving[self] = self.loop.call_later(seconds, self._give_up)
            if len(arriving) > connections:
                next(iter(arriving))._give_up()  # type: ignore[attr-defined]

        def _arrived(self) -> None:
            if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
                self._forget()

        def _forget(self) -> None:
            if (timer := arriving.pop(self, None)) is not None:
                timer.cancel()

        def _give_up(self) -> None:
            self._forget()
            if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
                self.transport.write(SLOW)
            self.transport.close()
            self.loop.call_later(seconds, self.transport.abort)  # what was written may never be taken

    return Guarded
