"""Signals that ask a command to end: heard also where a library swallows the exception that they raise."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_received: list[signal.Signals] = []


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end; handled like Ctrl-C."""


@contextmanager
def interruptible(numbers: Sequence[signal.Signals]) -> Iterator[list[signal.Signals]]:
    """Raise `Stopped` where a signal arrives, and from `heed` until the end; what arrived is in the list, the last one last."""

    def stop(number: int, _: Any) -> None:
        _received.append(signal.Signals(number))
        raise Stopped

    _received.clear()
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number in numbers:
            signal.signal(number, stop)
        yield _received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _received.clear()


def heed() -> None:
    """Hear, in the main thread, of a signal that has arrived: called now and then by what takes long.

    An exception that a signal raises amid a library's callbacks, or where it catches everything, is lost otherwise.

    Raises
    ------
    Stopped
        One has.
    """
    if _received and threading.current_thread() is threading.main_thread():
        raise Stopped
