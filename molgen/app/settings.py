"""The settings of `molgen app`."""

from dataclasses import dataclass
from typing import ClassVar

from molgen.serve.server import Listener


@dataclass(frozen=True)
class AppSettings(Listener):
    """Where the page is, and whether a browser opens it.

    Attributes
    ----------
    browser
        Whether to open it in the user's browser.
    """

    group: ClassVar[str] = "app"
    port: int = 8080
    browser: bool = True
