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
    """Whether SMARTS patterns match.

    Attributes
    ----------
    smarts
        One pattern or several, such as a motif after coarser versions of it, which lead a search there.
    wanted
        `present`: the share of the patterns that match; `absent`: the share that doesn't; `count`: the
        number of matches of all.
    """

    smarts: str | Sequence[str]
    wanted: str = "present"
    unit: ClassVar[str] = "0 to 1"
    example: ClassVar[dict[str, Any]] = {"smarts": "[CX3](=O)[OX2H1]"}

    def __post_init__(self) -> None:
        for text, query in zip(self._patterns, self._queries, strict=True):
            if query is None:
                raise ConfigError(f"substructure: '{text}' is not a SMARTS pattern")
        if self.wanted not in WANTED:
            raise ConfigError(
                f"substructure: unknown wanted '{self.wanted}'{nearest(self.wanted, WANTED)}; known: {', '.join(WANTED)}"
            )

    @cached_property
    def _patterns(self) -> list[str]:
        return [self.smarts] if isinstance(self.smarts, str) else list(self.smarts) or [""]

    @cached_property
    def _queries(self) -> list[Chem.Mol | None]:
        return [Chem.MolFromSmarts(text) if text else None for text in self._patterns]

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        if self.wanted == "count":
            return molecules.map(lambda mol: sum(len(mol.GetSubstructMatches(query)) for query in self._queries))
        present = molecules.map(lambda mol: np.mean([mol.HasSubstructMatch(query) for query in self._queries]))
        return present if self.wanted == "present" else 1 - present

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        matches = [match for query in self._queries for match in mol.GetSubstructMatches(query)]
        return sorted({atom for match in matches for atom in match})
