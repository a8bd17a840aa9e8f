"""Strategies that think in processes of their own."""

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
from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal, State, Strategy, as_proposals

TRIES = 3


class _Thinker:
    """The process."""

    def __init__(self, make: Callable[[], Strategy], state: bytes | None) -> None:
        self.strategy = make()
        if state is not None:
            self.strategy.load_state_dict(unpack(state, Path("state")))

    def ask(self, n: int) -> list[Proposal]:
        return as_proposals(self.strategy.ask(n))

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        self.strategy.tell(smiles, scores)

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
    """

    def __init__(self, make: Callable[[], Strategy], num_gpus: float = 0.0) -> None:
        self.make = make
        self._maker = ray.remote(_Thinker).options(num_cpus=0, num_gpus=num_gpus, scheduling_strategy="SPREAD")
        self.deaths = 0
        self._state: bytes | None = None
        self._told: list[tuple[Any, ...]] = []
        self._start()

    def _start(self) -> None:
        with sendable("search", self.make):
            self.actor = by_head(partial(self._maker.remote, self.make, self._state))
        self._learning = [getattr(self.actor, how).remote(*told) for how, *told in self._told]
        self._asked: Any = None

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
            found: list[Proposal] = self._result(self._asked)
        except RayError as error:
            self._lost(error)
            return self.ask(n)
        self._asked = None
        return found

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self._send("tell", list(smiles), scores)

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`."""
        self._send("receive", list(proposals), scores)

    def hear(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.hear`."""
        self._send("hear", list(proposals), scores)

    def _send(self, how: str, *told: Any) -> None:
        """Have the process learn; what was sent is kept until its next state."""
        self._told.append((how, *told))
        self._learning.append(getattr(self.actor, how).remote(*told))

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        self._state = state = self._done(lambda: self.actor.state.remote())
        self._told = []
        return unpack(state, Path("state"))

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
        """What `work` gave, after what was told before."""
        for told in [*self._learning, work]:
            wait([told])
        ray.get(self._learning)
        result = ray.get(work)
        self._learning, self.deaths = [], 0
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
