"""Heads of Ray that tests start as processes of their own, as `ray start` does, and end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from molgen.cluster.watchdog import processes


@dataclass(frozen=True)
class StartedHead:
    """A head, and how it is reached."""

    address: str
    client: str
    folder: str

    def kill(self, *names: str) -> None:
        """SIGKILL its processes: those of these names, or all."""
        ours = Path(self.folder, "session_latest").resolve().name
        for process in [process for process, session in processes() if session == ours and process != os.getpid()]:
            with suppress(OSError):
                if not names or Path(f"/proc/{process}/comm").read_text().strip() in names:
                    os.kill(process, signal.SIGKILL)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def started_head(token: str | None = None) -> Iterator[StartedHead]:
    """A head with a processor; with `token`, it asks for that."""
    port, client = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # sockets have short names only
        auth = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token} if token else {"RAY_AUTH_MODE": "disabled"}
        command = [str(Path(sys.executable).with_name("ray")), "start", "--head", f"--port={port}", "--num-cpus=1"]
        command += [f"--ray-client-server-port={client}", f"--temp-dir={folder}", "--include-dashboard=false"]
        command += ["--node-ip-address=127.0.0.1", "--object-store-memory=100000000"]
        done = subprocess.run(command, env=os.environ | auth, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        head = StartedHead(f"127.0.0.1:{port}", f"ray://127.0.0.1:{client}", folder)
        try:
            yield head
        finally:
            head.kill()
