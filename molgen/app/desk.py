"""What the pages work with: the workspace, its campaigns, and how pages are written."""

import datetime
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

from molgen import __version__
from molgen.app.effects import Effects
from molgen.app.events import Events
from molgen.app.jobs import Jobs
from molgen.app.matching import Answers
from molgen.app.opened_screen import OpenScreen, OpenScreens
from molgen.app.overview import Overview
from molgen.app.projects import Projects
from molgen.app.shown_map import ShownMap
from molgen.app.workspace import Workspace
from molgen.errors import DataError
from molgen.reports.pose_source import PoseSource
from molgen.reports.report import drawn_components
from molgen.runs.database import FILE as DATABASE
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.watching import RunReader
from molgen.scoring.component import Component
from molgen.scoring.judgements import REJECT, Judgement, Judgements, read_judgements

USUAL_REASONS = ("can't be made", "reactive or unstable", "too lipophilic", "too large", "toxic group", "not novel")
OPEN = 6  # runs whose molecules are kept in memory


class OpenRun:
    """A run that a page looks at.

    Attributes
    ----------
    config
        Its settings.
    components
        Of its objective, as far as they may be made here: they know units.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = _identity(folder)
        self.config = read_config(folder)
        self.reader = RunReader(folder)
        self.judgements = Judgements()
        self.answers, self.effects, self.map = Answers(), Effects(), ShownMap()
        self.one = threading.Lock()  # who reads, sorts and searches

    @functools.cached_property
    def components(self) -> dict[str, Component]:
        """Of its objective, by the names of its terms and filters."""
        return drawn_components(self.config.get("scoring"))[0]

    @functools.cached_property
    def poses(self) -> PoseSource:
        """Of its molecules, where they were docked."""
        return PoseSource(self.folder, self.components)

    @property
    def names(self) -> list[str]:
        """Of its terms and filters: as they were measured, or as the settings say before anything was."""
        return self.reader.names or [*self._said("terms"), *self.filters]

    @functools.cached_property
    def filters(self) -> list[str]:
        """Names of the filters."""
        return self._said("filters")

    def _said(self, kind: str) -> list[str]:
        scoring = self.config["scoring"]
        group = scoring.get(kind) if isinstance(scoring, dict) else None
        return list(map(str, group)) if isinstance(group, dict) else []

    def refresh(self) -> None:
        """Read what has been added, its terms in the order of the objective, with filters last."""
        if self.reader.refresh():
            said = [*self._said("terms"), *self.filters]
            self.reader.names.sort(key=lambda name: said.index(name) if name in said else -1)
        self.judgements = read_judgements(self.folder)

    @property
    def verdicts(self) -> dict[str, Judgement]:
        """The star or rejection that stands, by the SMILES of molecules as they were judged and in standard form."""
        return {text: fact for fact in self.judgements.verdicts.values() for text in (fact.smiles, fact.given)}

    @property
    def reasons(self) -> list[str]:
        """For which molecules were rejected, the last first, and for which they often are."""
        given = [fact.reason for fact in self.judgements.of_kind(REJECT)[::-1]]
        return list(dict.fromkeys([*given, *USUAL_REASONS]))

    def row(self, number: int) -> dict[str, Any]:
        """A molecule by the number of its call.

        Raises
        ------
        DataError
            There is none.
        """
        rows = self.reader.molecules[self.reader.molecules["id"] == number].to_dict("records")
        if not rows:
            raise DataError(f"{self.folder.name}: no molecule of call {number}")
        return rows[0]

    def calls(self, facts: Iterable[Judgement]) -> dict[str, int]:
        """The numbers of the calls of molecules that were judged, by their SMILES as they were given."""
        wanted = {
            text: given for f in facts for text, given in ((f.given, f.given), (f.smiles, f.given), (f.over_given, f.over_given))
        }
        rows = self.reader.molecules[self.reader.molecules["smiles"].isin(wanted)]
        return {wanted[text]: int(number) for text, number in zip(rows["smiles"], rows["id"], strict=True)}

    @functools.cached_property
    def units(self) -> dict[str, str]:
        """What the values of terms are measured in."""
        return {name: component.value_unit() for name, component in self.components.items()}


class Desk:
    """The state of the server that all pages share.

    Attributes
    ----------
    limit
        Bytes of a request.
    """

    def __init__(self, workspace: Workspace, limit: int) -> None:
        self.workspace, self.limit = workspace, limit
        self.jobs = Jobs()
        self.overview = Overview(workspace, self.jobs)
        self.projects = Projects(workspace)
        self.events = Events(self.look)
        self._screens = OpenScreens()
        self._open: OrderedDict[Path, OpenRun] = OrderedDict()
        self._one = threading.Lock()
        self._templates = _templates()

    def opened_screen(self, name: str) -> OpenScreen:
        """A screen that has ended.

        Raises
        ------
        DataError, CampaignError
            There is none of this name, or it can't be read.
        """
        return self._screens.opened(self.workspace.at(name, "screen"))

    def opened(self, name: str) -> OpenRun:
        """A campaign with all that it has stored by now.

        Raises
        ------
        DataError
            There is none of this name.
        CampaignError
            It can't be read.
        """
        folder = self.workspace.at(name, "campaign").folder
        with self._one:
            run = self._open.pop(folder, None)
            if run is None or run.identity != _identity(folder):  # another run may have taken the place of one
                run = OpenRun(folder)
            self._open[folder] = run
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
        with run.one:
            run.refresh()
        return run

    def look(self) -> dict[str, dict[str, Any]]:
        """What changes of all campaigns and projects, by their names."""
        projects = [self.projects.live(each) for each in self.overview.found() if each.kind == "project"]
        return self.overview.look() | {each["run"]: each for each in projects}

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page, or a part of one."""
        return HTMLResponse(self._templates.get_template(template).render(**values), status)


def _identity(folder: Path) -> tuple[int, ...]:
    """What tells a run from another that is in its place later, whose files may have the same numbers."""
    database, config = folder / DATABASE, folder / CONFIG
    begun = (config.stat().st_ino, config.stat().st_mtime_ns) if config.exists() else ()
    return (database.stat().st_ino if database.exists() else 0, *begun)


def _templates() -> jinja2.Environment:
    shared = jinja2.PrefixLoader({"reports": jinja2.PackageLoader("molgen.reports", ".")})
    loader = jinja2.ChoiceLoader([jinja2.PackageLoader("molgen.app", "templates"), shared])
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    filters: dict[str, Callable[..., str]] = {
        "thousands": lambda n: f"{n:,}",
        "score": _score,
        "ago": ago,
        "time": span,
        "since": since,
    }
    environment.filters |= filters
    environment.globals["version"] = __version__
    return environment


def _score(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"


def ago(then: float) -> str:
    """How long ago a time in seconds since 1970 was, or its day."""
    now = datetime.datetime.now().timestamp()
    if now - then >= 7 * 86400:
        return f"{datetime.datetime.fromtimestamp(then):%-d %B %Y}"
    return "just now" if now - then < 60 else f"{span(now - then)} ago"


def since(time: datetime.datetime) -> str:
    """How long ago a time in UTC was."""
    return ago(time.replace(tzinfo=datetime.UTC).timestamp())


def span(seconds: float) -> str:
    """A time as people say it: its two largest units at most."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h" + (f" {minutes} min" if whole < 6 * 3600 and (minutes := whole % 3600 // 60) else "")
    return f"{whole // 86400} day{'s' * (whole >= 2 * 86400)}"
