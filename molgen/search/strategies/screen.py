"""Screening of a library, best-first."""

from collections.abc import Sequence

import numpy as np
from rdkit import DataStructs

from molgen.chem.molecules import Molecules
from molgen.data.catalog import Molfile, PublicSet
from molgen.errors import DataError
from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal, State, Strategy


class Screen(Strategy):
    """Scores next what is most similar to the best molecules so far; the first batch is random.

    Parameters
    ----------
    library
        Molecules to choose from.
    limit
        At most so many of them, drawn at random.
    leaders
        Best molecules that others are compared with (Tanimoto on ECFP4 counts).
    """

    def __init__(self, library: Molfile | PublicSet, limit: int = 100_000, leaders: int = 20, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        smiles = library.smiles()
        if len(smiles) > limit:
            smiles = [smiles[i] for i in self.rng.choice(len(smiles), limit, replace=False)]
        molecules = Molecules(smiles)
        first = {text: i for i, text in enumerate(molecules.canonical) if text is not None}
        if not first:
            raise DataError("search.library: no valid molecule in it")
        self.smiles = list(first)
        self.index = {text: i for i, text in enumerate(self.smiles)}
        self.fingerprints = [molecules.fingerprint("ECFP4")[i] for i in first.values()]
        self.leaders = leaders
        self.scores: dict[str, float] = {}
        self.followed: set[str] = set()
        self.likeness = np.zeros(len(self.smiles))

    def ask(self, n: int) -> list[str]:
        """See `Strategy.ask`."""
        unseen = np.array([i for i, text in enumerate(self.smiles) if text not in self.scores], int)
        order = unseen[np.lexsort((self.rng.random(len(unseen)), -self.likeness[unseen]))]
        return [Proposal(self.smiles[i], "library") for i in order[:n]]

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.scores |= dict(zip(scores.smiles, map(float, scores.total), strict=True))
        self._follow()

    def _follow(self) -> None:
        best = sorted(self.scores, key=lambda text: -self.scores[text])[: self.leaders]
        for text in best:
            if text not in self.followed and text in self.index:
                self.followed.add(text)
                near = DataStructs.BulkTanimotoSimilarity(self.fingerprints[self.index[text]], self.fingerprints)
                self.likeness = np.maximum(self.likeness, near)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        return {"scores": self.scores, "followed": sorted(self.followed), "rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.scores = dict(state["scores"])
        self.rng.bit_generator.state = state["rng"]
        self.followed = set(state["followed"])
        for text in self.followed:
            near = DataStructs.BulkTanimotoSimilarity(self.fingerprints[self.index[text]], self.fingerprints)
            self.likeness = np.maximum(self.likeness, near)
