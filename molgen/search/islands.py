"""Strategies side by side that share one budget and exchange their best molecules."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from molgen.errors import check_between
from molgen.generators.base import Generator
from molgen.scoring.scores import Scores, joined
from molgen.search.pending import load_with_told
from molgen.search.strategy import Proposal, State, Strategy, as_proposals, named, state_of


class Islands(Strategy):
    """Asks its islands in turn; each learns from its own proposals and from the best of the others.

    Parameters
    ----------
    islands
        Strategies of one kind, with seeds of their own.
    exchange
        Calls between two exchanges.
    migrants
        Best molecules since the last exchange that are told to the islands that didn't propose them; None for all, from which a
        model learns more than from the best.
    """

    def __init__(self, islands: Sequence[Strategy], exchange: int = 16, migrants: int | None = None) -> None:
        check_between("search", 1, exchange=exchange)
        check_between("search", 0, migrants=migrants or 0)
        self.islands = islands
        self.exchange = exchange
        self.migrants = migrants
        self.turn = 0
        self.names: tuple[str, ...] = ()
        self.recent: dict[str, tuple[float, int | None, list[float], list[float], str, str | None]] = {}
        self.best: tuple[float, int] = (-np.inf, 0)

    @property
    def thinking(self) -> Sequence[Any]:
        """See `Strategy.thinking`."""
        return [work for island in self.islands for work in island.thinking]

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`; asks the next island that has something to propose."""
        for _ in self.islands:
            number, self.turn = self.turn, (self.turn + 1) % len(self.islands)
            if asked := self.islands[number].ask(n):
                return [replace(each, island=number) for each in as_proposals(asked)]
        return []

    def spare(self) -> list[Proposal]:
        """See `Strategy.spare`; one of each island in turn."""
        given = [[replace(each, island=number) for each in island.spare()] for number, island in enumerate(self.islands)]
        return [each for row in zip_longest(*given) for each in row if each is not None]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`; all islands are told."""
        self.receive(as_proposals(smiles), scores)

    def receive(self, proposals: Sequence[Proposal], scores: Scores) -> None:
        """See `Strategy.receive`; molecules that no island proposed are told to all."""
        origins = [each.island for each in proposals]
        for number, island in enumerate(self.islands):
            own = [i for i, origin in enumerate(origins) if origin in (number, None)]
            if own:
                island.receive([replace(proposals[i], island=None) for i in own], joined([(scores, i) for i in own]))
        self.names = scores.names or self.names
        values = scores.total.tolist(), scores.raw.tolist(), scores.scaled.tolist(), [each.route for each in proposals]
        for text, problem, origin, total, raw, scaled, route in zip(scores.smiles, scores.problem, origins, *values, strict=True):
            if not (problem or "").startswith("invalid"):
                self.recent[text] = (total, origin, raw, scaled, route, problem)
            if origin is not None:
                self.best = max(self.best, (total, origin))
        if len(self.recent) >= self.exchange:
            self._exchange()

    def _exchange(self) -> None:
        best = sorted(self.recent, key=lambda text: -self.recent[text][0])[: self.migrants]
        for number, island in enumerate(self.islands):
            others = [text for text in best if self.recent[text][1] not in (number, None)]
            if others:
                totals, raw, scaled = (np.array([self.recent[text][i] for text in others]) for i in (0, 2, 3))
                heard = [Proposal(text, route=self.recent[text][4]) for text in others]
                problems = [self.recent[text][5] for text in others]
                island.hear(heard, Scores(others, totals, problems, self.names, raw, scaled))
        self.recent = {}

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        state: State = {"turn": self.turn, "names": self.names, "recent": self.recent, "best": self.best}
        for number, island in enumerate(self.islands):
            state |= named(str(number), island.state_dict())
        return state

    def for_new_objective(self, state: State) -> State | None:
        """See `Strategy.for_new_objective`; None if it is None for any of the islands."""
        kept: State = {"turn": state["turn"], "names": (), "recent": {}, "best": (-np.inf, 0)}
        for number, island in enumerate(self.islands):
            if (own := island.for_new_objective(state_of(str(number), state))) is None:
                return None
            kept |= named(str(number), own)
        return kept

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.turn, self.names, self.best = state["turn"], tuple(state["names"]), tuple(state["best"])
        rows = state["recent"].items()
        self.recent = {text: (*row, *("", None)[len(row) - 4 :]) for text, row in rows}  # earlier versions wrote no routes
        for number, island in enumerate(self.islands):
            load_with_told(island, state_of(str(number), state))

    def trained(self) -> Generator | None:
        """See `Strategy.trained`; that of the island that found the best molecule."""
        return self.islands[self.best[1]].trained()
