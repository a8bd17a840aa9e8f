"""Strategies that think in processes of their own."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from molgen.cluster.connect import by_head, kill, wait
from molgen.cluster.losses import fate, raised, what
from molgen.cluster.sending import sendable
from molgen.errors import ClusterError
from molgen.generators.base import Generator
from molgen.learn.checkpoint import pack, unpack
from molgen.processes import processors
from molgen.scoring.scores import Scores
from molgen.search.pending import Told, with_told
from molgen.search.strategy import Proposal, State, Strategy, as_proposals

TRIES = 3


class _Thinker:
    """The process."""

    def __init__(self, make: Callable[[], Strategy], state: bytes | None, threads: int) -> None:
        os.environ["OMP_NUM_THREADS"] = str(threads)  # which `processors` reads
        self.strategy = make()
        if state is not None:
            self.strategy.load_state_dict(unpack(state, Path("state")))

    def ask(self, n: int) -> tuple[list[Proposal], list[Proposal]]:
        asked = as_proposals(self.strategy.ask(n))
        return asked, self.strategy.spare()

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        self.strategy.receive(proposals, scores)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        self.strategy.hear(proposals, scores)

    def state(self) -> bytes:
        return pack(self.strategy.state_dict())

    def for_new_objective(self, state: bytes) -> bytes | None:
        kept = self.strategy.for_new_objective(unpack(state, Path("state")))
        return None if kept is None else pack(kept)


class Island(Strategy):
    """A strategy in a process on the cluster; `ask` begins to think and gives nothing until that is done.

    A process that dies is restarted from the last `state_dict`, and told again what it was told since.

    Parameters
    ----------
    make
        Makes the strategy, there.
    num_gpus
        Of the process; fractions share one.
    alone
        It has as many processors as this process has; several islands have one each.
    """

    def __init__(self, make: Callable[[], Strategy], num_gpus: float = 0.0, *, alone: bool = False) -> None:
        self.make = make
        self.threads = processors() if alone else 1
        self._maker = ray.remote(_Thinker).options(num_cpus=0, num_gpus=num_gpus, scheduling_strategy="SPREAD")
        self.deaths = 0
        self._state: bytes | None = None
        self._told: list[Told] = []
        self._spare: list[Proposal] = []
        self._start()

    def _start(self) -> None:
        with sendable("search", self.make):
            self.actor = by_head(partial(self._maker.remote, self.make, self._state, self.threads))
        self._learning = [getattr(self.actor, how).remote(*told) for how, *told in self._told]
        self._asked: Any = None
        self._saving = self._save() if self._state is None else None

    @property
    def thinking(self) -> Sequence[Any]:
        """See `Strategy.thinking`."""
        return [] if self._asked is None else [self._asked]

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        if self._asked is None:
            self._asked = self.actor.ask.remote(n)
        if not ray.wait([self._asked], timeout=0)[0]:
            return []
        try:
            found, spare = self._result(self._asked)
        except RayError as error:
            self._lost(error)
            return self.ask(n)
        self._asked = None
        self._spare = spare or self._spare
        return list(found)

    def spare(self) -> list[Proposal]:
        """See `Strategy.spare`."""
        given, self._spare = self._spare, []
        return given

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.receive(as_proposals(smiles), scores)

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`."""
        self._send("receive", list(proposals), scores)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.hear`."""
        self._send("hear", list(proposals), scores)

    def _send(self, how: str, proposals: list[Proposal], scores: Scores) -> None:
        """Have the process learn; what was sent is kept until its next state."""
        self._told.append((how, proposals, scores))
        self._learning.append(getattr(self.actor, how).remote(proposals, scores))

    def state_dict(self) -> State:
        """See `Strategy.state_dict`; while it thinks, the last state that it could give, and what it was told since."""
        if self._asked is None:
            self._state = self._done(lambda: self.actor.state.remote())
            self._told, self._saving = [], None
        else:
            self._catch_up()
        assert self._state is not None
        return with_told(unpack(self._state, Path("state")), self._told)

    def _save(self) -> tuple[Any, int]:
        """Ask for the state after all that was told so far, and of how much that was."""
        return self.actor.state.remote(), len(self._told)

    def _catch_up(self) -> None:
        """Take the state that was asked for before, if it has come, and ask for the next."""
        while self._saving is not None and (self._state is None or ray.wait([self._saving[0]], timeout=0)[0]):
            state, told = self._saving
            try:
                self._state = self._result(state)
            except RayError as error:
                self._lost(error)
                continue
            self._told, self._saving = self._told[told:], None
        self._saving = self._saving or self._save()

    def for_new_objective(self, state: State) -> State | None:
        """See `Strategy.for_new_objective`."""
        kept = self._done(lambda: self.actor.for_new_objective.remote(pack(state)))
        return None if kept is None else unpack(kept, Path("state"))

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        kill(self.actor)
        self._state, self._told = pack(state), []
        self._start()

    def trained(self) -> Generator | None:
        """See `Strategy.trained`."""
        strategy = self.make()
        strategy.load_state_dict(self.state_dict())
        return strategy.trained()

    def _done(self, begin: Callable[[], Any]) -> Any:
        """The result of the work that `begin` starts, in a new process if the old one is lost."""
        while True:
            try:
                return self._result(begin())
            except RayError as error:
                self._lost(error)

    def _result(self, work: Any) -> Any:
        """What `work` gave, after what was told before; what was told since isn't waited for."""
        wait([work])
        learnt, self._learning = (
            ray.wait(self._learning, num_returns=len(self._learning), timeout=0) if self._learning else ([], [])
        )
        ray.get(learnt)
        result = ray.get(work)
        self.deaths = 0
        return result

    def _lost(self, error: RayError) -> None:
        """Restart the process if it was lost; errors of the strategy are raised here."""
        if (cause := raised(error)) is not None:
            raise cause from error
        kill(self.actor)  # it may live on, out of reach
        self.deaths += 1
        if self.deaths == TRIES:
            raise ClusterError(f"an island {fate(error)} {TRIES} times in a row: {what(error)}") from error
        self._start()
