"""A round: candidates, the choice among them, and what is stored of each."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import scaffold_of
from molgen.chem.standardize import STANDARD
from molgen.cluster.base import Cluster
from molgen.data.libraries import files_of
from molgen.data.splits import clusters
from molgen.errors import DataError
from molgen.folders import writing
from molgen.project.choice.limits import Limits, PerGroup
from molgen.project.choice.rules import RULES
from molgen.project.choice.selection import Chosen, choose_batch
from molgen.project.choice.work import Sharing
from molgen.project.controls import controls_of
from molgen.project.creation import GOALS
from molgen.project.facts import REPEAT, Proposed
from molgen.project.pool import RoundCandidates, pool_of
from molgen.project.posterior import Posterior
from molgen.project.project import Project
from molgen.project.reasons import ahead_of, purpose_of, stored_values
from molgen.project.repeats import repeats_of
from molgen.project.round_settings import Proposing
from molgen.search.bayesian.models.base import Values
from molgen.synthesis.sharing import needs_of
from molgen.synthesis.trees import tree_of

DRAWS = 512
ALIKE = 0.6  # Tanimoto distance (ECFP4) of a series' members from its centre, at most
SHARES = (1 / 8, 1 / 4, 1 / 2, 1)  # of a round of generated compounds that one series may be: the least that leaves enough
SEARCHES = "searches"


def propose(
    project: Project,
    settings: Proposing,
    cluster: Cluster | None = None,
    progress: Callable[[int], None] = lambda molecules: None,
) -> list[Proposed]:
    """Choose the next round's compounds and store them; the same facts and settings give the same ones.

    Raises
    ------
    DataError
        There is nothing that can be proposed.
    """
    searches = project.folder / SEARCHES
    searches.mkdir(exist_ok=True)
    with writing(searches):
        return _proposed(project, settings, cluster, progress)


def _proposed(project: Project, settings: Proposing, cluster: Cluster | None, progress: Callable[[int], None]) -> list[Proposed]:
    goals, measurements, number = project.goals, project.measurements(), project.rounds() + 1
    posterior = Posterior.of(goals, measurements)
    measured = list(dict.fromkeys(fact.compound for fact in measurements))
    best_first = _ranked(posterior, measured)
    folder = _folder(project, settings)
    controls = controls_of(settings.controls, goals, measurements, best_first)
    repeats = repeats_of(settings.repeats, posterior, measurements, controls)
    again = [*controls, *repeats]
    candidates = pool_of(project, posterior, settings, best_first, again, folder, cluster, progress)
    rng = np.random.default_rng(settings.seed)
    drawn = posterior.draw(candidates.molecules, DRAWS, rng)
    utility = posterior.goals.utility(drawn)
    explore = settings.explore if posterior.models else settings.explore or 0.0  # computed goals need no learning
    known = len(project.propositions()) - len(project.pending())
    picked = chosen_from(candidates, replace(settings, explore=explore), utility, rng, len(measured), known)
    if len(picked) == len(again):
        raise DataError(_nothing(candidates, utility))
    rows = np.array([each.row for each in picked])
    chance = np.nan_to_num(posterior.goals.chance(drawn))
    ahead = ahead_of(posterior, utility, best_first)
    series = Counter(scaffold_of(text) or "" for text in measured)
    chosen = candidates.molecules.take(rows.tolist())
    scaffolds = [scaffold_of(text) or "" for text in chosen.smiles]
    purposes = [
        REPEAT if text in repeats else purpose_of(role, max(ahead[i], chance[i]), series[scaffold])
        for (i, role), text, scaffold in zip(picked, chosen.smiles, scaffolds, strict=True)
    ]
    values = stored_values(posterior, chosen, drawn, utility, ahead, candidates, rows)
    found = project.record_proposed(chosen.smiles, purposes=purposes, values=values, settings=asdict(settings), number=number)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _ranked(posterior: Posterior, measured: Sequence[str]) -> list[str]:
    """Measured compounds, those with the highest expected utility first."""
    if not measured:
        return []
    mean, _ = posterior.utility(Molecules(measured, STANDARD))
    return [measured[i] for i in np.argsort(-mean, kind="stable").tolist()]


def _folder(project: Project, settings: Proposing) -> Path:
    """Where the search for a round works: one that was killed goes on there, unless facts, settings or files have changed."""
    named = [settings.library, *([settings.stock, settings.reactions] if settings.makeable else [])]
    files = [path for name in named if name for path in files_of(name) if path.exists()]
    stated = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    told = json.dumps([len(project.facts()), asdict(settings), stated], sort_keys=True) + (project.folder / GOALS).read_text()
    folder = project.folder / SEARCHES / hashlib.sha256(told.encode()).hexdigest()[:12]
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def chosen_from(
    candidates: RoundCandidates,
    settings: Proposing,
    utility: Values,
    rng: np.random.Generator,
    measured: int = 0,
    proposed: int = 0,
) -> list[Chosen]:
    """The batch, after so many `measured` compounds, and so many that were `proposed` before and whose results are known.

    A limit per series that nobody asked for is doubled until it leaves enough.
    """
    if settings.per_series is not None or settings.origin == "library":
        tried: list[int | None] = [settings.per_series]
    else:
        tried = [max(1, round(share * settings.n)) for share in SHARES]
    limits = _limits(candidates, settings)
    limits = replace(limits, closed=limits.closed | (utility.max(0) <= 0))
    series = [] if tried == [None] else [str(number) for number in clusters(candidates.molecules, ALIKE).tolist()]
    picked: list[Chosen] = []
    for most in tried:
        per_group = limits.per_group if most is None else (*limits.per_group, PerGroup("per_series", series, most))
        picked = choose_batch(
            utility, settings.n, rng, replace(limits, per_group=per_group), candidates.pending,
            rule=RULES[settings.rule], explore=settings.explore, measured=measured, proposed=proposed,
            controls=candidates.controls,
        )  # fmt: skip
        if len(picked) == settings.n:
            break
    return picked


def _limits(candidates: RoundCandidates, settings: Proposing) -> Limits:
    smiles = candidates.molecules.smiles
    closed = np.zeros(len(smiles), bool)
    closed[candidates.pending] = closed[candidates.controls] = True
    groups = []
    if settings.per_scaffold is not None:
        groups.append(PerGroup("per_scaffold", [scaffold_of(text) or "" for text in smiles], settings.per_scaffold))
    needs = [needs_of(tree_of(route)) if route else frozenset() for route in candidates.routes]
    sharing = Sharing(needs, settings.shared) if settings.shared and any(needs) else None
    prices = None if settings.spend is None else candidates.prices
    return Limits(closed, tuple(groups), prices, settings.spend, sharing=sharing)


def _nothing(candidates: RoundCandidates, utility: Values) -> str:
    missed = int((utility[:, : candidates.new].max(0) <= 0).sum())
    return (
        f"nothing can be proposed: of {candidates.new:,} candidates {missed:,} "
        "can't keep to the hard goals, and limits (per_scaffold, per_series, spend) or prices close the others; loosen one"
    )
