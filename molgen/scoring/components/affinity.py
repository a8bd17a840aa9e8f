"""Predicted affinity to a protein, and selectivity between proteins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Endpoint
from molgen.errors import ConfigError
from molgen.predictors.affinity import AffinityPredictor as AffinityPredictor
from molgen.predictors.attribution import Attribution
from molgen.predictors.base import Prediction
from molgen.predictors.domain import joined_reasons
from molgen.predictors.reading import Statistic
from molgen.predictors.shipped import load_predictor
from molgen.predictors.trust import Z90
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
        A kinase by name, ABL1 or ABL1(T315I), a mutant of one, ABL1(G250E), an amino-acid sequence, or a .fasta file.
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
        prediction, reading = self.prediction(molecules), Statistic(self.statistic, self.outside)
        return reading(prediction), reading.reasons(prediction)

    def prediction(self, molecules: Molecules) -> Prediction:
        return _predictor(self.predictor).predict(molecules, self.target)

    def attribution(self, mol: Chem.Mol) -> Attribution:
        predictor = _predictor(self.predictor)
        return predictor.attribute(mol, predictor.endpoint.name, self.target, neighbours=0)

    def desirability(self) -> Transform | None:
        endpoint = _predictor(self.predictor).endpoint
        return None if endpoint.poor is None or endpoint.good is None else sigmoid_between(endpoint.poor, endpoint.good)


@dataclass(frozen=True)
class Selectivity(Component):
    """Affinity to `target` minus that to the off-target bound most strongly, in log units.

    Attributes
    ----------
    target
        As in `affinity`.
    off_targets
        Proteins to spare, each as in `affinity`.
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
        wanted, *others = (_predictor(self.predictor).encode_target(target) for target in (self.target, *self.off_targets))
        for name, other in zip(self.off_targets, others, strict=True):
            if other.key == wanted.key:
                raise ConfigError(f"selectivity.off_targets: {name} is the target itself")

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return self.prediction(molecules).mean[:, 0]

    def prediction(self, molecules: Molecules) -> Prediction:
        """The predicted difference; its error treats the errors of both affinities as independent."""
        wanted, *others = (_predictor(self.predictor).predict(molecules, target) for target in (self.target, *self.off_targets))
        mean, std, outside = (np.stack([getattr(other, name) for other in others]) for name in ("mean", "std", "outside"))
        best_bound = np.argmax(np.nan_to_num(mean, nan=-np.inf), axis=0)[None]
        mean, std, outside = (np.take_along_axis(values, best_bound, 0)[0] for values in (mean, std, outside))
        mean, std = wanted.mean - mean, np.hypot(wanted.std, std)
        endpoint = Endpoint("selectivity", unit=self.unit)
        low, high = mean - Z90 * std, mean + Z90 * std
        return Prediction(
            wanted.molecules, (endpoint,), mean, std, low, high, wanted.similarity,
            joined_reasons(wanted.outside[:, 0], outside[:, 0])[:, None],
        )  # fmt: skip

    def desirability(self) -> Transform:
        return sigmoid_between(0.0, 2.0)
