"""Which assay the predictions of a goal are about."""

from collections import Counter
from collections.abc import Sequence

from molgen.errors import ConfigError, nearest
from molgen.project.facts import Measurement
from molgen.project.goals import MEASURED, Goal, Goals


def asked_assay(goal: Goal, measurements: Sequence[Measurement]) -> str | None:
    """The assay that a measured goal is about: the one that it names, else the one with the most measurements of its endpoint.

    "" for measurements that name no assay; None before the first measurement.

    Raises
    ------
    ConfigError
        It names an assay by which nothing was measured, and there are others.
    """
    counts = _counts(goal, measurements)
    if goal.assay is not None and counts and goal.assay not in counts:
        known = ", ".join(map(called, counts))
        raise ConfigError(
            f"goals.{goal.name}.assay: by '{goal.assay}' no {goal.endpoint} was measured{nearest(goal.assay, counts)}; "
            f"assays that are there: {known}"
        )
    return goal.assay if goal.assay is not None else next(iter(counts), None)


def assay_lines(goals: Goals, measurements: Sequence[Measurement]) -> dict[str, str]:
    """Of measured goals by their names, which assay they are about; only where measurements name assays.

    Raises
    ------
    ConfigError
        See `asked_assay`.
    """
    found = {}
    for name, goal in goals.goals.items():
        asked = asked_assay(goal, measurements) if goal.kind == MEASURED else None
        counts = _counts(goal, measurements)
        if asked is not None and set(counts) - {""}:
            others = [f"{called(other)} {count:,}" for other, count in counts.items() if other != asked]
            said = f"; others: {', '.join(others)}; assay: in goals.yaml names another" if others else ""
            found[name] = f"in assay {called(asked)} ({counts[asked]:,} of {sum(counts.values()):,} measurements{said})"
    return found


def called(assay: str) -> str:
    """An assay in a message."""
    return assay or "unnamed"


def _counts(goal: Goal, measurements: Sequence[Measurement]) -> dict[str, int]:
    """How many measurements there are of a goal's endpoint by each assay, the most first."""
    counts = Counter(fact.assay for fact in measurements if fact.endpoint == goal.endpoint)
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))
