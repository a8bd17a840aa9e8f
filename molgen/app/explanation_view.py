"""Why a predictor says what it says of a molecule: a picture of what its parts contribute, and the same in a table."""

import base64
from dataclasses import dataclass

from rdkit import Chem

from molgen.app.predicted_values import signed
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.dataset import Endpoint
from molgen.errors import DataError
from molgen.predictors.attribution import Attribution
from molgen.predictors.base import Predictor
from molgen.reports.cards import contribution_unit
from molgen.reports.contribution_picture import decimal_places, draw_contributions
from molgen.reports.explanation import caption_of
from molgen.scoring.component import Component


@dataclass(frozen=True)
class ExplainedPart:
    """A part of the molecule: its SMILES, its contribution, and the error of that where orders were drawn."""

    smiles: str
    value: str
    error: str


@dataclass(frozen=True)
class ExplainedPrediction:
    """A prediction shared out among parts.

    Attributes
    ----------
    picture
        SVG as an address.
    unit
        Of the contributions.
    base, total
        What they begin from, and what base and contributions add up to; empty where there are no parts.
    neighbours
        The nearest training molecules: SMILES, measured value, similarity.
    """

    endpoint: str
    method: str
    picture: str
    unit: str
    base: str
    about_base: str
    parts: list[ExplainedPart]
    total: str
    reached: str
    neighbours: list[tuple[str, str, str]]


def explained_endpoint(predictor: Predictor, molecules: Molecules, name: str, target: str | None) -> ExplainedPrediction:
    """The explanation of one endpoint for one molecule.

    Raises
    ------
    ConfigError
        There is no such endpoint.
    DataError
        It can't be explained.
    """
    [j] = predictor.positions([name])[:1] if name else [0]
    endpoint, mol = predictor.endpoints[j], molecules.mols[0]
    return view_of(mol, predictor.attribute(mol, endpoint.name, target), endpoint)


def can_explain(component: Component) -> bool:
    """Whether a component shares its values out among atoms, as those that predict do."""
    return type(component).attribution is not Component.attribution


def explained_term(component: Component, smiles: str) -> ExplainedPrediction:
    """The explanation of a term's value for one molecule.

    Raises
    ------
    DataError
        It can't be explained.
    """
    molecules = Molecules([smiles], STANDARD)
    prediction, mol = component.prediction(molecules), molecules.mols[0]
    found = None if mol is None or prediction is None else component.attribution(mol)
    if found is None or prediction is None:
        raise DataError("nothing is predicted here that could be shared out among atoms")
    return view_of(mol, found, prediction.endpoints[0])


def view_of(mol: Chem.Mol, found: Attribution, endpoint: Endpoint) -> ExplainedPrediction:
    """A value shared out among the parts of a molecule, as it is shown."""
    unit = contribution_unit(endpoint, endpoint.unit)
    drawing = draw_contributions(mol, found.atoms, found.notes, parts=found.parts, unit=unit)
    digits = decimal_places(max((abs(part.value) for part in found.parts), default=0.0))
    parts = [
        ExplainedPart(
            f"{part.smiles} (core)" if part.is_core else part.smiles,
            signed(part.value, digits, plus=True),
            f"± {part.error:.{digits}f}" if part.error else "",
        )
        for part in sorted(found.parts, key=lambda part: -abs(part.value))
    ]
    caption = caption_of(found, endpoint)
    return ExplainedPrediction(
        endpoint=endpoint.name,
        method=found.method,
        picture=f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}",
        unit=unit,
        base=signed(found.base, digits, plus=True) if parts else "",
        about_base=found.about_base,
        parts=parts,
        total=signed(found.value, digits, plus=True) if parts else "",
        reached=caption[-1].removeprefix("to ") if caption else "",
        neighbours=[
            (smiles, f"{value:.3g}".replace("-", "\N{MINUS SIGN}"), f"{alike:.2f}") for smiles, value, alike in found.neighbours
        ],
    )
