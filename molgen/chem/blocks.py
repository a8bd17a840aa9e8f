"""Molecules as pieces that could be bought: BRICS fragments, and the cores of building blocks."""

import contextlib
from collections.abc import Iterable

from rdkit import Chem
from rdkit.Chem import BRICS, AllChem

DUMMY, HYDROGEN = Chem.MolFromSmarts("[#0]"), Chem.MolFromSmiles("[H]")
LEAVING = [  # atoms that a coupling leaves at the cut, and the group in their place beforehand
    (Chem.MolFromSmarts(group), HYDROGEN)
    for group in ("[Br,I,$([Cl][c,$(C=O)])]", "[BX3]([OX2])[OX2]", "[OX2H1;$(OC(=O)[#6])]", "[$([OX2][SX4](=O)(=O)C)]")
]


def fragments(mol: Chem.Mol) -> list[tuple[str, int]]:
    """BRICS fragments (Degen et al., ChemMedChem 3, 1503, 2008): SMILES with hydrogens at the cuts, and heavy atoms."""
    pieces = Chem.GetMolFrags(BRICS.BreakBRICSBonds(mol), asMols=True)
    closed = [_closed(piece) for piece in pieces]
    return [(Chem.MolToSmiles(piece, isomericSmiles=False), piece.GetNumHeavyAtoms()) for piece in closed]


def _closed(piece: Chem.Mol) -> Chem.Mol:
    return Chem.RemoveHs(AllChem.ReplaceSubstructs(piece, DUMMY, HYDROGEN, replaceAll=True)[0])


def cores(blocks: Iterable[Chem.Mol]) -> set[str]:
    """Fragments that building blocks can stand for: the blocks without what a coupling removes, and their own fragments."""
    found = set()
    for block in blocks:
        for group, instead in LEAVING:
            if block.HasSubstructMatch(group):
                block = _without(block, group, instead) or block
        found.add(Chem.MolToSmiles(block, isomericSmiles=False))
        with contextlib.suppress(Chem.AtomValenceException):  # a few hydrides and salts
            found |= {smiles for smiles, _ in fragments(block)}
    return found


def _without(block: Chem.Mol, group: Chem.Mol, instead: Chem.Mol) -> Chem.Mol | None:
    try:
        changed = AllChem.ReplaceSubstructs(block, group, instead, replaceAll=True)[0]
        Chem.SanitizeMol(changed)
        return max(Chem.GetMolFrags(Chem.RemoveHs(changed), asMols=True), key=lambda part: part.GetNumHeavyAtoms())
    except Exception:  # RDKit raises several kinds
        return None
