"""A batch from what a campaign or a screen has scored, without a project."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem

from molgen.chem.alerts import alerts, check_alert_set
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError
from molgen.project.batch import Batch, Estimates
from molgen.project.nearest import KnownCompounds
from molgen.project.picking import Picked, Picking
from molgen.project.scored import ScoredMolecules
from molgen.project.suppliers import catalogue_entries
from molgen.reports.routes import ROUTE
from molgen.scoring.component import Component
from molgen.synthesis.sharing import work_line
from molgen.synthesis.trees import tree_of

START = "the starting molecules"
ALERTS = ("PAINS", "BRENK")


def pick(
    scored: ScoredMolecules,
    picking: Picking,
    known: KnownCompounds | None = None,
    *,
    alert_sets: Sequence[str] = ALERTS,
    stock: Path | str | None = None,
    column: str | None = None,
) -> Batch:
    """The best molecules that keep to `picking`: none with a problem, none that is known, none that a campaign began from.

    Parameters
    ----------
    known
        Measured compounds: the nearest is shown beside each molecule. Without them it is that of the starting molecules.
    alert_sets
        Catalogues of structural alerts, or files; see `molgen.chem.alerts`.
    stock, column
        A supplier's file and the column of its SMILES, if it can't be guessed.

    Raises
    ------
    DataError
        Not one molecule can be had, or a file can't be used.
    ConfigError
        There is no such catalogue of alerts.
    """
    for name in alert_sets:
        check_alert_set(name)
    table = scored.table
    start = _start(scored)
    sound = table[table["problem"].isna() & np.isfinite(table["score"])]
    if "operator" in sound:
        sound = sound[sound["operator"] != "start"]
    ranked = sound.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)
    excluded = [each for each in (known, start) if each is not None and len(each)]
    picked = picking(ranked["smiles"].tolist(), excluded)
    lines = _told(scored, len(ranked), picked, picking)
    if not picked.rows:
        raise DataError(f"{scored.name}: nothing can be picked: {'; '.join(lines)}")
    rows = ranked.iloc[list(picked.rows)].reset_index(drop=True)
    smiles = tuple(rows["smiles"])
    reference = next(iter(excluded), None)
    neighbours = () if reference is None else reference.nearest(smiles)
    facts: dict[str, Sequence[object]] = {}
    if "name" in rows and rows["name"].str.strip().any():
        facts["name"] = rows["name"].tolist()
    if reference is not None:
        scaffolds = reference.scaffolds()
        facts["novelty"] = [round(1 - each.similarity, 6) if each is not None else np.nan for each in neighbours]
        facts["new scaffold"] = ["yes" if scaffold not in scaffolds else "no" for scaffold in picked.scaffolds]
        lines.append(f"the nearest known compounds are of {reference.source} ({len(reference):,})")
    molecules = Molecules(smiles, STANDARD)
    facts["scaffold"] = picked.scaffolds
    if alert_sets:
        facts["alerts"] = [_alerts(mol, alert_sets) for mol in molecules.mols]
    if stock is not None:
        entries = catalogue_entries(molecules.mols, stock, column)
        facts["in stock"] = ["no" if entry is None else "yes" for entry in entries]
        facts["catalogue entry"] = [entry or "" for entry in entries]
    stored = rows[ROUTE] if ROUTE in rows else [None] * len(rows)
    routes = tuple(tree_of(text) if isinstance(text, str) else None for text in stored)
    estimates = tuple(_estimates(name, rows, scored.components.get(name), molecules) for name in scored.terms)
    return Batch(
        title=f"{len(rows)} molecules of {scored.name}",
        ids=tuple(f"{scored.name}-{number:04d}" for number in rows["number"]),
        smiles=smiles,
        estimates=estimates,
        score=rows["score"].to_numpy(float),
        neighbours=neighbours,
        routes=routes,
        facts=pd.DataFrame(facts),
        notes=(*lines, *([work_line([tree for tree in routes if tree])] if any(routes) else []), *_overtaken(estimates, rows)),
    )


def _start(scored: ScoredMolecules) -> KnownCompounds:
    """What the campaign began from."""
    table = scored.table
    own = table.loc[table["operator"] == "start", "smiles"].tolist() if "operator" in table else []
    smiles = list(dict.fromkeys([*own, *scored.start]))
    return KnownCompounds.of(smiles, START)


def _told(scored: ScoredMolecules, sound: int, picked: Picked, picking: Picking) -> list[str]:
    """How many were chosen, and of those that weren't, why."""
    lines = [f"{len(scored.table):,} molecules in {scored.name}, {sound:,} of them new and scored without a problem"]
    limit = f"no two are more than {picking.diverse:g} similar (Tanimoto, ECFP4)" if picking.diverse < 1 else ""
    wanted = f"{len(picked.rows)} of {picking.n} picked" if len(picked.rows) < picking.n else f"{picking.n} picked"
    lines.append(f"{wanted}, by score; {limit}".removesuffix("; "))
    if picked.left_out:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in picked.left_out.most_common())
        lines.append(f"passed over: {reasons}")
    return lines


def _alerts(mol: Chem.Mol, names: Sequence[str]) -> str:
    return "; ".join(f"{Path(name).stem}: {text}" for name in names for text in dict.fromkeys(alerts(mol, name)))


def _estimates(name: str, rows: pd.DataFrame, component: Component | None, molecules: Molecules) -> Estimates:
    """What the objective has of a term; of a predicted one its mean, whatever statistic is scored, with its errors."""
    value, unit = rows[name].to_numpy(float), "" if component is None else component.value_unit()
    prediction = None if component is None else component.prediction(molecules)
    if prediction is None:
        return Estimates(name, unit, value)
    mean, std, outside = (getattr(prediction, part)[:, 0] for part in ("mean", "std", "outside"))
    if prediction.endpoints[0].task != "regression":
        return Estimates(name, unit, mean, outside=outside)
    return Estimates(name, unit, mean, std, prediction.low[:, 0], prediction.high[:, 0], outside)


def _overtaken(estimates: Sequence[Estimates], rows: pd.DataFrame) -> list[str]:
    """A line for each term whose predictor says something else now than when the molecules were scored."""
    return [
        f"{each.name}: its predictor has changed since these molecules were scored; what is shown is what it says now"
        for each in estimates
        if each.error is not None and bool((np.abs(rows[each.name] - each.value) > 1.01 * each.error + 0.01).any())
    ]
