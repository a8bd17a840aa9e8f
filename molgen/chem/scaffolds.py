"""Murcko scaffolds."""

import functools

from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold


def murcko(mol: Chem.Mol, *, generic: bool = False) -> str:
    """Canonical SMILES of the Bemis-Murcko scaffold (J. Med. Chem. 39, 2887, 1996); empty if acyclic.

    Parameters
    ----------
    generic
        Whether to reduce it to its graph: every atom carbon, every bond single.
    """
    if not mol.GetRingInfo().NumRings():  # RDKit would take long to notice
        return ""
    scaffold = MurckoScaffold.GetScaffoldForMol(mol)
    if generic and scaffold.GetNumAtoms():
        scaffold = MurckoScaffold.GetScaffoldForMol(MurckoScaffold.MakeScaffoldGeneric(scaffold))
    return Chem.MolToSmiles(scaffold, isomericSmiles=False)


@functools.lru_cache(10_000)
def scaffold_of(smiles: str) -> str | None:
    """`murcko` of a SMILES, cached for repeated calls; None if it is invalid."""
    mol = Chem.MolFromSmiles(smiles)
    return None if mol is None else murcko(mol)
