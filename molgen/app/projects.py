"""Projects as their pages show them, computed again only where something has been added."""

import functools
import threading
from pathlib import Path
from typing import Any

from molgen.app.newest import Newest
from molgen.app.proposal_cards import ProposedCard, proposal_cards
from molgen.app.remote_projects import RemoteProjects, has_facts_elsewhere
from molgen.app.rounds import LOG, Rounds
from molgen.app.uploads import waiting
from molgen.app.workspace import WorkFolder, Workspace
from molgen.errors import MolgenError
from molgen.project.batch import Batch
from molgen.project.creation import GOALS
from molgen.project.database import FILE
from molgen.project.facts import Proposed
from molgen.project.overview import overview
from molgen.project.page.endpoints import measured_endpoints, printed, ranked
from molgen.project.page.forecasts import Honesty, honesty
from molgen.project.page.page import Card, best_cards, project_figures
from molgen.project.page.pictures import Pictures
from molgen.project.page.rounds import rounds_chart, rounds_table
from molgen.project.project import Project
from molgen.project.proposals import batch_of
from molgen.project.status import BestValue, best_values, status
from molgen.reports.charts import Chart

OPEN = 6  # projects that are kept in memory


class ProjectView:
    """What a page shows of a project as it is now."""

    def __init__(self, folder: Path) -> None:
        self.project = Project.open(folder)
        self.facts = self.project.facts()
        self.holding = self.project.measurements()
        self.goals = self.project.goals
        self.data = overview(self.project)
        self.endpoints = measured_endpoints(self.data)
        self.one = threading.Lock()  # who computes what follows
        self._rounds: dict[int, tuple[Batch, list[ProposedCard]]] = {}

    @functools.cached_property
    def best(self) -> dict[str, BestValue]:
        """The best value of each measured goal, by its name."""
        return {best.goal: best for best in best_values(self.holding, list(self.goals.goals.values()))}

    @functools.cached_property
    def lines(self) -> list[str]:
        """What `molgen project status` says of measurements and of what predicts goals."""
        return [line.strip() for line in status(self.project) if line.startswith("  ") and not line.startswith("  best ")]

    @functools.cached_property
    def figures(self) -> list[tuple[str, str]]:
        """Compounds, rounds and the like, a name and a number each."""
        return project_figures(self.data)

    @functools.cached_property
    def cards(self) -> list[Card]:
        """The best measured compounds."""
        return best_cards(self.data, ranked(self.data, self.endpoints), self.endpoints, Pictures())

    @functools.cached_property
    def rounds_table(self) -> tuple[list[str], list[list[str]]]:
        """Headings and rows."""
        return rounds_table(self.data, self.endpoints)

    @functools.cached_property
    def chart(self) -> Chart | None:
        """What was measured over the rounds."""
        return rounds_chart(self.data, self.endpoints)

    @functools.cached_property
    def honesty(self) -> Honesty | None:
        """What was predicted against what was measured."""
        return honesty(self.data, self.endpoints)

    @functools.cached_property
    def units(self) -> dict[str, str]:
        """Of goals, for reading."""
        return {goal.name: printed(goal.unit) for goal in self.data.goals}

    @property
    def rounds(self) -> list[tuple[int, int]]:
        """Each round with how many of it are pending, the last first."""
        waiting = {fact.name for fact in self.pending}
        numbers = sorted({fact.round for fact in self.facts if isinstance(fact, Proposed)}, reverse=True)
        return [
            (number, sum(f.name in waiting for f in self.facts if isinstance(f, Proposed) and f.round == number))
            for number in numbers
        ]

    @functools.cached_property
    def pending(self) -> list[Proposed]:
        """Proposals that nothing is known of yet."""
        return self.project.pending()

    def round(self, number: int) -> tuple[Batch, list[ProposedCard]]:
        """The proposals of a round.

        Raises
        ------
        CampaignError
            There is no such round.
        """
        if number not in self._rounds:
            batch = batch_of(self.project, number)
            self._rounds[number] = batch, proposal_cards(batch, self.facts, self.holding)
        return self._rounds[number]


class Projects:
    """The projects of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.rounds, self.remotes = Rounds(), RemoteProjects()
        self._open: Newest[ProjectView] = Newest(OPEN)
        self._counted: dict[Path, tuple[object, str]] = {}

    def folder(self, name: str) -> Path:
        """Of a project.

        Raises
        ------
        DataError
            There is none of this name.
        """
        return self.workspace.at(name, "project").folder

    def view(self, name: str) -> ProjectView:
        """A project with all that it has by now.

        Raises
        ------
        DataError
            There is none of this name.
        MolgenError
            It can't be read.
        """
        folder = self.folder(name)
        stamp = self._facts(folder)
        return self._open.get(folder, stamp, lambda: ProjectView(folder))

    def live(self, found: WorkFolder) -> dict[str, Any]:
        """What changes of a project, as plain values."""
        state = self.rounds.state(found.folder)
        if has_facts_elsewhere(found.folder):
            said = self.remotes.said(found.folder)
            facts = "asked" if said is None else said.stamp or "unread"
        else:
            try:
                facts = self._facts(found.folder)
            except MolgenError:
                facts = "unread"
        log = found.folder / LOG
        size = log.stat().st_size if log.is_file() else 0
        more = f"{size}/{'-'.join(each.key for each in waiting(found.folder))}"
        return {"run": found.name, "state": state, "stamp": f"{facts} {state} {more}"}

    def _facts(self, folder: Path) -> str:
        """What is different once a fact has been added, or the goals have changed; reading alone may touch the files."""
        if has_facts_elsewhere(folder):
            return self.remotes.now(folder)
        paths = [folder / name for name in (FILE, f"{FILE}-wal", GOALS)]
        touched = [
            (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0, 0) for path in paths
        ]
        known = self._counted.get(folder)
        if known is None or known[0] != touched:
            events = Project.open(folder).events()
            last = f"{events[-1].number}@{events[-1].time.timestamp():.0f}" if events else "0"
            known = self._counted[folder] = touched, f"{last}/{touched[-1][1]}"
        return known[1]
