"""Proposals for reading: why they are there, what was predicted of them, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from molgen.project.batch import Batch
from molgen.project.batch_page import estimate_text
from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Rejected
from molgen.project.page.endpoints import printed
from molgen.reports.batch_routes import summary_of

SIGNS = {0: "", 1: ">", -1: "<"}


@dataclass(frozen=True)
class ProposedCard:
    """A proposal, with what was predicted of it and what came of it.

    Attributes
    ----------
    state
        pending, measured, not made, crossed out, or to be repeated for a control; `reason` says why, `measured` what was
        measured, endpoint by endpoint.
    """

    id: str
    smiles: str
    purpose: str
    chance: str
    estimates: list[dict[str, Any]]
    nearest: str
    alerts: str
    route: str
    state: str
    reason: str
    measured: list[tuple[str, str]]


def proposal_cards(batch: Batch, facts: Sequence[Fact], holding: Sequence[Measurement]) -> list[ProposedCard]:
    """A card for each proposal of a round, by all facts of its project and the measurements that hold."""
    proposed = {fact.name: fact for fact in facts if isinstance(fact, Proposed)}
    found = []
    for i, name in enumerate(batch.ids):
        state, reason, measured = _came_of(proposed[name], facts, holding)
        neighbour = batch.neighbours[i] if batch.neighbours and not proposed[name].is_repeated else None  # which is itself
        near = ""
        if neighbour is not None:
            change = f": {neighbour.difference.text}" if neighbour.difference.text else ""
            near = f"{neighbour.name or neighbour.smiles} ({neighbour.similarity:.2f}){change}"
        chance = "" if batch.chance is None or np.isnan(batch.chance[i]) else f"{batch.chance[i]:.0%}"
        alerts = str(batch.facts["alerts"].iloc[i]) if "alerts" in batch.facts else ""
        route = summary_of(batch.trees[name]) if name in batch.trees else ""
        estimates = [estimate_text(each, i) | {"unit": printed(each.unit)} for each in batch.estimates]
        purpose = batch.purposes[i] if batch.purposes else ""
        found.append(
            ProposedCard(name, batch.smiles[i], purpose, chance, estimates, near, alerts, route, state, reason, measured)
        )
    return found


def _came_of(fact: Proposed, facts: Sequence[Fact], holding: Sequence[Measurement]) -> tuple[str, str, list[tuple[str, str]]]:
    """How a proposal stands, why, and what was measured of it."""
    own = [other for other in holding if other.compound == fact.compound]
    if fact.is_repeated:
        own = [other for other in own if (other.number or 0) > (fact.number or 0)]
    if own:
        names = dict.fromkeys(other.endpoint for other in own)
        return "measured", "", [(name, _mean([other for other in own if other.endpoint == name])) for name in names]
    said = [other for other in facts if other.compound == fact.compound]
    if failed := [other for other in said if isinstance(other, NotMade)]:
        return "not made", failed[-1].reason, []
    if rejected := [other for other in said if isinstance(other, Rejected)]:
        return "crossed out", rejected[-1].reason, []
    return "to be repeated" if fact.is_repeated else "pending", "", []


def _mean(facts: Sequence[Measurement]) -> str:
    """Of values; bounds where there is nothing else."""
    exact = [fact.value for fact in facts if not fact.relation]
    if exact:
        return f"{np.mean(exact):.4g}" + f" (mean of {len(exact)})" * (len(exact) > 1)
    return ", ".join(dict.fromkeys(f"{SIGNS[fact.relation]}{fact.value:.4g}" for fact in facts))
