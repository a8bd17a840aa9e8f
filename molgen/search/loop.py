"""The loop of every campaign: ask, score, tell."""

from collections.abc import Callable, Sequence

from molgen.search.oracle import Oracle
from molgen.search.pieces import Commit, Pieces
from molgen.search.strategy import Proposal, Strategy, as_proposals, plain_smiles

PATIENCE = 50
KEPT = 10_000  # molecules for when workers would be idle
ENOUGH, FEW = 75, 60  # per cent of the capacity: what is in flight of a strategy that thinks elsewhere; when spares are needed


def never() -> bool:
    """Never end early."""
    return False


def search(
    strategy: Strategy,
    oracle: Oracle,
    batch: int,
    commit: Commit,
    start: Sequence[Proposal] = (),
    enough: Callable[[], bool] = never,
    pieces: Pieces | None = None,
) -> bool:
    """Ask, score and tell until the oracle's budget is spent.

    Parameters
    ----------
    strategy
        Proposes molecules.
    oracle
        Scores them.
    batch
        Molecules asked for at a time.
    commit
        Called after each `tell` with the proposals and their scores.
    start
        Molecules by canonical SMILES that are scored and told to the strategy first.
    enough
        Called before every batch; True ends the search early.
    pieces
        Of what size a batch is scored, before the strategy is told of the whole; None: at once.

    Returns
    -------
    bool
        False if the strategy proposed nothing new 50 times in a row.
    """
    idle = 0
    waiting = [each for each in start if each.smiles not in oracle.known]
    while oracle.remaining and idle < PATIENCE and not enough():
        before = oracle.used
        n = min(batch, oracle.remaining)
        asked, waiting = waiting[:n] or as_proposals(strategy.ask(n)), waiting[n:]
        scores = pieces.scored(asked, oracle) if pieces else oracle(plain_smiles(asked))
        told = asked[: len(scores)]
        strategy.receive(told, scores)
        commit(told, scores)
        idle = 0 if oracle.used > before else idle + 1
    return idle < PATIENCE


def search_asynchronously(
    strategy: Strategy,
    oracle: Oracle,
    batch: int,
    capacity: int,
    commit: Commit,
    start: Sequence[Proposal] = (),
    enough: Callable[[], bool] = never,
    spare: float = 0.1,
) -> bool:
    """As `search`, but asks the strategy while molecules are being scored, and tells it each score as it arrives.

    While the strategy thinks elsewhere, workers that would be idle get what it has ranked behind its last choice.

    Parameters
    ----------
    capacity
        Most molecules being scored at a time.
    spare
        Share of the budget that may be spent in this way while one choice is made: the less, the more often the strategy learns.
    """
    idle = 0
    waiting, spares = [each for each in start if each.smiles not in oracle.known], list[Proposal]()
    fresh, few, left = -(-capacity * ENOUGH // 100), capacity * FEW // 100, int(spare * oracle.budget)
    while oracle.in_flight or (oracle.remaining and idle < PATIENCE and not enough()):
        while idle < PATIENCE and not enough() and (n := min(batch, oracle.remaining, capacity - len(oracle.in_flight))) > 0:
            waiting += [] if waiting else as_proposals(strategy.ask(n))
            if not waiting and strategy.thinking:
                capacity = fresh  # what waits longer for a worker was chosen knowing less
                if new := strategy.spare():
                    spares = [*new, *spares][:KEPT]
                n = min(n, left, len(spares))
                if not n or len(oracle.in_flight) >= few:
                    break
                left -= oracle.submit(spares[:n])[0]
                spares = spares[n:]
                continue
            left = int(spare * oracle.budget)
            asked, waiting = waiting[:n], waiting[n:]
            number, known = oracle.submit(asked)
            if known:
                strategy.receive(known, oracle(plain_smiles(known)))
            idle = 0 if number else idle + 1
            if idle:
                break
        if oracle.in_flight or strategy.thinking:
            room = oracle.remaining and len(oracle.in_flight) < capacity
            told, scores = oracle.collect(strategy.thinking if room else ())  # what it has thought isn't asked for otherwise
            if told:
                strategy.receive(told, scores)
                commit(told, scores)
    return idle < PATIENCE
