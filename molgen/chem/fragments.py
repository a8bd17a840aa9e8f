"""Molecules as fragments in any order: pieces of SMILES that ring-closure numbers join.

The notation is SAFE's (Noutahi et al., Digital Discovery 3, 796, 2024): bonds between fragments are written as ring closures
from %10 on, fragments are separated by dots, and the whole is a valid SMILES of the molecule.
"""

import re
from collections.abc import Sequence

from rdkit import Chem
from rdkit.Chem import BRICS

FIRST = 10
MOST = 20  # numbers that a text may use
_LABEL = re.compile(r"\(\[(\d+)\*\]\)|\[(\d+)\*\]")
_ATTACHMENT = re.compile(r"%(\d\d)")


def cuttable(mol: Chem.Mol) -> list[int]:
    """The single bonds that BRICS cuts (Degen et al., ChemMedChem 3, 1503, 2008), as bond indices."""
    pairs = {tuple(sorted(atoms)) for atoms, _ in BRICS.FindBRICSBonds(mol)}
    found = [mol.GetBondBetweenAtoms(*pair) for pair in sorted(pairs)]
    return [bond.GetIdx() for bond in found if bond.GetBondType() == Chem.BondType.SINGLE]


def fragment(mol: Chem.Mol) -> list[str]:
    """The pieces of `mol`, each beginning with an atom that is bonded to another piece.

    Dummy atoms of `mol` become attachments too, which no other piece closes.

    Raises
    ------
    ValueError
        There are more bonds between pieces than numbers.
    """
    open_ends = {atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0}
    bonds = [i for i in cuttable(mol) if not open_ends & {*_ends(mol.GetBondWithIdx(i))}]
    if len(bonds) + len(open_ends) > MOST:
        raise ValueError(f"more than {MOST} bonds between fragments")
    labelled = Chem.RWMol(mol)
    for k, index in enumerate(sorted(open_ends)):
        labelled.GetAtomWithIdx(index).SetIsotope(FIRST + len(bonds) + k)
    labels = [(FIRST + k, FIRST + k) for k in range(len(bonds))]
    cut = Chem.FragmentOnBonds(labelled, bonds, dummyLabels=labels) if bonds else labelled.GetMol()
    return [_write(part) for part in Chem.GetMolFrags(cut, asMols=True)]


def _ends(bond: Chem.Bond) -> tuple[int, int]:
    return bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()


def _write(part: Chem.Mol) -> str:
    dummies = [atom for atom in part.GetAtoms() if atom.GetAtomicNum() == 0]
    if not dummies:
        return Chem.MolToSmiles(part)
    root = min(dummies, key=lambda atom: atom.GetIsotope()).GetNeighbors()[0]
    return _LABEL.sub(r"%\1\2", Chem.MolToSmiles(part, rootedAtAtom=root.GetIdx()))


def join(pieces: Sequence[str]) -> str:
    """The pieces as one text, attachments numbered from %10 on in the order of their appearance."""
    numbers: dict[str, int] = {}
    return _ATTACHMENT.sub(lambda found: f"%{numbers.setdefault(found[1], FIRST + len(numbers))}", ".".join(pieces))


def whole(text: str) -> str | None:
    """Canonical SMILES of the molecule that joined pieces spell; None where they spell none, or several."""
    mol = Chem.MolFromSmiles(text)
    if mol is None or not mol.GetNumAtoms():
        return None
    smiles = Chem.MolToSmiles(mol)
    return None if "." in smiles else smiles
