"""Molecules as pictures: plain, and with marked atoms."""

import io
import re
from typing import Any

from PIL import Image
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.errors import DataError

DRAWN = 500  # atoms of a molecule at most: coordinates of more take minutes
HIGHLIGHT = (1.0, 0.85, 0.55)
PNG_COLOURS = 48
NEEDLESS = re.compile(  # what says nothing, in half of RDKit's SVG: classes, and styles that are SVG's defaults
    r" class='[^']*'|fill-rule:evenodd;?|stroke-(?:linecap:butt|linejoin:miter|opacity:1|width:1\.0px);?"
    r"|(?<=style=')opacity:1\.0;|font-(?:style|weight):normal;|fill-opacity:1;stroke:none;|<!--.*?-->\n?"
)


def molecule_of(smiles: str) -> Chem.Mol:
    """A molecule of a run folder.

    Raises
    ------
    DataError
        It is none.
    """
    mol = Chem.MolFromSmiles(smiles)
    if mol is None or not smiles:
        raise DataError(f"{smiles[:100]!r} is no SMILES, and can't be drawn: campaign.sqlite is damaged; restore a copy")
    return mol


def draw(smiles: str, atoms: tuple[int, ...] = (), size: tuple[int, int] = (300, 210)) -> str:
    """A molecule as SVG, `atoms` (indices in `smiles`) and the bonds between them marked."""
    mol = molecule_of(smiles)
    if mol.GetNumAtoms() > DRAWN:
        return (
            f'<svg width="{size[0]}" height="{size[1]}"><text x="10" y="30">{mol.GetNumAtoms():,} atoms, not drawn</text></svg>'
        )
    canvas = rdMolDraw2D.MolDraw2DSVG(
        *size, *size, smiles.isascii()
    )  # text as letters: outlines of them take more room than all else
    canvas.drawOptions().clearBackground = False
    return as_element(_drawn(canvas, mol, atoms))


def draw_png(smiles: str, atoms: tuple[int, ...] = (), size: tuple[int, int] = (440, 308)) -> bytes:
    """As `draw`, as PNG on white, in few colours and so in few bytes; `size` alone of what is too large to be drawn."""
    mol = molecule_of(smiles)
    canvas = rdMolDraw2D.MolDraw2DCairo(*size)
    drawing = _drawn(canvas, mol if mol.GetNumAtoms() <= DRAWN else Chem.Mol(), atoms if mol.GetNumAtoms() <= DRAWN else ())
    small = io.BytesIO()
    Image.open(io.BytesIO(drawing)).convert("RGB").quantize(PNG_COLOURS, Image.Quantize.FASTOCTREE).save(small, "png")
    return small.getvalue()


def _drawn(canvas: rdMolDraw2D.MolDraw2D, mol: Chem.Mol, atoms: tuple[int, ...]) -> Any:
    """What `canvas` makes of a molecule, with `atoms` and the bonds between them marked."""
    bonds = [b.GetIdx() for b in mol.GetBonds() if b.GetBeginAtomIdx() in atoms and b.GetEndAtomIdx() in atoms]
    canvas.drawOptions().setHighlightColour(HIGHLIGHT)
    canvas.drawOptions().bondLineWidth = line_width(mol)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol, highlightAtoms=list(atoms), highlightBonds=bonds)
    canvas.FinishDrawing()
    return canvas.GetDrawingText()


def line_width(mol: Chem.Mol) -> float:
    """Of bonds, px: thinner in large molecules, whose double bonds would run together."""
    return 2.0 if mol.GetNumAtoms() <= 50 else 1.0


def as_element(drawing: str) -> str:
    """An SVG file of RDKit's as an element of a page, without what says nothing."""
    return NEEDLESS.sub("", drawing[drawing.index("<svg") :])
