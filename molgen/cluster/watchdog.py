"""Ends the Ray that a killed process has started: `python watchdog.py PID SESSION`, with Python's own modules only.

Ray's processes end with that of the driver, except for agents, which look for their head for a minute.
"""

import contextlib
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PAUSE = 0.5  # s between two looks
DRIVER = "python-core-driver"
LAST = 30.0  # s that processes may go on to appear after the driver has died


def processes_of(session: str) -> Iterator[int]:
    """Ray's own processes of this user in a session, whose folder is `session`: each writes a log there.

    So do drivers, which tell themselves apart by the name of theirs.
    """
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            logs = [file.name for link in (process / "fd").iterdir() if (file := _written(link, session)) is not None]
            if logs and not any(name.startswith(DRIVER) for name in logs):
                yield int(process.name)


def _written(link: Path, folder: str) -> Path | None:
    """The open file `link` (`/proc/PID/fd/N`), if it is below `folder`, and open for writing."""
    try:
        file, writable = link.readlink(), bool(link.lstat().st_mode & stat.S_IWUSR)
    except OSError:  # closed meanwhile
        return None
    return file if writable and file.is_relative_to(folder) else None


def watch(driver: int, session: str) -> None:
    """Wait until our parent, `driver`, is gone; then kill what is left of its `session`."""
    while os.getppid() == driver:
        time.sleep(PAUSE)
    end = time.monotonic() + LAST
    while time.monotonic() < end:
        left = [process for process in processes_of(session) if process != os.getpid()]
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        if not left:
            return
        time.sleep(PAUSE)


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2])
