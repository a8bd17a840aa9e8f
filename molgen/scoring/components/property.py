"""Predicted properties: any endpoint of a trained predictor."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.predictors.base import Predictor
from molgen.predictors.reading import Reading
from molgen.predictors.shipped import load_predictor
from molgen.scoring.component import Component
from molgen.scoring.transforms import Transform, between


@dataclass(frozen=True)
class Property(Component):
    """A predicted property in its own unit, a probability where it is yes or no.

    Where the term has no transform, desirability runs from what a project would call poor to what it would call good:
    `molgen components property` lists the endpoints with both.

    Attributes
    ----------
    endpoint
        herg, solubility_aqsoldb, ames, caco2_wang, ...
    predictor
        `admet`, or a .safetensors file that `molgen train predictor=...` wrote.
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
        Reading(self.statistic, self.outside)

    @property
    def _model(self) -> Predictor:
        return load_predictor(self.predictor)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return Reading(self.statistic, self.outside)(self._model.predict(molecules, endpoints=[self.endpoint]))

    def contributions(self, mol: Chem.Mol) -> NDArray[np.float64]:
        return self._model.attribute(mol, self.endpoint).atoms

    def desirability(self) -> Transform:
        endpoint = self._model.endpoints[self._model.positions([self.endpoint])[0]]
        return between(endpoint.poor, endpoint.good)

    @classmethod
    def notes(cls) -> list[str]:
        return [
            f"{e.name:32s} {e.about}{f' ({e.unit})' if e.unit else ''}, poor {e.poor:g}, good {e.good:g}"
            for e in load_predictor("admet").endpoints
        ]
