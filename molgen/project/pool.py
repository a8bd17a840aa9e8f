"""The candidates of a round: what a search wrote and what a library has, without what the project knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molgen.chem.compounds import Taken, twin_key
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.cluster.base import Cluster
from molgen.errors import DataError
from molgen.project.candidates import KAPPA, Library, generated, promising_of
from molgen.project.posterior import Posterior
from molgen.project.record import ProjectRecord
from molgen.project.round_settings import LISTED, Proposing
from molgen.search.bayesian.models.base import Values
from molgen.synthesis.trees import price_of, tree_of

JOINTLY = 2000  # candidates of which the choice is made


@dataclass(frozen=True, eq=False)
class RoundCandidates:
    """Molecules [n] in standard form to choose from, then the pending ones and the controls, and what is known of each.

    Attributes
    ----------
    names, routes : [n]
        Routes as `written` has written them; empty where there is none.
    prices : float64 [n]
        nan where there is none.
    """

    molecules: Molecules
    names: list[str]
    prices: Values
    pending: NDArray[np.intp]
    controls: NDArray[np.intp]
    routes: list[str]

    @property
    def new(self) -> int:
        """How many may be chosen: neither pending nor controls."""
        return len(self.molecules) - len(self.pending) - len(self.controls)


def pool_of(
    project: ProjectRecord,
    posterior: Posterior,
    settings: Proposing,
    best_first: Sequence[str],
    controls: Sequence[str],
    folder: Path,
    cluster: Cluster | None,
    progress: Callable[[int], None],
) -> RoundCandidates:
    """The molecules that may be proposed, at most 2,000, the most promising ones.

    Parameters
    ----------
    best_first
        Measured compounds, the best first: the search begins from them.
    controls
        SMILES of measured compounds that are measured again.
    folder
        Where the search works.

    Raises
    ------
    DataError
        There is none.
    """
    taken = project.taken()
    found: dict[str, tuple[str, float, str]] = {}
    if settings.origin in LISTED:
        assert settings.library is not None
        more = len(taken.keys) + JOINTLY
        listed: Library = promising_of(
            posterior, settings.library, folder / "library", more, column=settings.column, price=settings.price,
            cluster=cluster, progress=progress,
        )  # fmt: skip
        parents = Molecules(listed.smiles, STANDARD).canonical
        for text, name, price in zip(parents, listed.names, listed.prices.tolist(), strict=True):
            if text is not None:
                found.setdefault(text, (name, price, ""))
    if settings.origin != "library":
        search = folder / "search"
        written = generated(posterior, best_first, settings.budget, search, settings.seed, settings.near, settings.makeable)
        for text, route in written.items():
            found.setdefault(text, ("", price_of(tree_of(route)) if route else np.nan, route))
    molecules = _new(Molecules(list(found), STANDARD), taken)
    if settings.origin == "both" and len(molecules) > JOINTLY:  # otherwise the most promising are ahead
        mean, deviation = posterior.utility(molecules)
        molecules = molecules.take(np.argsort(-(mean + KAPPA * deviation), kind="stable").tolist())
    molecules = molecules.take(range(min(len(molecules), JOINTLY)))
    if not len(molecules):
        raise DataError(_none(posterior, settings))
    pending = list(dict.fromkeys(fact.compound for fact in project.pending()))
    known = [found[text] for text in molecules.smiles]
    others = [*pending, *controls]
    return RoundCandidates(
        Molecules([*molecules.smiles, *others], STANDARD),
        [*(name for name, *_ in known), *[""] * len(others)],
        np.array([*(price for _, price, _ in known), *[np.nan] * len(others)]),
        len(molecules) + np.arange(len(pending)),
        len(molecules) + np.arange(len(pending), len(others)),
        [*(route for *_, route in known), *[""] * len(others)],
    )


def _new(molecules: Molecules, taken: Taken) -> Molecules:
    """Those that are valid and not taken, without stereo twins of others before them."""
    known, rows = taken(molecules), dict[str, int]()
    for i, mol in enumerate(molecules.mols):
        if mol is not None and mol.GetNumAtoms() and not known[i]:
            rows.setdefault(twin_key(mol), i)
    return molecules.take(list(rows.values()))


def _none(posterior: Posterior, settings: Proposing) -> str:
    """Why there is no candidate."""
    hard = ", ".join(f"{name} {goal.wanted}" for name, goal in posterior.goals.goals.items() if goal.hard)
    met = f", and meets the hard goals ({hard})" * bool(hard)
    searched = "what the search wrote"
    where = {"library": settings.library, "both": "the library and the search"}.get(settings.origin, searched)
    return (
        f"nothing can be proposed: no molecule of {where} is valid, unknown to the project and no twin of what it knows{met}; "
        f"{'loosen a goal, or ' * bool(hard)}name another library, or a larger budget"
    )
