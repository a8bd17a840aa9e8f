"""Campaigns and screens as processes of their own: begun, stopped, and told how they stand."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from molgen.app.processes import LOG, OwnProcesses
from molgen.errors import CampaignError
from molgen.folders import writer_of
from molgen.runs.export import has_ended


class Jobs(OwnProcesses):
    """The campaigns of a workspace, or its screens: commands in processes that outlive the page.

    One that somebody has begun elsewhere is seen by the lock of its folder, and is stopped in the same way.

    Parameters
    ----------
    command
        Of molgen, which goes on with `resume=FOLDER`.
    ended
        Whether the work in a folder has come to its end.
    progress
        The pattern of the files that are written while it goes on.
    """

    def __init__(
        self, command: str = "design", ended: Callable[[Path], bool] = has_ended, progress: str = "state-*.safetensors"
    ) -> None:
        super().__init__()
        self.command, self.ended, self.progress = command, ended, progress

    def state(self, folder: Path) -> str:
        """starting, running, finished, failed or stopped."""
        if writer_of(folder) is not None:
            return "running"
        if self.ended(folder):
            return "finished"  # also while its process is just ending
        if self._alive(folder):
            return "starting"
        return "failed" if self._has_failed(folder, self._own.get(folder)) else "stopped"

    def _has_failed(self, folder: Path, own: subprocess.Popen[bytes] | None) -> bool:
        """Whether the command ended with an error; an earlier server may have begun it, but nobody may have gone on since."""
        if own is not None:
            return own.returncode == 1
        log, files = folder / LOG, folder.glob(self.progress)  # a database changes also where molecules are judged
        if not log.is_file() or any(file.stat().st_mtime > log.stat().st_mtime for file in files):
            return False
        return any(line.startswith("molgen: ") for line in self.said(folder)[-1:])

    def go_on(self, folder: Path) -> None:
        """Have the work in `folder` begin, or go on.

        Raises
        ------
        CampaignError
            It is running already, or has ended.
        """
        if (state := self.state(folder)) not in ("stopped", "failed"):
            raise CampaignError(f"{folder.name}: is {state}, and can't be resumed")
        self._begin(folder, [self.command, f"resume={folder}"])

    def stop(self, folder: Path) -> None:
        """Have the work in `folder` end as Ctrl-C does, with all that it has scored kept.

        Raises
        ------
        CampaignError
            It isn't running, or runs on another machine, or for another user.
        """
        self._end(folder, folder)

    def said(self, folder: Path) -> list[str]:
        """The last lines that the command has said; none where it was begun elsewhere."""
        return self._said(folder / LOG)
