"""Predicted affinity to a protein, and selectivity between proteins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.errors import ConfigError
from molgen.predictors.affinity import Affinity as AffinityPredictor
from molgen.predictors.reading import Statistic
from molgen.predictors.shipped import load_predictor
from molgen.scoring.component import Component
from molgen.scoring.transforms import Transform, sigmoid_between


def _predictor(name: str) -> AffinityPredictor:
    predictor = load_predictor(name)
    if not isinstance(predictor, AffinityPredictor):
        raise ConfigError(f"predictor={name}: predicts {predictor.endpoints[0].name}, no affinity to a target")
    return predictor


@dataclass(frozen=True)
class Affinity(Component):
    """Predicted affinity to `target`: pKd, -log10 of the dissociation constant in mol/L.

    Attributes
    ----------
    target
        A kinase by name, ABL1 or ABL1(T315I), an amino-acid sequence, or a .fasta file.
    predictor
        `affinity`, or a .safetensors file.
    statistic
        `mean`, or `lower` or `upper`: one standard deviation away from it.
    outside
        For molecules outside the predictor's domain: `keep` the value, or `fail`, which makes their score 0.
    """

    target: str
    predictor: str = "affinity"
    statistic: str = "mean"
    outside: str = "keep"
    unit: ClassVar[str] = "pKd"
    example: ClassVar[dict[str, Any]] = {"target": "ABL1(T315I)"}

    def __post_init__(self) -> None:
        _predictor(self.predictor).encode_target(self.target)
        Statistic(self.statistic, self.outside)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.explained(molecules)[0]

    def explained(self, molecules: Molecules) -> tuple[NDArray[np.float64], Sequence[str | None]]:
        prediction, reading = _predictor(self.predictor).predict(molecules, self.target), Statistic(self.statistic, self.outside)
        return reading(prediction), reading.reasons(prediction)

    def contributions(self, mol: Chem.Mol) -> NDArray[np.float64]:
        predictor = _predictor(self.predictor)
        return predictor.attribute(mol, predictor.endpoint.name, self.target).atoms

    def desirability(self) -> Transform | None:
        endpoint = _predictor(self.predictor).endpoint
        return None if endpoint.poor is None or endpoint.good is None else sigmoid_between(endpoint.poor, endpoint.good)


@dataclass(frozen=True)
class Selectivity(Component):
    """Affinity to `target` less that to the off-target bound best: log units of selectivity.

    Attributes
    ----------
    target
        As for `affinity`.
    off_targets
        What to spare, each as for `affinity`.
    predictor
        `affinity`, or a .safetensors file.
    """

    target: str
    off_targets: Sequence[str]
    predictor: str = "affinity"
    unit: ClassVar[str] = "log units"
    example: ClassVar[dict[str, Any]] = {"target": "ABL1(T315I)", "off_targets": ["KIT", "SRC"]}

    def __post_init__(self) -> None:
        if not self.off_targets:
            raise ConfigError("selectivity.off_targets: name at least one")
        for target in (self.target, *self.off_targets):
            _predictor(self.predictor).encode_target(target)

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        wanted, *others = (
            _predictor(self.predictor).predict(molecules, target).mean[:, 0] for target in (self.target, *self.off_targets)
        )
        return cast(NDArray[np.float64], wanted - np.max(others, axis=0))

    def desirability(self) -> Transform:
        return sigmoid_between(0.0, 2.0)
