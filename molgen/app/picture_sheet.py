"""Molecules as a sheet of pictures for printing and slides: a PDF of A4 pages."""

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd
from PIL import Image
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.errors import DataError
from molgen.reports.drawing import DRAWN

RESOLUTION = 150  # dots per inch
PAGE = (1240, 1754)  # A4, dots
MARGIN = 50
COLUMNS, LINES = 4, 6  # of a page
MOST = 960  # molecules: 40 pages
NUMBERS = ("call", "row", "id")


def picture_sheet(table: pd.DataFrame, title: str) -> bytes:
    """A PDF of all molecules of a table with a column smiles: each with its number, or its name, and its score.

    Raises
    ------
    DataError
        There are more than fit on forty pages.
    """
    if len(table) > MOST:
        raise DataError(f"a picture sheet has room for {MOST:,} molecules, and these are {len(table):,}; select fewer")
    rows = table.to_dict("records")
    per_page = COLUMNS * LINES
    pages = [_page(rows[first : first + per_page]) for first in range(0, len(rows), per_page)]
    file = io.BytesIO()
    pages[0].save(file, "pdf", resolution=RESOLUTION, save_all=True, append_images=pages[1:], title=title, quality=92)
    return file.getvalue()


def _page(rows: list[dict[Any, Any]]) -> Image.Image:
    width, height = (PAGE[0] - 2 * MARGIN) // COLUMNS, (PAGE[1] - 2 * MARGIN) // LINES
    canvas = rdMolDraw2D.MolDraw2DCairo(width * COLUMNS, height * LINES, width, height)
    options = canvas.drawOptions()
    options.legendFontSize, options.legendFraction, options.padding = 19, 0.13, 0.06
    options.fixedBondLength, options.bondLineWidth = 32, 2
    canvas.DrawMolecules([_drawable(row["smiles"]) for row in rows], legends=[_legend(row) for row in rows])
    canvas.FinishDrawing()
    page = Image.new("RGB", PAGE, "white")
    page.paste(Image.open(io.BytesIO(canvas.GetDrawingText())).convert("RGB"), (MARGIN, MARGIN))
    return page


def _drawable(smiles: str) -> Chem.Mol:
    """A molecule to be drawn; none for what is no molecule, or too large."""
    mol = Chem.MolFromSmiles(smiles)
    return Chem.Mol() if mol is None or mol.GetNumAtoms() > DRAWN else rdMolDraw2D.PrepareMolForDrawing(mol)


def _legend(row: Mapping[Any, Any]) -> str:
    number = next((f"{name} {row[name]}" for name in NUMBERS if row.get(name) is not None), "")
    names = [key for key in row if key not in ("smiles", "score", *NUMBERS)]
    first = row[names[0]] if names and isinstance(row[names[0]], str) and not number else ""
    score = f"{row['score']:.3f}" if isinstance(row.get("score"), float) and row["score"] == row["score"] else ""
    return "  ".join(each for each in (number, str(first)[:28], score) if each)
