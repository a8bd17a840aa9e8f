"""Poses of a campaign's molecules: as SDF in the run folder, and to be turned in the report."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from molgen.files import write_atomically
from molgen.folders import no_link
from molgen.scoring.component import Component

FOLDER = "poses"
SHOWN = 12


def export_poses(molecules: pd.DataFrame, components: Mapping[str, Component], folder: Path) -> None:
    """Write `poses/NAME.sdf` for every component that has poses, the best molecule first."""
    smiles = molecules.sort_values("score", ascending=False, kind="stable")["smiles"].tolist()
    for name, component in components.items():
        records = component.records(smiles)
        if records:
            content = "".join(records[text] for text in smiles if text in records)
            write_atomically(no_link(folder / FOLDER) / f"{name}.sdf", content.encode())


def scenes(ranked: pd.DataFrame, components: Mapping[str, Component]) -> list[dict[str, Any]]:
    """For every component that has poses: its surroundings, and the poses of the best molecules."""
    found = []
    for name, component in components.items():
        records = component.records(ranked["smiles"].head(SHOWN).tolist())
        poses = [
            {"label": f"{row[name]:.2f}", "score": row["score"], "smiles": row["smiles"], "sdf": records[row["smiles"]]}
            for row in ranked.head(SHOWN).to_dict("records")
            if row["smiles"] in records
        ]
        if poses:
            found.append({"name": name, "surroundings": component.surroundings() or "", "poses": poses})
    return found


def viewer() -> str:
    """The script of 3Dmol.js (Rego and Koes, Bioinformatics 31, 1322, 2015)."""
    return files("molgen.reports").joinpath("static/3Dmol-min.js").read_text()
