"""Where a project stands, in lines of text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from molgen.data.units import P_UNIT
from molgen.project.assays import asked_assay, assay_lines
from molgen.project.facts import CONTROL, REPEAT, Measurement, NotMade, Proposed, Rejected, units_of
from molgen.project.goals import Goal, MeasuredEndpoint
from molgen.project.project import Project


def status(project: Project) -> list[str]:
    """Rounds, the best so far, what is pending, what couldn't be made, and how many measurements there are."""
    facts, holding, goals = project.facts(), project.measurements(), project.goals
    proposed = [fact for fact in facts if isinstance(fact, Proposed)]
    pending = project.pending()
    failed = {fact.compound for fact in facts if isinstance(fact, NotMade)}
    rejected = {fact.compound for fact in facts if isinstance(fact, Rejected)}
    measured = {fact.compound for fact in holding}
    lines = [f"{project.name}: {_count(len(measured), 'compound')} measured, {_count(len(holding), 'measurement')}"]
    lines += _endpoints(holding, [*goals.in_units(units_of(holding)).endpoints.values()])
    lines += [
        f"  no goal asks for {name} any more" for name in sorted({fact.endpoint for fact in holding} - set(goals.endpoints))
    ]
    lines += [
        f"  best {best.goal}: {best.text}, {best.name + ' ' if best.name else ''}{best.compound}; wanted: {best.wanted}"
        for best in best_values(holding, list(goals.goals.values()))
    ]
    lines += [f"  {name} is predicted {line}" for name, line in assay_lines(goals, holding).items()]
    for number in sorted({fact.round for fact in proposed}):
        of_round = [fact for fact in proposed if fact.round == number]
        compounds = {fact.compound for fact in of_round if not fact.is_repeated}
        waiting = sum(fact.round == number for fact in pending)
        parts = [(len(compounds & measured), "measured"), (len((compounds & failed) - measured), "not made")]
        parts += [(len((compounds & rejected) - measured - failed), "crossed out"), (waiting, "pending")]
        for purpose in (CONTROL, REPEAT):
            repeated = [fact for fact in of_round if fact.purpose == purpose]
            again = sum(_is_measured_again(fact, holding) for fact in repeated)
            open_ = len(repeated) - again
            parts += [(again, f"{_plural(purpose, again)} measured again"), (open_, f"{_plural(purpose, open_)} pending")]
        said = ", ".join(f"{count} {what}" for count, what in parts if count)
        lines.append(f"round {number}: {_count(len(of_round), 'proposal')}: {said}")
    lines += [] if proposed else ["no rounds yet"]
    lines.append(f"pending: {len(pending)}; not made: {len(failed - measured)}; crossed out: {len(rejected)}")
    return lines


def _is_measured_again(repeated: Proposed, holding: Sequence[Measurement]) -> bool:
    return any(fact.compound == repeated.compound and (fact.number or 0) > (repeated.number or 0) for fact in holding)


def _plural(noun: str, number: int) -> str:
    return f"{noun}{'s' * (number != 1)}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _endpoints(holding: Sequence[Measurement], endpoints: Sequence[MeasuredEndpoint]) -> list[str]:
    counts = Counter(fact.endpoint for fact in holding)
    bounds = Counter(fact.endpoint for fact in holding if fact.relation)
    lines = []
    for endpoint in endpoints:
        name = endpoint.name
        if not counts[name]:
            lines.append(f"  {name}: no measurements yet")
            continue
        own = [fact for fact in holding if fact.endpoint == name]
        compounds = {fact.compound for fact in own}
        more = f", {bounds[name]:,} of them bounds" * bool(bounds[name])
        unit = f" ({endpoint.unit})" * bool(endpoint.unit)
        lines.append(f"  {name}{unit}: {_count(counts[name], 'measurement')} of {_count(len(compounds), 'compound')}{more}")
        if endpoint.by_ratios([fact.value for fact in own]):
            lines.append(f"  {name} is learnt by the logarithms of its values")
    return lines


@dataclass(frozen=True)
class BestValue:
    """The compound with the best value of a measured goal: its name, which may be "", its SMILES and the value for reading."""

    goal: str
    text: str
    name: str
    compound: str
    wanted: str


def best_values(holding: Sequence[Measurement], goals: Sequence[Goal]) -> list[BestValue]:
    """The best of each measured goal by its assay: the mean of a compound's values, or a bound that beats them."""
    found = []
    for goal in goals:
        own: dict[str, list[Measurement]] = {}
        asked = asked_assay(goal, holding)
        for fact in holding:
            if fact.endpoint == goal.endpoint != "" and fact.assay == asked:
                own.setdefault(fact.compound, []).append(fact)
        values = {compound: value for compound, facts in own.items() if (value := _value(goal, facts)) is not None}
        if not values:
            continue
        best = max(values, key=lambda compound: (_order(goal, values[compound].value), compound))
        name = next((fact.name for fact in own[best] if fact.name), "")
        unit = own[best][0].unit
        wanted = f"{goal.wanted}{f' {unit}' * bool(unit and unit != P_UNIT and not goal.wanted.direction)}"
        found.append(BestValue(goal.name, values[best].text, name, best, wanted))
    return found


class _Value(NamedTuple):
    value: float
    text: str


def _value(goal: Goal, facts: Sequence[Measurement]) -> _Value | None:
    """What counts of a compound's measurements; of bounds those that only tell how good it is at least."""
    exact = [fact.value for fact in facts if not fact.relation]
    if exact:
        mean = sum(exact) / len(exact)
        return _Value(mean, f"{mean:.3g}{f' (mean of {len(exact)})' * (len(exact) > 1)}")
    low = goal.wanted.direction < 0 or (not goal.wanted.direction and not np.isfinite(goal.wanted.at_least))
    high = goal.wanted.direction > 0 or (not goal.wanted.direction and not np.isfinite(goal.wanted.at_most))
    if low and (below := [fact.value for fact in facts if fact.relation < 0]):
        return _Value(min(below), f"<{min(below):.3g}")
    if high and (above := [fact.value for fact in facts if fact.relation > 0]):
        return _Value(max(above), f">{max(above):.3g}")
    return None


def _order(goal: Goal, value: float) -> tuple[float, float]:
    """What is better of two values: the nearer to what is wanted, and of two that are good enough the one further in."""
    only_most = not goal.wanted.direction and not np.isfinite(goal.wanted.at_least)
    return float(goal.wanted.logarithm(np.array(value))), -value if only_most else value
