"""What an observation adds to a project: the facts of a table that aren't there yet."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from molgen.data.cells import texts
from molgen.data.readers import read_rows
from molgen.data.tables.columns import structure_column
from molgen.data.tables.table import Table
from molgen.errors import ConfigError, DataError
from molgen.project.columns import Meaning, meaning
from molgen.project.compounds import StandardParent
from molgen.project.dates import check_order, read_dates
from molgen.project.doubts import contradictions
from molgen.project.facts import Fact, Measurement, NotMade, Proposed
from molgen.project.goals import MeasuredEndpoint
from molgen.project.observed import Observed, some
from molgen.project.resolving import Resolved, compounds_of_rows
from molgen.project.results import Found, LabRows, read_rejected, read_results


@dataclass(frozen=True)
class Known:
    """What a project knows before an observation: all facts, those measurements that hold, compounds and digests."""

    name: str
    facts: Sequence[Fact]
    holding: Sequence[Measurement]
    compounds: Mapping[str, StandardParent]
    digests: set[str]
    endpoints: Mapping[str, MeasuredEndpoint]


@dataclass(frozen=True)
class Observation:
    """New facts with their compounds and digests, and which measurements they correct (`Database.add`)."""

    result: Observed
    facts: list[tuple[Fact, StandardParent, str]]
    corrections: list[tuple[int, int | None, str]]


def read_observed(table: Path | str | pd.DataFrame, column: str | None, **reading: str | None) -> tuple[Table, str, str]:
    """A table, its name and the SHA-256 of its content.

    Raises
    ------
    DataError
        There is no such file, or it can't be read.
    """
    if not isinstance(table, pd.DataFrame):
        path = Path(table)
        if not path.is_file():
            raise DataError(f"{path}: no such file")
        return read_rows(path, column, **reading), path.name, hashlib.sha256(path.read_bytes()).hexdigest()
    frame = pd.DataFrame({str(name): texts(table[name]) for name in table.columns}, dtype="str").reset_index(drop=True)
    digest = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
    names = list(frame.columns)
    place = names.index(column) if column in names else structure_column(names, list(frame.itertuples(index=False, name=None)))[0]
    if place is None or not len(frame):
        return Table(frame, [""] * len(frame), [None] * len(frame)), "table", digest
    return Table.of(frame, names[place]), "table", digest


def observe(
    table: Table,
    file: str,
    sha256: str,
    known: Known,
    folder: Path,
    *,
    rejected: bool = False,
    correct: bool = False,
    dates: str | None = None,
    who: str = "",
) -> Observation:
    """What `table` says that the project doesn't know.

    Parameters
    ----------
    folder
        For a picture of structures that differ.
    rejected
        Whether its rows are compounds that were crossed out.
    correct
        Whether its values take the place of those of the same compound, endpoint and assay.
    dates
        `day_first` or `month_first`, where it can't be told.
    who
        For rows that don't say it.

    Raises
    ------
    DataError
        A row can't be meant; nothing of the table is taken then.
    """
    check_order(dates)
    if not len(table):
        return Observation(Observed(file), [], [])
    frame = table.columns if table.structure is None else table.columns.drop(columns=table.structure)
    meant = meaning(frame, known.endpoints.values())
    if not rejected:
        _check_meant(meant, frame, known.endpoints, file)
    resolved = compounds_of_rows(table, meant.name, known.facts, known.compounds, known.name, file, folder)
    rows = _rows(frame, table, resolved, file, sha256)
    days: list[datetime.date | None] = [None] * len(table)
    notes: list[str] = []
    if "date" in meant.said:
        where = f"{file}: column '{meant.said['date']}'"
        days, notes = read_dates(texts(frame[meant.said["date"]]), where, dates)
    found = read_rejected(rows, meant, days, who) if rejected else read_results(rows, meant, _with_units(known, file), days, who)
    _check_units(found, file)
    left = [*resolved.left_out, *found.left_out, *_not_asked(meant, rejected)]
    result = Observed(file, len(table), left_out=left, notes=[*table.notes, *notes, *found.notes])
    of = {compound.smiles: compound for compound in resolved.compounds if compound is not None}
    facts = _new(found, known, result, correct)
    corrections = _corrections(facts, found, known, file) if correct else []
    result.corrected = len(corrections)
    result.facts = [fact for fact, _ in facts]
    result.unproposed = _unproposed(result.facts, known)
    dropped = {number for number, _, _ in corrections}
    holding = [fact for fact in known.holding if fact.number not in dropped]
    result.warnings += contradictions([f for f in result.facts if isinstance(f, Measurement)], holding, known.endpoints)
    result.warnings += _made_and_not(result.facts, known)
    result.warnings += _named_otherwise(result.facts, known)
    return Observation(result, [(fact, of[fact.compound], digest) for fact, digest in facts], corrections)


def _check_meant(meant: Meaning, frame: pd.DataFrame, endpoints: Mapping[str, MeasuredEndpoint], file: str) -> None:
    if not meant.columns and not meant.kinds and "status" not in meant.said:
        if meant.predicted:
            raise DataError(
                f"{file}: {some(meant.predicted)}: predicted values (their error, low and high stand beside them), not measured "
                "ones; add columns for what was measured, such as pIC50_1, or IC50 (nM)"
            )
        columns = ", ".join(map(str, frame.columns[:10])) or "none"
        names = ", ".join(endpoints) or "none"
        raise DataError(
            f"{file}: no column of an endpoint of the project ({names}), nor 'status'; found: {columns}; rename a column, or "
            "list its name in goals.yaml, such as endpoints: {pIC50: {columns: [my column]}}"
        )


def _rows(frame: pd.DataFrame, table: Table, resolved: Resolved, file: str, sha256: str) -> LabRows:
    smiles = [
        given or (compound.smiles if compound else "") for given, compound in zip(resolved.given, resolved.compounds, strict=True)
    ]
    others = frame.drop(columns="smiles") if "smiles" in frame else frame
    together = pd.concat([pd.DataFrame({"smiles": smiles}, dtype="str"), others.reset_index(drop=True)], axis=1)
    together.attrs["units"] = dict(table.units)
    names = [compound.smiles if compound else None for compound in resolved.compounds]
    return LabRows(together, names, resolved.given, resolved.names, file, sha256)


def _with_units(known: Known, file: str) -> dict[str, MeasuredEndpoint]:
    """The endpoints with the units of what was measured before."""
    units: dict[str, str] = {fact.endpoint: fact.unit for fact in known.holding if fact.unit}
    found = {}
    for name, endpoint in known.endpoints.items():
        if endpoint.unit and units.get(name, endpoint.unit) != endpoint.unit:
            raise ConfigError(
                f"{file}: goals.yaml gives {name} in {endpoint.unit}, and it was measured in {units[name]} before; put that back"
            )
        found[name] = replace(endpoint, unit=endpoint.unit or units.get(name, ""))
    return found


def _check_units(found: Found, file: str) -> None:
    first: dict[str, Measurement] = {}
    for fact in found.measured:
        if (other := first.setdefault(fact.endpoint, fact)).unit != fact.unit:
            raise DataError(
                f"{file} row {fact.source.row}: {fact.endpoint} in {fact.unit or 'no unit'}, and in {other.unit or 'no unit'} in "
                f"row {other.source.row}; give all in one unit"
            )


def _not_asked(meant: Meaning, rejected: bool) -> list[str]:
    if rejected:
        return []
    left = [f"columns of predicted values: {some(meant.predicted)}"] if meant.predicted else []
    if meant.left:
        left.append(f"columns that no goal asks for: {some(meant.left)}; endpoints: in goals.yaml takes more of them")
    return left


def _digest(fact: Fact, occurrence: int, generation: int = 0) -> str:
    return hashlib.sha256(f"{fact.content()} {occurrence} {generation}".encode()).hexdigest()


def _statement(fact: Measurement) -> tuple[object, ...]:
    """What a measurement says of its compound, whenever and by whom."""
    return (fact.compound, fact.endpoint, fact.assay, fact.relation, f"{fact.value:.9g}")


def _cell(fact: Fact) -> tuple[object, ...]:
    """Where a fact was read, to the cell."""
    more = (fact.endpoint, fact.replicate) if isinstance(fact, Measurement) else ()
    return (fact.source.sha256, fact.source.row, type(fact).__name__, *more)


def _new(found: Found, known: Known, result: Observed, correct: bool) -> list[tuple[Fact, str]]:
    """The facts that the project hasn't got, with their digests; equal rows of one file are told apart by their order."""
    holding = {fact.number for fact in known.holding}
    superseded = {fact.number for fact in known.facts if isinstance(fact, Measurement) and fact.number not in holding}
    cells = {_cell(fact): fact for fact in known.facts if fact.source.sha256}
    stated = {_statement(fact) for fact in known.holding} if correct else set()
    occurrences: Counter[str] = Counter()
    gone = Counter(fact.content() for fact in known.facts if fact.number in superseded)
    facts: list[tuple[Fact, str]] = []
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
            if before is not None and before.content() != content:
                result.notes.append(f"row {fact.source.row}: was read otherwise when this file was observed first; that stays")
        else:
            facts.append((fact, digest))
    return facts


