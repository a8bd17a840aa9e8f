"""Where a project stands, in lines of text."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from molgen.project.facts import Measurement, NotMade, Proposed, Rejected
from molgen.project.goals import Goal
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
    lines += _endpoints(holding, [*goals.endpoints])
    lines += [
        f"  no goal asks for {name} any more" for name in sorted({fact.endpoint for fact in holding} - set(goals.endpoints))
    ]
    lines += _goals(holding, list(goals.goals.values()))
    for number in sorted({fact.round for fact in proposed}):
        of_round = [fact for fact in proposed if fact.round == number]
        compounds = {fact.compound for fact in of_round}
        waiting = sum(fact.round == number for fact in pending)
        parts = [(len(compounds & measured), "measured"), (len((compounds & failed) - measured), "not made")]
        parts += [(len((compounds & rejected) - measured - failed), "crossed out"), (waiting, "pending")]
        said = ", ".join(f"{count} {what}" for count, what in parts if count)
        lines.append(f"round {number}: {_count(len(of_round), 'proposal')}: {said}")
    lines += [] if proposed else ["no rounds yet"]
    lines.append(f"pending: {len(pending)}; not made: {len(failed - measured)}; crossed out: {len(rejected)}")
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _endpoints(holding: Sequence[Measurement], names: Sequence[str]) -> list[str]:
    counts = Counter(fact.endpoint for fact in holding)
    bounds = Counter(fact.endpoint for fact in holding if fact.relation)
    units = {fact.endpoint: fact.unit for fact in holding}
    compounds = {name: len({fact.compound for fact in holding if fact.endpoint == name}) for name in names}
    lines = []
    for name in names:
        if not counts[name]:
            lines.append(f"  {name}: no measurements yet")
            continue
        more = f", {bounds[name]:,} of them bounds" * bool(bounds[name])
        unit = f" ({units[name]})" * bool(units[name])
        lines.append(f"  {name}{unit}: {_count(counts[name], 'measurement')} of {_count(compounds[name], 'compound')}{more}")
    return lines


def _goals(holding: Sequence[Measurement], goals: Sequence[Goal]) -> list[str]:
    """The compound with the best value of each measured goal; the mean where it was measured several times."""
    lines = []
    for goal in goals:
        values: dict[str, list[Measurement]] = {}
        for fact in holding:
            if fact.endpoint == goal.endpoint != "" and not fact.relation:
                values.setdefault(fact.compound, []).append(fact)
        if not values:
            continue
        means = {compound: sum(fact.value for fact in facts) / len(facts) for compound, facts in values.items()}
        _, best = max((_order(goal, mean), compound) for compound, mean in means.items())
        name = next((fact.name for fact in reversed(values[best]) if fact.name), "")
        repeats = f" (mean of {len(values[best])})" * (len(values[best]) > 1)
        lines.append(f"  best {goal.name}: {means[best]:.3g}{repeats}, {name + ' ' if name else ''}{best}; wanted: {goal.wanted}")
    return lines


def _order(goal: Goal, value: float) -> tuple[float, float]:
    """What is better of two values: the nearer to what is wanted, and of two that are good enough the one further in."""
    only_most = not goal.wanted.direction and not np.isfinite(goal.wanted.at_least)
    return float(goal.wanted.logarithm(np.array(value))), -value if only_most else value
