"""Pictures of molecules, each once on the page and shown wherever it is asked for."""

import re

from markupsafe import Markup
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.reports.drawing import as_element, draw

Size = tuple[int, int]  # width and height, px
SIZE, CORE, GROUP = (240, 160), (300, 190), (132, 80)
LINE = re.compile(
    r"<path d='([^']*)' style='fill:none;stroke:(#[0-9A-F]{6});stroke-width:([\d.]+)px;?(?:stroke-miterlimit:10;)?' ?/>\s*"
)
USUAL = re.compile(r"(?<=style=')(font-size:[\d.]+px;)font-family:sans-serif;text-anchor:start;")
WORDS = {
    "[1*][H]": "H",
    "[1*]F": "F",
    "[1*]Cl": "Cl",
    "[1*]Br": "Br",
    "[1*]I": "I",
    "[1*]C": "Me",
    "[1*]CC": "Et",
    "[1*]O": "OH",
    "[1*]OC": "OMe",
    "[1*]N": "NH₂",
    "[1*]C#N": "CN",
    "[1*]C(F)(F)F": "CF₃",
    "[1*]OC(F)(F)F": "OCF₃",
    "[1*]C(=O)O": "CO₂H",
    "[1*]C(N)=O": "CONH₂",
    "[1*][N+](=O)[O-]": "NO₂",
    "[1*]S(C)(=O)=O": "SO₂Me",
}


class Pictures:
    """The pictures of a page: `molecule`, `group` and `core` give what refers to one, `symbols` what these refer to."""

    def __init__(self) -> None:
        self._symbols: dict[tuple[str, Size], tuple[str, str]] = {}

    def molecule(self, smiles: str) -> Markup:
        """A molecule."""
        return self._use(smiles, SIZE)

    def group(self, smiles: str) -> Markup:
        """A group with one attachment point, `[1*]`: by its usual name, else drawn with a wavy line there."""
        return Markup(f'<b class="group">{WORDS[smiles]}</b>') if smiles in WORDS else self._use(smiles, GROUP)

    def core(self, smiles: str) -> Markup:
        """A core whose attachment points are `[*:1]`, `[*:2]`, ...; drawn as R1, R2, ..."""
        return self._use(smiles, CORE)

    def name(self, smiles: str) -> str:
        """The symbol of a `molecule` that was asked for; "" where it wasn't."""
        return self._symbols.get((smiles, SIZE), ("", ""))[0]

    def symbols(self) -> Markup:
        """All of them, in an element that takes no room."""
        drawn = "".join(symbol for _, symbol in self._symbols.values())
        return Markup(f'<svg width="0" height="0" style="position:absolute" aria-hidden="true">{drawn}</svg>')

    def _use(self, smiles: str, size: Size) -> Markup:
        box = f"0 0 {size[0]} {size[1]}"
        if (smiles, size) not in self._symbols:
            name = f"m{len(self._symbols)}"
            drawing = draw(smiles, size=size) if size == SIZE else _draw_part(smiles, size)
            self._symbols[smiles, size] = name, f'<symbol id="{name}" viewBox="{box}">{compact(drawing)}</symbol>'
        return Markup(f'<svg class="mol" viewBox="{box}"><use href="#{self._symbols[smiles, size][0]}"/></svg>')


def _draw_part(smiles: str, size: Size) -> str:
    mol = Chem.MolFromSmiles(smiles)
    canvas = rdMolDraw2D.MolDraw2DSVG(*size, *size, True)
    options = canvas.drawOptions()
    options.clearBackground = False
    options.bondLineWidth = 1.6 if size == CORE else 1.2
    options.fixedBondLength = 24 if size == CORE else 15
    options.minFontSize = 11 if size == CORE else 8
    options.dummiesAreAttachments = size == GROUP
    for atom in mol.GetAtoms():
        if not atom.GetAtomicNum():
            if atom.GetAtomMapNum():
                atom.SetProp("_displayLabel", f"R{atom.GetAtomMapNum()}")
            atom.SetIsotope(0)
            atom.SetAtomMapNum(0)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol)
    canvas.FinishDrawing()
    return as_element(canvas.GetDrawingText())


def compact(drawing: str) -> str:
    """What is in an SVG drawing of RDKit's, all bonds of one colour as one path, letters without what the page's style says."""
    inside = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")]
    lines: dict[tuple[str, str], list[str]] = {}
    for path, colour, width in LINE.findall(inside):
        lines.setdefault((colour, width), []).append(path.replace("M ", "M").replace(" L ", "L"))
    bonds = "".join(
        f'<path d="{"".join(own)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for (colour, width), own in lines.items()
    )
    return bonds + USUAL.sub(r"\1", LINE.sub("", inside)).strip()
