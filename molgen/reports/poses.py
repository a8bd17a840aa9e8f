"""Poses of a run's molecules: as files in its folder, and to be turned in the report."""

import logging
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.readers import write_table
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.folders import no_link
from molgen.reports.pose_view import PoseSite, SeenPose
from molgen.scoring.component import Component
from molgen.scoring.docking.interactions import COLUMNS

FOLDER, REFERENCE = "poses", "-reference"
SHOWN = 12
LOG = logging.getLogger(__name__)


def export_poses(smiles: Sequence[str], components: Mapping[str, Component], folder: Path) -> None:
    """Write files of every component that has poses.

    These are `poses/NAME.sdf`, the poses in the order of `smiles`; `NAME.pdb`, the receptor; `NAME.csv`, what is between them;
    and `NAME-reference.pdb`, the ligand that the box was made around, if there is one.

    Parameters
    ----------
    smiles
        Canonical, the best first.
    """
    for name, component in components.items():
        records = component.records(smiles)
        if not records:
            continue
        place = no_link(folder / FOLDER)
        shown = [text for text in smiles if text in records]
        write_atomically(place / f"{name}.sdf", "".join(records[text] for text in shown).encode())
        surroundings, reference = component.surroundings(), component.known_ligand()
        for end, content in (("", surroundings), (REFERENCE, reference)):
            if content:
                write_atomically(place / f"{name}{end}.pdb", content.encode())
        if surroundings:
            try:
                site = PoseSite(surroundings, reference or "")
            except DataError as error:
                LOG.warning("%s: no table of interactions: %s", name, error)
                continue
            write_table(interaction_table(site.seen(text, records[text]) for text in shown), place / f"{name}.csv")


def interaction_table(poses: Any) -> pd.DataFrame:
    """Interactions of poses, a row each, behind the SMILES of the molecule."""
    rows = [{"smiles": pose.smiles} | each.row() for pose in poses for each in pose.interactions]
    return pd.DataFrame(rows, columns=["smiles", *COLUMNS])


def scenes(ranked: pd.DataFrame, components: Mapping[str, Component]) -> list[dict[str, Any]]:
    """For every component that has poses: those of the best molecules, and what `poses.html.j2` shows of them."""
    found = []
    for name, component in components.items():
        records = component.records(ranked["smiles"].head(SHOWN).tolist())
        rows = [row for row in ranked.head(SHOWN).to_dict("records") if row["smiles"] in records]
        if not rows:
            continue
        site = PoseSite(component.surroundings() or "", component.known_ligand() or "")
        unit = component.value_unit()
        labels = [f"#{rank} · {row[name]:.2f} {unit}".strip() for rank, row in enumerate(rows, 1)]
        poses = [site.seen(row["smiles"], records[row["smiles"]], label) for row, label in zip(rows, labels, strict=True)]
        found.append(shown_scene(name, site, poses))
    return found


def shown_scene(name: str, site: PoseSite, poses: Sequence[SeenPose]) -> dict[str, Any]:
    """What `poses.html.j2` needs to show poses in a site."""
    return {"name": name, "site": site, "poses": poses, "data": site.scene(poses)}


def viewer_script(name: str) -> str:
    """A script of the viewer: `3Dmol-min.js` (Rego and Koes, Bioinformatics 31, 1322, 2015), or `poses.js`, which uses it."""
    return files("molgen.reports").joinpath(f"static/{name}").read_text()
