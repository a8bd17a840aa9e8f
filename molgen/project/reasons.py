"""Why a compound is proposed, and what is stored of it: what it is there for, and what is expected of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molgen.chem.alerts import alerts
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.project.choice.selection import Role
from molgen.project.pool import RoundCandidates
from molgen.project.posterior import Expected, Posterior
from molgen.search.bayesian.models.base import Values

LIKELY = 0.2  # chance to be better than the best so far, or to meet all goals, from which on a proposal is there to improve
SERIES = 2  # measured compounds of a scaffold that make a series
ALERTS = ("PAINS", "BRENK")


def ahead_of(posterior: Posterior, utility: Values, best_first: Sequence[str]) -> Values:
    """The chance [n] of each candidate to be better than the best measured compound is expected to be."""
    if not best_first:
        return np.full(utility.shape[1], np.nan)
    best, _ = posterior.utility(Molecules(best_first[:1], STANDARD))
    return (utility > best[0]).mean(0)


def purpose_of(role: Role, likely: float, in_series: int) -> str:
    """What a proposal is there for: unless it may be the best or meet all goals, it fills a series or informs."""
    if role != "improve":
        return role
    if not likely < LIKELY:
        return "improve"
    return "fill a series" if in_series >= SERIES else "learn"


def stored_values(
    posterior: Posterior,
    chosen: Molecules,
    drawn: Mapping[str, Values],
    utility: Values,
    ahead: Values,
    candidates: RoundCandidates,
    rows: NDArray[np.intp],
) -> list[dict[str, Any]]:
    """What is stored of each proposal: numbers and texts."""
    expected = posterior.expect(chosen)
    chance = posterior.goals.chance(drawn)
    found = []
    for k, (mol, i) in enumerate(zip(chosen.mols, rows.tolist(), strict=True)):
        told: dict[str, Any] = {"goals": {name: _numbers(each, k) for name, each in expected.items()}}
        told["utility"] = float(utility[:, i].mean())
        told["chance"], told["ahead"] = _known(float(chance[i])), _known(float(ahead[i]))
        told["alerts"] = "; ".join(f"{kind}: {alert}" for kind in ALERTS for alert in dict.fromkeys(alerts(mol, kind)))
        told |= {"supplier": candidates.names[i]} if candidates.names[i] else {}
        told |= {"route": candidates.routes[i]} if candidates.routes[i] else {}
        told |= {"price": float(candidates.prices[i])} if np.isfinite(candidates.prices[i]) else {}
        found.append(told)
    return found


def _numbers(each: Expected, k: int) -> dict[str, float | bool | str | None]:
    parts = {name: getattr(each, name) for name in ("mean", "error", "low", "high")}
    told: dict[str, float | bool | str | None] = {
        name: _known(float(values[k])) for name, values in parts.items() if values is not None
    }
    return told if each.outside is None else told | {"inside": not each.outside[k], "outside": str(each.outside[k])}


def _known(value: float) -> float | None:
    """A number as JSON holds it."""
    return value if np.isfinite(value) else None
