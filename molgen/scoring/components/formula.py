"""Molecular formula."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.scoring.component import Component
from molgen.scoring.transforms import Identity, Transform


@dataclass(frozen=True)
class Formula(Component):
    """Closeness to a molecular formula, 0 to 1, 1 for an isomer.

    The geometric mean of a gaussian (sigma 1) of each element's count, hydrogen included, and one
    (sigma 2) of the number of all atoms (GuacaMol; J. Chem. Inf. Model. 59, 1096, 2019).

    Attributes
    ----------
    formula
        Elements and their counts, hydrogen included, such as C7H8N2O2.
    """

    formula: str
    unit: ClassVar[str] = "0 to 1"
    example: ClassVar[dict[str, Any]] = {"formula": "C7H8N2O2"}

    def __post_init__(self) -> None:
        symbols = {Chem.GetPeriodicTable().GetElementSymbol(n) for n in range(1, 119)}
        rebuilt = "".join(symbol + number for symbol, number in self._pairs)
        if not self._pairs or rebuilt != self.formula or not set(self._wanted) <= symbols:
            raise ConfigError(f"formula: '{self.formula}' is not a molecular formula such as C9H8O4")

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        return re.findall(r"([A-Z][a-z]?)(\d*)", self.formula)

    @cached_property
    def _wanted(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for symbol, number in self._pairs:
            counts[symbol] += int(number or 1)
        return counts

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return molecules.map(self._closeness)

    def _closeness(self, mol: Chem.Mol) -> float:
        have = Counter(atom.GetSymbol() for atom in mol.GetAtoms())
        have["H"] += sum(atom.GetTotalNumHs() for atom in mol.GetAtoms())
        errors: list[float] = [have[symbol] - number for symbol, number in self._wanted.items()]
        errors.append((sum(have.values()) - sum(self._wanted.values())) / 2)
        return float(np.exp(-0.5 * np.mean(np.square(errors))))

    def desirability(self) -> Transform:
        return Identity()
