"""What was done to the data that a predictor learnt from, from the report in its card."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from molgen.data.dataset import Endpoint
from molgen.reports.predictor_card.bins import ValueTable
from molgen.reports.predictor_card.contents import CardContents
from molgen.reports.texts import number

ROWS = {
    "rows": "rows of the table",
    "unparsable": "left out: structure that can't be read or is refused",
    "without_structure": "left out: value without a structure",
    "blank": "left out: blank",
    "duplicates": "merged with other rows of the same molecule",
    "unlabelled": "molecules left out: no value that can be used",
    "conflicting": "of these, because their values contradict each other",
    "standardized": "structures changed by standardisation",
    "molecules": "molecules learnt from",
    "scaffolds": "scaffolds of these",
}
COUNTS = ("measured", "molecules", "shared_molecules", "shared_scaffolds")
FITTED = ("offset", "offset_error", "noise")
BOUNDS = {
    "drop": "left out",
    "exact": "taken for measurements",
    "bound": "kept as bounds",
}


@dataclass(frozen=True)
class DataStory:
    """Tables and lines for reading; each may be empty, `assays` None."""

    rows: ValueTable
    endpoints: ValueTable
    assays: ValueTable | None
    steps: list[str]
    rule: str
    bounds: str
    notes: list[str]
    warnings: list[str]
    leakage: list[str]


def data_story(contents: CardContents) -> DataStory | None:
    """The section; None where nothing is known."""
    quality = contents.part("quality")
    if not quality:
        return None
    rows = [[what, f"{quality[key]:,}"] for key, what in ROWS.items() if isinstance(quality.get(key), int)]
    changes = _mapping(quality, "changes")
    leakage, said = contents.part("leakage"), []
    if isinstance(leakage.get("median_similarity"), float):
        said.append(
            f"Of the held-out molecules {leakage.get('identical')} are identical to molecules that were learnt from, "
            f"{leakage.get('same_skeleton')} have the same skeleton; the median similarity to the nearest is "
            f"{leakage['median_similarity']:.2f}."
        )
    return DataStory(
        ValueTable(["", "number"], rows),
        _endpoints(contents, _mapping(quality, "endpoints")),
        _assays(quality),
        [f"{step}: {count}" for step, count in changes.items()],
        str(quality.get("rule", "")),
        _bounds(quality),
        [*_lines(quality, "reading"), *_lines(quality, "notes")],
        _lines(quality, "warnings"),
        said,
    )


def _bounds(quality: Mapping[str, Any]) -> str:
    """What became of bounds; empty where there were none."""
    figures = [found for found in _mapping(quality, "endpoints").values() if isinstance(found, Mapping)]
    there = any(found.get(side) for found in figures for side in ("lower bounds", "upper bounds"))
    return BOUNDS.get(str(quality.get("censored")), "") if there else ""


def _endpoints(contents: CardContents, figures: Mapping[str, Any]) -> ValueTable:
    """A row for each endpoint: unit, labels, and what was found of them."""
    rows = []
    for endpoint in contents.endpoints:
        found = figures.get(endpoint.name)
        found = dict(found) if isinstance(found, Mapping) else {}
        labels = found.pop("labels", "")
        found.pop("unit", None)
        told = ", ".join(f"{key} {number(value) if isinstance(value, int | float) else value}" for key, value in found.items())
        rows.append(
            [
                endpoint.name,
                endpoint.unit or ("class 1 or 0" if endpoint.task == "classification" else "none stated"),
                str(labels),
                told,
            ]
        )
    return ValueTable(["endpoint", "unit", "values", "of these"], rows)


def _assays(quality: Mapping[str, Any]) -> ValueTable | None:
    """A row for each assay whose values were brought together; None where none were."""
    found = [one for one in quality.get("assays") or [] if isinstance(one, Mapping)]
    if not found:
        return None
    first = found[0].get("name", "")
    rows = []
    for one in found:
        counts = [f"{one[key]:,}" if isinstance(one.get(key), int) else "" for key in COUNTS]
        offset, error, noise = (float(one[key]) if isinstance(one.get(key), int | float) else math.nan for key in FITTED)
        told = "predictions are about it" if one is found[0] else f"{offset:+.2f} ± {error:.2f}"
        rows.append([str(one.get("name", "")), *counts, told, f"{noise:.2f}"])
    shared = [f"{what} also in {first}" for what in ("molecules", "scaffolds")]
    return ValueTable(["assay", "values", "molecules", *shared, "offset, taken off", "noise"], rows)


def repeats(contents: CardContents, endpoint: Endpoint) -> float:
    """The standard deviation of repeated measurements of one molecule; nan where none was repeated."""
    found = _mapping(_mapping(contents.part("quality"), "endpoints"), endpoint.name).get("std of repeats")
    return float(found) if isinstance(found, int | float) else math.nan


def _mapping(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = of.get(key)
    return found if isinstance(found, Mapping) else {}


def _lines(of: Mapping[str, Any], key: str) -> list[str]:
    found = of.get(key)
    return [str(line) for line in found] if isinstance(found, list) else []
