"""Objectives that are computed elsewhere while the caller goes on."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any

from molgen.scoring.scores import Scores, joined


class AsynchronousScorer(ABC):
    """Scores distinct SMILES and returns results in any order; as a function it takes any SMILES and waits for all of them."""

    @property
    @abstractmethod
    def capacity(self) -> int:
        """Number of molecules that keep all workers busy."""

    @property
    def facts(self) -> dict[str, float]:
        """Figures about its current work, for progress displays."""
        return {}

    @property
    def losses(self) -> Counter[str]:
        """Number of processes lost at work, by what became of them."""
        return Counter()

    @abstractmethod
    def submit(self, smiles: Sequence[str]) -> None:
        """Submit distinct `smiles` for scoring."""

    @abstractmethod
    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """Wait until something has happened, and return the scores that have arrived; in total, all that was submitted.

        Parameters
        ----------
        wake
            Other work that ends the waiting; see `Strategy.thinking`.
        """

    def __call__(self, smiles: Sequence[str]) -> Scores:
        """The scores of `smiles` [n], in their order; duplicates are scored once."""
        distinct = list(dict.fromkeys(smiles))
        self.submit(distinct)
        found: dict[str, tuple[Scores, int]] = {}
        while len(found) < len(distinct):
            for scores in self.collect():
                found |= {text: (scores, i) for i, text in enumerate(scores.smiles)}
        return joined([found[text] for text in smiles])
