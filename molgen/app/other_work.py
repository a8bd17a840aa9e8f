"""Projects, screens and sweeps in a line each."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from molgen.app.remote_projects import RemoteStanding
from molgen.app.report_page import has_report
from molgen.app.workspace import WorkFolder
from molgen.errors import MolgenError
from molgen.project.project import Project
from molgen.runs.saved import read_saved
from molgen.runs.sweep import Sweep
from molgen.screening.screen import HITS, SCREEN
from molgen.screening.settings import screen_ended

SHOWN = 4  # molecules


@dataclass(frozen=True)
class Line:
    """What the first page says of something that isn't a campaign.

    Attributes
    ----------
    facts
        In a few words.
    molecules
        SMILES of the best, where there are any.
    problem
        Why it can't be read; else empty.
    """

    found: WorkFolder
    facts: str
    molecules: tuple[str, ...] = ()
    problem: str = ""

    @property
    def has_report(self) -> bool:
        """Whether molgen has written a page of it."""
        return has_report(self.found.kind, self.found.folder)


def other_work(found: WorkFolder) -> Line:
    """How a project, a screen or a sweep stands."""
    try:
        return LINES[found.kind](found)
    except MolgenError as error:
        return Line(found, "", problem=str(error).splitlines()[0])


def _project(found: WorkFolder) -> Line:
    project = Project.open(found.folder)
    return Line(found, _counts(project.rounds(), len(project.to_pandas()), len(project.pending())))


def remote_project(found: WorkFolder, said: RemoteStanding | None) -> Line:
    """How a project stands whose database is elsewhere, by what it has said; None before it has answered."""
    if said is None:
        return Line(found, "its database is being asked")
    return Line(found, _counts(said.rounds, said.measured, said.pending), problem=said.problem)


def _counts(rounds: int, measured: int, pending: int) -> str:
    return f"{_count(rounds, 'round')}, {_count(measured, 'measurement')}, {pending} pending"


def _screen(found: WorkFolder) -> Line:
    library = str(read_saved(found.folder / SCREEN).get("library", ""))
    facts = f"of {library.rpartition('/')[2]}"
    if not screen_ended(found.folder):
        return Line(found, facts)
    try:
        hits = pd.read_csv(found.folder / HITS, nrows=SHOWN, dtype=str)
    except (OSError, ValueError):
        return Line(found, facts)
    return Line(found, facts, tuple(hits["smiles"].dropna()) if "smiles" in hits else ())


def _sweep(found: WorkFolder) -> Line:
    sweep = Sweep.read(found.folder)
    done = sum(map(sweep.done, sweep.jobs))
    return Line(found, f"{done} of {_count(len(sweep.jobs), 'campaign')} finished, over {', '.join(sweep.keys)}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


LINES: dict[str, Callable[[WorkFolder], Line]] = {"project": _project, "screen": _screen, "sweep": _sweep}
