"""What the service says, as its OpenAPI page shows it."""

from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from molgen.scoring.scores import Scores

Value = float | Literal["Infinity", "-Infinity"] | None  # JSON has no infinite numbers


class Molecule(BaseModel):
    """What one molecule scored."""

    smiles: str = Field(description="as it was asked")
    score: float = Field(description="0 where there is a problem")
    problem: str | None = Field(description="why the score is 0: an invalid SMILES, a filter, a failed term")
    values: dict[str, Value] = Field(description="of every term and filter, in its own unit; null where it failed")
    desirability: dict[str, Value] = Field(description="the same, between 0 and 1")


class Answer(BaseModel):
    """The scores of a request, in its order."""

    results: list[Molecule]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Fault(BaseModel):
    """One thing that is wrong with a question, and where."""

    type: str
    loc: list[str | int]
    msg: str


class Faults(BaseModel):
    """What is wrong with a question: the first ten, without what was asked."""

    detail: list[Fault]


def answer(scores: Scores) -> Answer:
    """`scores` as JSON has them."""

    def named(row: Any) -> dict[str, Value]:
        return {name: json_number(x) for name, x in zip(scores.names, row.tolist(), strict=True)}

    rows = zip(scores.smiles, scores.total.tolist(), scores.problem, scores.raw, scores.scaled, strict=True)
    return Answer(
        results=[
            Molecule.model_construct(smiles=smiles, score=total, problem=problem, values=named(raw), desirability=named(scaled))
            for smiles, total, problem, raw, scaled in rows
        ]
    )


def json_number(x: float) -> Value:
    """A number as JSON has it: null for nan, a word for what is infinite."""
    if np.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    return None if np.isnan(x) else float(x)
