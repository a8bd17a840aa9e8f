"""How the service is run: uvicorn, with limits on connections."""

import socket
from typing import Any

import uvicorn

from molgen.errors import ConfigError
from molgen.serve.app import Service
from molgen.serve.connections import guarded

STOP = 10  # s that requests have to end when the service is stopped


def server_of(app: Any, service: Service) -> uvicorn.Server:
    """A server of `app` that isn't running yet."""
    config = uvicorn.Config(
        app,
        http=guarded(service.timeout, service.connections // 2, service.body),
        ws="none",
        limit_concurrency=service.connections,
        timeout_graceful_shutdown=STOP,
        log_level="error",
        access_log=False,
    )
    return uvicorn.Server(config)


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


def serve_until_stopped(app: Any, service: Service, sock: socket.socket) -> None:
    """Serve `app` at `sock`, until Ctrl-C or SIGTERM."""
    server_of(app, service).run([sock])
