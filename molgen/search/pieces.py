"""Batches whose scores take long are scored piece by piece, so that they are kept and shown as they come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from molgen.scoring.scores import Scores
from molgen.search.oracle import Oracle
from molgen.search.strategy import Proposal, plain_smiles

Commit = Callable[[Sequence[Proposal], Scores], None]


@dataclass(frozen=True)
class Pieces:
    """How batches are taken apart.

    Attributes
    ----------
    size
        Molecules scored at a time.
    note
        Called with every piece but a batch's last.
    """

    size: int
    note: Commit

    def scored(self, asked: Sequence[Proposal], oracle: Oracle) -> Scores:
        """What `oracle` says of a batch."""
        for start in range(0, len(asked) - self.size, self.size):
            piece = asked[start : start + self.size]
            scores = oracle(plain_smiles(piece))
            if len(scores) < len(piece):
                break
            self.note(piece, scores)
        return oracle(plain_smiles(asked))
