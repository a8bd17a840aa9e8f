"""Connections with an end: uvicorn waits for a request, and for a client to take its answer, as long as that likes."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

READ = 16_384  # bytes read from a client at a time, so that parsing them doesn't block others
SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def guarded_protocol(seconds: float, connections: int, ahead: int) -> type[H11Protocol]:
    """HTTP/1.1 for uvicorn (`http=`) that closes connections on which nothing moves.

    Parameters
    ----------
    seconds
        In which a request must have come whole, and in which a client must take some of its answer.
    connections
        That may wait for their client; where there are more, those that have waited longest are closed.
    ahead
        Bytes that a client may send before it has the answer to its request.
    """
    waiting: dict[H11Protocol, asyncio.TimerHandle] = {}

    class Guarded(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            transport.max_size = READ  # type: ignore[attr-defined]
            self._watch()

        def data_received(self, data: bytes) -> None:
            answering = self._answering()
            super().data_received(data)
            self._watch()
            if not answering:
                return
            if len(self.conn.trailing_data[0]) > ahead:
                self.transport.abort()
            else:  # uvicorn doesn't read on, and wouldn't notice that the client goes
                self.flow.resume_reading()

        def on_response_complete(self) -> None:
            self._forget()
            super().on_response_complete()  # which begins with the next request where that is here already
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._forget()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._watch()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._forget()
            self._watch()

        def _answering(self) -> bool:
            """Whether a request is here whole, and its answer isn't."""
            return self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body

        def _watch(self) -> None:
            """Give the client its time from now on, where it is its turn to do something."""
            if self._answering() and not self.flow.write_paused:
                self._forget()
            elif self not in waiting:
                waiting[self] = self.loop.call_later(seconds, self._give_up)
                if len(waiting) > connections:
                    next(iter(waiting))._give_up()  # type: ignore[attr-defined]

        def _forget(self) -> None:
            if (timer := waiting.pop(self, None)) is not None:
                timer.cancel()

        def _give_up(self) -> None:
            self._forget()
            if self.transport.is_closing() or self.flow.write_paused:
                self.transport.abort()
                return
            if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
                self.transport.write(SLOW)
            self.transport.close()
            self.loop.call_later(seconds, self.transport.abort)  # what was written may never be taken

    return Guarded
