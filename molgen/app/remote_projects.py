"""Projects whose facts are in a database elsewhere: asked in the background, so that no page waits for what doesn't answer."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from molgen.errors import MolgenError
from molgen.project.creation import GOALS, SETTINGS
from molgen.project.database import FILE
from molgen.project.project import Project

AGAIN = 10.0  # s between two questions to a database


@dataclass(frozen=True)
class RemoteStanding:
    """How a project stands by the last answer of its database.

    Attributes
    ----------
    stamp
        What is different once something has been added.
    rounds, measured, pending
        How many there are.
    problem
        Why there is no answer; else empty.
    """

    stamp: str = ""
    rounds: int = 0
    measured: int = 0
    pending: int = 0
    problem: str = ""


class RemoteProjects:
    """What the databases of projects have said last."""

    def __init__(self) -> None:
        self._open: dict[Path, tuple[object, Project]] = {}
        self._said: dict[Path, tuple[float, RemoteStanding]] = {}
        self._asking: set[Path] = set()
        self._one = threading.Lock()

    def said(self, folder: Path) -> RemoteStanding | None:
        """The last answer, while another is asked for where it is old; None before the first."""
        with self._one:
            when, found = self._said.get(folder, (-AGAIN, None))
            if folder not in self._asking and time.monotonic() - when >= AGAIN:
                self._asking.add(folder)
                threading.Thread(target=self._ask, args=(folder,), daemon=True).start()
            return found

    def now(self, folder: Path) -> str:
        """The stamp as it is now, waiting for the database.

        Raises
        ------
        MolgenError
            It doesn't answer, or the folder's user hasn't trusted it.
        """
        return _stamp(self._project(folder))

    def _ask(self, folder: Path) -> None:
        try:
            project = self._project(folder)
            counts = project.rounds(), len(project.measurements()), len(project.pending())
            found = RemoteStanding(_stamp(project), *counts)
        except (MolgenError, OSError) as error:  # OSError: the folder is gone
            found = RemoteStanding(problem=str(error).splitlines()[0])
        with self._one:
            self._said[folder] = time.monotonic(), found
            self._asking.discard(folder)

    def _project(self, folder: Path) -> Project:
        """A project is opened once, and its connections are kept."""
        settings = (folder / SETTINGS).stat().st_mtime_ns
        known = self._open.get(folder)
        if known is None or known[0] != settings:
            known = self._open[folder] = settings, Project.open(folder)
        return known[1]


def has_facts_elsewhere(folder: Path) -> bool:
    """Whether a project's facts are in a database elsewhere."""
    return (folder / SETTINGS).is_file() and not (folder / FILE).exists()


def _stamp(project: Project) -> str:
    events = project.events()
    goals = (project.folder / GOALS).stat().st_mtime_ns
    return f"{events[-1].number if events else 0}/{goals}"
