"""What was measured after a predictor was trained: a few values of a target."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.molecules import Molecules
from molgen.errors import DataError

Array = NDArray[np.float64]
LEAST, MOST = 0.0, 15.0  # pKd of anything that binds


@dataclass(frozen=True, eq=False)
class GivenValues:
    """Measured affinities of one target.

    Attributes
    ----------
    mols, canonical
        The molecules, [k], and their SMILES.
    values : float64 [k]
    """

    mols: tuple[Any, ...] = ()
    canonical: tuple[str, ...] = ()
    values: Array = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, molecules: Molecules, values: Sequence[float] | Array, target: str) -> "GivenValues":
        """Check and keep measurements.

        Raises
        ------
        DataError
            A molecule is invalid, a value is none, or can't be a pKd.
        """
        numbers = np.asarray(values, float)
        if numbers.shape != (len(molecules),):
            raise DataError(f"{len(molecules)} molecules were measured with {target}, and {len(numbers)} values are given")
        for text, problem, value in zip(molecules.smiles, molecules.problem, numbers, strict=True):
            if problem:
                raise DataError(f"measured with {target}: {text}: {problem}")
            if not LEAST <= value <= MOST:
                can = f"{LEAST:g} to {MOST:g}"
                raise DataError(f"measured with {target}: {text}: {value:g} is no pKd, -log10 of mol/L, which is {can}")
        return cls(molecules.mols, tuple(map(str, molecules.canonical)), numbers)

    def joined(self, other: "GivenValues") -> "GivenValues":
        """These and others."""
        return GivenValues(
            (*self.mols, *other.mols), (*self.canonical, *other.canonical), np.concatenate([self.values, other.values])
        )

    def __len__(self) -> int:
        return len(self.values)
