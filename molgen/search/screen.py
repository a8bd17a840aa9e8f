"""Screening of a library, best-first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rdkit import Chem, DataStructs
from rich.progress import track

from molgen.chem.fingerprints import fingerprint
from molgen.chem.molecules import Molecules, parse
from molgen.chem.standardize import AS_GIVEN
from molgen.data.catalog import Molfile, PublicSet
from molgen.errors import DataError, check_between, check_seed
from molgen.scoring.scores import Scores
from molgen.search.strategy import Proposal, State, Strategy, plain_smiles


class SimilarityScreen(Strategy):
    """Scores the library molecules most similar to the best so far; the first batch is random.

    Parameters
    ----------
    library
        Molecules to choose from.
    limit
        Most molecules of the library to consider, drawn at random.
    leaders
        Best molecules with which the library is compared (Tanimoto on ECFP4 counts).
    """

    def __init__(self, library: Molfile | PublicSet, limit: int = 100_000, leaders: int = 20, seed: int = 0) -> None:
        check_between("search", 1, limit=limit, leaders=leaders)
        check_seed("search", seed)
        self.rng = np.random.default_rng(seed)
        smiles = library.smiles()
        if len(smiles) > limit:
            smiles = [smiles[i] for i in self.rng.choice(len(smiles), limit, replace=False)]
        found: dict[str, Any] = {}
        for text in track(smiles, "reading library", disable=len(smiles) < 10_000):
            mol, _ = parse(text)
            if mol is not None and (canonical := Chem.MolToSmiles(mol)) not in found:
                found[canonical] = fingerprint(mol, "ECFP4")
        if not found:
            raise DataError("search.library: holds no valid molecule")
        self.smiles, self.fingerprints = list(found), list(found.values())
        self.leaders = leaders
        self.scores: dict[str, float] = {}
        self.asked: set[str] = set()
        self.aliases: set[str] = set()
        self.followed: set[str] = set()
        self.likeness = np.zeros(len(self.smiles))

    def ask(self, n: int) -> list[Proposal]:
        """See `Strategy.ask`."""
        seen = self.scores.keys() | self.asked | self.aliases
        unseen = np.array([i for i, text in enumerate(self.smiles) if text not in seen], int)
        order = unseen[np.lexsort((self.rng.random(len(unseen)), -self.likeness[unseen]))]
        chosen: list[Proposal] = []
        while len(chosen) < n and len(order):
            texts, order = [self.smiles[i] for i in order[: n - len(chosen)]], order[n - len(chosen) :]
            forms = Molecules(texts, self.rules.standardizer if self.rules else AS_GIVEN).canonical
            known = {text for text, form in zip(texts, forms, strict=True) if form in self.scores}
            self.aliases |= known
            chosen += [Proposal(text, "library") for text in texts if text not in known]
        self.asked.update(plain_smiles(chosen))
        return chosen

    def tell(self, smiles: Sequence[str], scores: Scores) -> None:
        """See `Strategy.tell`."""
        self.scores |= dict(zip(scores.smiles, map(float, scores.total), strict=True))
        self.asked.difference_update(smiles)
        self.aliases.update(text for text in smiles if text not in self.scores)  # ions, which are scored in another form
        self._follow()

    def _follow(self) -> None:
        best = sorted(self.scores, key=lambda text: -self.scores[text])[: self.leaders]
        for text in best:
            if text not in self.followed:
                self._compare(text)

    def _compare(self, text: str) -> None:
        """Update similarities with a scored molecule, which may not be in the library, as the scored form of an ion isn't."""
        self.followed.add(text)
        if (mol := parse(text)[0]) is not None:
            near = DataStructs.BulkTanimotoSimilarity(fingerprint(mol, "ECFP4"), self.fingerprints)
            self.likeness = np.maximum(self.likeness, near)

    def state_dict(self) -> State:
        """See `Strategy.state_dict`."""
        state = {"scores": self.scores, "aliases": sorted(self.aliases), "followed": sorted(self.followed)}
        return state | {"rng": self.rng.bit_generator.state}

    def load_state_dict(self, state: State) -> None:
        """See `Strategy.load_state_dict`."""
        self.scores, self.aliases = dict(state["scores"]), set(state["aliases"])
        self.rng.bit_generator.state = state["rng"]
        for text in state["followed"]:
            self._compare(text)
