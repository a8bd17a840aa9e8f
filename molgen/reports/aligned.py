"""Molecules drawn side by side: what they share lies in the same place, and where they differ is marked."""

from collections.abc import Sequence

from rdkit import Chem, rdBase
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point2D

from molgen.chem.common_part import common_part
from molgen.reports.drawing import DRAWN, HIGHLIGHT, as_element, draw, molecule_of

MARGIN = 0.8  # around the drawing, in bond lengths and more


def draw_aligned(smiles: Sequence[str], size: tuple[int, int] = (360, 280)) -> list[str]:
    """Molecules [n] as SVG, all on one scale; each by itself where they have too little in common, or are too large.

    Raises
    ------
    DataError
        One is no molecule.
    """
    mols = [molecule_of(text) for text in smiles]
    found = common_part(mols) if all(mol.GetNumAtoms() <= DRAWN for mol in mols) else None
    if found is None or not all(found.atoms):
        return [draw(text, size=size) for text in smiles]
    first = Chem.Mol(mols[0])
    rdDepictor.Compute2DCoords(first)
    flat = [first]
    for mol, atoms in zip(mols[1:], found.atoms[1:], strict=True):
        other = Chem.Mol(mol)
        with rdBase.BlockLogs():
            rdDepictor.GenerateDepictionMatching2DStructure(other, first, list(zip(found.atoms[0], atoms, strict=True)))
        flat.append(other)
    points = [mol.GetConformer().GetAtomPosition(i) for mol in flat for i in range(mol.GetNumAtoms())]
    low = Point2D(min(p.x for p in points) - MARGIN, min(p.y for p in points) - MARGIN)
    high = Point2D(max(p.x for p in points) + MARGIN, max(p.y for p in points) + MARGIN)
    drawings = []
    for mol, atoms in zip(flat, found.differing, strict=True):
        canvas = rdMolDraw2D.MolDraw2DSVG(*size, *size, True)
        options = canvas.drawOptions()
        options.clearBackground = False
        options.setHighlightColour(HIGHLIGHT)
        bonds = [b.GetIdx() for b in mol.GetBonds() if b.GetBeginAtomIdx() in atoms and b.GetEndAtomIdx() in atoms]
        canvas.SetScale(*size, low, high)
        rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol, highlightAtoms=list(atoms), highlightBonds=bonds)
        canvas.FinishDrawing()
        drawings.append(as_element(canvas.GetDrawingText()))
    return drawings
