"""Substructures that must or must not be present."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.chem.smarts import Pattern, patterns
from molgen.errors import ConfigError, nearest
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform
from molgen.signatures import TO_THE_LETTER

WANTED = ("present", "absent", "count")


@dataclass(frozen=True)
class Substructure(Component):
    """Whether SMARTS patterns match.

    Attributes
    ----------
    smarts
        One pattern, a list such as increasingly specific versions of a motif, which guide a search to it, or a file of patterns.
    wanted
        `present`: the share of patterns that match; `absent`: the share that don't; `count`: the
        total number of matches.
    """

    smarts: str | Sequence[str] = field(metadata=TO_THE_LETTER)
    wanted: str = "present"
    unit: ClassVar[str] = "0 to 1"
    example: ClassVar[dict[str, Any]] = {"smarts": "[CX3](=O)[OX2H1]"}

    def __post_init__(self) -> None:
        if not self._patterns:
            raise ConfigError("substructure: '' is not a SMARTS pattern")
        if self.wanted not in WANTED:
            raise ConfigError(
                f"substructure: unknown wanted '{self.wanted}'{nearest(self.wanted, WANTED)}; known: {', '.join(WANTED)}"
            )

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        return patterns(self.smarts)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        if self.wanted == "count":
            return molecules.map(lambda mol: sum(each.count(mol) for each in self._patterns))
        present = molecules.map(lambda mol: np.mean([each(mol) for each in self._patterns]))
        return present if self.wanted == "present" else 1 - present

    def desirability(self) -> Transform | None:
        return None if self.wanted == "count" else Identity()

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        return sorted(set().union(*(each.atoms(mol) for each in self._patterns)))
