"""Signals whose exception something swallows."""

import contextlib
import signal
import threading
from pathlib import Path

import pytest

from molgen import design
from molgen.interruption import Stopped, heed, interruptible
from molgen.progress import progress
from tests.runs.small import QUICK, carbons, molecules


def swallowed() -> None:
    """A signal arrives where everything is caught, as in a library's callback."""
    with contextlib.suppress(BaseException):
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_is_heard_later_by_the_main_thread_and_forgotten_at_the_end() -> None:
    heard: list[str] = []

    def elsewhere() -> None:
        heed()
        heard.append("nothing")

    before = signal.getsignal(signal.SIGTERM)
    with interruptible([signal.SIGTERM]) as received:
        heed()
        swallowed()
        assert received == [signal.SIGTERM]
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        with pytest.raises(Stopped):
            heed()
    assert heard == ["nothing"]
    assert signal.getsignal(signal.SIGTERM) == before
    heed()


def test_what_tells_its_progress_is_stopped() -> None:
    with interruptible([signal.SIGTERM]), progress("work", visible=False) as advance:
        swallowed()
        with pytest.raises(Stopped):
            advance()


def test_a_campaign_is_stopped_before_its_next_batch(tmp_path: Path) -> None:
    def measured(smiles: list[str]) -> list[float]:
        swallowed()
        return carbons(smiles)

    with interruptible([signal.SIGTERM]), pytest.raises(Stopped):
        design(measured, 200, "genetic", 0, tmp_path / "run", overrides=QUICK)
    assert 0 < len(molecules(tmp_path / "run")) < 200
