"""What the pages work with: the workspace, its campaigns, and how pages are written."""

import datetime
from collections.abc import Callable
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

from molgen import __version__
from molgen.app.events import Events
from molgen.app.jobs import Jobs
from molgen.app.newest import Newest
from molgen.app.opened_run import OpenRun, identity_of
from molgen.app.opened_screen import OpenScreen
from molgen.app.overview import Overview
from molgen.app.projects import Projects
from molgen.app.screens import Screens
from molgen.app.workspace import WorkFolder, Workspace
from molgen.errors import DataError
from molgen.progress import span

LIVE = ("project", "screen")  # work besides campaigns of which pages hear while it changes
OPEN = 6  # runs whose molecules are kept in memory
KINDS = {"campaign": "call", "screen": "row"}  # work that has molecules, and what each has a number of


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
        self.projects, self.screens = Projects(workspace), Screens(workspace)
        self.events = Events(self.look)
        self._open: Newest[OpenRun] = Newest(OPEN)
        self._templates = _templates()

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
        run = self._open.get(folder, identity_of(folder), lambda: OpenRun(folder))
        with run.one:
            run.refresh()
        return run

    def work(self, kind: str, name: str) -> OpenRun | OpenScreen:
        """A campaign or a screen, one of `KINDS`.

        Raises
        ------
        DataError
            There is none of this name.
        CampaignError
            It can't be read.
        """
        if kind not in KINDS:
            raise DataError(f"{kind[:100]!r}: molecules are those of a {' or of a '.join(KINDS)}")
        return self.opened(name) if kind == "campaign" else self.screens.opened(name)

    def look(self) -> dict[str, dict[str, Any]]:
        """What changes of all campaigns, projects and screens, by their names."""
        return self.overview.look() | {each.name: self.live(each) for each in self.overview.found() if each.kind in LIVE}

    def live(self, found: WorkFolder) -> dict[str, Any]:
        """What changes of a project or a screen, as plain values."""
        return self.projects.live(found) if found.kind == "project" else self.screens.live(found)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page, or a part of one."""
        return HTMLResponse(self._templates.get_template(template).render(**values), status)


def _templates() -> jinja2.Environment:
    shared = jinja2.PrefixLoader({"reports": jinja2.PackageLoader("molgen.reports", ".")})
    loader = jinja2.ChoiceLoader([jinja2.PackageLoader("molgen.app", "templates"), shared])
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    filters: dict[str, Callable[..., str]] = {
        "thousands": lambda n: f"{n:,}",
        "score": _score,
        "plain": _plain,
        "ago": ago,
        "time": span,
        "since": since,
    }
    environment.filters |= filters
    environment.globals["version"] = __version__
    return environment


def _score(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"


def _plain(value: Any) -> str:
    """A cell of a user's table: a number without digits that nobody wrote, and nothing where there is none."""
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def ago(then: float) -> str:
    """How long ago a time in seconds since 1970 was, or its day."""
    now = datetime.datetime.now().timestamp()
    if now - then >= 7 * 86400:
        return f"{datetime.datetime.fromtimestamp(then):%-d %B %Y}"
    return "just now" if now - then < 60 else f"{span(now - then)} ago"


def since(time: datetime.datetime) -> str:
    """How long ago a time in UTC was."""
    return ago(time.replace(tzinfo=datetime.UTC).timestamp())
