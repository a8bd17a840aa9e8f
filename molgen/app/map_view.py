"""What a page is told of the map of its molecules, as plain values, and its regions as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from molgen.app.shown_map import UNLIKE, ShownMap
from molgen.errors import DataError, nearest

ENOUGH = 100  # molecules with which the map of a running campaign begins
CALL = "id"  # the column that says when a molecule came
LETTERS = "ABCDEFGH"  # of regions


@dataclass(frozen=True)
class MapQuery:
    """What a page has and wants.

    Attributes
    ----------
    colour
        The column that points are coloured by.
    version, have
        Of the map that the page shows, and how many of its points.
    """

    colour: str = "score"
    version: str = ""
    have: int = 0


@dataclass(frozen=True)
class MapSource:
    """Molecules that a map shows.

    Attributes
    ----------
    table
        With `id`, `smiles`, `score` and the `colours`.
    colours
        Columns that points may be coloured by.
    growing
        Whether more will come.
    edition
        Another text once all values are others.
    marks
        Numbers of molecules that are marked, by the kind of mark.
    groups
        Columns that hold the number of a group, by which points may be coloured too, and what the groups are called.
    sources
        The campaigns that the molecules are of, where there are several: the table has their numbers as `run`, and the calls.
    """

    shown: ShownMap
    table: pd.DataFrame
    colours: Sequence[str]
    growing: bool = False
    edition: str = ""
    marks: Mapping[str, Sequence[int]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sources: Sequence[str] = ()

    def refresh(self) -> int:
        """Begin or continue the map; how many molecules it waits for before it begins."""
        missing = (ENOUGH if self.growing else 3) - len(self.table)
        if missing <= 0 or self.shown.points is not None:
            self.shown.refresh(self.table["smiles"], self.table["score"])
        return missing


def map_answer(source: MapSource, asked: MapQuery) -> dict[str, Any]:
    """The points that the page doesn't have yet, what all of them mean, and how far to trust them.

    Raises
    ------
    DataError
        There is no such colour.
    """
    if asked.colour not in (known := [*source.groups, *source.colours]):
        raise DataError(f"no column '{asked.colour}'{nearest(asked.colour, known)}")
    missing, shown = source.refresh(), source.shown
    points = shown.points
    if points is None:
        state = "failed" if shown.problem else "few" if missing > 0 else "waiting"
        return {"state": state, "said": shown.problem, "missing": max(missing, 0)}
    layout = f"{shown.version} {source.edition}"
    version = f"{layout} {asked.colour}"
    first = asked.have if asked.version == version else 0
    new = source.table.iloc[points.rows[first:]]
    faithful = shown.faithful
    of_runs = {"runs": new["run"].astype(int).tolist(), "calls": new["call"].astype(int).tolist()} if source.sources else {}
    return of_runs | {
        "state": "ready", "version": version, "layout": layout, "groups": list(source.groups.get(asked.colour, ())),
        "sources": list(source.sources), "first": first, "all": len(source.table), "since": shown.since,
        "unlike": int((points.similar < UNLIKE).sum()),
        "ids": new["id"].astype(int).tolist(), "smiles": [str(text) for text in new["smiles"]],
        "x": np.round(points.places[first:, 0], 5).tolist(), "y": np.round(points.places[first:, 1], 5).tolist(),
        "like": (points.similar[first:] >= UNLIKE).astype(int).tolist(),
        "values": _plain(new[asked.colour]), "scores": _plain(new["score"]),
        "marks": {name: list(numbers) for name, numbers in source.marks.items()},
        "regions": [[LETTERS[i], *np.round(middle, 5).tolist()] for i, middle in enumerate(shown.middles)],
        "faithful": None if faithful is None else [faithful.trustworthiness, faithful.nearest, faithful.random],
    }  # fmt: skip


def _plain(values: pd.Series) -> list[float | None]:
    """Numbers as JSON has them, with six digits: None for what is missing."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in numbers]


@dataclass(frozen=True)
class Region:
    """A part of the map: how many molecules it has, their scores, when they came, and the best of them."""

    letter: str
    number: int
    best: float
    median: float
    first: int
    last: int
    call: int
    smiles: str


def regions_of(source: MapSource) -> list[Region]:
    """The regions of a map that is laid out, those with the best molecules first."""
    points = source.shown.points
    if points is None:
        return []
    of, found = source.shown.region, []
    for i in np.unique(of):
        rows = source.table.iloc[points.rows[: len(of)][of == i]]
        scores, calls = rows["score"].astype(float).fillna(-np.inf), rows["id"].astype(int)
        best = rows.loc[scores.idxmax()]
        came = int(calls.min()), int(calls.max())
        found.append(Region(LETTERS[i], len(rows), scores.max(), scores.median(), *came, int(best["id"]), str(best["smiles"])))
    return sorted(found, key=lambda region: -region.best)
