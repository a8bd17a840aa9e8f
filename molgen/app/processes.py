"""Commands of molgen as processes that outlive the page: begun with a log, told how they stand, and ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from molgen.errors import CampaignError
from molgen.folders import no_link, writer_of

LOG = "log.txt"  # in the folder that the command works in: what it has said
LINES, LONGEST = 12, 20_000  # of its end that are shown, and bytes that are read for them


class OwnProcesses:
    """Commands by the folders that they work in."""

    def __init__(self) -> None:
        self._own: dict[Path, subprocess.Popen[bytes]] = {}

    def _begin(self, folder: Path, command: Sequence[str], *, log: str = LOG, first: str = "") -> None:
        """Have a command work in `folder`; it adds to `log`, or writes a new one that begins with the line `first`."""
        with no_link(folder / log).open("wb" if first else "ab") as file:
            file.write(f"{first}\n".encode() if first else b"")
            file.flush()
            self._own[folder] = subprocess.Popen(
                [sys.executable, "-m", "molgen.cli", *command],
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _alive(self, folder: Path) -> bool:
        """Whether a command that was begun here still works in `folder`."""
        own = self._own.get(folder)
        return own is not None and own.poll() is None

    def _end(self, folder: Path, locked: Path) -> None:
        """Have the command in `folder`, which writes to the folder `locked`, end as Ctrl-C does.

        Raises
        ------
        CampaignError
            There is none, or it runs on another machine, or for another user.
        """
        writer, own = writer_of(locked), self._own.get(folder)
        if writer is not None and not writer.is_here:
            raise CampaignError(f"{folder.name}: runs on another machine; stop it there")
        if writer is None and (own is None or own.poll() is not None):
            raise CampaignError(f"{folder.name}: isn't running")
        number = writer.process if writer is not None else own.pid  # type: ignore[union-attr]
        try:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(number, signal.SIGTERM)  # SIGINT is ignored by what a script has put into the background
        except PermissionError as error:
            raise CampaignError(f"{folder.name}: another user runs it; ask them to stop it") from error

    def _said(self, path: Path) -> list[str]:
        """The last lines of a log; none where there is no log."""
        try:
            with path.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - LONGEST))
                text = log.read().decode(errors="replace")
        except OSError:
            return []
        return ["".join(c if c.isprintable() else " " for c in line) for line in text.splitlines() if line.strip()][-LINES:]
