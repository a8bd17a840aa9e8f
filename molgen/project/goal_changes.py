"""New goals for a project: checked against what was measured, and kept beside those before them."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from molgen.errors import ConfigError
from molgen.project.assays import assay_lines
from molgen.project.database import Event
from molgen.project.facts import Measurement, units_of
from molgen.project.goal_files import read_goals
from molgen.project.goals import MEASURED, Goal, Goals
from molgen.yaml_files import mapping

COMMAND = "goals"  # of the events


@dataclass(frozen=True)
class GoalChange:
    """Goals that took the place of others: the texts of goals.yaml before and after, when, and who did it."""

    time: datetime.datetime
    who: str
    before: str
    after: str


def goal_changes(events: Sequence[Event]) -> list[GoalChange]:
    """How the goals were changed, the first first; not what was written into goals.yaml by hand."""
    found = [event for event in events if event.command == COMMAND]
    return [GoalChange(event.time, event.who, str(event.detail["before"]), str(event.detail["after"])) for event in found]


def checked_goals(path: Path, holding: Sequence[Measurement]) -> Goals:
    """The goals in a YAML file, for a project with these measurements.

    Raises
    ------
    ConfigError
        They can't be read, name an assay that wasn't used, or give an endpoint a unit that it wasn't measured in, or
        logarithms that its values don't have.
    """
    goals = read_goals(path)
    units = units_of(holding)
    for name, endpoint in goals.endpoints.items():
        if endpoint.unit and units.get(name, endpoint.unit) != endpoint.unit:
            raise ConfigError(f"{path}: endpoints.{name}.unit: it was measured in {units[name]}, not in {endpoint.unit}")
        endpoint.by_ratios([fact.value for fact in holding if fact.endpoint == name])
    assay_lines(goals, holding)
    return goals


def goal_differences(before: Path, after: Path, holding: Sequence[Measurement]) -> list[str]:
    """What would be different if one file of goals took the place of another, a line each; of goals that go, what is kept.

    Raises
    ------
    ConfigError
        One of the files can't be read.
    """
    old, new = read_goals(before), read_goals(after)
    entries = [mapping(path)["goals"] for path in (before, after)]
    lines = []
    for name, goal in new.goals.items():
        if name not in old.goals:
            lines.append(f"{name}: new, {_said(goal)}")
        elif (was := _said(old.goals[name])) != _said(goal):
            lines.append(f"{name}: {_said(goal)}; it was: {was}")
        elif entries[0][name] != entries[1][name]:
            lines.append(f"{name}: how it is judged, computed or predicted")
    counts = Counter(fact.endpoint for fact in holding)
    for name, goal in old.goals.items():
        if name not in new.goals:
            kept = counts[goal.endpoint] if goal.kind == MEASURED and goal.endpoint not in new.endpoints else 0
            stay = f"; its {kept:,} measurement{'s' * (kept != 1)} of {goal.endpoint} stay{'s' * (kept == 1)} in the project"
            lines.append(f"{name}: no goal any more{stay * bool(kept)}")
    settled = [name for name, each in new.endpoints.items() if name in old.endpoints and each != old.endpoints[name]]
    return lines + [f"{name}: its unit, columns or noise" for name in settled]


def _said(goal: Goal) -> str:
    of = f" as {goal.endpoint}" * (goal.kind == MEASURED)
    assay = f", assay {goal.assay}" if goal.assay is not None else ""
    return f"{goal.kind}{of}{assay}, {goal.wanted}, weight {goal.weight:g}{', hard' * goal.hard}"
