"""What ends a command, in a line."""

import os
import signal
from concurrent.futures import BrokenExecutor

import joblib
import pytest

from molgen.cli.errors import errors_in_lines


def end() -> None:
    """As the system does where the memory doesn't suffice."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_ended_from_outside_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, errors_in_lines():
        joblib.Parallel(n_jobs=2)(joblib.delayed(end)() for _ in range(2))
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("molgen: a process that shared the work was ended from outside")


def test_what_breaks_the_work_from_within_keeps_its_traceback() -> None:
    with pytest.raises(BrokenExecutor), errors_in_lines():
        raise BrokenExecutor("A task has failed to un-serialize.")
