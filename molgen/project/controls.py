"""Controls: measured compounds that a round measures again, to see whether the assay gives what it gave."""

from collections import Counter
from collections.abc import Sequence

from molgen.chem.compounds import StandardParent, compounds
from molgen.errors import ConfigError, nearest
from molgen.project.assays import asked_assay
from molgen.project.facts import Measurement
from molgen.project.goals import MEASURED, Goals


def controls_of(
    asked: int | Sequence[str], goals: Goals, measurements: Sequence[Measurement], best_first: Sequence[str]
) -> list[str]:
    """The compounds that are controls, by their SMILES.

    Parameters
    ----------
    asked
        A number: those are chosen that the first measured goal's endpoint was measured of most often by its assay, bounds not
        counted, and of equals the best; or compounds by their identifiers or SMILES.
    measurements
        That hold.
    best_first
        The measured compounds, the best first.

    Raises
    ------
    ConfigError
        Nothing was measured of one; or fewer compounds were measured than asked for.
    """
    if not isinstance(asked, int):
        return _named(asked, measurements)
    goal = next((goal for goal in goals.goals.values() if goal.kind == MEASURED), None)
    endpoint, assay = ("", None) if goal is None else (goal.endpoint, asked_assay(goal, measurements))
    counts = Counter(
        fact.compound for fact in measurements if (fact.endpoint, fact.assay) == (endpoint, assay) and not fact.relation
    )
    if len(counts) < asked:
        raise ConfigError(
            f"controls={asked}: {endpoint or 'nothing'} was measured of {len(counts)} compounds, bounds not counted"
        )
    return sorted(counts, key=lambda compound: (-counts[compound], best_first.index(compound)))[:asked]


def _named(names: Sequence[str], measurements: Sequence[Measurement]) -> list[str]:
    measured = {fact.compound for fact in measurements}
    called: dict[str, dict[str, None]] = {}
    for fact in measurements:
        if fact.name:
            called.setdefault(fact.name, {})[fact.compound] = None
    found: dict[str, str] = {}
    for name in names:
        several = called.get(name, {})
        if len(several) > 1:
            raise ConfigError(f"controls: '{name}' names several compounds; give its SMILES")
        compound = next(iter(several), None) or _drawn(name, measured)
        if compound is None:
            raise ConfigError(f"controls: no compound '{name}' was measured{nearest(name, called)}; name one that was")
        if (other := found.setdefault(compound, name)) != name or list(names).count(name) > 1:
            raise ConfigError(f"controls: '{name}' and '{other}' are one compound; name it once")
    return list(found)


def _drawn(smiles: str, measured: set[str]) -> str | None:
    """The measured compound that a SMILES means."""
    (found,) = compounds([smiles])
    if not isinstance(found, StandardParent):
        return None
    if found.smiles in measured:
        return found.smiles
    keys = {each.key: each.smiles for each in compounds(sorted(measured)) if isinstance(each, StandardParent)}
    return keys.get(found.key)
