"""Ends the Ray that a killed process has started: `python watchdog.py PID DATE`, with Python's own modules only.

Ray's processes end with that of the driver, except for agents, which look for their head for a minute, and those that are only
being started.
"""

import contextlib
import os
import re
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PAUSE = 0.5  # s between two looks
QUIET = 3.0  # s without any of them, after which none will come any more
LAST = 30.0  # s that is looked for them, at most
DATE = "%Y-%m-%d_%H-%M-%S"  # in the names of sessions: session_DATE_MICROSECONDS_PID
LOG = re.compile(r".*/(session_[\d_-]+)/logs/(.+)")
DRIVER = "python-core-driver"  # begins the name of a driver's log


def processes() -> Iterator[tuple[int, str]]:
    """Ray's own processes of this user, each with the name of its session, in whose folder it writes a log."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            logs = [found for link in (process / "fd").iterdir() if (found := LOG.fullmatch(_written(link)))]
            if logs and not any(log[2].startswith(DRIVER) for log in logs):
                yield int(process.name), logs[0][1]


def _written(link: Path) -> str:
    """The open file `link` (`/proc/PID/fd/N`), if it is open for writing, else nothing."""
    try:
        return str(link.readlink()) if link.lstat().st_mode & stat.S_IWUSR else ""
    except OSError:  # closed meanwhile
        return ""


def watch(driver: int, date: str) -> None:
    """Wait until our parent, `driver`, is gone; then kill what is left of the Ray that it has started since `date`."""
    while os.getppid() == driver:
        time.sleep(PAUSE)
    began = seen = time.monotonic()
    while time.monotonic() < min(began + LAST, seen + QUIET):
        for process, session in processes():
            if session.endswith(f"_{driver}") and session >= f"session_{date}" and process != os.getpid():
                seen = time.monotonic()
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)
        time.sleep(PAUSE)


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
