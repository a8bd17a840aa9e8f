"""What a project's page shows, from its facts."""

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from molgen.chem.molecules import Molecules
from molgen.data.tables.columns import free_name
from molgen.errors import CampaignError
from molgen.files import write_atomically
from molgen.folders import remedy
from molgen.project.assays import asked_assay, assay_lines
from molgen.project.facts import Measurement, NotMade, Proposed, Rejected, units_of
from molgen.project.goals import MEASURED, Goal, Goals
from molgen.project.page.contents import COLUMNS, PageGoal, ProjectPage
from molgen.project.page.page import project_page
from molgen.project.project import Project
from molgen.project.wanted import Wanted

PAGE = "project.html"


def write_page(project: Project, today: datetime.date) -> Path:
    """Draw the project's page, a file in its folder.

    Raises
    ------
    CampaignError
        It can't be written.
    """
    path = project.folder / PAGE
    try:
        write_atomically(path, project_page(overview(project, today)).encode())
    except OSError as error:
        raise CampaignError(f"{path}: can't be written ({error.strerror or error}); {remedy(error)}") from error
    return path


def overview(project: Project, today: datetime.date | None = None) -> ProjectPage:
    """All that the page shows."""
    facts, holding = project.facts(), project.measurements()
    goals = project.goals.in_units(units_of(holding))
    about = assay_lines(goals, holding)
    proposed = [fact for fact in facts if isinstance(fact, Proposed) and not fact.is_repeated]
    waiting = {fact.name for fact in project.pending()}
    ids = _identifiers(holding, proposed)
    rounds = {fact.compound: fact.round for fact in proposed}
    newest = max(rounds.values(), default=0)
    answered = {fact.compound for fact in facts if isinstance(fact, Measurement | NotMade | Rejected)}
    begun = any(fact.round == newest and fact.compound in answered for fact in proposed)
    told = [_waiting(fact) for fact in proposed if fact.name in waiting and (begun or fact.round < newest)]
    new = [_waiting(fact) for fact in proposed if fact.name in waiting and not begun and fact.round == newest]
    return ProjectPage(
        name=project.name,
        goals=[_page_goal(goal, goals, about.get(name, "")) for name, goal in goals.goals.items()],
        rounds=_table("rounds", _rounds(project, facts, holding, proposed)),
        compounds=_table("compounds", _compounds(goals, holding, ids, rounds)),
        measurements=_table("measurements", [_measurement(fact, ids) for fact in _asked(goals, holding)]),
        predictions=_table("predictions", [row for fact in proposed for row in _predictions(fact, goals, ids)]),
        pending=_table("pending", told),
        proposed=_table("proposed", new),
        date=today,
    )


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COLUMNS[name]))


def _identifiers(holding: Sequence[Measurement], proposed: Sequence[Proposed]) -> dict[str, str]:
    """A name for every compound: its proposal's, the laboratory's, or a number."""
    names = {fact.compound: fact.name for fact in proposed}
    for fact in holding:
        if fact.name:
            names.setdefault(fact.compound, fact.name)
    found: dict[str, str] = {}
    used: set[str] = set()
    for number, compound in enumerate(dict.fromkeys([*(fact.compound for fact in holding), *names]), 1):
        found[compound] = free_name(names.get(compound, f"compound {number}"), used)
        used.add(found[compound])
    return found


def _page_goal(goal: Goal, goals: Goals, assay: str) -> PageGoal:
    wanted = goal.wanted
    low, high = (limit if np.isfinite(limit) else None for limit in (wanted.at_least, wanted.at_most))
    unit = goals.endpoints[goal.endpoint].unit if goal.kind == MEASURED else goal.component.value_unit() if goal.component else ""
    better = wanted.direction or (0 if None not in (low, high) else 1 if high is None else -1)
    return PageGoal(goal.name, str(wanted), unit, goal.endpoint, low, high, better, goal.hard, assay)


def _rounds(
    project: Project, facts: Sequence[Any], holding: Sequence[Measurement], proposed: Sequence[Proposed]
) -> list[dict[str, Any]]:
    days = {event.detail.get("round"): event.time.date() for event in project.events() if event.command == "propose"}
    measured = {fact.compound for fact in holding}
    failed = {fact.compound for fact in facts if isinstance(fact, NotMade)} - measured
    rejected = {fact.compound for fact in facts if isinstance(fact, Rejected)} - measured - failed
    rows = []
    for number in sorted({fact.round for fact in proposed}):
        compounds = {fact.compound for fact in proposed if fact.round == number}
        dates = [fact.date for fact in holding if fact.compound in compounds and fact.date is not None]
        counts = {"measured": measured, "failed": failed, "rejected": rejected}
        rows.append(
            {
                "round": number,
                "proposed_on": days.get(number),
                "measured_on": max(dates, default=None),
                "proposed": len(compounds),
            }
            | {name: len(compounds & group) for name, group in counts.items()}
        )
    return rows


