"""How far long work is: a live line on a terminal, a line now and then in a log."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from molgen.interruption import heed

PAUSE = 10.0  # s between two lines if there is no terminal
SOON = 10.0  # s that needn't be announced
RECENT = 20  # calls from which the speed is told: what was done before work went on counts at once
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
    about
        Whether the total is an estimate.
    """

    def __init__(self, what: str, unit: str, total: int | None, bar: Bar | None, *, visible: bool, about: bool = False) -> None:
        self.what, self.unit, self.total, self.bar, self.visible, self.about = what, unit, total, bar, visible, about
        self.done, self.now = 0, ""
        self.said = time.monotonic()
        self.calls = deque([(self.said, 0)], RECENT)
        self.task = None if bar is None else bar.add_task(what, total=total, facts=self.facts())

    def __call__(self, units: int = 1) -> None:
        """So many units more are finished."""
        heed()
        self.done += units
        self.calls.append((time.monotonic(), self.done))
        self._show()

    def doing(self, what: str) -> None:
        """The step that begins now."""
        heed()
        self.now = what
        self._show()

    def facts(self) -> str:
        """Units that are finished, of how many, the speed or the time that is left, and the step that began last."""
        (then, before), (now, done) = self.calls[0], self.calls[-1]
        rate = (done - before) / max(now - then, 1e-9)
        if self.total is None:
            told = f", {rate:,.0f}/s"
        else:
            left = (self.total - self.done) / rate if rate else 0
            told = f", {span(left)} left" if left > SOON else ""
        of = "" if self.total is None else f" of {'about ' * self.about}{self.total:,}"
        return f"{self.done:,}{of} {self.unit}{told}{'; ' if self.now else ''}{self.now}"

    def _show(self) -> None:
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done, facts=self.facts())
        elif self.visible and time.monotonic() - self.said >= PAUSE:
            self.said = time.monotonic()
            sys.stderr.write(f"{self.what}: {self.facts()}\n")


@contextmanager
def progress(
    what: str, unit: str = "molecules", total: int | None = None, *, visible: bool = True, about: bool = False
) -> Iterator[Advance]:
    """What to report finished units to: it draws a bar, or writes a line into the log now and then.

    Parameters
    ----------
    visible
        Whether anything is shown: short work needs no progress.
    about
        Whether `total` is an estimate.
    """
    if not visible or not sys.stderr.isatty():
        yield Advance(what, unit, total, None, visible=visible, about=about)
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[facts]}"), TimeElapsedColumn()
    with Bar(*columns, console=CONSOLE) as bar:
        yield Advance(what, unit, total, bar, visible=True, about=about)


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
