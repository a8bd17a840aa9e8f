"""Measured values that contradict each other."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from molgen.project.facts import Measurement
from molgen.project.goals import MeasuredEndpoint

SIGMAS = 3.0  # standard deviations of a difference that noise alone hardly makes
TENFOLD = 10.0  # ratio of two positive values of an unknown noise
REPEATED = 5  # degrees of freedom from which repeats tell an assay's noise


def contradictions(
    new: Sequence[Measurement], before: Sequence[Measurement], endpoints: Mapping[str, MeasuredEndpoint]
) -> list[str]:
    """A line for each new measurement that contradicts another of its compound, endpoint and assay.

    Two values do whose difference is more than three standard deviations of what noise makes: that of the endpoint (`noise`),
    or else 0.3 of p-values, or else of the repeats in the project; where nobody knows the noise, those that differ tenfold. A
    bound does that excludes a value, or another bound, by as much.
    """
    groups: dict[tuple[str, str, str], list[Measurement]] = defaultdict(list)
    for fact in (*before, *new):
        groups[fact.compound, fact.endpoint, fact.assay].append(fact)
    noise = {name: _noise(name, groups, endpoint) for name, endpoint in endpoints.items()}
    added, lines = {id(fact) for fact in new}, []
    for (compound, endpoint, _), facts in groups.items():
        for i, one in enumerate(facts):
            for other in facts[i + 1 :]:
                if id(other) in added and _contradict(one, other, noise.get(endpoint)):
                    lines.append(
                        f"{endpoint} of {other.name or compound}: {_shown(other)} against {_shown(one)}; both are kept: "
                        "correct the wrong one with molgen observe --correct"
                    )
    return lines


def _noise(name: str, groups: Mapping[tuple[str, str, str], list[Measurement]], endpoint: MeasuredEndpoint) -> float | None:
    for stated in (endpoint.noise, endpoint.usual_noise):
        if stated is not None:
            return stated
    squares, freedom = 0.0, 0
    for (_, other, _), facts in groups.items():
        values = np.array([fact.value for fact in facts if not fact.relation])
        if other == name and len(values) > 1:
            squares, freedom = squares + float(((values - np.median(values)) ** 2).sum()), freedom + len(values) - 1
    return float(np.sqrt(squares / freedom)) if freedom >= REPEATED and squares else None


def _contradict(one: Measurement, other: Measurement, noise: float | None) -> bool:
    """Whether the ranges in which two measurements put the true value are further apart than noise makes them."""
    least = max(fact.value if fact.relation >= 0 else -np.inf for fact in (one, other))
    most = min(fact.value if fact.relation <= 0 else np.inf for fact in (one, other))
    if least <= most:
        return False
    return least - most > SIGMAS * np.sqrt(2) * noise if noise is not None else most > 0 and least / most > TENFOLD


def _shown(fact: Measurement) -> str:
    return f"{fact.written} ({fact.source})"
