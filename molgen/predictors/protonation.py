"""The form of a molecule in water of a pH."""

from rdkit import Chem

VERSION = "dimorphite"


def main_form(mol: Chem.Mol, ph: float) -> Chem.Mol:
    """The main form of the neutral parent `mol` at this pH, with explicit charges and the same atoms in the same order."""
    from dimorphite_dl import protonate_smiles

    [text] = protonate_smiles(Chem.MolToSmiles(mol), ph_min=ph, ph_max=ph, precision=0.0, max_variants=1)
    return Chem.MolFromSmiles(text)
