"""A picture of a receptor, a ligand and the box, seen along the three axes."""

from itertools import product
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from molgen.errors import ConfigError
from molgen.files import check_place
from molgen.scoring.docking.box import Box
from molgen.scoring.docking.structure import places_of

VIEWS = (("x", "y"), ("x", "z"), ("y", "z"))
RECEPTOR, INSIDE, LIGAND, BOX = "#c3c9d0", "#2a6f97", "#e07a2f", "#b23a48"
FORMATS = (".png", ".svg", ".pdf")


def check_box_picture(path: Path | str) -> Path:
    """Refuse a path that is no picture, or that can't be written.

    Raises
    ------
    ConfigError
        It is no kind of picture that can be drawn.
    DataError
        It can't be written there.
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise ConfigError(f"picture={path}: a {', '.join(FORMATS)} file")
    return check_place(path)


def draw_box(path: Path, pdbqt: str, box: Box | None, ligand: NDArray[np.float64] | None) -> None:
    """Draw a receptor's atoms, those inside the box in another colour, and a ligand's atoms [n, 3], Å; see `check_picture`."""
    check_box_picture(path)
    places = places_of(pdbqt, str(path))
    inside = np.zeros(len(places), bool) if box is None else box.distances(places) == 0
    with matplotlib.rc_context({"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "molgen"}):
        figure = Figure(figsize=(12, 4.5), layout="constrained")
        for axes, (across, up) in zip(figure.subplots(1, 3), VIEWS, strict=True):
            i, j = "xyz".index(across), "xyz".index(up)
            axes.scatter(places[~inside, i], places[~inside, j], s=3, color=RECEPTOR, linewidths=0, label="receptor")
            if box is not None:
                axes.scatter(places[inside, i], places[inside, j], s=5, color=INSIDE, linewidths=0, label="receptor in the box")
                corners = np.array(box.center) + np.array(list(product((-0.5, 0.5), repeat=3))) * box.size
                low, high = corners.min(0), corners.max(0)
                axes.plot(
                    [low[i], high[i], high[i], low[i], low[i]], [low[j], low[j], high[j], high[j], low[j]], color=BOX, label="box"
                )
            if ligand is not None:
                axes.scatter(ligand[:, i], ligand[:, j], s=14, color=LIGAND, linewidths=0, label="ligand")
            axes.set(xlabel=f"{across} (Å)", ylabel=f"{up} (Å)", aspect="equal")
        figure.legend(
            *figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, markerscale=2, frameon=False
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=130, metadata={"Date": None} if path.suffix == ".svg" else None)
