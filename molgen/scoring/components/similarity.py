"""Similarity to a known molecule."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from molgen.chem.fingerprints import tanimoto
from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform


@dataclass(frozen=True)
class Similarity(Component):
    """Tanimoto similarity to `target`, 0 to 1.

    Attributes
    ----------
    target
        A SMILES.
    fingerprint
        ECFP4, ECFP6, FCFP4, FCFP6, AP (all counts) or PHCO (pharmacophores).
    """

    target: str
    fingerprint: str = "ECFP4"
    unit: ClassVar[str] = "0 to 1"
    compared: ClassVar[str] = "target"
    example: ClassVar[dict[str, Any]] = {"target": "CC(=O)Oc1ccccc1C(=O)O"}

    def __post_init__(self) -> None:
        if self._target is None:
            raise ConfigError(f"similarity: the target '{self.target}' is not a molecule")

    @cached_property
    def _target(self) -> Any:
        return Molecules([self.target]).fingerprint(self.fingerprint)[0]

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return tanimoto(self._target, molecules.fingerprint(self.fingerprint))

    def desirability(self) -> Transform:
        return Identity()
