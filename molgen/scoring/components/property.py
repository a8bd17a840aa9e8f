"""Predicted properties: any endpoint of a trained predictor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Endpoint
from molgen.predictors.attribution import Attribution
from molgen.predictors.base import Prediction, Predictor
from molgen.predictors.reading import Statistic
from molgen.predictors.shipped import PROPERTIES, load_predictor
from molgen.scoring.component import Component
from molgen.scoring.transforms import Transform, sigmoid_between


@dataclass(frozen=True)
class Property(Component):
    """A predicted property in its own unit, or a probability for a yes/no endpoint.

    If the term has no transform, its desirability runs from the value that a project would call poor to the one it would call
    good; `molgen components property` lists both per endpoint. They are unknown for your own predictors, unless the training
    data state them (`data.labels`); otherwise such terms need a transform.

    Attributes
    ----------
    endpoint
        herg, solubility_aqsoldb, ames, caco2_wang, ...
    predictor
        `admet`, `activity`, `toxicity`, or a .safetensors file that `molgen train predictor=...` wrote.
    statistic
        `mean`, or `lower` or `upper`: one standard deviation away from it.
    outside
        For molecules outside the predictor's domain: `keep` the value, or `fail`, which makes their score 0.
    """

    endpoint: str
    predictor: str = "admet"
    statistic: str = "mean"
    outside: str = "keep"
    unit: ClassVar[str] = "the endpoint's"
    example: ClassVar[dict[str, Any]] = {"endpoint": "herg"}

    def __post_init__(self) -> None:
        self._model.positions([self.endpoint])
        Statistic(self.statistic, self.outside)

    @property
    def _model(self) -> Predictor:
        return load_predictor(self.predictor)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.explained(molecules)[0]

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        prediction, reading = self.prediction(molecules), Statistic(self.statistic, self.outside)
        return reading(prediction), reading.reasons(prediction)

    def value_unit(self) -> str:
        endpoint = self._endpoint
        return "probability" if endpoint.task == "classification" else endpoint.unit

    def prediction(self, molecules: Molecules) -> Prediction:
        return self._model.predict(molecules, endpoints=[self.endpoint])

    def attribution(self, mol: Chem.Mol) -> Attribution:
        return self._model.attribute(mol, self.endpoint, neighbours=0)

    def desirability(self) -> Transform | None:
        endpoint = self._endpoint
        return None if endpoint.poor is None or endpoint.good is None else sigmoid_between(endpoint.poor, endpoint.good)

    def advice(self) -> str:
        endpoint = self._endpoint
        if endpoint.task == "classification":
            return (
                "its values are probabilities, and whether 1 is good isn't known; add transform: "
                "{linear: {low: 0, high: 1}} if it is, {linear: {low: 1, high: 0}} if not"
            )
        if endpoint.low is None or endpoint.high is None:
            low, high, known = "LOW", "HIGH", "its range isn't known"
        else:
            low, high = f"{endpoint.low:.3g}", f"{endpoint.high:.3g}"
            known = f"nine tenths of its training data lie from {low} to {high}{f' {endpoint.unit}' * bool(endpoint.unit)}"
        return (
            f"{known}, and whether high is good isn't; add transform: "
            f"{{sigmoid: {{low: {low}, high: {high}}}}} if it is, reverse_sigmoid if not"
        )

    @property
    def _endpoint(self) -> Endpoint:
        return self._model.endpoints[self._model.positions([self.endpoint])[0]]

    @classmethod
    def notes(cls) -> list[str]:
        return [
            f"{e.name:32s} {e.about}{f' ({e.unit})' if e.unit else ''}, poor {e.poor:g}, good {e.good:g}"
            + (f"; predictor: {name}" if name != cls.predictor else "")
            for name in PROPERTIES
            for e in load_predictor(name).endpoints
        ]
