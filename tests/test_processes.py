"""Work in processes that may hang or die."""

import importlib
import math
import operator
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from molgen.errors import ConfigError
from molgen.processes import DiedError, isolated, processors


def refuse(_: object) -> None:
    raise ConfigError("nothing is right")


def refused(item: int) -> None:
    raise KeyError(item)


def test_results_come_in_order_with_errors_among_them() -> None:
    found = isolated(math.sqrt, [4.0, -1.0, 9.0], processes=2)
    assert found[::2] == [2.0, 3.0]
    assert isinstance(found[1], ValueError)
    assert str(found[1]) == "math domain error"
    [other] = isolated(refused, [0], processes=1)
    assert str(other) == "KeyError: 0"


def test_a_process_imports_what_this_one_can_wherever_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (tmp_path / "of_a_user.py").write_text("def double(item):\n    return 2 * item\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(away)
    double = importlib.import_module("of_a_user").double
    assert isolated(double, [4], processes=5) == [8]  # five: processes that no other test has begun


def test_what_a_process_cannot_import_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "of_another.py").write_text("def double(item):\n    return 2 * item\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    double = importlib.import_module("of_another").double
    shutil.rmtree(tmp_path)
    found = isolated(double, [4, 5], processes=1)
    assert [str(each) for each in found] == ["ModuleNotFoundError: No module named 'of_another'"] * 2


def test_what_hangs_is_killed_and_the_rest_goes_on() -> None:
    began = time.monotonic()
    found = isolated(time.sleep, [60, 0, 0], processes=1, timeout=3.0)
    assert time.monotonic() - began < 20
    assert isinstance(found[0], TimeoutError)
    assert found[1:] == [None, None]


def test_what_kills_its_process_is_tried_again_and_then_given_up() -> None:
    found = isolated(os._exit, [3, 4], processes=1, tries=2)
    assert [type(each) for each in found] == [DiedError, DiedError]
    assert isolated(operator.neg, [1], processes=1) == [-1]


def test_what_prints_does_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    assert isolated(print, ["hello"], processes=1) == [None]
    assert capfd.readouterr().out == ""


def test_a_wrong_configuration_is_raised() -> None:
    with pytest.raises(ConfigError, match="nothing is right"):
        isolated(refuse, [1, 2], processes=1)


def test_ctrl_c_does_not_wait_for_what_is_under_way() -> None:
    """In a process of its own, whose signals no other test has touched."""
    script = """
import operator, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's ignores it
from molgen.processes import isolated
print("begun", flush=True)
try:
    isolated(time.sleep, [300, 300], processes=2, tries=3)
except KeyboardInterrupt:
    print(isolated(operator.neg, [1], processes=2))
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=60)[0] == "[-1]\n"
        finally:
            process.kill()


def test_the_number_of_processors_is_known_where_linux_alone_would_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert processors() == os.cpu_count()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert processors() == 3
