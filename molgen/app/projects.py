"""Projects as their pages show them, computed again only where something has been added."""

import functools
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from molgen.app.rounds import LOG, Rounds
from molgen.app.uploads import waiting
from molgen.app.workspace import WorkFolder, Workspace
from molgen.errors import MolgenError
from molgen.project.batch import Batch
from molgen.project.batch_page import estimate_text
from molgen.project.creation import GOALS
from molgen.project.database import FILE
from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Rejected
from molgen.project.overview import overview
from molgen.project.page.endpoints import measured_endpoints, printed, ranked
from molgen.project.page.forecasts import Honesty, honesty
from molgen.project.page.page import Card, best_cards, figures
from molgen.project.page.pictures import Pictures
from molgen.project.page.rounds import rounds_chart, rounds_table
from molgen.project.project import Project
from molgen.project.proposals import batch_of
from molgen.project.status import BestValue, best_values, status
from molgen.reports.batch_routes import summary_of
from molgen.reports.charts import Chart

OPEN = 6  # projects that are kept in memory
SIGNS = {0: "", 1: ">", -1: "<"}


@dataclass(frozen=True)
class ProposedCard:
    """A proposal, with what was predicted of it and what came of it.

    Attributes
    ----------
    state
        pending, measured, not made, crossed out, or to be repeated for a control; `reason` says why, `measured` what was
        measured, endpoint by endpoint.
    """

    id: str
    smiles: str
    purpose: str
    chance: str
    estimates: list[dict[str, Any]]
    nearest: str
    alerts: str
    route: str
    state: str
    reason: str
    measured: list[tuple[str, str]]


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
        return figures(self.data)

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
        waiting = {fact.name for fact in self.project_pending}
        numbers = sorted({fact.round for fact in self.facts if isinstance(fact, Proposed)}, reverse=True)
        return [(number, sum(f.name in waiting for f in self.facts if isinstance(f, Proposed) and f.round == number)) for number in numbers]

    @functools.cached_property
    def project_pending(self) -> list[Proposed]:
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
            self._rounds[number] = batch, self._proposed(batch)
        return self._rounds[number]

    def _proposed(self, batch: Batch) -> list[ProposedCard]:
        proposed = {fact.name: fact for fact in self.facts if isinstance(fact, Proposed)}
        found = []
        for i, name in enumerate(batch.ids):
            state, reason, measured = self._came_of(proposed[name])
            neighbour = batch.neighbours[i] if batch.neighbours else None
            near = ""
            if neighbour is not None:
                change = f": {neighbour.difference.text}" if neighbour.difference.text else ""
                near = f"{neighbour.name or neighbour.smiles} ({neighbour.similarity:.2f}){change}"
            chance = "" if batch.chance is None or np.isnan(batch.chance[i]) else f"{batch.chance[i]:.0%}"
            alerts = str(batch.facts["alerts"].iloc[i]) if "alerts" in batch.facts else ""
            route = summary_of(batch.trees[name]) if name in batch.trees else ""
            estimates = [estimate_text(each, i) | {"unit": printed(each.unit)} for each in batch.estimates]
            purpose = batch.purposes[i] if batch.purposes else ""
            found.append(
                ProposedCard(name, batch.smiles[i], purpose, chance, estimates, near, alerts, route, state, reason, measured)
            )
        return found

    def _came_of(self, fact: Proposed) -> tuple[str, str, list[tuple[str, str]]]:
        """How a proposal stands, why, and what was measured of it."""
        later: list[Fact] = [other for other in self.facts if other.compound == fact.compound]
        own = [other for other in self.holding if other.compound == fact.compound]
        if fact.is_control:
            own = [other for other in own if (other.number or 0) > (fact.number or 0)]
        if own:
            return "measured", "", [(name, _mean([f for f in own if f.endpoint == name])) for name in dict.fromkeys(f.endpoint for f in own)]
        for kind, state in ((NotMade, "not made"), (Rejected, "crossed out")):
            if said := [other for other in later if isinstance(other, kind)]:
                return state, getattr(said[-1], "reason", ""), []
        return "to be repeated" if fact.is_control else "pending", "", []


def _mean(facts: list[Measurement]) -> str:
    exact = [fact.value for fact in facts if not fact.relation]
    if exact:
        return f"{np.mean(exact):.4g}" + f" (mean of {len(exact)})" * (len(exact) > 1)
    return ", ".join(dict.fromkeys(f"{SIGNS[fact.relation]}{fact.value:.4g}" for fact in facts))


class Projects:
    """The projects of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.rounds = Rounds()
        self._open: OrderedDict[Path, tuple[object, ProjectView]] = OrderedDict()
        self._counted: dict[Path, tuple[object, str]] = {}
        self._one = threading.Lock()

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
        with self._one:
            known = self._open.pop(folder, None)
            if known is None or known[0] != stamp:
                known = stamp, ProjectView(folder)
            self._open[folder] = known
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
        return known[1]

    def live(self, found: WorkFolder) -> dict[str, Any]:
        """What changes of a project, as plain values."""
        state = self.rounds.state(found.folder)
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
        paths = [folder / name for name in (FILE, f"{FILE}-wal", GOALS)]
        touched = [(path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0, 0) for path in paths]
        known = self._counted.get(folder)
        if known is None or known[0] != touched:
            events = Project.open(folder).events()
            last = f"{events[-1].number}@{events[-1].time.timestamp():.0f}" if events else "0"
            known = self._counted[folder] = touched, f"{last}/{touched[-1][1]}"
        return known[1]
