"""An objective whose components are computed by pools of workers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD, Standardizer
from molgen.cluster.pool import Pool, wait_for
from molgen.scoring.asynchronous import AsynchronousScorer
from molgen.scoring.component import Component
from molgen.scoring.measuring import measure_components
from molgen.scoring.scorer import Filter, Scorer
from molgen.scoring.scores import Scores


@dataclass(frozen=True)
class Part:
    """Some components of an objective, with its filters if they are among them: raw values without totals."""

    components: Mapping[str, Component]
    filters: Mapping[str, Filter]
    standardizer: Standardizer = STANDARD

    @classmethod
    def of(cls, scorer: Scorer, names: Sequence[str]) -> "Part":
        """The components `names` of `scorer`."""
        components = {name: component for name, component in scorer.components().items() if name in names}
        filters = {name: condition for name, condition in scorer.filters.items() if name in names}
        return cls(components, filters, scorer.standardizer)

    def __call__(self, smiles: Sequence[str]) -> Scores:
        """Raw values of SMILES [n]."""
        molecules = Molecules(smiles, self.standardizer)
        raw, failures = measure_components(molecules, self.components, self.filters)
        invalid = [reason and f"invalid: {reason}" for reason in molecules.problem]
        problem = [why or failure for why, failure in zip(invalid, failures, strict=True)]
        return Scores(list(smiles), np.zeros(len(smiles)), problem, tuple(self.components), raw, raw)


@dataclass
class _Molecule:
    """What is known of one so far, and how many terms are yet to come."""

    raw: dict[str, float]
    problem: str | None = None
    missing: int = 0


class PooledScorer(AsynchronousScorer):
    """`scorer`, its components computed by pools in two stages.

    Parameters
    ----------
    first
        Computes the filters and most components, of all molecules.
    own
        Compute a term each, side by side, of the molecules that the first stage has no reason to refuse.
    """

    def __init__(self, scorer: Scorer, first: Pool, own: Mapping[str, Pool]) -> None:
        self.scorer = scorer
        self.first = first
        self.own = own
        self._begun: dict[str, _Molecule] = {}

    @property
    def capacity(self) -> int:
        """See `AsynchronousScorer.capacity`."""
        return self.first.capacity + sum(pool.capacity for pool in self.own.values())

    @property
    def facts(self) -> dict[str, float]:
        """See `AsynchronousScorer.facts`; of all pools together."""
        total: Counter[str] = Counter(self.first.facts)
        for pool in self.own.values():
            total.update(pool.facts)
        return dict(total)

    @property
    def losses(self) -> Counter[str]:
        """See `AsynchronousScorer.losses`; of all pools together."""
        return sum((pool.losses for pool in self.own.values()), self.first.losses)

    def submit(self, smiles: Sequence[str]) -> None:
        """See `AsynchronousScorer.submit`."""
        for text in smiles:
            self._begun[text] = _Molecule(dict.fromkeys(self.scorer.names, np.nan))
        self.first.submit(smiles)

    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """See `AsynchronousScorer.collect`."""
        wait_for([self.first, *self.own.values()], wake)
        done: list[str] = []
        for scores in self.first.arrived():
            self._note(scores)
            left = self._promising(scores)
            done += sorted(set(scores.smiles) - set(left))
            for text in left:
                self._begun[text].missing = len(self.own)
            for pool in self.own.values():
                pool.submit(left)
        for name, pool in self.own.items():
            for scores in pool.arrived():
                self._note(scores, f"{name}: ")
                for text in scores.smiles:
                    self._begun[text].missing -= 1
                    if not self._begun[text].missing:
                        done.append(text)
        return [self._judged(done)] if done else []

    def _note(self, scores: Scores, prefix: str = "") -> None:
        for i, text in enumerate(scores.smiles):
            molecule, problem = self._begun[text], scores.problem[i]
            molecule.raw |= dict(zip(scores.names, scores.raw[i].tolist(), strict=True))
            molecule.problem = molecule.problem or (problem and prefix + problem.removeprefix(prefix))

    def _promising(self, scores: Scores) -> list[str]:
        """Those of whom the first stage found nothing to refuse, if there is a second."""
        if not self.own:
            return []
        refused = np.array([problem is not None for problem in scores.problem]) | np.isnan(scores.raw).any(1)
        for j, name in enumerate(scores.names):
            if name in self.scorer.filters:
                refused |= self.scorer.filters[name](scores.raw[:, j]) != 1
        return [text for text, no in zip(scores.smiles, refused, strict=True) if not no]

    def _judged(self, smiles: Sequence[str]) -> Scores:
        molecules = [self._begun.pop(text) for text in smiles]
        raw = np.array([[molecule.raw[name] for name in self.scorer.names] for molecule in molecules])
        return self.scorer.judged(list(smiles), [molecule.problem for molecule in molecules], raw)
