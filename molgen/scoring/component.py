"""The contract of a scoring component, and how components are found."""

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.scoring.transforms import Transform

if TYPE_CHECKING:
    from molgen.predictors.base import Prediction


class Component(ABC):
    """Judges molecules by one property, in raw units.

    A component is one file under `molgen/scoring/components`: a frozen dataclass whose fields are its
    configuration. Nothing else needs to be told of it.

    Attributes
    ----------
    unit
        Of the values.
    example
        Fields that make a sensible instance: shown by `molgen components`, used by the tests.
    transform
        Of the example's term, where the component has no desirability of its own.
    """

    unit: ClassVar[str] = ""
    example: ClassVar[dict[str, Any]] = {}
    transform: ClassVar[dict[str, Any] | None] = None

    @abstractmethod
    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        """Values [n]; nan where the molecule is invalid or the component failed, never 0 for that."""

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        """Values [n] as by a call, and why there is none [n] where it is known."""
        return self(molecules), [None] * len(molecules)

    def desirability(self) -> Transform | None:
        """The transform of a term that names none; None where nobody can know what is wanted, and a term must say."""
        return None

    def advice(self) -> str:
        """The line to add to a term of a component without a desirability."""
        return (
            f"which of its values are good (unit: {self.unit or 'its own'}) isn't known; add transform: "
            "{linear: {low: POOR, high: GOOD}} with the values that score 0 and 1"
        )

    @classmethod
    def notes(cls) -> Sequence[str]:
        """What `molgen components NAME` says besides the settings."""
        return ()

    @classmethod
    def needs_trust(cls, settings: Mapping[str, Any]) -> Sequence[str]:
        """Which of `molgen.trust.ABILITIES` an instance with these settings, as a file has them, would use."""
        return ()

    def value_unit(self) -> str:
        """What is written behind a value of this instance; empty for plain numbers, and where nobody knows."""
        return "" if self.unit[:1].isdigit() or self.unit.endswith("'s") else self.unit

    def prediction(self, molecules: Molecules) -> "Prediction | None":
        """Where the values [n] are read from, with their errors and whether to trust them; None where nothing is predicted."""
        return None

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        """Atoms of `mol` that the value rests on, to be marked in drawings."""
        return ()

    def contributions(self, mol: Chem.Mol) -> NDArray[np.float64] | None:
        """What each atom [a] of `mol` adds to a predicted value; None where nothing is predicted."""
        return None

    def records(self, smiles: Sequence[str]) -> dict[str, str]:
        """Poses as SD records, of those of these canonical SMILES that have one."""
        return {}

    def surroundings(self) -> str | None:
        """What the poses lie in: a receptor as PDB, with the hydrogens that can be in hydrogen bonds."""
        return None


def find_components() -> dict[str, type[Component]]:
    """Every component in `molgen.scoring.components` by its dotted name."""
    package = importlib.import_module("molgen.scoring.components")
    found = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for _, item in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(item, Component) and item.__module__ == module.name:
                found[f"{item.__module__}.{item.__qualname__}"] = item
    return found
