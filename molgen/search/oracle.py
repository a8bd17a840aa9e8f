"""The oracle: scores molecules within a budget and never charges one twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN, Standardizer
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal, plain_smiles

REFUSED = "a chemist rejected it, or a salt or a stereoisomer of it"


@dataclass(frozen=True, eq=False)
class Result:
    """The stored scores of one molecule: its total, raw and scaled values [c], and its problem."""

    total: float
    raw: NDArray[np.float64]
    scaled: NDArray[np.float64]
    problem: str | None


class Oracle:
    """Charges one call per distinct, valid canonical SMILES that was never scored before.

    Parameters
    ----------
    scorer
        Takes canonical SMILES [n], returns their scores in the same order; `submit` and `collect` need an asynchronous one.
    budget
        Number of calls.
    standardizer
        Brings each molecule to the form that is scored, so that a drug, its ion and its salts cost one call.
    refused
        Says which new molecules [n] aren't scored, bool [n]: they cost no call, and count as invalid.

    Attributes
    ----------
    known
        Canonical SMILES -> result, in the order of the calls.
    names
        Names of the scorer's terms and filters [c]; empty before the first call.
    in_flight
        Canonical SMILES -> proposal, for molecules that `submit` sent and `collect` hasn't received yet.
    """

    def __init__(
        self,
        scorer: Callable[[list[str]], Scores] | AsynchronousScorer,
        budget: int,
        standardizer: Standardizer = AS_GIVEN,
        refused: Callable[[Molecules], NDArray[np.bool_]] | None = None,
    ) -> None:
        self.scorer: Any = scorer
        self.budget = budget
        self.standardizer = standardizer
        self.refused = refused
        self.names: tuple[str, ...] = ()
        self.known: dict[str, Result] = {}
        self.in_flight: dict[str, Proposal] = {}

    @property
    def used(self) -> int:
        """Calls charged so far."""
        return len(self.known)

    @property
    def remaining(self) -> int:
        """Calls left."""
        return self.budget - self.used - len(self.in_flight)

    @property
    def facts(self) -> dict[str, float]:
        """What the workers are doing; see `AsynchronousScorer.facts`."""
        return self.scorer.facts if isinstance(self.scorer, AsynchronousScorer) else {}

    def __call__(self, asked: Sequence[str]) -> Scores:
        """Score `asked` [n] in order, up to the first molecule that the budget doesn't cover.

        Returns
        -------
        Scores
            Of the first m <= n SMILES; its `smiles` are canonical, in the form scored, and invalid ones stand as given.
        """
        canonical, problem = self._read(asked)
        new: dict[str, None] = {}
        kept = len(asked)
        for i, smiles in enumerate(canonical):
            if smiles is None or smiles in self.known or smiles in new:
                continue
            if len(new) == self.remaining:
                kept = i
                break
            new[smiles] = None
        if new:
            self._learn(self.scorer(list(new)))
        rows = [
            Result(0.0, np.empty(0), np.empty(0), f"invalid: {why}") if smiles is None else self.known[smiles]
            for smiles, why in zip(canonical[:kept], problem, strict=False)
        ]
        return self._scores([smiles or text for smiles, text in zip(canonical[:kept], asked, strict=False)], rows)

    def _read(self, asked: Sequence[str]) -> tuple[list[str | None], list[str | None]]:
        """Canonical SMILES [n], None for what can't be scored, and why [n] it can't."""
        molecules = Molecules(asked, self.standardizer)
        canonical, problem = list(molecules.canonical), list(molecules.problem)
        new = [i for i, smiles in enumerate(canonical) if smiles is not None and smiles not in self.known]
        if self.refused is not None and new:
            for i in np.array(new)[self.refused(molecules.take(new))].tolist():
                canonical[i], problem[i] = None, REFUSED
        return canonical, problem

    def recall(self, known: Sequence[str]) -> Scores:
        """The scores of SMILES [n] that are `known`."""
        return self._scores(list(known), [self.known[smiles] for smiles in known])

    def submit(self, asked: Sequence[Proposal]) -> tuple[int, list[Proposal]]:
        """Submit the new, valid molecules of `asked` for scoring, as far as the budget goes.

        Returns
        -------
        int, list
            The number submitted, and the proposals of `asked` that are known already.
        """
        new: dict[str, Proposal] = {}
        known: list[Proposal] = []
        for proposal, smiles in zip(asked, self._read(plain_smiles(asked))[0], strict=True):
            if smiles in self.known:
                known.append(proposal)
            elif smiles is not None and smiles not in self.in_flight and len(new) < self.remaining:
                new.setdefault(smiles, proposal)
        self.in_flight |= new
        self.scorer.submit(list(new))
        return len(new), known

    def collect(self, wake: Sequence[Any] = ()) -> tuple[list[Proposal], Scores]:
        """The proposals [n] whose scores have arrived, and these scores; see `AsynchronousScorer.collect`."""
        arrived: list[str] = []
        for scores in self.scorer.collect(wake):
            self._learn(scores)
            arrived += scores.smiles
        return [self.in_flight.pop(smiles) for smiles in arrived], self.recall(arrived)

    def _learn(self, scores: Scores) -> None:
        self.names = scores.names or self.names
        for i, smiles in enumerate(scores.smiles):
            self.known[smiles] = Result(float(scores.total[i]), scores.raw[i], scores.scaled[i], scores.problem[i])

    def _scores(self, smiles: Sequence[str], rows: Sequence[Result]) -> Scores:
        return Scores(
            smiles,
            np.array([row.total for row in rows], float),
            [row.problem for row in rows],
            self.names,
            self._columns([row.raw for row in rows]),
            self._columns([row.scaled for row in rows]),
        )

    def _columns(self, rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Values [n, c]; nan for molecules that weren't scored term by term."""
        values = np.full((len(rows), len(self.names)), np.nan)
        for i, row in enumerate(rows):
            if len(row):
                values[i] = row
        return values