def _compounds(
    goals: Goals, holding: Sequence[Measurement], ids: Mapping[str, str], rounds: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Measured compounds; whether they meet all goals, and their utility, where all measured goals were measured."""
    of_compound: dict[str, list[Measurement]] = {}
    for fact in holding:
        of_compound.setdefault(fact.compound, []).append(fact)
    molecules = Molecules(list(of_compound))
    values, met = {}, []
    for name, goal in goals.goals.items():
        if goal.kind == MEASURED:
            asked = goal.endpoint, asked_assay(goal, holding)
            own = [[fact for fact in facts if (fact.endpoint, fact.assay) == asked] for facts in of_compound.values()]
            values[name] = np.array([_mean(facts) for facts in own])
            met.append([_met(goal.wanted, facts) for facts in own])
        else:
            assert goal.component is not None
            values[name] = goal.component(molecules)
            met.append([None if np.isnan(value) else bool(goal.wanted.met(np.array(value))) for value in values[name]])
    measured = {goal.endpoint: values[name] for name, goal in goals.goals.items() if goal.kind == MEASURED}
    known = ~np.isnan(np.array(list(values.values()))).any(0)
    utility = np.where(known, goals.scaled(measured).utility(values)[0], np.nan) if of_compound else np.empty(0)
    without = [i for i, goal in enumerate(goals.goals.values()) if not goal.wanted.direction]
    return [
        {
            "id": ids[compound],
            "smiles": compound,
            "round": rounds.get(compound, 0),
            "met": _all([met[i][k] for i in without]),
            "utility": float(utility[k]),
        }
        for k, compound in enumerate(of_compound)
    ]


def _mean(facts: Sequence[Measurement]) -> float:
    exact = [fact.value for fact in facts if not fact.relation]
    return float(np.mean(exact)) if exact else np.nan


def _met(wanted: Wanted, facts: Sequence[Measurement]) -> bool | None:
    """Whether the mean of the values keeps to thresholds; by bounds where there is nothing else; None where nobody knows."""
    if any(not fact.relation for fact in facts):
        return bool(wanted.met(np.array(_mean(facts))))
    above = max((fact.value for fact in facts if fact.relation > 0), default=-np.inf)
    below = min((fact.value for fact in facts if fact.relation < 0), default=np.inf)
    if above >= wanted.at_most or below <= wanted.at_least:
        return False
    return True if above >= wanted.at_least and below <= wanted.at_most else None


def _all(met: Sequence[bool | None]) -> bool | None:
    """Whether all are met: no as soon as one isn't; None where that isn't known, or nothing is asked."""
    if False in met:
        return False
    return None if None in met or not met else True


def _asked(goals: Goals, holding: Sequence[Measurement]) -> list[Measurement]:
    """The measurements by the assays that goals are about, and those of endpoints that no goal is about."""
    asked = {(goal.endpoint, asked_assay(goal, holding)) for goal in goals.goals.values() if goal.kind == MEASURED}
    endpoints = {endpoint for endpoint, _ in asked}
    return [fact for fact in holding if fact.endpoint not in endpoints or (fact.endpoint, fact.assay) in asked]


def _measurement(fact: Measurement, ids: Mapping[str, str]) -> dict[str, Any]:
    return {"id": ids[fact.compound]} | {
        name: getattr(fact, name) for name in ("endpoint", "value", "relation", "unit", "assay", "date")
    }


def _predictions(fact: Proposed, goals: Goals, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was predicted of the measured goals when a compound was proposed."""
    stored = dict(fact.values).get("goals", {})
    return [
        {"id": ids[fact.compound], "endpoint": goals.goals[name].endpoint}
        | {key: stored[name][key] for key in ("mean", "low", "high")}
        for name in stored
        if name in goals.goals and goals.goals[name].kind == MEASURED and stored[name].get("low") is not None
    ]


def _waiting(fact: Proposed) -> dict[str, Any]:
    chance = dict(fact.values).get("chance")
    told = {"id": fact.name, "smiles": fact.compound, "chance": np.nan if chance is None else chance, "reason": fact.purpose}
    return told | {"route": dict(fact.values).get("route", "")}
