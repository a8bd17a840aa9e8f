"""Which parts of a molecule made a predictor say what it said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molgen.chem.decomposition import take_apart
from molgen.chem.descriptors import MOST_ATOMS
from molgen.errors import DataError
from molgen.predictors.growth import SharingPlan, Subtree

Array = NDArray[np.float64]
CERTAIN = 1e-9  # probability, beyond which its log-odds no longer grow
METHOD = "Shapley values of its parts: the mean change as each is added to the core, over all orders of growth"


@dataclass(frozen=True)
class Contribution:
    """What a part of a molecule adds to a prediction.

    Attributes
    ----------
    smiles
        The part, `*` where it is attached to others; what else contributes, in words, where there are no atoms.
    atoms
        Its atoms' indices; empty for what is no part of the molecule.
    value
        In the prediction's unit, in log-odds for classes.
    error
        Standard error of the value from the orders of growth that were drawn; 0 where all were counted.
    is_core
        Whether it is what growth begins with: its value is that of the core alone, less the base.
    """

    smiles: str
    atoms: tuple[int, ...]
    value: float
    error: float = 0.0
    is_core: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it is attached to the molecule by one bond, as a substituent is."""
        return bool(self.atoms) and not self.is_core and self.smiles.count("*") == 1


@dataclass(frozen=True, eq=False)
class Attribution:
    """A prediction shared out among parts, and with them among atoms.

    Attributes
    ----------
    atoms : float64 [a]
        Contributions in the prediction's unit, in log-odds for classes; that of a part in equal shares on its atoms.
    method
        How they were found, one line.
    neighbours
        The nearest training molecules: SMILES, measured value, similarity.
    notes
        What a picture writes beside an atom, by atom.
    parts
        The contributions of parts, the core's first: with `base` they add up to `value`. Empty where there are none.
    base, value
        What the contributions begin from and lead to, in their unit; nan where there are no parts.
    about_base
        What the base is, in words.
    """

    atoms: Array
    method: str
    neighbours: list[tuple[str, float, float]]
    notes: dict[int, str] = field(default_factory=dict)
    parts: tuple[Contribution, ...] = ()
    base: float = float("nan")
    value: float = float("nan")
    about_base: str = ""


def check_size(mol: Chem.Mol) -> None:
    """Raise a DataError for a molecule too large to be drawn and described."""
    if mol.GetNumAtoms() > MOST_ATOMS:
        raise DataError(f"a molecule of {mol.GetNumAtoms():,} atoms can't be explained: {MOST_ATOMS} at most")


def log_odds(probability: Array) -> Array:
    """Of probabilities, between those of `CERTAIN`."""
    inside = np.clip(probability, CERTAIN, 1 - CERTAIN)
    return np.log(inside) - np.log1p(-inside)


class Growth:
    """A molecule that is grown from its core, one part after the other: every step is a molecule, hydrogens in place of the rest.

    Parameters
    ----------
    seeds
        Atoms that the core must have.

    Attributes
    ----------
    steps
        SMILES of the steps [n].

    Raises
    ------
    DataError
        It is too large, or one of the steps is no molecule.
    """

    def __init__(self, mol: Chem.Mol, seeds: Collection[int] = ()) -> None:
        check_size(mol)
        self.cut = take_apart(mol, seeds)
        self._plan = SharingPlan(self.cut.parents)
        with rdBase.BlockLogs():
            self.steps = [self._step(subtree) for subtree in self._plan.subtrees]

    def _step(self, subtree: Subtree) -> str:
        try:
            return self.cut.grown(subtree)
        except (ValueError, RuntimeError) as error:
            names = ", ".join(self.cut.smiles(part) for part in sorted(subtree))
            raise DataError(f"can't be explained: {names} make no molecule without the other parts ({error})") from error

    def attribution(self, values: Mapping[str, float], base: tuple[float, str] | None) -> Attribution:
        """Share the molecule's value out among its parts.

        Parameters
        ----------
        values
            Of each step, by SMILES.
        base
            What the contributions begin from, and what that is; None: the value of the core, which then contributes nothing.

        Raises
        ------
        DataError
            A step has no value.
        """
        if lost := next((text for text in self.steps if not np.isfinite(values[text])), None):
            raise DataError(f"can't be explained: its part {lost} has no prediction")
        shares = self._plan.shares([values[text] for text in self.steps])
        added, total = shares.values.copy(), float(shares.values.sum())
        first, about = base or (float(added[0]), "the value of the core")
        added[0] -= first
        parts = tuple(
            Contribution(self.cut.smiles(i), own, float(added[i]), float(shares.errors[i]), i == 0)
            for i, own in enumerate(self.cut.parts)
        )
        atoms = np.zeros(self.cut.mol.GetNumAtoms())
        for part in parts:
            atoms[list(part.atoms)] = part.value / len(part.atoms)
        return Attribution(atoms, METHOD, [], parts=parts, base=first, value=total, about_base=about)
