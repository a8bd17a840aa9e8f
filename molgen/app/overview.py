"""Campaigns in a few words and numbers, read again only where their files have changed."""

import math
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molgen.app.jobs import Jobs
from molgen.app.workspace import WorkFolder, Workspace
from molgen.errors import MolgenError
from molgen.runs.database import FILE
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.watching import Outline, read_outline

FRESH = 3.0  # s for which the list of folders is good
NOTHING = Outline(0, 0.0, (), math.nan)


@dataclass(frozen=True)
class CampaignCard:
    """A campaign as the first page shows it.

    Attributes
    ----------
    name, changed
        As of `WorkFolder`.
    title, terms, strategy, budget
        Of its settings.
    state
        Of `Jobs.state`; broken where `problem` says why it can't be read.
    outline
        What it has found so far.
    """

    name: str
    title: str
    state: str
    changed: float
    terms: tuple[str, ...] = ()
    strategy: str = ""
    budget: int = 0
    outline: Outline = NOTHING
    problem: str = ""

    @property
    def stamp(self) -> str:
        """What is different once anything has changed that its page shows."""
        return f"{self.outline.calls} {self.state} {self.outline.judged} {self.outline.learnt}".rstrip()

    def live(self) -> dict[str, Any]:
        """What changes, as plain values."""
        found = self.outline
        best = found.best[0][1] if found.best else None
        top10 = None if math.isnan(found.top10) else found.top10
        return {
            "run": self.name,
            "state": self.state,
            "calls": found.calls,
            "budget": self.budget,
            "best": best,
            "top10": top10,
            "problem": self.problem,
            "stamp": self.stamp,
        }


class Overview:
    """The campaigns of a workspace."""

    def __init__(self, workspace: Workspace, jobs: Jobs) -> None:
        self.workspace = workspace
        self.jobs = jobs
        self._read: dict[Path, tuple[object, CampaignCard]] = {}
        self._found: list[WorkFolder] = []
        self._looked = -math.inf
        self._one = threading.Lock()

    def found(self, *, now: bool = False) -> list[WorkFolder]:
        """What there is, as it was a few seconds ago at most, or `now`."""
        with self._one:
            if now or time.monotonic() - self._looked > FRESH:
                self._found, self._looked = self.workspace.find(), time.monotonic()
            return self._found

    def card(self, found: WorkFolder) -> CampaignCard:
        """A campaign; one that can't be read says why."""
        state = self.jobs.state(found.folder)
        stamp = (state, _stamp(found.folder))
        known = self._read.get(found.folder)
        if known is None or known[0] != stamp:
            try:
                card = _card(found, state)
            except MolgenError as error:
                card = CampaignCard(found.name, found.folder.name, "broken", found.changed, problem=str(error).splitlines()[0])
            known = self._read[found.folder] = stamp, card
        return known[1]

    def cards(self, *, now: bool = False) -> list[CampaignCard]:
        """All campaigns, what changed last first."""
        return [self.card(each) for each in self.found(now=now) if each.kind == "campaign"]

    def look(self) -> dict[str, dict[str, Any]]:
        """What changes of all campaigns, by their names."""
        return {card.name: card.live() for card in self.cards()}

    def pace(self, strategy: str) -> tuple[str, float] | None:
        """The latest campaign of a strategy, and how many seconds it took per call; None if there is none."""
        for card in self.cards():
            if card.strategy == strategy and card.outline.calls >= 20:
                return card.name, card.outline.seconds / card.outline.calls
        return None


def strategy_of(search: Any) -> str:
    """What a search is called in the settings; one class searches for routes and without."""
    if not isinstance(search, dict):
        return str(search)
    found = str(search.get("_target_", "")).rpartition(".")[2]
    if found == "Surrogate" and search.get("makeable"):
        return "routes"
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", found).lower()


def _stamp(folder: Path) -> tuple[tuple[int, int], ...]:
    """What is different once something has been written."""
    paths = [folder / name for name in (FILE, f"{FILE}-wal", CONFIG)]
    return tuple((path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else (0, 0) for path in paths)


def _card(found: WorkFolder, state: str) -> CampaignCard:
    config = read_config(found.folder)
    campaign, scoring, search = config["campaign"], config["scoring"], config["search"]
    terms = scoring.get("terms") if isinstance(scoring, dict) else None
    budget = campaign.get("budget")
    return CampaignCard(
        found.name,
        str(campaign.get("title") or found.folder.name),
        state,
        found.changed,
        tuple(map(str, terms)) if isinstance(terms, dict) else (str(scoring)[:200],),
        strategy_of(search),
        budget if isinstance(budget, int) else 0,
        read_outline(found.folder),
    )
