"""The form of a molecule in water of a pH."""

from rdkit import Chem

VERSION = "dimorphite"


def main_form(mol: Chem.Mol, ph: float) -> Chem.Mol:
    """The main form of the neutral parent `mol` at this pH, with explicit charges and the same atoms in the same order."""
    from dimorphite_dl import protonate_smiles

    mapped = Chem.Mol(mol)
    for atom in mapped.GetAtoms():
        atom.SetAtomMapNum(atom.GetIdx() + 1)
    [text] = protonate_smiles(Chem.MolToSmiles(mapped), ph_min=ph, ph_max=ph, precision=0.0, max_variants=1)
    form = Chem.MolFromSmiles(text)
    order = sorted(range(form.GetNumAtoms()), key=lambda i: form.GetAtomWithIdx(i).GetAtomMapNum())
    form = Chem.RenumberAtoms(form, order)
    for atom in form.GetAtoms():
        atom.SetAtomMapNum(0)
    return form
