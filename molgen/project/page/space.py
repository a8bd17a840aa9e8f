"""The space: a map of the molecules on which similar ones lie together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.structure_map import on_plane
from molgen.project.page.contents import ProjectPage
from molgen.project.page.endpoints import PageEndpoint
from molgen.project.page.pictures import Pictures
from molgen.project.page.shades import steps

MOST = 2000  # molecules on the map
PICTURED = 200
WIDTH, HEIGHT, MARGIN = 1000, 560, 24
SEED = 0  # of the sample


@dataclass(frozen=True)
class Point:
    """A molecule on the map: its place, its `kind` (measured, pending, proposed), and what is told of it."""

    x: float
    y: float
    kind: str
    name: str
    picture: str
    lines: list[str]


@dataclass(frozen=True)
class Layer:
    """An endpoint by which measured points are coloured: a step of `shades` for each point, None for those without a value."""

    name: str
    steps: list[int | None]


@dataclass(frozen=True)
class Space:
    """The map: its points in the order in which they are drawn, the best last, and those that wait on top.

    `note` says what isn't on it.
    """

    points: list[Point]
    layers: list[Layer]
    note: str

    @property
    def kinds(self) -> set[str]:
        """Of its points."""
        return {point.kind for point in self.points}

    @property
    def told(self) -> dict[str, Any]:
        """For the page's script: name, picture and lines of each point, and the steps of each layer."""
        points = [(point.name, point.picture, point.lines) for point in self.points]
        return {"points": points, "layers": [layer.steps for layer in self.layers]}


def space(
    data: ProjectPage,
    ranked: pd.DataFrame,
    endpoints: Sequence[PageEndpoint],
    molecules: dict[str, Chem.Mol],
    pictures: Pictures,
) -> Space | None:
    """The map of proposed, pending and measured compounds; None where there are fewer than two.

    Parameters
    ----------
    ranked
        The measured compounds, the best first: these have pictures, and are kept where there are too many.
    molecules
        All of them, by SMILES.
    """
    rows = [("proposed", row) for row in data.proposed.to_dict("records")] + [
        ("pending", row) for row in data.pending.to_dict("records")
    ]
    measured = [("measured", row) for row in ranked.to_dict("records")]
    everything = [(kind, row) for kind, row in [*rows, *measured] if row["smiles"] in molecules]
    if len(everything) < 2:
        return None
    kept = _sample(everything)
    places = coordinates([molecules[row["smiles"]] for _, row in kept])
    values = {endpoint: endpoint.measured for endpoint in endpoints}
    for _, row in kept[:PICTURED]:
        pictures.molecule(row["smiles"])
    kept, places, points = kept[::-1], places[::-1], []
    for (kind, row), (x, y) in zip(kept, places, strict=True):
        points.append(Point(x, y, kind, str(row["id"]), pictures.name(row["smiles"]), _lines(kind, row, values)))
    layers = [_layer("utility", ranked["utility"].dropna(), kept)] if ranked["utility"].notna().any() else []
    for endpoint in endpoints:
        own = endpoint.measured["value"]
        layers.append(_layer(endpoint.label, endpoint.goodness(own) if endpoint.judged else endpoint.on_scale(own), kept))
    left = len(everything) - len(kept)
    notes = [f"{left:,} of {len(measured):,} measured compounds, taken at random, aren't drawn."] if left else []
    notes += [f"Pictures of the first {PICTURED}: proposed, pending, then the best."] if len(kept) > PICTURED else []
    return Space(points, layers, " ".join(notes))


def _sample(everything: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """At most `MOST`: the first as many as have pictures, of the others a random sample."""
    if len(everything) <= MOST:
        return everything
    others = np.random.default_rng(SEED).choice(np.arange(PICTURED, len(everything)), MOST - PICTURED, replace=False)
    return everything[:PICTURED] + [everything[i] for i in sorted(others)]


def coordinates(mols: Sequence[Chem.Mol]) -> NDArray[np.float64]:
    """Places [n, 2] in the picture."""
    placed = on_plane(mols)
    placed = placed - placed.min(0)
    span = np.where(placed.max(0) > 1e-6, placed.max(0), 1)
    centre = np.where(placed.max(0) > 1e-6, 0, 0.5)
    return (placed / span + centre) * (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN) + MARGIN


def _layer(name: str, goodness: pd.Series, kept: list[tuple[str, dict[str, Any]]]) -> Layer:
    step = steps(goodness)
    return Layer(name, [int(step[row["id"]]) if kind == "measured" and row["id"] in step.index else None for kind, row in kept])


def _lines(kind: str, row: dict[str, Any], values: dict[PageEndpoint, pd.DataFrame]) -> list[str]:
    if kind == "measured":
        own = [(endpoint, table.loc[row["id"]]) for endpoint, table in values.items() if row["id"] in table.index]
        lines = [f"{endpoint.label}: {endpoint.text(value['value'], int(value['relation']))}" for endpoint, value in own]
        return [f"round {row['round']}" if row["round"] else "from before the project", *lines]
    chance = f": {percent(row['chance'])} chance of all goals" if pd.notna(row["chance"]) else ""
    return [kind + chance, *([str(row["reason"])] if pd.notna(row["reason"]) and row["reason"] else [])]


def percent(share: float) -> str:
    """For reading: `12 %`, and `<1 %` for what isn't nothing."""
    return "<1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"
