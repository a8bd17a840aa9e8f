"""Workers that score molecules side by side; a killed or hanging one costs no molecule."""

import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self

import numpy as np
import ray
from ray.exceptions import RayError

from molgen.cluster.connect import by_head, kill, wait
from molgen.cluster.losses import fate, raised, what
from molgen.cluster.room import described, fitting
from molgen.cluster.sending import sendable
from molgen.cluster.workers import Workers
from molgen.errors import ClusterError
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores

LOG = logging.getLogger(__name__)
WORTHWHILE = 0.02  # seconds of work beside which handing it out is cheap
SAY = 20.0  # seconds without a worker, after which it is said what is waited for


class _Worker:
    """A process with its own copy of what scores."""

    def __init__(self, function: Callable[[list[str]], Scores]) -> None:
        self.function = function

    def ready(self) -> None:
        """Answered once models are loaded."""

    def score(self, smiles: list[str]) -> Scores:
        return self.function(smiles)


@dataclass(frozen=True)
class _Batch:
    """SMILES that a worker is busy with, none while it starts, since when, when it is to be done, and how often it started."""

    worker: Any
    smiles: tuple[str, ...]
    deadline: float
    started: float = 0.0
    starts: int = 0


class Pool(AsynchronousScorer):
    """Scores SMILES by workers, each with its own copy of a scoring function.

    A task whose worker dies, is killed for want of memory, or hangs is given to others, a molecule at a time, in turns with
    what waits; one that fails again and again is recorded as failed. A worker that can't be started is done without.

    Parameters
    ----------
    function
        Sent to each worker once.
    """

    def __init__(self, function: Callable[[list[str]], Scores], workers: Workers) -> None:
        self.workers = workers
        with sendable("objective", function):
            self.function = ray.put(function)
        cpus, gpus, memory = workers.needs.values()
        self._maker = ray.remote(_Worker).options(num_cpus=cpus, num_gpus=gpus, memory=memory or None)
        room = fitting(workers)
        self.size = workers.number or room
        if self.size > room:
            LOG.warning("the cluster has room for %d of %d workers; the others start when it grows", room, self.size)
        self._running: dict[Any, _Batch] = {}
        self._idle: list[Any] = []
        self._waiting: deque[str] = deque()
        self._suspects: deque[str] = deque()
        self._failures: Counter[str] = Counter()
        self._suspect_next = False
        self._said = False
        self._losses: Counter[str] = Counter()
        self._retries = 0
        self._pace = math.inf  # seconds per molecule, in the last task done

    def __enter__(self) -> Self:
        """Start the workers."""
        for _ in range(self.size):
            self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop them."""
        for worker in [*self._idle, *(task.worker for task in self._running.values())]:
            kill(worker)
        self._idle, self._running = [], {}

    def warm_up(self) -> None:
        """Wait until every worker has started, before anything is submitted."""
        while len(self._idle) < self.size:
            self.collect()

    @property
    def capacity(self) -> int:
        """See `AsynchronousScorer.capacity`."""
        return 2 * self.size

    @property
    def facts(self) -> dict[str, float]:
        """See `AsynchronousScorer.facts`; numbers of workers, and of molecules."""
        return {
            "workers": len(self._idle) + sum(bool(task.smiles) for task in self._running.values()),
            "in flight": sum(len(task.smiles) for task in self._running.values()),
            "queued": len(self._waiting) + len(self._suspects),
            "deaths": self._losses.total(),
            "retries": self._retries,
            "failures": sum(number >= self.workers.tries for number in self._failures.values()),
        }

    @property
    def losses(self) -> Counter[str]:
        """See `AsynchronousScorer.losses`."""
        return self._losses

    def submit(self, smiles: Sequence[str]) -> None:
        """See `AsynchronousScorer.submit`."""
        self._waiting += smiles
        self._hand_out()

    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """See `AsynchronousScorer.collect`; an exception that scoring raises is raised here.

        Raises
        ------
        ClusterError
            Workers die as they start.
        """
        wait_for([self], wake)
        return self.arrived()

    def arrived(self) -> list[Scores]:
        """What has come, without waiting; workers that hang are replaced."""
        done, _ = ray.wait(list(self._running), num_returns=len(self._running), timeout=0)
        found = [scores for ref in done for scores in self._finish(ref, self._running.pop(ref))]
        self._say_what_is_missing()
        for ref, task in list(self._running.items()):
            if task.deadline < time.monotonic():
                found += self._lost(self._running.pop(ref), f"took longer than {self.workers.timeout:g} s")
        self._hand_out()
        return found

    def _finish(self, ref: Any, task: _Batch) -> list[Scores]:
        try:
            scores = ray.get(ref)
        except RayError as error:
            if (cause := raised(error)) is not None:
                self._idle.append(task.worker)
                raise cause from error
            return self._lost(task, f"its worker {fate(error)}", error)
        self._idle.append(task.worker)
        if not task.smiles:
            return []
        self._pace = (time.monotonic() - task.started) / len(task.smiles)
        return [scores]

    def _lost(self, task: _Batch, reason: str, error: RayError | None = None) -> list[Scores]:
        """Start a worker in place of the task's; what becomes of its molecules: nothing yet, or the end of their tries."""
        kill(task.worker)  # it may live on, out of reach
        self._losses[reason] += 1
        if task.smiles or task.starts < self.workers.tries:
            self._start(1 if task.smiles else task.starts + 1)
        else:
            self._do_without(error)
        if len(task.smiles) > 1:
            self._retries += len(task.smiles)
            self._suspects += task.smiles
            return []
        for text in task.smiles:
            self._failures[text] += 1
            if self._failures[text] == self.workers.tries:
                return [Scores([text], np.zeros(1), [f"failed: {reason}, {self.workers.tries} times"])]
            self._retries += 1
            self._suspects.append(text)
        return []

    def _do_without(self, error: RayError | None) -> None:
        """Go on with the other workers, where one can't be started."""
        self.size -= 1
        if not self.size:
            raise ClusterError(f"workers die as they start: {what(error)}") from error
        LOG.warning("a worker %s as it started, %d times; %d are left", fate(error), self.workers.tries, self.size)

    def _start(self, starts: int = 1) -> None:
        worker = by_head(partial(self._maker.remote, self.function))
        self._running[worker.ready.remote()] = _Batch(worker, (), math.inf, time.monotonic(), starts)

    def _hand_out(self) -> None:
        """Give molecules to idle workers: suspects one by one, in turns with the others."""
        while self._idle and (self._waiting or self._suspects):
            worker = self._idle.pop()
            if self._suspects and (self._suspect_next or not self._waiting):
                smiles: tuple[str, ...] = (self._suspects.popleft(),)
            else:
                smiles = tuple(self._waiting.popleft() for _ in range(self._share()))
            self._suspect_next = not self._suspect_next
            now = time.monotonic()
            task = _Batch(worker, smiles, now + (self.workers.timeout or math.inf), now)
            self._running[worker.score.remote(list(smiles))] = task

    def _say_what_is_missing(self) -> None:
        """Warn once if molecules wait, and no worker has come for a while."""
        since = min((task.started for task in self._running.values()), default=math.inf)
        busy = self._idle or any(task.smiles for task in self._running.values())
        if busy or time.monotonic() - since < SAY:
            self._said = self._said and not busy
        elif not self._said:
            self._said = True
            LOG.warning(
                "no worker has started yet, for want of room or as models load: %d of %s each; the cluster has %s, free are %s",
                self.size,
                described(self.workers.needs),
                described(ray.cluster_resources()),
                described(ray.available_resources()),
            )

    def _share(self) -> int:
        """How many of the waiting molecules the next worker gets: ever fewer, but not so few that handing out takes longer."""
        if self.workers.timeout:
            return 1
        fair = math.ceil(len(self._waiting) / (2 * self.size))
        return min(self.workers.batch, len(self._waiting), max(fair, int(WORTHWHILE / self._pace)))


def wait_for(pools: Sequence[Pool], wake: Sequence[Any] = ()) -> None:
    """Wait until a task of one of `pools` is done or overdue, or one of `wake` is done."""
    tasks = {ref: task for pool in pools for ref, task in pool._running.items()}
    if awaited := [*tasks, *wake]:
        patience = min((task.deadline for task in tasks.values()), default=math.inf) - time.monotonic()
        wait(awaited, min(max(0.0, patience), SAY))
