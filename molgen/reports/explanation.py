"""An explained prediction as a picture and as text."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from rdkit import Chem

from molgen.errors import DataError
from molgen.files import check_place, write_atomically
from molgen.predictors.attribution import Attribution
from molgen.predictors.base import Prediction
from molgen.reports.drawing import draw_contributions


def check_picture(path: Path | str) -> Path:
    """Refuse a picture of another kind than can be drawn, or in a place that can't be written.

    Raises
    ------
    DataError
        Says which.
    """
    path = Path(path)
    if path.suffix.lower() not in (".svg", ".png"):
        raise DataError(f"{path}: pictures are written as .svg or .png")
    return check_place(path)


def write_picture(
    mol: Chem.Mol, contributions: np.ndarray, path: Path, notes: Mapping[int, str] | None = None, unit: str = ""
) -> None:
    """Write the drawing as SVG or PNG by the name of `path`; see `check_picture` and `draw_contributions`."""
    check_picture(path)
    write_atomically(path, draw_contributions(mol, contributions, notes, unit=unit, svg=path.suffix.lower() == ".svg"))


def lines(prediction: Prediction, attribution: Attribution, mol: Chem.Mol) -> Iterator[str]:
    """The explanation for reading."""
    endpoint = prediction.endpoints[0]
    mean, std = prediction.mean[0, 0], prediction.std[0, 0]
    if np.isnan(mean):
        value = "none"
    elif endpoint.task == "classification":
        value = f"probability {mean:.2f}"
    else:
        value = (
            f"{mean:.2f} {endpoint.unit} (+- {std:.2f}; 90 % between {prediction.low[0, 0]:.2f} and {prediction.high[0, 0]:.2f})"
        )
    inside = "in" if prediction.in_domain[0] else "OUTSIDE"
    yield f"{endpoint.name}: {value}, {inside} the domain (nearest training molecule {prediction.similarity[0, 0]:.2f} similar)"
    yield f"atoms by {attribution.method}:"
    for i in np.argsort(-np.abs(attribution.atoms))[:5]:
        yield f"  {mol.GetAtomWithIdx(int(i)).GetSymbol()}{i + 1}  {attribution.atoms[i]:+.3f}"
    for i, note in attribution.notes.items():
        yield f"  {mol.GetAtomWithIdx(i).GetSymbol()}{i + 1}: {note}"
    yield "nearest training molecules, measured:"
    for smiles, measured, similarity in attribution.neighbours:
        yield f"  {similarity:.2f}  {measured:g} {endpoint.unit}  {smiles}"
