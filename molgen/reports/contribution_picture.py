"""Molecules on the colours of what their parts, or their atoms, contribute to a prediction."""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point2D

from molgen.predictors.attribution import Contribution
from molgen.reports.drawing import NEEDLESS, line_width
from molgen.reports.labels import Text, numbers_beside

RAISES, LOWERS = (0.23, 0.54, 0.80), (0.93, 0.49, 0.13)  # blue and orange: told apart by colour-blind readers too
FAINTEST = 0.02  # share of the largest contribution below which an atom stays white
LEGEND, CELLS, TEXT = 42, 11, 12  # height in px, steps of the scale, size of its letters
CAPTION = 18  # px below the scale
SPELLED = str.maketrans({"µ": "u", "μ": "u", "·": " ", "−": "-", "Å": "A", "°": "deg"})
INK = (0.2, 0.2, 0.2)
LONGEST_BOND = 45  # px
ROOM = 4500  # px² of a picture for each number


def draw_contributions(
    mol: Chem.Mol,
    contributions: NDArray[np.float64],
    notes: Mapping[int, str] | None = None,
    *,
    parts: Sequence[Contribution] = (),
    caption: Sequence[str] = (),
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
        Contributions of parts, in `unit`: each in one colour, its number beside it while there is room.
    caption
        Lines below the scale.
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
    below = CAPTION * len(caption)
    kind = rdMolDraw2D.MolDraw2DSVG if svg else rdMolDraw2D.MolDraw2DCairo
    canvas = kind(width, height, width, height - LEGEND - below, svg)
    options = canvas.drawOptions()
    options.bondLineWidth = line_width(mol)
    options.useBWAtomPalette()
    options.highlightRadius = 0.45
    options.atomHighlightsAreCircles = True
    options.setAnnotationColour(INK)
    options.fixedBondLength = LONGEST_BOND
    shares = np.nan_to_num(np.asarray(contributions, float))
    for part in parts:
        shares[list(part.atoms)] = part.value
    largest = float(np.abs(shares).max(initial=0.0))
    shares = shares / (largest or 1.0)
    flat = Chem.Mol(mol)
    Chem.rdDepictor.Compute2DCoords(flat)
    for atom, note in (notes or {}).items():
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
    places = np.array([tuple(canvas.GetDrawCoords(i)) for i in range(flat.GetNumAtoms())]).reshape(-1, 2)
    strongest = sorted((part for part in parts if part.atoms), key=lambda part: -abs(part.value))[: width * height // ROOM]
    strong = [part for part in strongest if abs(part.value) >= FAINTEST * largest]
    numbers = {part.atoms: f"{part.value:+.{decimal_places(largest)}f}" for part in strong}
    texts += numbers_beside(flat, places, numbers, (width, canvas.Height() - LEGEND - below))
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


def _bonds_within(mol: Chem.Mol, parts: Iterable[Contribution]) -> Iterator[tuple[int, int]]:
    """Each bond of a part, and one of its atoms."""
    for part in parts:
        own = set(part.atoms)
        for bond in mol.GetBonds():
            if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= own:
                yield bond.GetIdx(), bond.GetBeginAtomIdx()


def decimal_places(largest: float) -> int:
    """Places behind the point with which the largest of numbers has two or three digits: 0.35, 2.75, 12.0, 120."""
    if not largest:
        return 2
    return max(0, (2 if abs(largest) >= 1 else 1) - math.floor(math.log10(abs(largest))))


def as_file(drawing: str, texts: Iterable[Text]) -> str:
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


def _draw_scale(canvas: rdMolDraw2D.MolDraw2D, largest: float, unit: str, caption: Sequence[str]) -> list[Text]:
    """Draw the scale of colours below the molecule; what is to be written at it: x, y, text-anchor, text."""
    floor = canvas.Height() - CAPTION * len(caption)
    middle, top, bottom = canvas.Width() / 2, floor - LEGEND + 6, floor - 22
    captions = [(middle, floor + CAPTION * (i + 0.5), "middle", line) for i, line in enumerate(caption)]
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
