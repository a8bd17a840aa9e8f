"""Servers that tests ask, started here and stopped in the end."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from molgen.serve.server import Listener, listening, server_of


class Server(BaseHTTPRequestHandler):
    """Says how long every SMILES is."""

    busy = 0

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Server.busy:
            Server.busy -= 1
            self.answer(503, "busy")
        elif self.path == "/secret" and self.headers["Authorization"] != "Bearer hunter2":
            self.answer(401, "who are you?")
        elif self.path == "/broken":
            self.answer(200, "[1")
        elif self.path == "/score":  # as `molgen serve` does
            rows = [
                {"smiles": text, "score": 0.5, "problem": None, "values": {}, "desirability": {}} for text in question["smiles"]
            ]
            self.answer(200, json.dumps({"results": rows}))
        else:
            self.answer(200, json.dumps({"pIC50": [len(text) for text in question["smiles"]]}))

    def answer(self, code: int, text: str) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(app: Any, service: Listener) -> Iterator[str]:
    """The address of a server of `app`."""
    server = server_of(app, service)
    with listening(replace(service, port=0)) as sock:
        thread = threading.Thread(target=server.run, args=[[sock]], daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty database, on a PostgreSQL of Debian's packages."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not homes:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="molgen-postgres-") as folder, socket.socket() as free:  # pytest's are root's alone
        as_user: list[str] = []
        if os.geteuid() == 0:  # which the server refuses to be
            as_user = ["runuser", "-u", "postgres", "--"]
            shutil.chown(folder, "postgres")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        control = [*as_user, str(homes[-1]), "--pgdata", f"{folder}/data"]
        subprocess.run([*control, "initdb", "-o", "--auth=trust --username=molgen"], check=True, capture_output=True, cwd="/")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        start = [*control, "--wait", "--log", f"{folder}/log", "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd="/")
        try:
            yield f"postgresql+psycopg://molgen@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")
