"""What an observation adds to a project: the facts of a table that aren't there yet."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from molgen.chem.compounds import StandardParent
from molgen.data.cells import texts
from molgen.data.dates import check_order, read_dates
from molgen.data.readers import read_rows
from molgen.data.tables.columns import structure_column
from molgen.data.tables.table import Table
from molgen.errors import ConfigError, DataError
from molgen.project.additions import Known, additions, corrections
from molgen.project.columns import Meaning, meaning
from molgen.project.doubts import contradictions
from molgen.project.facts import Fact, Measurement, NotMade, Proposed, units_of
from molgen.project.goals import MeasuredEndpoint
from molgen.project.observed import ColumnRead, Observed, some
from molgen.project.resolving import Resolved, compounds_of_rows
from molgen.project.results import Found, LabRows, read_rejected, read_results


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
        if path.is_dir():
            raise DataError(f"{path}: is a folder; name one of its files, and observe them one by one")
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
    again: bool = False,
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
    again
        Whether measurements are repeats that equal known ones but for a name, a date or a person.
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
    notes = [*notes, *_first_units(found, known)]
    left = [*resolved.left_out, *found.left_out, *_not_asked(meant, rejected)]
    result = Observed(file, len(table), left_out=left, notes=[*table.notes, *notes, *found.notes])
    result.columns = _columns_read(table, meant, found, rejected)
    of = {compound.smiles: compound for compound in resolved.compounds if compound is not None}
    facts = additions(found, known, result, correct=correct, again=again)
    corrected = corrections(facts, found, known, file) if correct else []
    result.corrected = len(corrected)
    result.facts = [fact for fact, _ in facts]
    result.unproposed = _unproposed(result.facts, known)
    dropped = {number for number, _, _ in corrected}
    holding = [fact for fact in known.holding if fact.number not in dropped]
    result.warnings += contradictions([f for f in result.facts if isinstance(f, Measurement)], holding, known.endpoints)
    result.warnings += _made_and_not(result.facts, known)
    result.warnings += _named_otherwise(result.facts, known)
    return Observation(result, [(fact, of[fact.compound], digest) for fact, digest in facts], corrected)


def _check_meant(meant: Meaning, frame: pd.DataFrame, endpoints: Mapping[str, MeasuredEndpoint], file: str) -> None:
    if not meant.columns and not meant.kinds and "status" not in meant.said:
        crossed = "; --rejected takes what is crossed out" * ("rejected" in meant.said)
        if meant.predicted:
            raise DataError(
                f"{file}: {some(meant.predicted)}: predicted values (their error, low and high stand beside them), not measured "
                f"ones; add columns for what was measured, such as pIC50_1, or IC50 (nM){crossed}"
            )
        columns = ", ".join(map(str, frame.columns[:10])) or "none"
        names = ", ".join(endpoints) or "none"
        raise DataError(
            f"{file}: no column of an endpoint of the project ({names}), nor 'status'; found: {columns}; rename a column, or "
            f"list its name in goals.yaml, such as endpoints: {{pIC50: {{columns: [my column]}}}}{crossed}"
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
    units = units_of(known.holding)
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


def _first_units(found: Found, known: Known) -> list[str]:
    """Which units these measurements give to endpoints that nobody gave one, as thresholds of goals are then in it."""
    open_ = {name for name, endpoint in known.endpoints.items() if not endpoint.unit} - {fact.endpoint for fact in known.holding}
    units = {fact.endpoint: fact.unit for fact in found.measured if fact.endpoint in open_ and fact.unit}
    return [
        f"{name} is in {unit}, as first measured, and so are the goals' thresholds; endpoints: {{{name}: {{unit: ...}}}} in "
        "goals.yaml says otherwise"
        for name, unit in units.items()
    ]


def _columns_read(table: Table, meant: Meaning, found: Found, rejected: bool) -> list[ColumnRead]:
    """What each column was taken for, in their order."""
    units = {fact.endpoint: fact.unit for fact in found.measured}
    said = {name: ColumnRead(name, "status: made or not" if key == "status" else key) for key, name in meant.said.items()}
    if meant.name is not None:
        said[meant.name] = ColumnRead(meant.name, "identifier")
    if table.structure is not None:
        said[table.structure] = ColumnRead(table.structure, "structure")
    said |= {name: ColumnRead(name, "predicted values, not taken", is_used=False) for name in meant.predicted}
    said |= {name: ColumnRead(name, "no goal asks for it, not taken", is_used=False) for name in meant.left}
    if rejected:
        measured = [*(column.name for column in meant.columns), *([meant.value] if meant.value else [])]
        said |= {name: ColumnRead(name, "not taken of what is crossed out", is_used=False) for name in measured}
    else:
        for column in meant.columns:
            repeat = f", repeat {column.replicate}" if column.replicate else ""
            said[column.name] = ColumnRead(column.name, f"{column.endpoint}{repeat}", units.get(column.endpoint, ""))
        if meant.value is not None:
            of = dict.fromkeys(column.endpoint for column in meant.kinds.values())
            in_units = ", ".join(dict.fromkeys(units[name] for name in of if units.get(name)))
            said[meant.value] = ColumnRead(meant.value, f"values of {', '.join(of)}", in_units)
    return [said.get(str(name), ColumnRead(str(name), "read with the values beside it")) for name in table.columns.columns]


def _not_asked(meant: Meaning, rejected: bool) -> list[str]:
    if rejected:
        return []
    left = [f"columns of predicted values: {some(meant.predicted)}"] if meant.predicted else []
    if meant.left:
        left.append(f"columns that no goal asks for: {some(meant.left)}; endpoints: in goals.yaml takes more of them")
    return left


def _unproposed(facts: Sequence[Fact], known: Known) -> list[str]:
    """Compounds that the project first hears of, where it proposes compounds."""
    before = {fact.compound for fact in known.facts}
    if not any(isinstance(fact, Proposed) for fact in known.facts):
        return []
    return list(dict.fromkeys(fact.name or fact.compound for fact in facts if fact.compound not in before))


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
