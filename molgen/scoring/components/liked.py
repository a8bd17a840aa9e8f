"""How well chemists like a molecule, learnt from what they said of others."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.dataset import Endpoint
from molgen.predictors.base import Prediction
from molgen.predictors.domain import unlike
from molgen.scoring.component import Component
from molgen.scoring.judgements import Judgements, read_judgements
from molgen.scoring.preference_model import Liking, PreferenceProcess
from molgen.scoring.transforms import Identity, Transform

NEAR = 0.3  # similarity to a judged molecule below which a value says little
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Liked(Component):
    """The chance that chemists star a molecule rather than reject it, by what they said of others; 0.5 where nothing is known.

    A Gaussian process on fingerprints learns from stars, rejections and preferences, see `molgen judge`. They are read when a
    campaign begins, and again when it is resumed: what was scored before is then scored by all that is known. Compounds that
    were rejected are never scored again, nor are their salts and stereoisomers.

    Attributes
    ----------
    preferences
        A run folder; a file with a column `smiles`, and `decision` (star, reject) or `over` (the SMILES of a molecule that is
        liked less); or several of these.
    """

    preferences: str | Sequence[str]
    unit: ClassVar[str] = "probability"
    example: ClassVar[dict[str, Any]] = {"preferences": "judgements.csv"}

    def __post_init__(self) -> None:
        _ = self.model  # is sent along to other processes, which thus learn from the same
        if not self.judgements.standing:
            LOG.warning("liked: no judgement in %s yet: every molecule is liked 0.5", self.preferences)

    @cached_property
    def judgements(self) -> Judgements:
        """What the chemists said."""
        return read_judgements(self.preferences)

    @cached_property
    def model(self) -> PreferenceProcess:
        """What was learnt of it."""
        return PreferenceProcess(self.judgements)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self._liking(molecules).mean

    def prediction(self, molecules: Molecules) -> Prediction:
        found = self._liking(molecules)
        results = np.stack([found.mean, found.std, found.low, found.high, found.similarity])[:, :, None]
        endpoint = Endpoint("liked", unit=self.unit, lowest=0.0, highest=1.0)
        return Prediction.of(molecules, (endpoint,), results, unlike(found.similarity, NEAR, "judged molecule")[:, None])

    def _liking(self, molecules: Molecules) -> Liking:
        if molecules.standardizer != STANDARD:  # the form of those that were judged
            molecules = Molecules(molecules.smiles, STANDARD)
        return self.model(molecules.mols)

    def desirability(self) -> Transform:
        return Identity()
