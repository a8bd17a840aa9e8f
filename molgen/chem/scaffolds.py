"""Murcko scaffolds."""

from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold


def murcko(mol: Chem.Mol, *, generic: bool = False) -> str:
    """Canonical SMILES of the Bemis-Murcko scaffold (J. Med. Chem. 39, 2887, 1996); empty if acyclic.

    Parameters
    ----------
    generic
        Reduce it to its graph: every atom carbon, every bond single.
    """
    if not mol.GetRingInfo().NumRings():  # RDKit would take long to find out
        return ""
    scaffold = MurckoScaffold.GetScaffoldForMol(mol)
    if generic and scaffold.GetNumAtoms():
        scaffold = MurckoScaffold.GetScaffoldForMol(MurckoScaffold.MakeScaffoldGeneric(scaffold))
    return Chem.MolToSmiles(scaffold, isomericSmiles=False)
