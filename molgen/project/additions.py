"""Which facts of a table a project hasn't got, and which of its measurements they correct."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from molgen.chem.compounds import StandardParent
from molgen.errors import DataError
from molgen.project.facts import Fact, Measurement, Proposed
from molgen.project.goals import MeasuredEndpoint
from molgen.project.observed import Observed
from molgen.project.results import Found


@dataclass(frozen=True)
class Known:
    """What a project knows before an observation: all facts, those measurements that hold, compounds and digests."""

    name: str
    facts: Sequence[Fact]
    holding: Sequence[Measurement]
    compounds: Mapping[str, StandardParent]
    digests: set[str]
    endpoints: Mapping[str, MeasuredEndpoint]


Digested = tuple[Fact, str]


def additions(found: Found, known: Known, result: Observed, *, correct: bool, again: bool) -> list[Digested]:
    """The facts that the project hasn't got, with their digests.

    A fact is known that says the same, row by row: equal rows of one file are repeats, told apart by their order. So is a
    measurement that equals an earlier one in all but its compound's name, and a date or a person that one of both doesn't say.
    `result` is told of both.

    Parameters
    ----------
    correct
        Whether values take the place of earlier ones.
    again
        Whether measurements that differ so little are repeats.
    """
    holding = {fact.number for fact in known.holding}
    superseded = {fact.number for fact in known.facts if isinstance(fact, Measurement) and fact.number not in holding}
    cells = {_cell(fact): fact for fact in known.facts if fact.source.sha256}
    stated = {_statement(fact) for fact in known.holding} if correct else set()
    occurrences: Counter[str] = Counter()
    gone = Counter(fact.content() for fact in known.facts if fact.number in superseded)
    facts: list[Digested] = []
    met: Counter[str] = Counter()
    for fact in (*found.measured, *found.not_made, *found.rejected):
        content = fact.content()
        occurrence, occurrences[content] = occurrences[content], occurrences[content] + 1
        generation = gone[content] if correct else 0
        digest = _digest(fact, occurrence, generation)
        before = cells.get(_cell(fact))
        if isinstance(fact, Measurement) and _statement(fact) in stated:
            result.known += 1
        elif digest in known.digests or (before is not None and before.number not in superseded):
            result.known += 1
            met[content if before is None else before.content()] += 1
            if before is not None and replace(fact, who=fact.who or before.who).content() != before.content():
                result.notes.append(f"row {fact.source.row}: was read otherwise when this file was observed first; that stays")
        else:
            facts.append((fact, digest))
    return facts if correct or again else _unlike(facts, known, met, result)


def _unlike(facts: Sequence[Digested], known: Known, met: Counter[str], result: Observed) -> list[Digested]:
    """The facts without measurements that are known but for what one of both doesn't say; each known one accounts for one.

    Parameters
    ----------
    met
        How often the table repeats a known fact word by word; these account for no other.
    """
    controls = {fact.name for fact in known.facts if isinstance(fact, Proposed) and fact.is_repeated}
    left: dict[tuple[object, ...], list[Measurement]] = defaultdict(list)
    for fact in known.facts:
        if isinstance(fact, Measurement):
            if met[content := fact.content()]:
                met[content] -= 1
            else:
                left[_statement(fact)].append(fact)
    kept = []
    for fact, digest in facts:
        alike = left[_statement(fact)] if isinstance(fact, Measurement) else []
        same = next((old for old in alike if _may_be(old, fact, controls)), None)
        if same is None:
            kept.append((fact, digest))
        else:
            alike.remove(same)
            result.alike.append(fact.source.row)
    return kept


def _may_be(old: Measurement, new: Fact, controls: set[str]) -> bool:
    """Whether a measurement that states the same may be the same: nothing that both say of it differs."""
    assert isinstance(new, Measurement)
    if old.name != new.name and {old.name, new.name} & controls:
        return False
    told = [(old.who, new.who), (old.date, new.date)]
    return (old.unit, old.replicate) == (new.unit, new.replicate) and all(a == b or not a or not b for a, b in told)


def _digest(fact: Fact, occurrence: int, generation: int = 0) -> str:
    return hashlib.sha256(f"{fact.content()} {occurrence} {generation}".encode()).hexdigest()


def _statement(fact: Measurement) -> tuple[object, ...]:
    """What a measurement says of its compound, whenever and by whom."""
    return (fact.compound, fact.endpoint, fact.assay, fact.relation, f"{fact.value:.9g}")


def _cell(fact: Fact) -> tuple[object, ...]:
    """Where a fact was read, to the cell."""
    more = (fact.endpoint, fact.replicate) if isinstance(fact, Measurement) else ()
    return (fact.source.sha256, fact.source.row, type(fact).__name__, *more)


def corrections(facts: Sequence[Digested], found: Found, known: Known, file: str) -> list[tuple[int, int | None, str]]:
    """Which earlier measurements the new ones replace: those of the compound, endpoint and assay that the file doesn't repeat."""
    repeated = {_statement(fact) for fact in found.measured}
    replaced: dict[int, tuple[int, int | None, str]] = {}
    for place, (fact, _) in enumerate(facts):
        if not isinstance(fact, Measurement):
            continue
        same = [
            old
            for old in known.holding
            if (old.compound, old.endpoint, old.assay) == (fact.compound, fact.endpoint, fact.assay)
            and (not fact.replicate or old.replicate == fact.replicate)
            and _statement(old) not in repeated
        ]
        if not same:
            what = f"{fact.endpoint} of {fact.name or fact.compound}"
            raise DataError(f"{file} row {fact.source.row}: there is no {what} to correct; observe it without --correct")
        for old in same:
            assert old.number is not None
            replaced.setdefault(old.number, (old.number, place, f"corrected by {fact.source}"))
    return list(replaced.values())
