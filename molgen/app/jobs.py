"""Campaigns as processes of their own: begun, stopped, and told how they stand."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from molgen.errors import CampaignError
from molgen.folders import no_link, writer_of
from molgen.runs.export import has_ended

LOG = "log.txt"  # in the run folder: what the command has said
LINES, LONGEST = 12, 20_000  # of its end that are shown, and bytes that are read for them


class Jobs:
    """The campaigns of a workspace: `molgen design` in processes that outlive the page.

    A campaign that somebody has begun elsewhere is seen by the lock of its folder, and is stopped in the same way.
    """

    def __init__(self) -> None:
        self._own: dict[Path, subprocess.Popen[bytes]] = {}

    def state(self, folder: Path) -> str:
        """starting, running, finished, failed or stopped."""
        if writer_of(folder) is not None:
            return "running"
        own = self._own.get(folder)
        if own is not None and own.poll() is None:
            return "starting"
        if has_ended(folder):
            return "finished"
        return "failed" if self._has_failed(folder, own) else "stopped"

    def _has_failed(self, folder: Path, own: subprocess.Popen[bytes] | None) -> bool:
        """Whether the command ended with an error; an earlier server may have begun it, but nobody may have gone on since."""
        if own is not None:
            return own.returncode == 1
        log, states = folder / LOG, folder.glob("state-*.safetensors")  # the database changes also where molecules are judged
        if not log.is_file() or any(state.stat().st_mtime > log.stat().st_mtime for state in states):
            return False
        return any(line.startswith("molgen: ") for line in self.said(folder)[-1:])

    def go_on(self, folder: Path) -> None:
        """Have the campaign in `folder` begin, or go on.

        Raises
        ------
        CampaignError
            It is running already, or has ended.
        """
        if (state := self.state(folder)) not in ("stopped", "failed"):
            raise CampaignError(f"{folder.name}: is {state}, and can't be resumed")
        command = [sys.executable, "-m", "molgen.cli", "design", f"resume={folder}"]
        with no_link(folder / LOG).open("ab") as log:
            self._own[folder] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def stop(self, folder: Path) -> None:
        """Have the campaign in `folder` end as Ctrl-C does, with all that it has scored kept.

        Raises
        ------
        CampaignError
            It isn't running, or runs on another machine, or for another user.
        """
        writer, own = writer_of(folder), self._own.get(folder)
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

    def said(self, folder: Path) -> list[str]:
        """The last lines that the command has said; none where it was begun elsewhere."""
        try:
            with (folder / LOG).open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - LONGEST))
                text = log.read().decode(errors="replace")
        except OSError:
            return []
        return ["".join(c if c.isprintable() else " " for c in line) for line in text.splitlines() if line.strip()][-LINES:]
