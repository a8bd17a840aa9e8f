"""Facts as rows of a project's database, and rows as facts."""

import json
from typing import Any

from sqlalchemy import RowMapping

from molgen.project.facts import Fact, Measurement, NotMade, Proposed, Provenance, Rejected
from molgen.project.tables import MEASUREMENTS


def fact_row(fact: Fact) -> dict[str, Any]:
    """What the table `facts` has of a fact, its event, compound and digest aside."""
    return {
        "kind": type(fact).__name__,
        "given": fact.given,
        "name": fact.name,
        "who": fact.who,
        "date": fact.date,
        "reason": getattr(fact, "reason", ""),
        "file": fact.source.file,
        "sha256": fact.source.sha256,
        "row": fact.source.row,
    }


def measurement_row(fact: Measurement) -> dict[str, Any]:
    """What the table `measurements` has of one."""
    return {column.name: getattr(fact, column.name) for column in MEASUREMENTS.columns if column.name != "fact"}


def proposal_row(fact: Proposed) -> dict[str, Any]:
    """What the table `proposals` has of one."""
    return {"round": fact.round, "place": fact.place, "purpose": fact.purpose, "shown": json.dumps(dict(fact.values))}


def fact_of(row: RowMapping) -> Fact:
    """The fact in a row of all tables, joined."""
    source = Provenance(row["file"], row["sha256"], row["row"])
    shared = {"given": row["given"], "name": row["name"], "who": row["who"], "date": row["date"], "source": source}
    shared |= {"compound": row["smiles"], "number": row["id"]}
    if row["kind"] == Measurement.__name__:
        names = ("endpoint", "relation", "value", "unit", "written", "assay", "replicate")
        return Measurement(**shared, **{name: row[name] for name in names})
    if row["kind"] == Proposed.__name__:
        values = json.loads(row["shown"])
        return Proposed(**shared, round=row["round"], place=row["place"], purpose=row["purpose"], values=values)
    kind = NotMade if row["kind"] == NotMade.__name__ else Rejected
    return kind(**shared, reason=row["reason"])
