"""The cards of a report: molecules with their values, how far to trust these, and which atoms they rest on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import AS_GIVEN
from molgen.data.dataset import Endpoint
from molgen.errors import DataError
from molgen.predictors.attribution import Contribution
from molgen.predictors.base import Prediction
from molgen.reports.contribution_picture import draw_contributions
from molgen.reports.drawing import as_element, draw, molecule_of
from molgen.scoring.component import Component


@dataclass(frozen=True)
class CardValue:
    """A term's value for a molecule, as printed.

    Attributes
    ----------
    text, unit
        The value, and what it is measured in.
    error
        Of a predicted number: its standard deviation, and the mean where the value is another statistic.
    doubt
        Why not to trust it: it is outside its predictor's domain; else empty.
    desirability
        From 0 to 1; nan where there is none.
    """

    name: str
    text: str
    unit: str
    error: str
    doubt: str
    desirability: float


class Nearest:
    """The most similar of known molecules.

    Parameters
    ----------
    known
        Their SMILES [n], in the order that they are numbered in.
    """

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._prints = [fingerprint(molecule_of(text), "ECFP4") for text in known]

    def of(self, mol: Chem.Mol) -> tuple[int, float] | None:
        """Number, from 1, of the most similar to `mol`, and its Tanimoto similarity (ECFP4, on counts); None if none is known."""
        if not self._prints:
            return None
        found = tanimoto(fingerprint(mol, "ECFP4"), self._prints)
        return int(found.argmax()) + 1, float(found.max())


def contribution_unit(endpoint: Endpoint, unit: str) -> str:
    """What atoms' contributions to a prediction in `unit` are measured in; see `Attribution`."""
    return "log-odds" if endpoint.task == "classification" else unit


def cards(
    rows: pd.DataFrame, names: list[str], components: Mapping[str, Component], known: Nearest | None = None
) -> list[dict[str, Any]]:
    """A card for each of `rows` of `RunStore.to_pandas`, with the values of the terms and filters `names`.

    Parameters
    ----------
    known
        Those of which the most similar is told.
    """
    molecules = Molecules(rows["smiles"].tolist(), AS_GIVEN)  # in the form in which they were scored
    predictions = {name: component.prediction(molecules) for name, component in components.items()}
    found = []
    for i, row in enumerate(rows.to_dict("records")):
        mol = molecule_of(row["smiles"])
        atoms = {atom for component in components.values() for atom in component.highlight(mol)}
        found.append(
            {
                "picture": draw(row["smiles"], tuple(sorted(atoms))),
                "smiles": row["smiles"],
                "score": row["score"],
                "call": row["id"],
                "operator": row["operator"],
                "nearest": known.of(mol) if known else None,
                "terms": [card_value(name, row, components.get(name), predictions.get(name), i) for name in names],
            }
        )
    return found


def card_value(
    name: str, row: Mapping[str, Any], component: Component | None = None, prediction: Prediction | None = None, i: int = 0
) -> CardValue:
    """The value of the term `name` in a row of `RunStore.to_pandas`, with the error of the `i`-th of `prediction`."""
    value, error, doubt = float(row[name]), "", ""
    text = "none" if np.isnan(value) else f"{value:.3g}"
    if prediction is not None and not np.isnan(prediction.mean[i, 0]):
        mean, std = prediction.mean[i, 0], prediction.std[i, 0]
        if prediction.endpoints[0].task == "regression" and std > 0:
            digits = max(0, 1 - math.floor(math.log10(std)))  # two of the error's
            text = "none" if np.isnan(value) else f"{value:.{digits}f}"
            same = np.isclose(value, mean, rtol=1e-3, atol=1e-3)
            error = f"± {std:.{digits}f}" if same else f"of {mean:.{digits}f} ± {std:.{digits}f}"
        doubt = str(prediction.outside[i, 0])
    unit = component.value_unit() if component is not None else ""
    return CardValue(name, text, unit, error, doubt, float(row[f"{name}_scaled"]))


def explanations(rows: pd.DataFrame, components: Mapping[str, Component]) -> list[dict[str, Any]]:
    """The molecules of `rows` with the atoms that each predictor's value rests on."""
    molecules = Molecules(rows["smiles"].tolist(), AS_GIVEN)  # in the form in which they were scored
    predictions = {name: component.prediction(molecules) for name, component in components.items()}
    found = []
    for i, (row, mol) in enumerate(zip(rows.to_dict("records"), molecules.mols, strict=True)):
        for name, component in components.items():
            atoms, parts = _shared_out(component, mol)
            if atoms is None:
                continue
            prediction, unit = predictions[name], component.value_unit()
            unit = unit if prediction is None else contribution_unit(prediction.endpoints[0], unit)
            picture = as_element(draw_contributions(mol, atoms, parts=parts, unit=unit, size=(300, 230)).decode())
            found.append({"picture": picture, "value": card_value(name, row, component, prediction, i), "score": row["score"]})
    return found


def _shared_out(component: Component, mol: Chem.Mol | None) -> tuple[NDArray[np.float64] | None, tuple[Contribution, ...]]:
    """Contributions of atoms [a] and of parts; None and none where nothing is predicted, or the molecule can't be explained."""
    if mol is None:
        return None, ()
    try:
        found = component.attribution(mol)
    except DataError:
        return None, ()
    return (component.contributions(mol), ()) if found is None else (found.atoms, found.parts)
