"""How the service is run: uvicorn, with limits on connections, and an end within seconds."""

import asyncio
import socket
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI

from molgen.errors import ConfigError
from molgen.serve.app import Service
from molgen.serve.connections import guarded_protocol

STOP = 10  # s that requests have to end when the service is stopped
ANSWER = 0.5  # s that answers have to leave then


class Server(uvicorn.Server):
    """Ends soon after a signal, and at once after a second one: who still waits is answered 503, who still sends is cut off.

    uvicorn itself cancels what isn't done, with a traceback each.

    Attributes
    ----------
    received
        The signals.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.received: list[int] = []

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See `uvicorn.Server`."""
        self.received.append(sig)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        ending = asyncio.create_task(self._end_requests())
        await super().shutdown(sockets)
        ending.cancel()

    async def _end_requests(self) -> None:
        until = time.monotonic() + STOP
        while time.monotonic() < until and len(self.received) < 2:
            await asyncio.sleep(0.1)
        self.config.app.state.stop()  # type: ignore[union-attr]
        await asyncio.sleep(ANSWER)
        for connection in self.server_state.connections:
            connection.transport.abort()  # type: ignore[union-attr]


def server_of(app: FastAPI, service: Service) -> Server:
    """A server of `app` that isn't running yet."""
    config = uvicorn.Config(
        app,
        http=guarded_protocol(service.timeout, service.connections // 2, service.body),
        ws="none",
        limit_concurrency=service.connections,
        log_level="error",
        access_log=False,
    )
    return Server(config)


def listening(service: Service) -> socket.socket:
    """The socket of a service.

    Raises
    ------
    ConfigError
        There is no such host, or its port is taken.
    """
    family = socket.AF_INET6 if ":" in service.host else socket.AF_INET
    try:
        return socket.create_server((service.host, service.port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no name of a host"
        raise ConfigError(f"service.host={service.host} service.port={service.port}: {why}; choose another") from error


def serve_until_stopped(app: FastAPI, service: Service, sock: socket.socket) -> int:
    """Serve `app` at `sock`, until Ctrl-C or SIGTERM; the number of the signal."""
    server = server_of(app, service)
    server.run([sock])
    return server.received[0]
