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
    from molgen.predictors.attribution import Attribution
    from molgen.predictors.base import Prediction


class Component(ABC):
    """Judges molecules by one property, in raw units.

    A component is one file under `molgen/scoring/components`: a frozen dataclass whose fields are its
    configuration. It needs no registration.

    Attributes
    ----------
    unit
        Unit of the values.
    example
        Fields that make a sensible instance, shown by `molgen components` and used by the tests.
    transform
        Transform of the example's term, if the component has no desirability of its own.
    slow
        Whether a molecule takes about a second, so that a page doesn't measure hundreds of known ones.
    compared
        The field with the SMILES that molecules are compared with; a scorer brings it to the form in which it scores them.
    """

    unit: ClassVar[str] = ""
    example: ClassVar[dict[str, Any]] = {}
    transform: ClassVar[dict[str, Any] | None] = None
    slow: ClassVar[bool] = False
    compared: ClassVar[str] = ""

    @abstractmethod
    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        """Measure molecules.

        Returns
        -------
        NDArray
            Raw values [n], in `unit`; nan, never 0, where the molecule is invalid or the component failed.
        """

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        """Values [n] as returned by a call, and the reasons [n] for missing ones, None where there is none or it is unknown."""
        return self(molecules), [None] * len(molecules)

    def at_a_time(self) -> int | None:
        """How many molecules are measured before others are begun, where they take seconds; None where they don't."""
        return None

    def desirability(self) -> Transform | None:
        """The transform of a term that names none; None if the component can't know which values are good."""
        return None

    def advice(self) -> str:
        """What to add to a term of a component without a desirability."""
        return (
            f"which of its values are good (unit: {self.unit or 'its own'}) isn't known; add transform: "
            "{linear: {low: POOR, high: GOOD}} with the values that score 0 and 1"
        )

    @classmethod
    def notes(cls) -> Sequence[str]:
        """Lines that `molgen components NAME` prints besides the settings."""
        return ()

    @classmethod
    def needs_trust(cls, settings: Mapping[str, Any]) -> Sequence[str]:
        """Abilities among `molgen.trust.ABILITIES` that an instance with these settings, as written in a file, would use."""
        return ()

    def value_unit(self) -> str:
        """Unit printed after a value of this instance; empty for plain numbers and unknown units."""
        return "" if self.unit[:1].isdigit() or self.unit.endswith("'s") else self.unit

    def prediction(self, molecules: Molecules) -> "Prediction | None":
        """The predictions [n] behind the values, with errors and applicability domain; None if nothing is predicted."""
        return None

    def highlight(self, mol: Chem.Mol) -> Sequence[int]:
        """Indices of the atoms of `mol` on which the value rests, to be highlighted in drawings."""
        return ()

    def contributions(self, mol: Chem.Mol) -> NDArray[np.float64] | None:
        """Contribution of each atom [a] of `mol` to a predicted value; None if nothing is predicted."""
        found = self.attribution(mol)
        return None if found is None else found.atoms

    def attribution(self, mol: Chem.Mol) -> "Attribution | None":
        """A predicted value shared out among parts of `mol`; None if nothing is predicted."""
        return None

    def records(self, smiles: Sequence[str]) -> dict[str, str]:
        """Canonical SMILES -> pose as an SD record, for those of `smiles` that have one."""
        return {}

    def surroundings(self) -> str | None:
        """Surroundings of the poses: a receptor in PDB format, with the hydrogens that can form hydrogen bonds."""
        return None

    def known_ligand(self) -> str | None:
        """A ligand that is known to lie where the poses do, in PDB format: residues that it touches are told apart."""
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
