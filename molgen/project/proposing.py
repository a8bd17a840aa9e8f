"""A round: candidates, the choice among them, and what is stored of each."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.alerts import alerts
from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko, scaffold_of
from molgen.chem.standardize import STANDARD
from molgen.cluster.base import Cluster
from molgen.data.libraries import files_of
from molgen.errors import ConfigError, DataError, check_between, check_seed, nearest
from molgen.folders import writing
from molgen.project.candidates import KAPPA, Library, generated, promising_of
from molgen.project.choice.limits import Limits, PerGroup
from molgen.project.choice.rules import DEFAULT, RULES
from molgen.project.choice.selection import Role, choose_batch
from molgen.project.compounds import Taken, twin_key
from molgen.project.facts import Proposed
from molgen.project.posterior import Expected, Posterior
from molgen.project.project import GOALS, Project
from molgen.search.bayesian.models.base import Values

ORIGINS = ("generate", "library", "both")
JOINTLY = 2000  # candidates of which the choice is made
DRAWS = 512
LIKELY = 0.2  # chance to be better than the best so far, or to meet all goals, from which on a proposal is there to improve
SERIES = 2  # measured compounds of a scaffold that make a series
ALERTS = ("PAINS", "BRENK")
SEARCHES = "searches"


@dataclass(frozen=True)
class Proposing:
    """How a round is proposed.

    Attributes
    ----------
    n
        Compounds.
    origin
        `generate`: a search writes molecules; `library`: those of a file; `both`.
    library, column, price
        A file of molecules that can be had, and its columns of SMILES and prices, where they can't be guessed or are wanted.
    spend
        What the batch may cost, in the unit of `price`; None for any amount.
    per_scaffold, per_series
        Compounds of one Murcko scaffold, and of one generic scaffold (all atoms carbon, all bonds single), at most; None for any
        number.
    explore
        The share of the batch that is chosen for what it would tell about all other candidates, 0 to 1; None for what the rule
        asks for.
    budget
        Molecules that the search looks at.
    near
        The least similarity of what the search writes to one of the best measured compounds, 0 to 1; 0 for any.
    rule
        One of `molgen.project.choice.rules`.
    seed
        Of everything that is drawn.

    Raises
    ------
    ConfigError
        A setting out of its range, or one that needs another.
    """

    n: int = 24
    origin: str = "generate"
    library: str | None = None
    column: str | None = None
    price: str | None = None
    spend: float | None = None
    per_scaffold: int | None = 3
    per_series: int | None = None
    explore: float | None = None
    budget: int = 1000
    near: float = 0.4
    rule: str = DEFAULT
    seed: int = 0

    def __post_init__(self) -> None:
        check_between("", 1, n=self.n, budget=self.budget)
        check_between("", 0, 1, near=self.near)
        if self.explore is not None:
            check_between("", 0, 1, explore=self.explore)
        check_seed("", self.seed)
        for key, value, known in (("from", self.origin, ORIGINS), ("rule", self.rule, tuple(RULES))):
            if value not in known:
                raise ConfigError(f"{key}={value}: no such thing{nearest(value, known)}; known: {', '.join(known)}")
        if self.origin != "generate" and not self.library:
            raise ConfigError(f"from={self.origin}: name the file: library=FILE")
        if self.origin == "generate" and self.library:
            raise ConfigError(f"library={self.library}: goes with from=library or from=both")
        if self.spend is not None and not self.price:
            raise ConfigError(f"spend={self.spend:g}: name the column of prices: price=COLUMN")


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Molecules [n] in standard form to choose from, the pending ones last, and what is known of each."""

    molecules: Molecules
    names: list[str]
    prices: Values
    pending: NDArray[np.intp]


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
    goals, measurements = project.goals, project.measurements()
    posterior = Posterior.of(goals, measurements)
    measured = list(dict.fromkeys(fact.compound for fact in measurements))
    best_first = _ranked(posterior, measured)
    folder = _folder(project, settings)
    candidates = _candidates(project, posterior, settings, best_first, folder, cluster, progress)
    rng = np.random.default_rng(settings.seed)
    limits = _limits(candidates, settings)
    drawn = posterior.draw(candidates.molecules, DRAWS, rng)
    utility = posterior.goals.utility(drawn)
    limits = replace(limits, closed=limits.closed | (utility.max(0) <= 0))
    rule, explore = RULES[settings.rule], settings.explore if posterior.models else settings.explore or 0.0
    picked = choose_batch(
        utility, settings.n, rng, limits, candidates.pending, rule=rule, explore=explore, measured=len(measured)
    )
    if not picked:
        raise DataError(_nothing(candidates, utility))
    rows = np.array([each.row for each in picked])
    chance = np.nan_to_num(posterior.goals.chance(drawn))
    ahead = _ahead(posterior, utility, best_first)
    series = Counter(scaffold_of(text) or "" for text in measured)
    chosen = candidates.molecules.take(rows.tolist())
    scaffolds = [scaffold_of(text) or "" for text in chosen.smiles]
    purposes = [
        _purpose(role, max(ahead[i], chance[i]), series[scaffold]) for (i, role), scaffold in zip(picked, scaffolds, strict=True)
    ]
    values = _values(posterior, chosen, drawn, utility, ahead, candidates, rows)
    found = project.record_proposed(chosen.smiles, purposes=purposes, values=values, settings=asdict(settings))
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
    files = [path for path in files_of(settings.library) if path.exists()] if settings.library else []
    stated = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    told = json.dumps([len(project.facts()), asdict(settings), stated], sort_keys=True) + (project.folder / GOALS).read_text()
    folder = project.folder / SEARCHES / hashlib.sha256(told.encode()).hexdigest()[:12]
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _candidates(
    project: Project,
    posterior: Posterior,
    settings: Proposing,
    best_first: Sequence[str],
    folder: Path,
    cluster: Cluster | None,
    progress: Callable[[int], None],
) -> _Candidates:
    taken = project.taken()
    found: dict[str, tuple[str, float]] = {}
    if settings.origin != "generate":
        assert settings.library is not None
        more = len(taken.keys) + JOINTLY
        listed: Library = promising_of(
            posterior, settings.library, folder / "library", more, column=settings.column, price=settings.price,
            cluster=cluster, progress=progress,
        )  # fmt: skip
        parents = Molecules(listed.smiles, STANDARD).canonical
        for text, name, price in zip(parents, listed.names, listed.prices.tolist(), strict=True):
            if text is not None:
                found.setdefault(text, (name, price))
    if settings.origin != "library":
        for text in generated(posterior, best_first, settings.budget, folder / "search", settings.seed, settings.near):
            found.setdefault(text, ("", np.nan))
    molecules = _new(Molecules(list(found), STANDARD), taken)
    if settings.origin == "both" and len(molecules) > JOINTLY:  # otherwise the most promising are ahead
        mean, deviation = posterior.utility(molecules)
        molecules = molecules.take(np.argsort(-(mean + KAPPA * deviation), kind="stable").tolist())
    molecules = molecules.take(range(min(len(molecules), JOINTLY)))
    if not len(molecules):
        raise DataError(_none(posterior, settings))
    pending = list(dict.fromkeys(fact.compound for fact in project.pending()))
    known = [found[text] for text in molecules.smiles]
    return _Candidates(
        Molecules([*molecules.smiles, *pending], STANDARD),
        [*(name for name, _ in known), *[""] * len(pending)],
        np.array([*(price for _, price in known), *[np.nan] * len(pending)]),
        np.arange(len(molecules), len(molecules) + len(pending)),
    )


