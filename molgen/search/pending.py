"""States of strategies that are thinking: what they were when they last could say, and what they were told since."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal, State, Strategy

TOLD = "told_since"
Told = tuple[str, Sequence[Proposal], Scores]  # by `receive` or `hear`


def with_told(state: State, told: Sequence[Told]) -> State:
    """`state`, to which is added what a strategy was told after it."""
    since = [[how, [asdict(each) for each in proposals], _plain(scores)] for how, proposals, scores in told]
    return state | ({TOLD: since} if since else {})


def load_with_told(strategy: Strategy, state: State) -> None:
    """Bring a fresh strategy to where a state says, and tell it what was told after that."""
    strategy.load_state_dict({key: value for key, value in state.items() if key != TOLD})
    for how, proposals, scores in state.get(TOLD, ()):
        learn = strategy.hear if how == "hear" else strategy.receive
        learn([Proposal(**each | {"parents": tuple(each["parents"])}) for each in proposals], _scores(scores))


def _plain(scores: Scores) -> dict[str, Any]:
    values = {name: getattr(scores, name).tolist() for name in ("total", "raw", "scaled")}
    return {"smiles": list(scores.smiles), "problem": scores.problem, "names": scores.names, **values}


def _scores(plain: dict[str, Any]) -> Scores:
    shape = len(plain["smiles"]), len(plain["names"])
    raw, scaled = (np.array(plain[name], float).reshape(shape) for name in ("raw", "scaled"))
    return Scores(plain["smiles"], np.array(plain["total"], float), plain["problem"], tuple(plain["names"]), raw, scaled)
