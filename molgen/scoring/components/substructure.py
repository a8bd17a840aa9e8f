"""Substructures that must be there or must not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError, nearest
from molgen.scoring.component import Component

WANTED = ("present", "absent", "count")


@dataclass(frozen=True)
class Substructure(Component):
    """Whether a SMARTS pattern matches.

    Attributes
    ----------
    wanted
        `present`: 1 if it matches, else 0; `absent`: the reverse; `count`: the number of matches.
    """

    smarts: str
    wanted: str = "present"
    example: ClassVar[dict[str, Any]] = {"smarts": "[CX3](=O)[OX2H1]"}

    def __post_init__(self) -> None:
        if self._query is None:
            raise ConfigError(f"substructure: '{self.smarts}' is not a SMARTS pattern")
        if self.wanted not in WANTED:
            raise ConfigError(
                f"substructure: unknown wanted '{self.wanted}'{nearest(self.wanted, WANTED)}; known: {', '.join(WANTED)}"
            )

    @cached_property
    def _query(self) -> Chem.Mol | None:
        return Chem.MolFromSmarts(self.smarts) if self.smarts else None

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        if self.wanted == "count":
            return molecules.map(lambda mol: len(mol.GetSubstructMatches(self._query)))
        present = molecules.map(lambda mol: mol.HasSubstructMatch(self._query))
        return present if self.wanted == "present" else 1 - present

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        return sorted({atom for match in mol.GetSubstructMatches(self._query) for atom in match})
