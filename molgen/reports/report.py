"""The report of a campaign: one HTML page that opens offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.standardize import STANDARD
from molgen.config import build
from molgen.errors import DataError, MolgenError
from molgen.files import write_atomically
from molgen.reports import charts
from molgen.reports.explanation import draw_contributions
from molgen.reports.poses import scenes, viewer
from molgen.scoring.component import Component

SHOWN, SCAFFOLDS_SHOWN, EXPLAINED = 24, 8, 6
HIGHLIGHT = (1.0, 0.85, 0.55)

DRAWN = 500  # atoms of a molecule at most: coordinates of more take minutes


def _molecule(smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None or not smiles:
        raise DataError(f"{smiles[:100]!r} is no SMILES, and can't be drawn: campaign.sqlite is damaged; restore a copy")
    return mol


def draw(smiles: str, atoms: tuple[int, ...] = (), size: tuple[int, int] = (300, 210)) -> str:
    """A molecule as SVG, `atoms` (indices in `smiles`) and the bonds between them marked."""
    mol = _molecule(smiles)
    if mol.GetNumAtoms() > DRAWN:
        return (
            f'<svg width="{size[0]}" height="{size[1]}"><text x="10" y="30">{mol.GetNumAtoms():,} atoms, not drawn</text></svg>'
        )
    bonds = [b.GetIdx() for b in mol.GetBonds() if b.GetBeginAtomIdx() in atoms and b.GetEndAtomIdx() in atoms]
    canvas = rdMolDraw2D.MolDraw2DSVG(*size)
    canvas.drawOptions().clearBackground = False
    canvas.drawOptions().setHighlightColour(HIGHLIGHT)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol, highlightAtoms=list(atoms), highlightBonds=bonds)
    canvas.FinishDrawing()
    return as_element(canvas.GetDrawingText())


def as_element(drawing: str) -> str:
    """An SVG file as an element of a page."""
    return drawing[drawing.index("<svg") :]


def render(template: str, **values: Any) -> str:
    """A page of this package's templates."""
    loader = jinja2.PackageLoader("molgen.reports", ".")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(template).render(**values)


def drawn_components(scoring: Any) -> tuple[dict[str, Component], list[str]]:
    """What a report can ask for atoms to mark, for contributions and poses, made of the `scoring` in a run's configuration.

    Returns
    -------
    Components by the names of their terms and filters, and for each that is left out a line that says why: whoever wrote the
    folder isn't trusted with it, or what it needs isn't here.
    """
    components, left_out = {}, []
    for kind in ("terms", "filters"):
        group = scoring.get(kind) if isinstance(scoring, Mapping) else None
        for name, node in group.items() if isinstance(group, Mapping) else ():
            try:
                made = build(node.get("component") if isinstance(node, Mapping) else None, f"scoring.{kind}.{name}.component")
            except MolgenError as error:
                left_out.append(str(error).splitlines()[0])
                continue
            if isinstance(made, Component):
                components[str(name)] = made
    return components, left_out


def write_report(
    path: Path,
    molecules: pd.DataFrame,
    components: Mapping[str, Component],
    config: dict[str, Any],
    losses: Mapping[str, int],
) -> None:
    """Write the page of a campaign.

    Parameters
    ----------
    molecules
        Of `RunStore.to_pandas`.
    components
        The objective's, by name, for what they mark in drawings; may be empty.
    config
        The resolved configuration, printed at the end.
    losses
        What a cluster lost, by kind.
    """
    names = [name for name in molecules if f"{name}_scaled" in molecules]
    ranked = molecules.sort_values("score", ascending=False, kind="stable")
    scaffolds = molecules["smiles"].map(lambda smiles: murcko(_molecule(smiles)))
    page = render(
        "report.html.j2",
        title=config.get("campaign", {}).get("title", "Campaign"),
        facts=_facts(molecules, ranked, scaffolds),
        cards=[_card(row, names, components) for row in ranked.head(SHOWN).to_dict("records")],
        scenes=(found := scenes(ranked, components)),
        viewer=viewer() if found else "",
        explained=_explained(ranked, components),
        charts=charts.draw_all(molecules, names, scaffolds),
        scaffolds=_scaffolds(molecules, scaffolds),
        problems=_problems(molecules),
        losses=sorted(losses.items()),
        config=yaml.safe_dump(config, sort_keys=False),
    )
    write_atomically(path, page.encode())


def _facts(molecules: pd.DataFrame, ranked: pd.DataFrame, scaffolds: pd.Series) -> list[tuple[str, str]]:
    top = ranked.head(100)
    minutes = molecules["seconds"].max() / 60
    return [
        ("oracle calls", f"{len(molecules):,}"),
        ("best score", f"{ranked['score'].iloc[0]:.3f}"),
        ("mean of the best 10", f"{ranked['score'].head(10).mean():.3f}"),
        ("mean of the best 100", f"{top['score'].mean():.3f}"),
        ("scaffolds", f"{scaffolds.nunique():,}"),
        ("scaffolds in the best 100", f"{scaffolds[top.index].nunique()}"),
        ("time", f"{minutes:.1f} min" if minutes >= 1 else f"{60 * minutes:.0f} s"),
    ]


def _card(row: dict[str, Any], names: list[str], components: Mapping[str, Component]) -> dict[str, Any]:
    mol = _molecule(row["smiles"])
    atoms = {atom for component in components.values() for atom in component.highlight(mol)}
    return {
        "picture": draw(row["smiles"], tuple(sorted(atoms))),
        "smiles": row["smiles"],
        "score": row["score"],
        "call": row["id"],
        "operator": row["operator"],
        "terms": [(name, row[name], row[f"{name}_scaled"]) for name in names],
    }


def _explained(ranked: pd.DataFrame, components: Mapping[str, Component]) -> list[dict[str, Any]]:
    """The best molecules, with the atoms that each predictor's value rests on."""
    found = []
    best = ranked.head(EXPLAINED)
    for row, mol in zip(best.to_dict("records"), Molecules(best["smiles"].tolist(), STANDARD).mols, strict=True):
        for name, component in components.items():
            atoms = None if mol is None else component.contributions(mol)
            if atoms is not None:
                picture = as_element(draw_contributions(mol, atoms, size=(300, 230)).decode())
                found.append({"picture": picture, "name": name, "value": row[name], "score": row["score"]})
    return found


def _scaffolds(molecules: pd.DataFrame, scaffolds: pd.Series) -> list[dict[str, Any]]:
    """The scaffolds of the best molecules."""
    table = molecules.assign(scaffold=scaffolds)[scaffolds != ""].groupby("scaffold")["score"].agg(["size", "max", "mean"])
    best = table.sort_values("max", ascending=False).head(SCAFFOLDS_SHOWN)
    return [{"picture": draw(str(s), size=(220, 150)), "smiles": s, **row} for s, row in best.to_dict("index").items()]


def _problems(molecules: pd.DataFrame) -> list[tuple[str, int]]:
    """Why molecules scored 0, the most frequent reason first."""
    reasons = molecules["problem"].dropna().str.replace(r":.*", "", regex=True)
    return [(str(reason), int(count)) for reason, count in reasons.value_counts().head(10).items()]
