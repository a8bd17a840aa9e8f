"""Pictures of molecules side by side."""

import re

import pytest

from molgen.errors import DataError
from molgen.reports.aligned import draw_aligned


def bonds(svg: str) -> set[tuple[tuple[float, float], ...]]:
    """Where bonds begin and end, px, in either direction."""
    found = re.findall(r"d='M ([\d.]+),([\d.]+) L ([\d.]+),([\d.]+)'", svg)
    return {tuple(sorted(((float(a), float(b)), (float(c), float(d))))) for a, b, c, d in found}


def test_what_is_shared_lies_in_the_same_place_and_what_differs_is_marked() -> None:
    phenol, cresol = draw_aligned(["Oc1ccccc1", "Cc1ccccc1O"])
    assert len(bonds(phenol)) > 7
    assert bonds(phenol) < bonds(cresol)
    assert "#FFD88C" in cresol.upper()
    assert "#FFD88C" not in phenol.upper()


def test_molecules_without_a_common_part_are_drawn_by_themselves() -> None:
    assert all(text.startswith("<svg") for text in draw_aligned(["c1ccc2ccccc2c1", "N#N"]))
    with pytest.raises(DataError, match="no SMILES"):
        draw_aligned(["CCO", "nonsense"])
