"""How the service is run: uvicorn, with limits on connections, and an end within seconds."""

import asyncio
import socket
import time
from dataclasses import dataclass
from types import FrameType
from typing import ClassVar

import uvicorn
from fastapi import FastAPI

from molgen.errors import ConfigError, check_between
from molgen.serve.connections import guarded_protocol

STOP = 10  # s that requests have to end when the service is stopped
ANSWER = 0.5  # s that answers have to leave then


@dataclass(frozen=True)
class Listener:
    """Where a server listens, and what a client may cost it.

    Attributes
    ----------
    host, port
        Where it listens; from other machines only with a token. Port 0 is any that is free.
    body
        Bytes in a request.
    timeout
        Seconds in which a request must have come whole, and in which a client must take some of its answer.
    connections
        Connections at a time; half of them may be without a request, and those that have been so for longest are closed first.
    """

    group: ClassVar[str] = "service"  # of its settings
    host: str = "127.0.0.1"
    port: int = 8000
    body: int = 2_000_000
    timeout: float = 30.0
    connections: int = 800

    def __post_init__(self) -> None:
        check_between(self.group, 1, body=self.body)
        check_between(self.group, 2, connections=self.connections)
        check_between(self.group, 0, 65535, port=self.port)
        check_between(self.group, 1, 3600, timeout=self.timeout)


class Server(uvicorn.Server):
    """Ends soon after a signal, and at once after a second one: who still waits is answered 503, who still sends is cut off.

    uvicorn itself cancels what isn't done, with a traceback each.

    Parameters
    ----------
    patience
        Seconds that requests have to end after the first signal.

    Attributes
    ----------
    received
        The signals.
    """

    def __init__(self, config: uvicorn.Config, patience: float = STOP) -> None:
        super().__init__(config)
        self.patience = patience
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
        until = time.monotonic() + self.patience
        while time.monotonic() < until and len(self.received) < 2:
            await asyncio.sleep(0.1)
        self.config.app.state.stop()  # type: ignore[union-attr]
        await asyncio.sleep(ANSWER)
        for connection in self.server_state.connections:
            connection.transport.abort()  # type: ignore[union-attr]


def server_of(app: FastAPI, listener: Listener, patience: float = STOP) -> Server:
    """A server of `app` that isn't running yet."""
    config = uvicorn.Config(
        app,
        http=guarded_protocol(listener.timeout, listener.connections // 2, listener.body),
        ws="none",
        limit_concurrency=listener.connections,
        log_level="error",
        access_log=False,
    )
    return Server(config, patience)


def listening(listener: Listener) -> socket.socket:
    """The socket of a server.

    Raises
    ------
    ConfigError
        There is no such host, or its port is taken.
    """
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        return socket.create_server((listener.host, listener.port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no name of a host"
        group = listener.group
        raise ConfigError(f"{group}.host={listener.host} {group}.port={listener.port}: {why}; choose another") from error


def serve_until_stopped(app: FastAPI, listener: Listener, sock: socket.socket, patience: float = STOP) -> int:
    """Serve `app` at `sock`, until Ctrl-C or SIGTERM; the number of the signal."""
    server = server_of(app, listener, patience)
    server.run([sock])
    return server.received[0]
