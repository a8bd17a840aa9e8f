"""Objectives that are computed elsewhere, while the caller goes on."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any

from molgen.scoring.scores import Scores, joined


class AsynchronousScorer(ABC):
    """Scores distinct SMILES in any order; as a function it takes any, and waits for all of them."""

    @property
    @abstractmethod
    def capacity(self) -> int:
        """Molecules that keep all of it busy."""

    @property
    def facts(self) -> dict[str, float]:
        """What it is doing, for those who watch."""
        return {}

    @property
    def losses(self) -> Counter[str]:
        """How many processes were lost at work, by what became of them."""
        return Counter()

    @abstractmethod
    def submit(self, smiles: Sequence[str]) -> None:
        """Have distinct `smiles` scored."""

    @abstractmethod
    def collect(self, wake: Sequence[Any] = ()) -> list[Scores]:
        """Wait until something has happened: the scores that have come since, if any; their sum is all that was submitted.

        Parameters
        ----------
        wake
            Other work that ends the waiting; see `Strategy.thinking`.
        """

    def __call__(self, smiles: Sequence[str]) -> Scores:
        """The scores of `smiles` [n], in their order; what is there twice is scored once."""
        distinct = list(dict.fromkeys(smiles))
        self.submit(distinct)
        found: dict[str, tuple[Scores, int]] = {}
        while len(found) < len(distinct):
            for scores in self.collect():
                found |= {text: (scores, i) for i, text in enumerate(scores.smiles)}
        return joined([found[text] for text in smiles])
