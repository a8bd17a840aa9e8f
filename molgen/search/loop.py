"""The loop of every campaign: ask, score, tell."""

from collections.abc import Callable, Sequence

from molgen.scoring.scores import Scores
from molgen.search.oracle import Oracle
from molgen.search.strategy import Strategy

PATIENCE = 50


def search(strategy: Strategy, oracle: Oracle, batch: int, commit: Callable[[Sequence[str], Scores], None]) -> bool:
    """Spend the oracle's budget.

    Parameters
    ----------
    batch
        Molecules asked for at a time.
    commit
        Called after each `tell` with what was asked and scored.

    Returns
    -------
    bool
        False if it ended early, the strategy having proposed nothing new 50 times in a row.
    """
    idle = 0
    while oracle.remaining and idle < PATIENCE:
        before = oracle.used
        asked = strategy.ask(min(batch, oracle.remaining))
        scores = oracle(asked)
        told = asked[: len(scores)]
        strategy.tell(told, scores)
        commit(told, scores)
        idle = 0 if oracle.used > before else idle + 1
    return not oracle.remaining
