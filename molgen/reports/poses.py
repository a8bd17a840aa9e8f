"""Poses of a run's molecules: as files in its folder, and to be turned in the report."""

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.data.readers import write_table
from molgen.errors import DataError
from molgen.files import write_atomically
from molgen.folders import no_link
from molgen.reports.pose_source import FOLDER, REFERENCE, PoseSource
from molgen.reports.pose_view import PoseSite, SeenPose
from molgen.scoring.component import Component
from molgen.scoring.docking.interactions import COLUMNS

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


def scenes(ranked: pd.DataFrame, components: Mapping[str, Component], folder: Path) -> list[dict[str, Any]]:
    """The poses of the best molecules of the run in `folder`; see `pose_scenes`."""
    rows = ranked.head(SHOWN).to_dict("records")
    ranks = {row["smiles"]: rank for rank, row in enumerate(rows, 1)}

    def label(row: dict[str, Any], term: str) -> str:
        unit = components[term].value_unit() if term in components else ""
        value = f" · {row[term]:.2f} {unit}".rstrip() if term in row else ""
        return f"#{ranks[row['smiles']]}{value}"

    return pose_scenes(PoseSource(folder, components), rows, label)


def pose_scenes(
    source: PoseSource, rows: Sequence[dict[str, Any]], label: Callable[[dict[str, Any], str], str]
) -> list[dict[str, Any]]:
    """What `poses.html.j2` shows: a scene for every term that has poses, and every receptor that they were docked into.

    Parameters
    ----------
    rows
        Of a table of molecules.
    label
        What a molecule is called, by its row and the term.

    Returns
    -------
    list
        Each with `name` (the term), `site`, `rows`, `poses` and `data`, which the viewer draws.
    """
    groups: dict[tuple[str, PoseSite | None], list[tuple[dict[str, Any], PoseSite, SeenPose]]] = {}
    for row in rows:
        for term in source.terms(row["smiles"]) if isinstance(row["smiles"], str) else ():
            site, pose = source.seen(term, row["smiles"], label(row, term))
            groups.setdefault((term, site if site.site else None), []).append((row, site, pose))
    found = []
    for (term, _), members in sorted(groups.items(), key=lambda group: group[0][0]):
        site, poses = members[0][1], [pose for *_, pose in members]
        shown = [row for row, *_ in members]
        found.append({"name": term, "site": site, "rows": shown, "poses": poses, "data": site.scene(poses)})
    return found


def viewer_script(name: str) -> str:
    """A script of the viewer: `3Dmol-min.js` (Rego and Koes, Bioinformatics 31, 1322, 2015), or `poses.js`, which uses it."""
    return files("molgen.reports").joinpath(f"static/{name}").read_text()
