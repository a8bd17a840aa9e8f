"""Molecules as pictures: plain, with marked atoms, and with the atoms' contributions to a prediction."""

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point2D

from molgen.errors import DataError
from molgen.predictors.attribution import Contribution

DRAWN = 500  # atoms of a molecule at most: coordinates of more take minutes
HIGHLIGHT = (1.0, 0.85, 0.55)
RAISES, LOWERS = (0.23, 0.54, 0.80), (0.93, 0.49, 0.13)  # blue and orange: told apart by colour-blind readers too
PNG_COLOURS = 48
FAINTEST = 0.02  # share of the largest contribution below which an atom stays white
LEGEND, CELLS, TEXT = 42, 11, 12  # height in px, steps of the scale, size of its letters
CAPTION = 18  # px below the scale
SPELLED = str.maketrans({"µ": "u", "μ": "u", "·": " ", "−": "-", "Å": "A", "°": "deg"})
INK = (0.2, 0.2, 0.2)
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
    canvas.drawOptions().bondLineWidth = _line_width(mol)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol, highlightAtoms=list(atoms), highlightBonds=bonds)
    canvas.FinishDrawing()
    return canvas.GetDrawingText()


def _line_width(mol: Chem.Mol) -> float:
    """Of bonds, px: thinner in large molecules, whose double bonds would run together."""
    return 2.0 if mol.GetNumAtoms() <= 50 else 1.0


def as_element(drawing: str) -> str:
    """An SVG file of RDKit's as an element of a page, without what says nothing."""
    return NEEDLESS.sub("", drawing[drawing.index("<svg") :])


def draw_contributions(
    mol: Chem.Mol,
    contributions: NDArray[np.float64],
    notes: Mapping[int, str] | None = None,
    *,
    parts: Sequence[Contribution] = (),
    caption: str = "",
    unit: str = "",
    svg: bool = True,
    size: tuple[int, int] = (600, 450),
) -> bytes:
    """`mol` on the colours of its parts, or of its atoms: blue where they raise the prediction, orange where they lower it.

    Parameters
    ----------
    contributions
        Of the atoms [a], in `unit`; nan where there is none. Shown where there are no parts.
    parts
        Contributions of parts, in `unit`: each in one colour, its number beside it.
    caption
        Written below the scale.
    notes
        What stands beside an atom, by atom.
    unit
        Written at the scale below the molecule, which runs from the largest contribution, negative, to the same, positive.
    svg
        Whether to draw SVG; else PNG.
    size
        Width and height in px.
    """
    width, height = size
    kind = rdMolDraw2D.MolDraw2DSVG if svg else rdMolDraw2D.MolDraw2DCairo
    canvas = kind(width, height, width, height - LEGEND - (CAPTION if caption else 0), svg)
    options = canvas.drawOptions()
    options.bondLineWidth = _line_width(mol)
    options.useBWAtomPalette()
    options.highlightRadius = 0.45
    options.atomHighlightsAreCircles = True
    options.setAnnotationColour(INK)
    shares = np.nan_to_num(np.asarray(contributions, float))
    for part in parts:
        shares[list(part.atoms)] = part.value
    largest = float(np.abs(shares).max(initial=0.0))
    shares = shares / (largest or 1.0)
    flat = Chem.Mol(mol)
    Chem.rdDepictor.Compute2DCoords(flat)
    noted = dict(notes or {})
    for part in parts if len(parts) > 1 else ():
        if part.atoms:
            atom = _outermost(flat, part.atoms)
            noted[atom] = f"{_number(part.value, largest)}" + (f" ({noted[atom]})" if atom in noted else "")
    for atom, note in noted.items():
        flat.GetAtomWithIdx(atom).SetProp("atomNote", _in_ascii(note))
    colours = {int(i): _colour(float(shares[i])) for i in np.flatnonzero(np.abs(shares) >= FAINTEST)}
    within = {bond: colours[first] for bond, first in _bonds_within(flat, parts) if first in colours}
    rdMolDraw2D.PrepareAndDrawMolecule(
        canvas,
        flat,
        highlightAtoms=list(colours),
        highlightAtomColors=colours,
        highlightBonds=list(within),
        highlightBondColors=within,
    )
    texts = _draw_scale(canvas, largest, unit, caption)
    if svg:
        canvas.FinishDrawing()
        return as_file(NEEDLESS.sub("", canvas.GetDrawingText()), texts).encode()
    canvas.SetColour(INK)
    canvas.SetFontSize(TEXT)
    for x, y, anchor, text in texts:
        align = {"start": 1, "middle": 0, "end": 2}[anchor]
        canvas.DrawString(_in_ascii(text), Point2D(x, y), align, rawCoords=True)
    canvas.FinishDrawing()
    return canvas.GetDrawingText()


