"""Bring molecules from many sources to one form."""

import functools

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize


@functools.cache
def _chooser() -> rdMolStandardize.LargestFragmentChooser:
    return rdMolStandardize.LargestFragmentChooser(preferOrganic=True)


def parent(mol: Chem.Mol) -> Chem.Mol:
    """`mol` without salts and solvents: its largest organic fragment."""
    return mol if len(Chem.GetMolFrags(mol)) == 1 else _chooser().choose(mol)