def _new(molecules: Molecules, taken: Taken) -> Molecules:
    """Those that are valid and not taken, without stereo twins of others before them."""
    known, rows = taken(molecules), dict[str, int]()
    for i, mol in enumerate(molecules.mols):
        if mol is not None and mol.GetNumAtoms() and not known[i]:
            rows.setdefault(twin_key(mol), i)
    return molecules.take(list(rows.values()))


def _limits(candidates: _Candidates, settings: Proposing) -> Limits:
    smiles = candidates.molecules.smiles
    closed = np.zeros(len(smiles), bool)
    closed[candidates.pending] = True
    groups = []
    if settings.per_scaffold is not None:
        groups.append(PerGroup("per_scaffold", [scaffold_of(text) or "" for text in smiles], settings.per_scaffold))
    if settings.per_series is not None:
        groups.append(PerGroup("per_series", [_series(mol) for mol in candidates.molecules.mols], settings.per_series))
    if settings.price is None:
        return Limits(closed, tuple(groups))
    return Limits(closed, tuple(groups), candidates.prices, settings.spend)


def _series(mol: Chem.Mol | None) -> str:
    return "" if mol is None else murcko(mol, generic=True)


def _none(posterior: Posterior, settings: Proposing) -> str:
    """Why there is no candidate."""
    hard = ", ".join(f"{name} {goal.wanted}" for name, goal in posterior.goals.goals.items() if goal.hard)
    met = f", and meets the hard goals ({hard})" * bool(hard)
    where = {"library": settings.library, "generate": "what the search wrote"}.get(settings.origin, "the library and the search")
    return (
        f"nothing can be proposed: no molecule of {where} is valid, unknown to the project and no twin of what it knows{met}; "
        f"{'loosen a goal, or ' * bool(hard)}name another library, or a larger budget"
    )


def _nothing(candidates: _Candidates, utility: Values) -> str:
    missed = int((utility.max(0) <= 0).sum())
    return (
        f"nothing can be proposed: of {len(candidates.molecules) - len(candidates.pending):,} candidates {missed:,} "
        "can't keep to the hard goals, and limits (per_scaffold, per_series, spend) or prices close the others; loosen one"
    )


def _ahead(posterior: Posterior, utility: Values, best_first: Sequence[str]) -> Values:
    """The chance [n] of each candidate to be better than the best measured compound is expected to be."""
    if not best_first:
        return np.full(utility.shape[1], np.nan)
    best, _ = posterior.utility(Molecules(best_first[:1], STANDARD))
    return (utility > best[0]).mean(0)


def _purpose(role: Role, likely: float, in_series: int) -> str:
    """What a proposal is there for: unless it may be the best or meet all goals, it fills a series or informs."""
    if role == "learn":
        return "learn"
    if not likely < LIKELY:
        return "improve"
    return "fill a series" if in_series >= SERIES else "learn"


def _values(
    posterior: Posterior,
    chosen: Molecules,
    drawn: Mapping[str, Values],
    utility: Values,
    ahead: Values,
    candidates: _Candidates,
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
        told |= {"price": float(candidates.prices[i])} if np.isfinite(candidates.prices[i]) else {}
        found.append(told)
    return found


def _numbers(each: Expected, k: int) -> dict[str, float | bool | None]:
    parts = {name: getattr(each, name) for name in ("mean", "error", "low", "high")}
    told: dict[str, float | bool | None] = {
        name: _known(float(values[k])) for name, values in parts.items() if values is not None
    }
    return told if each.inside is None else told | {"inside": bool(each.inside[k])}


def _known(value: float) -> float | None:
    """A number as JSON holds it."""
    return value if np.isfinite(value) else None