def _outermost(mol: Chem.Mol, atoms: Sequence[int]) -> int:
    """The atom of a part beside which there is most room."""
    places = mol.GetConformer().GetPositions()
    crowd = [float(np.exp(-(np.linalg.norm(places - places[atom], axis=1) ** 2) / 4).sum()) for atom in atoms]
    return atoms[int(np.argmin(crowd))]


def _bonds_within(mol: Chem.Mol, parts: Iterable[Contribution]) -> Iterator[tuple[int, int]]:
    """Each bond of a part, and one of its atoms."""
    for part in parts:
        own = set(part.atoms)
        for bond in mol.GetBonds():
            if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= own:
                yield bond.GetIdx(), bond.GetBeginAtomIdx()


def _number(value: float, largest: float) -> str:
    """To two digits of the largest: +0.35."""
    return f"{value:+.{decimals(largest)}f}"


def decimals(largest: float) -> int:
    """Places behind the point with which the largest of numbers has two or three digits: 0.35, 2.75, 12.0, 120."""
    if not largest:
        return 2
    return max(0, (2 if abs(largest) >= 1 else 1) - math.floor(math.log10(abs(largest))))


def as_file(drawing: str, texts: Iterable[tuple[float, float, str, str]]) -> str:
    """An SVG file of RDKit's in UTF-8, with `texts` in it: x, y, SVG's text-anchor, text. RDKit's own are ASCII."""
    elements = "".join(
        f'<text x="{x:g}" y="{y + TEXT / 3:g}" text-anchor="{anchor}" font-family="sans-serif" font-size="{TEXT}" '
        f'fill="#333333">{escape(text)}</text>\n'
        for x, y, anchor, text in texts
    )
    return drawing.replace("iso-8859-1", "utf-8").replace("</svg>", f"{elements}</svg>")


def _in_ascii(text: str) -> str:
    """As RDKit can draw it: uM for µM, A2 for Å², ? for what has no such spelling."""
    return unicodedata.normalize("NFKD", text.translate(SPELLED)).encode("ascii", "replace").decode()


def _colour(share: float) -> tuple[float, ...]:
    """From white at 0 to the full colour at -1 and 1."""
    return tuple(1 - abs(share) * (1 - part) for part in (RAISES if share > 0 else LOWERS))


def _draw_scale(canvas: rdMolDraw2D.MolDraw2D, largest: float, unit: str, caption: str) -> list[tuple[float, float, str, str]]:
    """Draw the scale of colours below the molecule; what is to be written at it: x, y, text-anchor, text."""
    floor = canvas.Height() - (CAPTION if caption else 0)
    middle, top, bottom = canvas.Width() / 2, floor - LEGEND + 6, floor - 22
    captions = [(middle, canvas.Height() - 10, "middle", caption)] if caption else []
    if not largest:
        return [(middle, (top + bottom) / 2, "middle", "no atom contributes"), *captions]
    half = canvas.Width() * 0.22
    canvas.SetLineWidth(1)
    for i in range(CELLS):
        left, right = (middle + half * (2 * (i + k) / CELLS - 1) for k in (0, 1))
        canvas.SetColour(_colour(2 * i / (CELLS - 1) - 1))
        canvas.DrawRect(Point2D(left, top), Point2D(right, bottom), rawCoords=True)
    canvas.SetColour((0.6, 0.6, 0.6))
    canvas.SetFillPolys(False)
    canvas.DrawRect(Point2D(middle - half, top), Point2D(middle + half, bottom), rawCoords=True)
    return [
        (middle - half - 6, (top + bottom) / 2, "end", f"{-largest:+.2g}"),
        (middle + half + 6, (top + bottom) / 2, "start", f"{largest:+.2g}"),
        (middle, floor - 10, "middle", f"contribution ({unit})" if unit else "contribution"),
        *captions,
    ]