def _corrections(facts: Sequence[tuple[Fact, str]], found: Found, known: Known, file: str) -> list[tuple[int, int | None, str]]:
    """Which earlier measurements the new ones replace: those of the compound, endpoint and assay that the file doesn't repeat."""
    repeated = {_statement(fact) for fact in found.measured}
    corrections: dict[int, tuple[int, int | None, str]] = {}
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
            corrections.setdefault(old.number, (old.number, place, f"corrected by {fact.source}"))
    return list(corrections.values())


def _unproposed(facts: Sequence[Fact], known: Known) -> list[str]:
    proposed = {fact.compound for fact in known.facts if isinstance(fact, Proposed)}
    if not proposed:
        return []
    return list(dict.fromkeys(fact.name or fact.compound for fact in facts if fact.compound not in proposed))


def _made_and_not(facts: Sequence[Fact], known: Known) -> list[str]:
    measured = {fact.compound for fact in (*known.holding, *facts) if isinstance(fact, Measurement)}
    failed = {fact.compound: fact for fact in (*known.facts, *facts) if isinstance(fact, NotMade)}
    added = {fact.compound for fact in facts}
    return [
        f"{fact.name or compound} was measured and is said not to be made ({fact.source}); it counts as measured"
        for compound, fact in failed.items()
        if compound in measured & added
    ]


def _named_otherwise(facts: Sequence[Fact], known: Known) -> list[str]:
    """Names that came with another structure before, a line each."""
    before: dict[str, str] = {}
    found: dict[str, str] = {}
    new = {id(fact) for fact in facts}
    for fact in (*known.facts, *facts):
        if fact.name and before.setdefault(fact.name, fact.compound) != fact.compound and id(fact) in new:
            found.setdefault(
                fact.name,
                f"{fact.name} is '{fact.compound}' in {fact.source}, and was '{before[fact.name]}' before; both are kept, and "
                "rows that give only this name will be left out",
            )
    return list(found.values())
