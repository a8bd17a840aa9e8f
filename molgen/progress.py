"""How far long work is: a live line on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from molgen.interruption import heed

PAUSE = 10.0  # s between two lines if there is no terminal
CONSOLE = Console(stderr=True)  # one, so that a bar can be drawn while another is


class Advance:
    """What long work tells its progress to: called with the number of units that were finished.

    Parameters
    ----------
    what
        The work.
    unit
        What is counted, in the plural.
    total
        Number of units, if it is known.
    bar
        Where it is drawn; None writes lines into the log, if `visible`.
    """

    def __init__(self, what: str, unit: str, total: int | None, bar: Bar | None, *, visible: bool) -> None:
        self.what, self.unit, self.total, self.bar, self.visible = what, unit, total, bar, visible
        self.done, self.now = 0, ""
        self.begun = self.said = time.monotonic()
        self.task = None if bar is None else bar.add_task(what, total=total, facts=self.facts())

    def __call__(self, units: int = 1) -> None:
        """So many units more are finished."""
        heed()
        self.done += units
        self._show()

    def doing(self, what: str) -> None:
        """The step that begins now."""
        heed()
        self.now = what
        self._show()

    def facts(self) -> str:
        """Units that are finished, of how many or how many per second, and the step that began last."""
        of = "" if self.total is None else f" of {self.total:,}"
        rate = f", {self.done / max(time.monotonic() - self.begun, 1e-9):,.0f}/s" if self.total is None else ""
        return f"{self.done:,}{of} {self.unit}{rate}{'; ' if self.now else ''}{self.now}"

    def _show(self) -> None:
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done, facts=self.facts())
        elif self.visible and time.monotonic() - self.said >= PAUSE:
            self.said = time.monotonic()
            sys.stderr.write(f"{self.what}: {self.facts()}\n")


@contextmanager
def progress(what: str, unit: str = "molecules", total: int | None = None, *, visible: bool = True) -> Iterator[Advance]:
    """What to report finished units to: it draws a bar, or writes a line into the log now and then.

    Parameters
    ----------
    visible
        Whether anything is shown: short work needs no progress.
    """
    if not visible or not sys.stderr.isatty():
        yield Advance(what, unit, total, None, visible=visible)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[facts]}"), TimeElapsedColumn()
    with Bar(*columns, console=CONSOLE) as bar:
        yield Advance(what, unit, total, bar, visible=True)
