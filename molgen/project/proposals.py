"""The proposals of a round as a batch, and its files."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.errors import CampaignError
from molgen.folders import remedy, sweep_up
from molgen.project.assays import asked_assay, assay_lines, called
from molgen.project.batch import Batch, Estimates
from molgen.project.export import export_batch
from molgen.project.facts import Measurement, units_of
from molgen.project.goals import MEASURED, Goal, Goals
from molgen.project.nearest import KnownCompounds
from molgen.project.project import Project
from molgen.synthesis.route_files import Scale, order_csv
from molgen.synthesis.sharing import work_line
from molgen.synthesis.trees import tree_of

ROUNDS = "rounds"
ENDINGS = ("xlsx", "html", "sdf", "csv")
ORDERED = "order.csv"
SIGNS = {0: "", 1: ">", -1: "<"}
UNLIKE = "unlike what the predictor learnt from"  # of proposals from before reasons were stored
MEASURED_BEFORE = "what was measured in this project"


def batch_of(project: Project, number: int) -> Batch:
    """The proposals of a round, with what was predicted of them when they were chosen.

    Raises
    ------
    CampaignError
        There was no such round.
    """
    proposed = project.propositions(number)
    if not proposed:
        raise CampaignError(f"{project.folder}: no round {number} yet; molgen propose {project.folder} proposes one")
    holding = project.measurements()
    goals = project.goals.in_units(units_of(holding))
    stored = [fact.values for fact in proposed]  # noqa: PD011 (no table)
    smiles = tuple(fact.given or fact.compound for fact in proposed)
    known = _known(project)
    chance = _column(stored, "chance")
    facts: dict[str, Sequence[Any]] = {"alerts": [str(values.get("alerts", "")) for values in stored]}
    routes = tuple(tree_of(values["route"]) if "route" in values else None for values in stored)
    for key in ("supplier", "price") if not any(routes) else ():
        if any(key in values for values in stored):
            facts[key] = [values.get(key, np.nan if key == "price" else "") for values in stored]
    about = {name: f", {line}" for name, line in assay_lines(goals, holding).items()}
    names = dict.fromkeys(name for values in stored for name in values.get("goals", {}))
    return Batch(
        title=f"{project.name}, round {number}",
        ids=tuple(fact.name for fact in proposed),
        smiles=smiles,
        estimates=tuple(_estimates(name, goals, [values.get("goals", {}).get(name, {}) for values in stored]) for name in names),
        score=_column(stored, "utility"),
        chance=None if np.isnan(chance).all() else chance,
        purposes=tuple(fact.purpose for fact in proposed),
        neighbours=known.nearest(smiles) if len(known) else (),
        routes=routes,
        facts=pd.DataFrame(facts),
        notes=(
            *(f"{name}: {goal.wanted}{' (hard)' * goal.hard}{about.get(name, '')}" for name, goal in goals.goals.items()),
            *([work_line([tree for tree in routes if tree])] if any(routes) else []),
        ),
    )


def write_round(project: Project, number: int) -> list[Path]:
    """Write the files of a round, all of them or none: a workbook, a page, an SDF and a table; for routes what to order.

    Raises
    ------
    CampaignError
        They can't be written.
    """
    folder = round_folder(project, number)
    temporary = folder.with_name(f".{os.getpid()}.{folder.name}")
    batch = batch_of(project, number)
    try:
        temporary.parent.mkdir(exist_ok=True)
        sweep_up(folder.parent, folder.name)
        temporary.mkdir()
        for ending in ENDINGS:
            export_batch(batch, temporary / f"proposals.{ending}")
        if batch.trees:
            (temporary / ORDERED).write_text(order_csv(_scale(project, number).order_of_batch(batch.trees)), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    except OSError as error:
        raise CampaignError(f"{folder}: can't be written ({error.strerror or error}); {remedy(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [*(folder / f"proposals.{ending}" for ending in ENDINGS), *([folder / ORDERED] if batch.trees else [])]


def _scale(project: Project, number: int) -> Scale:
    """How much of each compound of a round is made, as was said when it was proposed."""
    details = [event.detail for event in project.events() if event.command == "propose"]
    settings: Mapping[str, Any] = next((detail["settings"] for detail in details if detail.get("round") == number), {})
    return Scale(settings.get("scale", Scale.mmol), settings.get("yield_", Scale.yield_))


def round_folder(project: Project, number: int) -> Path:
    """Where the files of a round are."""
    return project.folder / ROUNDS / f"{number:03d}"


def unwritten(project: Project) -> list[int]:
    """Rounds that were chosen, but whose files weren't written before the command was killed."""
    numbers = sorted({fact.round for fact in project.propositions()})
    return [number for number in numbers if not round_folder(project, number).exists()]


def _known(project: Project) -> KnownCompounds:
    """The measured compounds, with their mean values by assay as text."""
    measurements, compounds = project.measurements(), dict[str, list[Measurement]]()
    for fact in measurements:
        compounds.setdefault(fact.compound, []).append(fact)
    names = [next((fact.name for fact in facts if fact.name), "") for facts in compounds.values()]
    goals = [goal for goal in project.goals.goals.values() if goal.kind == MEASURED]
    asked = {goal.endpoint: asked_assay(goal, measurements) for goal in goals}
    measured = [
        {
            name: _said([fact for fact in facts if fact.endpoint == name], asked.get(name, ""))
            for name in dict.fromkeys(f.endpoint for f in facts)
        }
        for facts in compounds.values()
    ]
    return KnownCompounds(MEASURED_BEFORE, tuple(names), tuple(compounds), tuple(measured))


def _said(facts: Sequence[Measurement], asked: str | None) -> str:
    """An endpoint's means by assay, that of the `asked` one ahead and without its name."""
    of_assay: dict[str, list[Measurement]] = {}
    for fact in sorted(facts, key=lambda fact: fact.assay != asked):
        of_assay.setdefault(fact.assay, []).append(fact)
    means = {assay: _mean(each) for assay, each in of_assay.items()}
    return "; ".join(mean if assay == asked else f"{mean} ({called(assay)})" for assay, mean in means.items())


def _mean(facts: Sequence[Measurement]) -> str:
    """The mean of values; bounds where there is nothing else."""
    exact = [fact.value for fact in facts if not fact.relation]
    if exact:
        return f"{np.mean(exact):.4g}"
    return "; ".join(dict.fromkeys(f"{SIGNS[fact.relation]}{fact.value:.4g}" for fact in facts))


def _estimates(name: str, goals: Goals, stored: Sequence[Mapping[str, Any]]) -> Estimates:
    goal = goals.goals.get(name)
    inside = [values.get("inside") for values in stored]
    outside = ["" if values.get("inside") else values.get("outside") or UNLIKE for values in stored]
    parts = {key: _column(stored, key) for key in ("error", "low", "high")}
    found = {key: None if np.isnan(values).all() else values for key, values in parts.items()}
    return Estimates(
        name, _unit(goal, goals), _column(stored, "mean"), found["error"], found["low"], found["high"],
        None if None in inside else np.array(outside, object),
    )  # fmt: skip


def _unit(goal: Goal | None, goals: Goals) -> str:
    if goal is None:
        return ""
    return goals.endpoints[goal.endpoint].unit if goal.kind == MEASURED else goal.component.value_unit() if goal.component else ""


def _column(stored: Sequence[Mapping[str, Any]], key: str) -> np.ndarray:
    return np.array([np.nan if values.get(key) is None else float(values[key]) for values in stored])
