"""Calls of a function in separate processes, one item per call: hanging processes are killed, crashed ones retried.

`multiprocessing` would import the user's script again in every process, or fork this one with torch's and Ray's threads.
"""

import atexit
import fcntl
import functools
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from molgen.errors import MolgenError

Outcome = tuple[Any, Exception | None]


class DiedError(Exception):
    """The process that worked on an item died."""


def processors() -> int:
    """Number of processes worth running: OMP_NUM_THREADS, which Ray sets for its workers, or all processors available."""
    if said := int(os.environ.get("OMP_NUM_THREADS") or 0):
        return said
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def isolated(
    function: Callable[[Any], Any], items: Sequence[Any], processes: int, timeout: float | None = None, tries: int = 1
) -> list[Any]:
    """Call `function` on every item [n] in parallel processes; yields results, or the exceptions raised, in order.

    An item that takes longer than `timeout` seconds yields a TimeoutError; one whose process dies `tries` times a DiedError.

    Raises
    ------
    MolgenError
        `function` raised it, and would raise it for every item.
    """
    busy: set[_Worker] = set()
    stopped = threading.Event()

    def outcome(item: Any) -> Any:
        for _ in range(tries):
            worker = _workers(processes).get()
            busy.add(worker)
            try:
                result, error = worker.call(function, item, timeout)
            finally:
                busy.discard(worker)
                _workers(processes).put(worker)
            if stopped.is_set() or not isinstance(error, DiedError):
                break
        if isinstance(error, MolgenError):
            raise error
        return result if error is None else error

    with ThreadPoolExecutor(processes) as threads:
        futures = [threads.submit(outcome, item) for item in items]
        try:
            return [_result(future) for future in futures]
        except BaseException:
            stopped.set()
            for future in futures:
                future.cancel()
            while not all(
                future.done() for future in futures
            ):  # Ctrl-C waits neither for work nor for a process that is just starting
                for worker in list(busy):
                    worker.stop()
                wait(futures, timeout=0.1)
            raise


def _result(future: Future[Any]) -> Any:
    """The result of a future; waiting is interrupted now and then to notice signals that another thread received."""
    while not future.done():
        wait([future], timeout=0.5)
    return future.result()


@functools.cache
def _workers(processes: int) -> "queue.SimpleQueue[_Worker]":
    workers: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    for _ in range(processes):
        workers.put(_Worker())
    return workers


class _Worker:
    """A process that starts when first needed, and ends with this one, when its input closes."""

    def __init__(self) -> None:
        self.process: Any = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()

    def call(self, function: Callable[[Any], Any], item: Any, timeout: float | None) -> Outcome:
        if self.process is None or self.process.poll() is not None:
            self.process = _start()
            atexit.register(self.process.kill)
        process = self.process
        call = pickle.dumps((function, item, timeout))
        try:
            pickle.dump(call, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            process.kill()
            if process.wait() == -signal.SIGALRM:
                return None, TimeoutError(f"took longer than {timeout:g} s")
            return None, DiedError("its process died")


def _start() -> "subprocess.Popen[bytes]":
    """Start a process with this one's import path, wherever either began."""
    command = [sys.executable, "-P", "-m", "molgen.processes"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(place).absolute()) for place in sys.path)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)


def _serve() -> None:
    """Answer calls until the input closes; prints are diverted."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    while True:
        try:
            call = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _end_with_input(True)
        try:
            function, item, timeout = pickle.loads(call)
            signal.setitimer(signal.ITIMER_REAL, timeout or 0)  # it ends this process, even where no Python runs
            outcome: Outcome = function(item), None
        except MolgenError as error:
            outcome = None, error
        except ValueError as error:  # describes what is wrong with the item
            outcome = None, ValueError(str(error))
        except Exception as error:
            outcome = None, RuntimeError(f"{type(error).__name__}: {error}")
        signal.setitimer(signal.ITIMER_REAL, 0)
        _end_with_input(False)  # before the answer, which brings the next call
        pickle.dump(outcome, answers)
        answers.flush()


def _end_with_input(active: bool) -> None:
    """Let a signal (SIGIO) end this process when its input closes, since at work it doesn't read and may be in C for long."""
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC if active else flags & ~os.O_ASYNC)
    if active and select.select([0], [], [], 0)[0]:  # closed before the signal was enabled; nothing else arrives during work
        os._exit(0)


if __name__ == "__main__":
    from molgen.processes import _serve as serve

    serve()
