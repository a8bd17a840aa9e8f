"""The predictions that missed most."""

import math
from dataclasses import dataclass

import pandas as pd

from molgen.data.dataset import Endpoint
from molgen.reports.texts import number, with_unit

SHOWN = 6


@dataclass(frozen=True)
class Miss:
    """A molecule whose prediction missed, in words, and the nearest molecule that was learnt from."""

    smiles: str
    measured: str
    predicted: str
    part: str
    nearest: str
    nearest_value: str
    similarity: float
    outside: str


def worst_misses(tested: pd.DataFrame, endpoint: Endpoint, threshold: float) -> list[Miss]:
    """Of `tested` rows those with the largest errors; of classes only those that are taken for the other one."""
    error = (tested["value"] - tested["mean"]).abs()
    if endpoint.task == "classification":
        error = error[(tested["mean"] >= threshold) != (tested["value"] > 0.5)]
    worst = tested.loc[error.sort_values(ascending=False, kind="stable").index[:SHOWN]]
    return [_miss(row, endpoint) for row in worst.to_dict("records")]


def _miss(row: dict, endpoint: Endpoint) -> Miss:
    if endpoint.task == "classification":
        measured, predicted, nearest = f"{row['value']:.0f}", f"probability {row['mean']:.2f}", f"{row['guess_nearest']:.0f}"
    else:
        measured, nearest = with_unit(number(row["value"]), endpoint), with_unit(number(row["guess_nearest"]), endpoint)
        finite = math.isfinite(row["low"]) and math.isfinite(row["high"])
        interval = f"90 %: {number(row['low'])} to {number(row['high'])}" if finite else "no finite interval"
        predicted = f"{number(row['mean'])} ({interval})"
    outside = "" if row["in_domain"] else row["outside"] or "unlike what the predictor learnt from"
    return Miss(row["smiles"], measured, predicted, row["part"], row["nearest"], nearest, row["similarity"], outside)
