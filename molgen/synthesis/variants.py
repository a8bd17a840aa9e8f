"""Molecules that differ from one in a single place."""

from collections.abc import Iterator

from rdkit import Chem, rdBase

SMALLEST = 0.6  # share of the atoms that a part of a molecule must have
CARBON, NITROGEN = 6, 7


def variants(mol: Chem.Mol) -> list[str]:
    """Canonical SMILES of simpler molecules than `mol`, each once.

    A group is left out, or an atom of a chain or ring; a double bond is saturated; a nitrogen of an aromatic ring becomes a
    carbon; a ring of carbons and heteroatoms is opened.
    """
    found: dict[str, None] = {}
    with rdBase.BlockLogs():
        for made in _edited(mol):
            try:
                Chem.SanitizeMol(made)
            except (Chem.MolSanitizeException, ValueError):
                continue
            text = max(Chem.MolToSmiles(made).split("."), key=len)
            part = Chem.MolFromSmiles(text)
            if part is not None and part.GetNumAtoms() >= SMALLEST * mol.GetNumAtoms():
                found.setdefault(Chem.MolToSmiles(part))
    found.pop(Chem.MolToSmiles(mol), None)
    return list(found)


def _edited(mol: Chem.Mol) -> Iterator[Chem.RWMol]:
    for bond in mol.GetBonds():
        begin, end = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if bond.GetIsAromatic():
            continue
        if bond.GetBondType() == Chem.BondType.SINGLE:
            yield _cut(mol, begin, end)
        elif bond.GetBondType() == Chem.BondType.DOUBLE and _elements(bond) <= {CARBON, NITROGEN}:
            made = _copy(mol, begin, end)
            made.GetBondBetweenAtoms(begin, end).SetBondType(Chem.BondType.SINGLE)
            made.GetBondBetweenAtoms(begin, end).SetStereo(Chem.BondStereo.STEREONONE)
            yield made
    for atom in mol.GetAtoms():
        around = [each.GetIdx() for each in atom.GetNeighbors()]
        if atom.GetIsAromatic():
            if atom.GetAtomicNum() == NITROGEN and atom.GetDegree() == 2 and not atom.GetTotalNumHs():
                made = _copy(mol, atom.GetIdx())
                made.GetAtomWithIdx(atom.GetIdx()).SetAtomicNum(CARBON)
                yield made
        elif len(around) == 2 and mol.GetBondBetweenAtoms(*around) is None:
            made = _copy(mol, *around)
            made.AddBond(*around, Chem.BondType.SINGLE)
            made.RemoveAtom(atom.GetIdx())
            yield made


def _elements(bond: Chem.Bond) -> set[int]:
    return {bond.GetBeginAtom().GetAtomicNum(), bond.GetEndAtom().GetAtomicNum()}


def _copy(mol: Chem.Mol, *changed: int) -> Chem.RWMol:
    """A copy, with the hydrogens of the atoms that change counted anew."""
    made = Chem.RWMol(mol)
    for index in changed:
        atom = made.GetAtomWithIdx(index)
        atom.SetChiralTag(Chem.ChiralType.CHI_UNSPECIFIED)
        if not atom.GetIsAromatic():
            atom.SetNoImplicit(False)
            atom.SetNumExplicitHs(0)
    return made


def _cut(mol: Chem.Mol, begin: int, end: int) -> Chem.RWMol:
    """A copy without a bond."""
    made = _copy(mol, begin, end)
    made.RemoveBond(begin, end)
    for index in (begin, end):
        atom = made.GetAtomWithIdx(index)
        if atom.GetIsAromatic() and atom.GetAtomicNum() == NITROGEN:
            atom.SetNumExplicitHs(1)
    return made
