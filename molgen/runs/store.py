"""The record of a campaign: its molecules in SQLite and the strategy's state beside it, in whole batches."""

import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rdkit import Chem
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from molgen.errors import CampaignError, CheckpointError
from molgen.reports.routes import ROUTE
from molgen.runs.database import (
    FILE,
    LEARNT,
    METADATA,
    MOLECULES,
    ROUTES,
    RUN,
    STATE,
    VALUES,
    cause,
    connect,
    damage,
    is_damage,
    read,
)
from molgen.runs.states import States
from molgen.scoring.scores import Scores
from molgen.search.oracle import Oracle, Result
from molgen.search.strategy import Proposal, State

__all__ = ["FILE", "MOLECULES", "RunStore"]
HEADER = 100  # bytes; SQLite takes a shorter file for an empty one
EXPORTS = ("top.csv", "top.sdf", "report.html", "agent.safetensors")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class RunStore:
    """Scored molecules and the strategy's states.

    A batch is what has been scored between two states. A state is written first, in turn to one of two files; what counts is
    the one that the database names. In SQLite it would be written twice.

    Parameters
    ----------
    folder
        The run folder; `campaign.sqlite` in it is created if need be.

    Raises
    ------
    CampaignError, CheckpointError
        The file can't be opened, or isn't a campaign; or it is empty, and other files say that molecules were scored.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        if not self.path.exists() or self.path.stat().st_size < HEADER:
            self._refuse_beside([*EXPORTS, "state-0.safetensors", "state-1.safetensors"])
        self.engine = connect(self.path)
        try:
            self._open()
        except DatabaseError as error:
            if is_damage(error):
                raise self._damaged(str(error.orig)) from error
            raise self._cannot_write(error) from error
        self._file = self.path.stat()
        self.states = States(folder, self.key)
        if not self._numbers:
            self._refuse_beside([*EXPORTS, *self.states.strange()])
        self._started = time.monotonic() - self._seconds

    def _open(self) -> None:
        if (found := damage(self.engine)) is not None:
            raise self._damaged(found)
        METADATA.create_all(self.engine)
        with self.engine.begin() as connection:
            self._numbers = {s: i for i, s in connection.execute(select(MOLECULES.c.id, MOLECULES.c.smiles))}
            row = connection.execute(select(STATE.c.batch, STATE.c.seconds)).first()
            if row is None:  # for ever so: molecules without it have been there before
                last = connection.execute(select(func.max(MOLECULES.c.batch), func.max(MOLECULES.c.seconds))).one()
                connection.execute(insert(STATE).values(id=1, batch=last[0] or 0, seconds=last[1] or 0.0))
                row = connection.execute(select(STATE.c.batch, STATE.c.seconds)).one()
            self.batch, self._seconds = row
            run = connection.execute(select(RUN.c.key, RUN.c.calls, RUN.c.digest)).first()
            if run is None:
                connection.execute(insert(RUN).values(id=1, key=uuid.uuid4().hex, calls=len(self._numbers)))
                run = connection.execute(select(RUN.c.key, RUN.c.calls, RUN.c.digest)).one()
            self.key, self._calls, self._digest = run
        if not (all(isinstance(number, int) for number in (self.batch, self._calls)) and isinstance(self._seconds, int | float)):
            raise self._damaged("its counts of batches, seconds and calls are no numbers")
        if self._calls and not self._numbers:
            raise self._emptied(f"which counts {self._calls} calls")

    def __len__(self) -> int:
        return len(self._numbers)

    def _refuse_beside(self, names: Sequence[str]) -> None:
        if left := [name for name in names if (self.path.parent / name).exists()]:
            raise self._emptied(f"and {', '.join(left)} of a run beside it")

    def _emptied(self, evidence: str) -> CampaignError:
        what = "has no molecules" if self.path.exists() else "is missing"
        return CampaignError(
            f"{self.path}: {what}, {evidence}: restore a copy of it (with its {FILE}-wal, if there is one), "
            "or begin a new run in another folder"
        )

    def _damaged(self, what: str) -> CheckpointError:
        return CheckpointError(
            f"{self.path}: damaged ({what}); restore a copy, or begin a new run in another folder (`.recover` of a recent "
            "sqlite3 saves what can be read)"
        )

    def commit(self, asked: Sequence[Proposal], scores: Scores, state: State | None) -> None:
        """Record what was scored and the strategy's state after it, both or neither; None adds to the batch that goes on.

        Raises
        ------
        CampaignError
            They can't be written, for example because the disk is full.
        """
        self._check_in_place()
        batch, seconds = self.batch + 1, time.monotonic() - self._started
        molecules, values, routes = [], [], []
        numbers: dict[str, int] = {}
        last = max(self._numbers.values(), default=0)
        for i, smiles in enumerate(scores.smiles):
            problem = scores.problem[i]
            if smiles in self._numbers or smiles in numbers or (problem or "").startswith("invalid"):
                continue
            number = numbers[smiles] = last + len(numbers) + 1
            molecules.append(
                {
                    "id": number,
                    "smiles": smiles,
                    "score": float(scores.total[i]),
                    "problem": problem,
                    "batch": batch,
                    "seconds": seconds,
                    "operator": asked[i].operator,
                    "parents": json.dumps(asked[i].parents),
                    "island": asked[i].island,
                }
            )
            if asked[i].route:
                routes.append({"molecule": number, "route": asked[i].route})
            values += [
                {"molecule": number, "name": name, "raw": _number(scores.raw[i, j]), "scaled": _number(scores.scaled[i, j])}
                for j, name in enumerate(scores.names)
            ]
        calls = len(self) + len(numbers)
        try:
            current, digest = (self.batch, self._digest) if state is None else (batch, self.states.write(batch, state))
            with self.engine.begin() as connection:
                if molecules:
                    connection.execute(insert(MOLECULES), molecules)
                if values:
                    connection.execute(insert(VALUES), values)
                if routes:
                    connection.execute(insert(ROUTES), routes)
                connection.execute(update(STATE).values(batch=current, seconds=seconds))
                connection.execute(update(RUN).values(calls=calls, digest=digest))
        except (OSError, DatabaseError) as error:
            raise self._cannot_write(error) from error
        self.batch, self._calls, self._digest = current, calls, digest
        self._numbers |= numbers

    def _check_in_place(self) -> None:
        """SQLite keeps writing to a file that has been removed, and everything written is lost."""
        try:
            if os.path.samestat(self.path.stat(), self._file):
                return
        except OSError:
            pass
        raise CampaignError(
            f"{self.path}: removed, moved or replaced while the campaign was writing it; put it back, then continue with "
            f"`molgen design resume={self.path.parent}`, or begin a new run"
        )

    def _cannot_write(self, error: OSError | DatabaseError) -> CampaignError:
        what, remedy = cause(error, self.path.parent)
        return CampaignError(
            f"{self.path.parent}: can't be written ({what}); nothing is lost: {remedy}, then continue with "
            f"`molgen design resume={self.path.parent}`"
        )

    def state(self) -> State | None:
        """The strategy's state at the last commit; None before the first, and after `rescore`.

        Raises
        ------
        CheckpointError
            Its file is missing, damaged, of another run or of another batch; or the database lacks molecules it knows.
        """
        if not self.batch:
            return None
        if len(self) < self._calls:
            raise CheckpointError(f"{FILE} lacks {self._calls - len(self)} of {self._calls} molecules")
        if self._digest is None:
            raise CheckpointError("it was made by an older molgen")
        if self._digest == "":
            return None
        return self.states.read(self.batch, self._digest)

    def learnt(self) -> dict[str, str]:
        """Of each term that learns from judgements the digest of those that its values go back to."""
        with self.engine.connect() as connection:
            return {row.name: row.digest for row in connection.execute(select(LEARNT))}

    def rescore(self, scores: Scores, learnt: Mapping[str, str]) -> None:
        """Put what an objective that has learnt says in the place of what it said before; the strategy's state holds no longer.

        Parameters
        ----------
        scores
            Of all molecules, in the order of the calls, with the values of all terms.
        learnt
            See the method of this name.

        Raises
        ------
        CampaignError
            It can't be written.
        """
        self._check_in_place()
        numbers = [self._numbers[smiles] for smiles in scores.smiles]
        totals = [
            {"number": n, "total": float(total), "why": why}
            for n, total, why in zip(numbers, scores.total, scores.problem, strict=True)
        ]
        values = [
            {"molecule": n, "name": name, "raw": _number(scores.raw[i, j]), "scaled": _number(scores.scaled[i, j])}
            for i, n in enumerate(numbers)
            for j, name in enumerate(scores.names)
        ]
        try:
            with self.engine.begin() as connection:
                if numbers:
                    connection.execute(
                        update(MOLECULES)
                        .where(MOLECULES.c.id == bindparam("number"))
                        .values(score=bindparam("total"), problem=bindparam("why")),
                        totals,
                    )
                    connection.execute(delete(VALUES))
                    connection.execute(insert(VALUES), values)
                    connection.execute(update(RUN).values(digest=""))
                connection.execute(delete(LEARNT))
                for name, digest in learnt.items():
                    connection.execute(insert(LEARNT).values(name=name, digest=digest))
        except DatabaseError as error:
            raise self._cannot_write(error) from error
        self._digest = "" if numbers else self._digest

    def restore(self, oracle: Oracle) -> None:
        """Give `oracle` every scored molecule, in the order of the calls.

        Raises
        ------
        CheckpointError
            One of them is no molecule.
        """
        table = self.to_pandas()
        if (
            wrong := next((smiles for smiles in table["smiles"] if not smiles or Chem.MolFromSmiles(smiles) is None), None)
        ) is not None:
            raise self._damaged(f"{wrong[:100]!r} is no SMILES")
        oracle.names = tuple(name for name in table if f"{name}_scaled" in table)
        raw = table[list(oracle.names)].to_numpy(float)
        scaled = table[[f"{name}_scaled" for name in oracle.names]].to_numpy(float)
        problems = [None if pd.isna(problem) else str(problem) for problem in table["problem"]]
        rows = zip(table["smiles"], table["score"], raw, scaled, problems, strict=True)
        oracle.known = {smiles: Result(score, *values) for smiles, score, *values in rows}

    def after_state(self, batch: int | None = None) -> list[Proposal]:
        """Molecules, as they were proposed, of which the state doesn't know yet; or those after `batch`."""
        last = self.batch if batch is None else batch
        late = select(MOLECULES).where(MOLECULES.c.batch > last).order_by(MOLECULES.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(late).all()
            routes = {row.molecule: row.route for row in connection.execute(select(ROUTES))}
        try:
            return [
                Proposal(row.smiles, row.operator, tuple(json.loads(row.parents)), row.island, routes.get(row.id, ""))
                for row in rows
            ]
        except (TypeError, ValueError) as error:
            raise self._damaged(f"molecules.parents is no list ({error})") from error

    def to_pandas(self) -> pd.DataFrame:
        """One row a molecule in the order of the calls, `NAME` and `NAME_scaled` for every term.

        Where molecules were proposed with routes, these are in a column `synthesis_route`, as they are stored.

        Raises
        ------
        CheckpointError
            The file holds what molgen doesn't write; SQLite itself takes text for a number.
        """
        try:
            molecules, values, routes = (read(self.engine, table) for table in (MOLECULES, VALUES, ROUTES))
        except DatabaseError as error:
            raise self._damaged(str(error.orig)) from error
        except ValueError as error:
            raise self._damaged(str(error)) from error
        molecules = molecules.sort_values("id", ignore_index=True)
        if len(routes):
            molecules[ROUTE] = molecules["id"].map(routes.set_index("molecule")["route"])
        if values.empty:
            return molecules
        names = list(dict.fromkeys(values["name"]))
        wide = values.pivot(index="molecule", columns="name", values=["raw", "scaled"])
        columns = {f"{name}{end}": wide[kind, name] for name in names for kind, end in (("raw", ""), ("scaled", "_scaled"))}
        if len(columns) < 2 * len(names) or columns.keys() & set(molecules):
            raise self._damaged("two of its terms, or a term and a column, have one name")
        return molecules.join(pd.DataFrame(columns), on="id")

    def close(self) -> None:
        """Fold the write-ahead log into the file, and drop the state before the last."""
        self.engine.dispose()
        self.states.path(self.batch + 1).unlink(missing_ok=True)
