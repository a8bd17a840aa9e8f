"""The screens of a workspace: how they stand, and what they have scored by now."""

from typing import Any

from molgen.app.jobs import Jobs
from molgen.app.newest import Newest
from molgen.app.opened_screen import OpenScreen, identity_of_screen
from molgen.app.workspace import WorkFolder, Workspace
from molgen.screening.parts import PART
from molgen.screening.screen import PARTS
from molgen.screening.settings import screen_ended

OPEN = 3  # screens that are kept in memory


class Screens:
    """The screens of a workspace.

    Attributes
    ----------
    jobs
        `molgen screen` in processes of their own.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.jobs = Jobs("screen", screen_ended, f"{PARTS}/{PART}")
        self._open: Newest[OpenScreen] = Newest(OPEN)

    def opened(self, name: str) -> OpenScreen:
        """A screen with all that it has scored by now.

        Raises
        ------
        DataError
            There is none of this name.
        CampaignError
            It can't be read.
        """
        found = self.workspace.at(name, "screen")
        screen = self._open.get(found.folder, identity_of_screen(found.folder), lambda: OpenScreen(found))
        with screen.one:
            screen.refresh()
        return screen

    def live(self, found: WorkFolder) -> dict[str, Any]:
        """What changes of a screen, as plain values."""
        state = self.jobs.state(found.folder)
        parts = sum(1 for _ in (found.folder / PARTS).glob(PART))
        return {"run": found.name, "state": state, "stamp": f"{parts} {state} {found.changed}"}
