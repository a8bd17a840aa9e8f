"""A strategy brought to where its run stands: by its state, or else by the scores that there are."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from molgen.errors import ClusterError
from molgen.runs.store import RunStore
from molgen.search.oracle import Oracle
from molgen.search.pending import load_with_told
from molgen.search.strategy import Proposal, Strategy, plain_smiles

ELSEWHERE = "cluster=... on another cluster (cluster=inline on none)"
LOG = logging.getLogger(__name__)
Prepare = Callable[[Strategy], None]


def stand(
    strategy: Strategy, make: Callable[[], Strategy], oracle: Oracle, store: RunStore, batch: int, prepare: Prepare | None
) -> Strategy:
    """Bring `oracle` to where `store` ends, and a strategy, which is returned.

    Where its state can't be gone on with (it is damaged, of another run, older or newer than the molecules, or of another
    version of molgen), a fresh one is told every molecule in the order of the calls, and a warning is logged.

    Parameters
    ----------
    strategy
        A fresh one, and `make` makes another.
    batch
        Molecules that are told at a time, as they were when they were scored.
    prepare
        Called with a fresh strategy.
    """
    store.restore(oracle)
    try:
        if (state := store.state()) is not None:
            load_with_told(strategy, state)
            strategy.state_dict()  # one that thinks elsewhere has loaded it then
            _tell(strategy, oracle, store.after_state(), batch)
            return strategy
    except Exception as error:  # whatever a strategy of anybody's says to what it doesn't know
        LOG.warning(
            "%s: the state of its search can't be used (%s): going on with a fresh one that is told of all %s molecules; none is "
            "scored again, but what follows isn't what an undisturbed run would have found",
            store.path.parent, _reason(error), f"{len(store):,}",
        )  # fmt: skip
        strategy = make()
    strategy = _prepared(strategy, make, prepare)
    _tell(strategy, oracle, store.after_state(0), batch)
    return strategy


@contextmanager
def resumable(folder: Path, command: str = "design", elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Add to errors of a cluster how the run, screen or sweep in `folder` can be resumed, also `elsewhere`."""
    try:
        yield
    except ClusterError as error:
        if not folder.exists():
            raise
        raise ClusterError(
            f"{error}; nothing that was scored is lost: `molgen {command} resume={folder}` goes on, with {elsewhere}"
        ) from error


def _reason(error: Exception) -> str:
    said = (str(error).splitlines() or [""])[0]
    return f"another version of molgen made it: it has no {said}" if isinstance(error, KeyError) else said or type(error).__name__


def _prepared(strategy: Strategy, make: Callable[[], Strategy], prepare: Prepare | None) -> Strategy:
    if prepare is None:
        return strategy
    try:
        prepare(strategy)
    except Exception as error:
        LOG.warning("what the stage before has learnt can't be used (%s): going on without it", _reason(error))
        return make()
    return strategy


def _tell(strategy: Strategy, oracle: Oracle, late: Sequence[Proposal], batch: int) -> None:
    for first in range(0, len(late), batch):
        some = late[first : first + batch]
        strategy.receive(some, oracle.recall(plain_smiles(some)))
