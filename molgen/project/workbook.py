"""A batch as a workbook of Excel with pictures."""

import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.units import pixels_to_EMU
from openpyxl.worksheet.datavalidation import DataValidation

from molgen.data.tables.writing import check_cell
from molgen.project.batch import Batch, BatchColumn
from molgen.reports.drawing import draw_png

PICTURE, MARGIN = (210, 147), 4  # px
NARROW, WIDE, PICTURE_WIDTH = 9, 30, 31  # characters
HEADER = {"fill": PatternFill("solid", fgColor="1D2733"), "font": Font(bold=True, color="FFFFFF")}
ASKED = PatternFill("solid", fgColor="FFF4DC")
LINE = Border(bottom=Side("thin", color="DDE3EA"))


def workbook(batch: Batch, columns: Sequence[BatchColumn], asked: Sequence[str], path: Path) -> bytes:
    """The file: a row per molecule with its picture, and that of the nearest known compound beside its columns.

    Text is text whatever it looks like, and numbers are numbers, shown with the digits that say something. Pictures move and are
    hidden with their rows.

    Parameters
    ----------
    asked
        Columns that are left for the chemist to fill in.
    path
        What errors call it.

    Raises
    ------
    DataError
        A cell can't hold its text.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = "batch"
    layout: list[BatchColumn | None] = [None, *columns]
    pictures = {1: [(text, _changed(batch, i)) for i, text in enumerate(batch.smiles)]}
    if any(batch.neighbours):
        place = next(i for i, column in enumerate(layout) if column is not None and column.name == "nearest")
        layout.insert(place, None)
        pictures[place + 1] = [("", ()) if each is None else (each.smiles, ()) for each in batch.neighbours]
    for number, column in enumerate(layout, 1):
        heading = column.heading if column is not None else "picture" if number == 1 else "nearest picture"
        _set(sheet.cell(1, number), heading, f"{path}: heading")
        if column is not None:
            _fill(sheet, number, column, str(path), column.name in asked)
        else:
            sheet.column_dimensions[get_column_letter(number)].width = PICTURE_WIDTH
    draw = functools.cache(draw_png)  # many are near the same known compound
    for number, drawn in pictures.items():
        for row, (smiles, atoms) in enumerate(drawn, 2):
            if smiles:
                sheet.add_image(_picture(draw(smiles, atoms, (2 * PICTURE[0], 2 * PICTURE[1])), row, number))
    _lay_out(sheet, len(batch), len(layout))
    _ask(sheet, layout, asked, len(batch))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _changed(batch: Batch, i: int) -> tuple[int, ...]:
    neighbour = batch.neighbours[i] if batch.neighbours else None
    return () if neighbour is None else neighbour.difference.atoms


def _fill(sheet: Any, number: int, column: BatchColumn, path: str, asked: bool) -> None:
    longest = max([len(column.heading) // 2 + 2, *(len(str(value)) for value in column.cells if column.decimals is None)])
    sheet.column_dimensions[get_column_letter(number)].width = min(max(NARROW, longest + 2), WIDE)
    for row, value in enumerate(column.cells, 2):
        cell = sheet.cell(row, number)
        _set(cell, value, f"{path}: row {row}, column '{column.heading}'")
        cell.alignment = Alignment(vertical="center", wrap_text=column.decimals is None)
        cell.border = LINE
        if column.decimals is not None:
            cell.number_format = "0" if not column.decimals else f"0.{'0' * column.decimals}"
        if asked:
            cell.fill = ASKED


def _set(cell: Any, value: Any, where: str) -> None:
    """Put a value into a cell: numbers as numbers, what Excel can't count with as text, which is never run as a formula."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if value is None or value == "" or pd.isna(value):
        return
    if isinstance(value, int | float) and np.isfinite(value):
        cell.value = value
        return
    check_cell(str(value), where)
    cell.value = str(value)
    cell.data_type = "s"


def _picture(drawing: bytes, row: int, column: int) -> Image:
    """A picture within its cell, so that Excel sorts and hides it with the row."""
    image = Image(io.BytesIO(drawing))
    first = AnchorMarker(column - 1, pixels_to_EMU(MARGIN), row - 1, pixels_to_EMU(MARGIN))
    last = AnchorMarker(column - 1, pixels_to_EMU(MARGIN + PICTURE[0]), row - 1, pixels_to_EMU(MARGIN + PICTURE[1]))
    image.anchor = TwoCellAnchor("twoCell", first, last)
    return image


def _lay_out(sheet: Any, rows: int, columns: int) -> None:
    """A header that stays and filters, rows as high as the pictures, pages as wide as the table."""
    for cell in sheet[1]:
        cell.fill, cell.font = HEADER["fill"], HEADER["font"]
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.row_dimensions[1].height = 45
    for row in range(2, rows + 2):
        sheet.row_dimensions[row].height = (PICTURE[1] + 2 * MARGIN) * 0.75  # points
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _ask(sheet: Any, layout: Sequence[BatchColumn | None], asked: Sequence[str], rows: int) -> None:
    """Offer `yes` where something can be crossed out."""
    number = next(i for i, column in enumerate(layout, 1) if column is not None and column.name == asked[0])
    letter = get_column_letter(number)
    offer = DataValidation("list", formula1='"yes"', allow_blank=True, showErrorMessage=False)
    offer.add(f"{letter}2:{letter}{rows + 1}")
    sheet.add_data_validation(offer)
