"""The next round of a project as a process of its own: begun, stopped, and told how it stands."""

import re
import shlex
import threading
from collections.abc import Mapping
from pathlib import Path

from molgen.app.processes import OwnProcesses
from molgen.errors import CampaignError
from molgen.folders import no_link, writer_of
from molgen.overrides import in_quotes
from molgen.project.project import Project
from molgen.project.proposals import unwritten, write_round
from molgen.project.proposing import SEARCHES

LOG = "propose.log"
COMMAND = "$ molgen propose "
DONE, ERROR = re.compile(r"round \d+: "), re.compile(r"molgen: |\w*Error: ")
PLAIN = re.compile(r"[\w.+-]+")  # what Hydra reads as it stands
LOOKED = re.compile(r"looking: ([\d,]+) molecules")


class Rounds(OwnProcesses):
    """`molgen propose` in processes that outlive the page; one that somebody has begun elsewhere is seen by its lock."""

    def __init__(self) -> None:
        super().__init__()
        self._one = threading.Lock()

    def state(self, folder: Path) -> str:
        """starting, running, finished, failed, stopped; idle where none was begun here."""
        if writer_of(folder / SEARCHES) is not None:
            return "running"
        if self._alive(folder):
            return "starting"
        said = self.said(folder)
        if not said:
            return "idle"
        if any(DONE.match(line) for line in said):
            return "finished"
        return "failed" if any(ERROR.match(line) for line in said) else "stopped"

    def begin(self, folder: Path, settings: Mapping[str, str]) -> None:
        """Have the next round be proposed; a search that was stopped with the same settings goes on.

        Raises
        ------
        CampaignError
            One is being proposed already, or the project can't be written.
        """
        with self._one:
            if (state := self.state(folder)) in ("running", "starting"):
                raise CampaignError(f"{folder.name}: a round is being proposed already; wait for it, or stop it ({state})")
            project = Project.open(folder)
            for number in unwritten(project):  # the command would do no more than that
                write_round(project, number)
            no_link(folder / SEARCHES)
            given = [f"{key}={value}" for key, value in settings.items()]
            typed = [f"{key}={value if PLAIN.fullmatch(value) else in_quotes(value)}" for key, value in settings.items()]
            self._begin(folder, ["propose", str(folder), *typed], log=LOG, first=COMMAND + shlex.join([folder.name, *given]))

    def stop(self, folder: Path) -> None:
        """Have the search end as Ctrl-C does; the same settings go on with it.

        Raises
        ------
        CampaignError
            There is none, or it runs on another machine, or for another user.
        """
        self._end(folder, folder / SEARCHES)

    def said(self, folder: Path) -> list[str]:
        """The last lines that the command has said; none where it was begun elsewhere."""
        return [line for line in self._said(folder / LOG) if not line.startswith(COMMAND)]

    def settings(self, folder: Path) -> dict[str, str]:
        """Those of the round that was begun last."""
        try:
            with (folder / LOG).open(encoding="utf-8", errors="replace") as log:
                parts = shlex.split(log.readline().removeprefix(COMMAND))
        except (OSError, ValueError):
            return {}
        return dict(part.split("=", 1) for part in parts if "=" in part)

    def looked(self, folder: Path) -> int:
        """At how many molecules the search has looked, as it said last."""
        found = [LOOKED.search(line) for line in self.said(folder)]
        return next((int(each[1].replace(",", "")) for each in found[::-1] if each), 0)
