"""A limit of time for what is worked out step by step."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from molgen.errors import MolgenError


class OutOfTimeError(MolgenError):
    """The limit of time has been reached."""


class Clock:
    """Stops work that takes too long, by the time of the processor: how busy the machine is doesn't matter."""

    def __init__(self) -> None:
        self._end = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Have `check` raise once the work in this context has taken some time, or an outer context ends."""
        before = self._end
        self._end = min(before, time.thread_time() + seconds)
        try:
            yield
        finally:
            self._end = before

    def check(self) -> None:
        """Called between pieces of work.

        Raises
        ------
        OutOfTimeError
            The time is over.
        """
        if self._end < math.inf and time.thread_time() > self._end:
            raise OutOfTimeError("out of time")
