"""`POST /predict`: what predictors say of molecules, with units, intervals and domain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from prometheus_client import CollectorRegistry, Counter
from pydantic import BaseModel, Field

from molgen.chem.molecules import Molecules
from molgen.data.dataset import Endpoint
from molgen.predictors.base import Prediction
from molgen.predictors.class_sets import class_sets
from molgen.predictors.domain import reason_or_none
from molgen.predictors.ranges import range_of
from molgen.serve.answers import Value, json_number

Predict = Callable[[Molecules], Prediction]


class EndpointValue(BaseModel):
    """What is predicted of one endpoint."""

    value: Value = Field(description="in the endpoint's unit, or the probability of class 1; null where there is a problem")
    std: Value = Field(description="standard deviation of a measured value around it")
    classes: str | None = Field(
        description="that can't be ruled out at 90 %: 0, 1, 0|1 or neither; null of numbers, and where the limits aren't known"
    )
    low: Value = Field(description="where the 90 % interval begins; null of a probability, and where none is known")
    high: Value = Field(description="where it ends")
    in_domain: bool = Field(description="whether the molecule resembles what was learnt from")
    outside: str | None = Field(description="why it doesn't; null where it does or there is no value")
    seen: str | None = Field(
        description="of an affinity, what was learnt from: pair, drug and target (apart), drug, target, neither; null of others"
    )
    similarity: Value = Field(description="to the nearest molecule that was learnt from: Tanimoto, ECFP4")
    range: str | None = Field(description="poor, fair or good, where a publication draws the lines")


class PredictedMolecule(BaseModel):
    """What is predicted of one molecule."""

    smiles: str = Field(description="as it was asked")
    problem: str | None = Field(description="why there is no prediction")
    in_domain: bool = Field(description="whether it is in the domain of all endpoints")
    values: dict[str, EndpointValue]


class EndpointAbout(BaseModel):
    """What an endpoint is."""

    name: str
    unit: str = Field(description="empty of probabilities, and where none is known")
    task: str = Field(description="regression or classification")
    about: str


class PredictionAnswer(BaseModel):
    """The predictions of a request, in its order."""

    endpoints: list[EndpointAbout]
    results: list[PredictedMolecule]


@dataclass(frozen=True)
class Predictors:
    """What `/predict` asks.

    Attributes
    ----------
    predict
        Predicts molecules [n].
    endpoints
        What it says, in order.
    """

    predict: Predict
    endpoints: tuple[Endpoint, ...]

    def __call__(self, smiles: Sequence[str]) -> list[PredictedMolecule]:
        """What is predicted of distinct SMILES [n]."""
        return predicted_molecules(self.predict(Molecules(smiles)))

    def about(self) -> list[EndpointAbout]:
        """What the endpoints are."""
        return [EndpointAbout(name=e.name, unit=e.unit, task=e.task, about=e.about) for e in self.endpoints]


class DomainCounters:
    """What a service has predicted, for its metrics.

    `molgen_predicted_total` counts molecules with a prediction, `molgen_out_of_domain_total` those outside an endpoint's domain,
    `molgen_out_of_domain_requests_total` the requests that had any.
    """

    def __init__(self, registry: CollectorRegistry, endpoints: Sequence[Endpoint]) -> None:
        self.predicted = Counter("molgen_predicted", "Molecules predicted", registry=registry)
        self.outside = Counter(
            "molgen_out_of_domain", "Molecules outside the domain of an endpoint", ["endpoint"], registry=registry
        )
        self.requests = Counter("molgen_out_of_domain_requests", "Requests with a molecule outside the domain", registry=registry)
        for endpoint in endpoints:
            self.outside.labels(endpoint.name)

    def count(self, found: Sequence[PredictedMolecule]) -> None:
        """Count the molecules of a request, but those without a prediction."""
        known = [molecule for molecule in found if molecule.problem is None]
        self.predicted.inc(len(known))
        self.requests.inc(not all(molecule.in_domain for molecule in known))
        for molecule in known:
            for name, value in molecule.values.items():
                self.outside.labels(name).inc(not value.in_domain)


def predicted_molecules(found: Prediction) -> list[PredictedMolecule]:
    """A prediction as JSON has it, a molecule each."""
    nothing = [None] * len(found.molecules)
    words, classes = [], []
    for j, endpoint in enumerate(found.endpoints):
        published = range_of(endpoint)
        words.append(published.words(found.mean[:, j]) if published else nothing)
        classes.append(class_sets(endpoint, found.mean[:, j]) or nothing)
    rows = zip(found.molecules.smiles, found.problem, found.in_domain.tolist(), strict=True)
    return [
        PredictedMolecule.model_construct(
            smiles=smiles,
            problem=problem,
            in_domain=inside,
            values={endpoint.name: _value(found, i, j, words[j][i], classes[j][i]) for j, endpoint in enumerate(found.endpoints)},
        )
        for i, (smiles, problem, inside) in enumerate(rows)
    ]


def _value(found: Prediction, i: int, j: int, word: object, classes: str | None) -> EndpointValue:
    numbers = found.endpoints[j].task == "regression"
    ends = (found.low[i, j], found.high[i, j]) if numbers else (np.nan, np.nan)
    low, high = map(json_number, ends)
    return EndpointValue.model_construct(
        value=json_number(found.mean[i, j]),
        std=json_number(found.std[i, j]),
        classes=classes,
        low=low,
        high=high,
        in_domain=found.outside[i, j] == "",
        outside=reason_or_none(found.outside[i, j]),
        seen=None if found.seen is None else found.seen[i, j] or None,
        similarity=json_number(found.similarity[i, j]),
        range=str(word) if word else None,
    )


def join_molecules(rows: Sequence[tuple[list[PredictedMolecule], int]]) -> list[PredictedMolecule]:
    """Rows [n] of several answers as one."""
    return [found[i] for found, i in rows]
